/** Random values and items. */
import fc from 'fast-check'
import { decimal } from '../../packages/partita/src/value/number.js'
import { type Item, setAttribute, type Value } from '../../packages/partita/src/value/value.js'

/** Names that break a careless printer or evaluator. */
export const hostileNames = [
  'n1',
  '#a',
  '#0',
  ':0',
  'a.b',
  'a[0]',
  'size',
  'AND',
  'attribute_exists(a)',
  'status',
  ' ',
  '"',
  '\\',
  '__proto__',
  'constructor',
  'length',
  '0',
  'é',
  '😀',
  'x'.repeat(300),
]

export const anyName = fc.oneof(
  fc.constantFrom(...hostileNames),
  fc.string({ minLength: 1, maxLength: 8, unit: 'grapheme' }),
)

/** Few names, so that random paths often exist. */
export const fewNames = fc.constantFrom('a', 'b', 'c', 'd')

const digits = fc.stringMatching(/^[1-9][0-9]{0,37}$/)

export const numbers = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: -2, max: 4 }) },
  { weight: 1, arbitrary: fc.constantFrom(0.1, 1.5, -0.5, 2 ** 53, -1e21, 1e-7).map(it => decimal(String(it))) },
  { weight: 1, arbitrary: digits.map(decimal) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom('', '-'), digits, fc.integer({ min: -90, max: 80 }))
      .map(([sign, text, exponent]) => decimal(`${sign}${text}e${exponent}`)),
  },
)

export const strings = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('', 'a', 'b', 'ab', 'abc', 'B', '\uffff', '😀', 'é') },
  { weight: 1, arbitrary: fc.string({ maxLength: 6, unit: 'grapheme' }) },
)

export const bytes = fc.array(fc.constantFrom(0, 1, 127, 128, 255), { maxLength: 3 }).map(it => new Uint8Array(it))

function setOf<T>(members: fc.Arbitrary<T>, key: (member: T) => unknown): fc.Arbitrary<Value> {
  return fc
    .uniqueArray(members, { minLength: 1, maxLength: 3, selector: key })
    .map(it => new Set(it) as unknown as Value)
}

export const sets = fc.oneof(
  setOf(strings, it => it),
  setOf(numbers, String),
  setOf(bytes, it => it.join()),
)

export const scalars: fc.Arbitrary<Value> = fc.oneof(
  { weight: 4, arbitrary: numbers },
  { weight: 4, arbitrary: strings },
  { weight: 1, arbitrary: bytes },
  { weight: 1, arbitrary: fc.constantFrom(true, false, null) },
)

/** Values of every type, nested up to the depth. */
export function values(names: fc.Arbitrary<string>, depth = 2): fc.Arbitrary<Value> {
  if (depth === 0) return fc.oneof({ weight: 5, arbitrary: scalars }, { weight: 1, arbitrary: sets })
  const inner = values(names, depth - 1)
  return fc.oneof(
    { weight: 4, arbitrary: scalars },
    { weight: 2, arbitrary: sets },
    { weight: 2, arbitrary: fc.array(inner, { maxLength: 4 }) },
    { weight: 2, arbitrary: maps(names, inner) },
  )
}

/** Items or maps. `__proto__` is an ordinary attribute. */
export function maps(names: fc.Arbitrary<string>, inner: fc.Arbitrary<Value>, minLength = 0): fc.Arbitrary<Item> {
  const attributes = fc.uniqueArray(fc.tuple(names, inner), { minLength, maxLength: 4, selector: ([name]) => name })
  return attributes.map(entries => {
    const item: Item = {}
    for (const [name, value] of entries) setAttribute(item, name, value)
    return item
  })
}
