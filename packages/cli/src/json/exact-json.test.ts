import fc from 'fast-check'
import { Decimal, type Value } from 'partita'
import { describe, expect, it } from 'vitest'
import { parseJson, printJson } from './exact-json.js'

/** Values of every type that a store can hold. */
const value: fc.Arbitrary<Value> = fc.letrec<{ value: Value }>(tie => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.string({ unit: 'binary' }),
    fc.double({ noNaN: true, min: -1e125, max: 1e125 }).filter(n => n === 0 || Math.abs(n) > 1e-130),
    fc.bigInt({ min: 10n ** 20n + 1n, max: 10n ** 38n - 1n }).map(n => (n % 10n === 0n ? n + 1n : n)),
    fc.constant(new Decimal('0.1234567890123456789')),
    fc.boolean(),
    fc.constant(null),
    fc.uint8Array({ maxLength: 8 }).map(bytes => new Uint8Array(bytes)),
    fc.uniqueArray(fc.string(), { minLength: 1, maxLength: 4 }).map(members => new Set(members)),
    fc.array(tie('value'), { maxLength: 4 }),
    fc
      .array(fc.tuple(fc.oneof(fc.string(), fc.constantFrom('$set', '$number', '$map', '__proto__')), tie('value')), {
        maxLength: 3,
      })
      .map(entries => Object.fromEntries(entries)),
  ),
})).value

describe('JSON with exact numbers', () => {
  it('every printed value is read back unchanged, in both forms', () => {
    fc.assert(
      fc.property(value, fc.boolean(), fc.boolean(), (it, indented, sorted) => {
        const text = printJson(it, { indented, sorted })
        expect(printJson(parseJson(text), { indented, sorted })).toBe(text)
        expect(withoutMinusZero(parseJson(text))).toEqual(withoutMinusZero(it))
      }),
      { numRuns: 1000 },
    )
  })

  it('JSON without long numbers is read as JSON.parse reads it', () => {
    fc.assert(
      fc.property(fc.json({ noUnicodeString: false }), text => {
        fc.pre(!/"\$|e|\d{16}|-0/.test(text))
        expect(parseJson(text)).toEqual(JSON.parse(text))
      }),
      { numRuns: 1000 },
    )
  })

  it.each([
    ['12345678901234567890', 12345678901234567890n],
    ['[9007199254740993]', [9007199254740993n]],
    ['{"a":0.1234567890123456789}', { a: new Decimal('0.1234567890123456789') }],
    ['-0', 0],
    ['1.50', 1.5],
    ['1e3', 1000],
    ['"12345678901234567890"', '12345678901234567890'],
    [String.raw`"\"12345678901234567890"`, '"12345678901234567890'],
    [String.raw`["\\",12345678901234567890]`, ['\\', 12345678901234567890n]],
    ['{"$number":"12345678901234567890"}', 12345678901234567890n],
    ['{"$bytes":"AQI="}', Uint8Array.of(1, 2)],
    ['{"$set":["a","b"]}', new Set(['a', 'b'])],
    ['{"$set":[1,12345678901234567890]}', new Set([1, 12345678901234567890n])],
    ['{"$map":{"$set":1}}', { $set: 1 }],
    ['{"$map":{"$map":{"$number":"12345678901234567890"}}}', { $map: 12345678901234567890n }],
    ['{"$set":1,"other":2}', { $set: 1, other: 2 }],
    ['{"$other":1}', { $other: 1 }],
    ['{}', {}],
  ])('%s is read exactly', (text, expected) => {
    expect(parseJson(text)).toEqual(expected)
  })

  it.each([
    ['', /this is not JSON/],
    ['{a:1}', /this is not JSON.*double quotes/],
    ['process.exit(1)', /this is not JSON/],
    ['012345678901234567890', /this is not JSON/],
    ['12345678901234567890.', /this is not JSON/],
    ['{12345678901234567890:1}', /this is not JSON/],
    ['[1 12345678901234567890]', /this is not JSON/],
    ['"open 12345678901234567890', /this is not JSON/],
    ['NaN', /this is not JSON/],
    ['[1,]', /this is not JSON/],
    ['{"a":{"b":1e400}}', /^a\.b: .*out of range/],
    ['{"a":123456789012345678901234567890123456789}', /^a: .*39 significant digits/],
    ['{"a":{"$bytes":"AQI"}}', /^a: \$bytes must contain base64/],
    ['{"a":{"$bytes":"*"}}', /^a: \$bytes must contain base64/],
    ['{"a":{"$number":1}}', /^a: \$number must contain a number's digits/],
    ['{"a":{"$number":"x"}}', /^a: .*is not a number/],
    ['{"a":{"$set":"x"}}', /^a: \$set must contain a list/],
    ['{"a":{"$set":[true]}}', /^a: a set can contain only strings, numbers or binary/],
    ['{"a":{"$map":[1]}}', /^a: \$map must contain a map/],
    ['['.repeat(1_000_000) + ']'.repeat(1_000_000), /nested over 32 levels/],
    ['{"$map":'.repeat(100_000) + '}'.repeat(100_000), /this is not JSON/],
    [`${'{"$map":{"$map":'.repeat(1000)}{}${'}}'.repeat(1000)}`, /nested over 32 levels/],
  ])('the text $0 is refused', (text, message) => {
    expect(() => parseJson(text)).toThrow(message)
  })

  it('__proto__ is an attribute like any other', () => {
    const read = parseJson('{"__proto__":{"polluted":true}}')
    expect(Object.getPrototypeOf(read)).toBe(Object.prototype)
    expect(Object.keys(read as object)).toEqual(['__proto__'])
    expect(printJson(read)).toBe('{"__proto__":{"polluted":true}}')
  })

  it('every character that a terminal interprets is escaped', () => {
    const text = printJson({ a: '\u001b[2J\n\u009b2J\u007f\u202e' })
    expect(text).toBe(String.raw`{"a":"\u001b[2J\n\u009b2J\u007f\u202e"}`)
    expect(parseJson(text)).toEqual({ a: '\u001b[2J\n\u009b2J\u007f\u202e' })
  })

  it('attributes and members of sets are sorted, so that equal values have the same text', () => {
    const one = printJson({ b: new Set(['y', 'x']), a: { d: 1, c: 2 } }, { sorted: true })
    const other = printJson({ a: { c: 2, d: 1 }, b: new Set(['x', 'y']) }, { sorted: true })
    expect(one).toBe(other)
    expect(one).toBe('{"a":{"c":2,"d":1},"b":{"$set":["x","y"]}}')
  })
})

function withoutMinusZero(it: Value): Value {
  if (it === 0) return 0
  if (Array.isArray(it)) return it.map(withoutMinusZero)
  const isMap = typeof it === 'object' && it !== null && Object.getPrototypeOf(it) === Object.prototype
  return isMap ? Object.fromEntries(Object.entries(it).map(([name, each]) => [name, withoutMinusZero(each)])) : it
}
