import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decimal, type NumberValue } from '../../value/number.js'
import { equalValues, type Item, type Value } from '../../value/value.js'
import { marshallItem, marshallValue, unmarshallItem, unmarshallValue } from './marshall.js'

const number: fc.Arbitrary<NumberValue> = fc.oneof(
  fc.integer(),
  fc
    .double({ noNaN: true, noDefaultInfinity: true, min: -1e100, max: 1e100 })
    .map(it => (Math.abs(it) < 1e-100 ? 0 : it)),
  fc.bigInt({ min: -(10n ** 38n) + 1n, max: 10n ** 38n - 1n }),
  fc.tuple(fc.integer(), fc.bigInt({ min: 0n, max: 10n ** 20n })).map(([whole, part]) => decimal(`${whole}.${part}`)),
)
const bytes = fc.uint8Array({ maxLength: 8 })
const { value } = fc.letrec<{ value: Value }>(tie => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.string({ unit: 'binary' }),
    number,
    fc.boolean(),
    fc.constant(null),
    bytes,
    fc.uniqueArray(fc.string(), { minLength: 1 }).map(it => new Set(it)),
    fc.uniqueArray(fc.integer(), { minLength: 1 }).map(it => new Set<NumberValue>(it)),
    fc.uniqueArray(bytes, { minLength: 1, selector: String }).map(it => new Set(it)),
    fc.array(tie('value')),
    fc.dictionary(fc.string(), tie('value')),
  ),
}))

describe('marshalling', () => {
  it('every item is read back unchanged', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), value), item => {
        const back = unmarshallItem(marshallItem(item as Item))
        expect(equalValues(back, item)).toBe(true)
      }),
    )
  })

  it('each type has its DynamoDB name', () => {
    const item = { s: '', n: -0, t: true, z: null, b: Uint8Array.of(1), l: ['a'], m: { k: 1n }, ss: new Set(['x']) }
    expect(marshallItem(item)).toEqual({
      s: { S: '' },
      n: { N: '0' },
      t: { BOOL: true },
      z: { NULL: true },
      b: { B: Uint8Array.of(1) },
      l: { L: [{ S: 'a' }] },
      m: { M: { k: { N: '1' } } },
      ss: { SS: ['x'] },
    })
    const exact = '0.12345678901234567890123'
    expect(marshallValue(new Set([1, decimal(exact)]))).toEqual({ NS: ['1', exact] })
  })

  it('__proto__ stays an attribute, at the top level and in a map', () => {
    const item = JSON.parse('{"__proto__": {"__proto__": "x"}}')
    const marshalled = marshallItem(item)
    expect(Object.keys(marshalled)).toEqual(['__proto__'])
    const back = unmarshallItem(marshalled)
    expect(JSON.stringify(back)).toBe('{"__proto__":{"__proto__":"x"}}')
    expect(Object.getPrototypeOf(back)).toBe(Object.prototype)
  })

  it('a Buffer is read back as a plain Uint8Array', () => {
    expect((unmarshallValue({ B: Buffer.from('ab') }) as Uint8Array).constructor).toBe(Uint8Array)
  })

  it('an unknown type is refused; its attribute is not dropped', () => {
    expect(() => unmarshallItem({ a: { $unknown: ['X', 1] } as never })).toThrow(/unknown type/)
  })
})
