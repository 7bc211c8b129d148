/** Names, texts and numbers that have broken programs before. */
import type { Random } from './random.js'

export const NAMES = [
  'id',
  'sk',
  'n',
  'm',
  'l',
  'kind',
  'rank',
  'expires',
  'bytes',
  '__proto__',
  'constructor',
  'prototype',
]
const ODD_NAMES = [
  ...NAMES,
  'toString',
  'hasOwnProperty',
  'length',
  '',
  ' ',
  'a.b',
  'a[0]',
  '#n',
  ':v',
  '\0',
  '\ud800',
  'é',
  '😀',
  '0',
  '-1',
]
export const TABLES = ['fuzz-items', 'fuzz-plain', 'fuzz-bytes', '__proto__']
export const INDEXES = ['byKind', 'byRank', 'constructor', 'absent']

const ODD_TEXTS = [
  '',
  ' ',
  '\0',
  '\ud800',
  '\udc00x',
  '\ufeff',
  '\u2028',
  '😀',
  '%s%n',
  '../../etc',
  '<a>',
  "'",
  '"',
  '\\',
  '\r\n',
  'null',
  'true',
  'NaN',
  '{}',
  '[]',
  'S',
  'undefined',
  'ß',
  'İ',
  'a\u0301',
]
const NUMBERS = [
  '0',
  '-0',
  '1',
  '-1',
  '+1',
  '1.',
  '.5',
  '.',
  '1e5',
  '1E-5',
  '1e125',
  '1e126',
  '-9.99e125',
  '1e-130',
  '1e-131',
  '1e99999',
  '1e-99999',
  '1e',
  'e1',
  '0x10',
  '1_000',
  ' 1',
  '1 ',
  'Infinity',
  '-Infinity',
  'NaN',
  '1e+',
  '--1',
  '00000012',
  '0.0000000000000000000000000000000000000000001',
  '9'.repeat(38),
  '9'.repeat(39),
  `0.${'9'.repeat(38)}`,
  '१',
  '1,5',
  '',
]
/** In the form that they have in JSON. */
const JSON_NUMBERS = [
  '0',
  '-0',
  '1',
  '-1',
  '2',
  '0.5',
  '1e3',
  '2147483647',
  '2147483648',
  '-2147483649',
  '9223372036854775807',
  '9223372036854775808',
  '1e400',
  '-1e400',
  '1e-400',
  '99999999999999999999999999',
]

export const oddName = (random: Random): string => random.pick(ODD_NAMES)

export function oddText(random: Random): string {
  if (random.oneIn(4)) return random.pick(ODD_NAMES)
  if (random.oneIn(60)) return random.pick([...'ab0 é(\\"']).repeat(random.below(random.oneIn(20) ? 300_000 : 5000))
  return random.pick(ODD_TEXTS)
}

export function numberText(random: Random): string {
  if (random.oneIn(80)) {
    const digits = random.pick(['0', '1', '9', '10']).repeat(random.below(20_000))
    return random.pick(['', '-', '.', '0.', '1e', '1e-']) + digits + random.pick(['', 'x', '1', 'e5', '.', '.1'])
  }
  return random.oneIn(3) ? String(random.below(1000) - 500) : random.pick(NUMBERS)
}

export const jsonNumber = (random: Random): string => random.pick(JSON_NUMBERS)

export function base64Text(random: Random): string {
  const good = Buffer.from(random.list(random.size(2000), () => random.below(256))).toString('base64')
  if (random.oneIn(3)) return good
  return random.pick([
    `${good}=`,
    good.slice(1),
    `${good.slice(0, -1)}!`,
    '====',
    'A',
    'AB==',
    'AA=A',
    '\u00ff\u00ff\u00ff\u00ff',
    good.replaceAll('A', '-'),
  ])
}
