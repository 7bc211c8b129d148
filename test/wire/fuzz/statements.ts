/** PartiQL from its grammar, and beyond it. */

import type { Random } from './random.js'
import { mutateText } from './text-mutation.js'
import { INDEXES, NAMES, numberText, oddText, TABLES } from './words.js'

const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`
const OPERATORS = [
  '=',
  '<>',
  '!=',
  '<',
  '<=',
  '>',
  '>=',
  '+',
  '-',
  '*',
  '/',
  '%',
  '||',
  ' LIKE ',
  ' IS ',
  ' AND ',
  ' OR ',
  ' IN ',
]
const FUNCTIONS = [
  'size',
  'contains',
  'begins_with',
  'attribute_type',
  'attribute_exists',
  'list_append',
  'set_add',
  'set_delete',
  'count',
  'upper',
  'exists',
  'missing',
]

function name(random: Random): string {
  return random.oneIn(2)
    ? `"${random.pick(NAMES)}"`
    : random.pick(['id', 'sk', 'n', 'm', 'l', 'kind', 'rank', 'select', 'value'])
}

function path(random: Random): string {
  let text = name(random)
  for (let steps = random.size(50); steps > 0; steps--) {
    text += random.oneIn(2)
      ? `.${name(random)}`
      : random.pick(['[0]', '[1]', "['a']", '[*]', '.*', '[-1]', '[99999999999]'])
  }
  return text
}

function term(random: Random, depth = 0): string {
  const more = () => term(random, depth + 1)
  switch (random.below(depth > 4 ? 5 : 12)) {
    case 0:
      return path(random)
    case 1:
      return '?'
    case 2:
      return quoted(random.oneIn(3) ? oddText(random).slice(0, 200) : random.pick(['a', 'b', 'item']))
    case 3:
      return random.oneIn(3) ? numberText(random).slice(0, 500) : String(random.below(50))
    case 4:
      return random.pick(['true', 'false', 'null', 'missing', '`2020T`', '-1', '+x', '@id'])
    case 5:
      return `[${random.list(random.size(200), more).join(',')}]`
    case 6:
      return `<<${random.list(random.size(200), more).join(',')}>>`
    case 7:
      return `{${random.list(random.size(60), () => `${quoted(random.pick(NAMES))}: ${more()}`).join(',')}}`
    case 8:
      return `${random.pick(FUNCTIONS)}(${random.list(random.below(4), more).join(',')})`
    case 9:
      return `${random.pick(['NOT ', '-', '(', ''])}${more()}`
    case 10:
      return `${more()} BETWEEN ${more()} AND ${more()}`
    default:
      return `${more()}${random.pick(OPERATORS)}${more()}`
  }
}

function where(random: Random): string {
  if (random.oneIn(6)) return ''
  const key = random.pick([
    "id = 'item'",
    'id = ?',
    "id IN ['a', 'b']",
    "id = 'a' AND sk = 1",
    "id = 'a' AND sk > ?",
    '"__proto__" = \'a\'',
  ])
  const more = random.oneIn(2) ? ` ${random.pick(['AND', 'OR'])} ${term(random)}` : ''
  return ` WHERE ${random.oneIn(4) ? term(random) : key}${more}`
}

/** A statement of any kind, on any of the tables. */
export function statement(random: Random): string {
  const table = `"${random.pick(TABLES)}"`
  const source = random.oneIn(4) ? `${table}."${random.pick(INDEXES)}"` : table
  const list = (make: () => string) => random.list(1 + random.size(100), make).join(', ')
  const statements = [
    () =>
      `SELECT ${random.oneIn(2) ? '*' : list(() => path(random))} FROM ${source}${where(random)}${random.oneIn(4) ? ` ORDER BY ${list(() => name(random))}${random.pick(['', ' DESC'])}` : ''}`,
    () =>
      `INSERT INTO ${table} VALUE {'id': ${random.pick(["'a'", '?', "'p1'"])}, 'sk': ${random.pick(['1', '?', "'x'"])}, ${list(() => `${quoted(random.pick(NAMES))}: ${term(random, 3)}`)}}`,
    () =>
      `UPDATE ${table} ${list(() => random.pick([() => `SET ${path(random)} = ${term(random, 2)}`, () => `REMOVE ${path(random)}`])()).replaceAll(',', ' ')}${where(random)}${random.pick(['', ' RETURNING ALL NEW *', ' RETURNING MODIFIED OLD *'])}`,
    () => `DELETE FROM ${table}${where(random)}${random.pick(['', ' RETURNING ALL OLD *'])}`,
    () => `EXISTS (SELECT * FROM ${table}${where(random)})`,
    () => nested(random, table),
  ]
  const text = random.pick(statements)()
  return random.oneIn(5) ? mutateText(random, text) : text
}

function nested(random: Random, table: string): string {
  const [open, close] = random.pick([
    ['(', ')'],
    ['[', ']'],
    ["{'a':", '}'],
    ['<<', '>>'],
    ['NOT ', ''],
    ['- ', ''],
    ['size(', ')'],
    ['1+', ''],
    ['a.', ''],
    ['/*', '*/'],
    ["''", ''],
    ['a AND ', ''],
    ['1', ''],
  ] as const)
  const times = 1 + random.below(4000)
  return `SELECT * FROM ${table} WHERE ${open.repeat(times)}a${close.repeat(random.oneIn(2) ? times : random.below(times))}`.slice(
    0,
    9000,
  )
}
