import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Decimal } from '../../value/number.js'
import { measureItem } from '../../value/size.js'
import { equalValues, type Item, type Value } from '../../value/value.js'
import { decodeRecord, decodeSizedRecord, encodeRecord, recordSize } from './codec.js'

const text = fc.string({ unit: 'grapheme', maxLength: 200 })
const bytes = fc.uint8Array({ maxLength: 300 })
const number = fc.oneof(
  fc.integer(),
  fc
    .double({ noNaN: true, noDefaultInfinity: true, min: -1e125, max: 1e125 })
    .filter(n => n === 0 || Math.abs(n) > 1e-130),
  fc.bigInt({ min: -(10n ** 38n) + 1n, max: 10n ** 38n - 1n }),
  fc.constantFrom(new Decimal('0.1234567890123456789'), new Decimal('-1e-129'), 2 ** 53, -(2 ** 53), 2 ** 52, 0, -0),
)
const { value } = fc.letrec<{ value: Value }>(tie => ({
  value: fc.oneof(
    { maxDepth: 4 },
    text,
    number,
    fc.boolean(),
    fc.constant(null),
    bytes,
    fc.uniqueArray(text, { minLength: 1, maxLength: 5 }).map(members => new Set(members)),
    fc.uniqueArray(fc.integer(), { minLength: 1, maxLength: 5 }).map(members => new Set(members)),
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(fc.string({ minLength: 1 }), tie('value'), { maxKeys: 5 }) as fc.Arbitrary<Value>,
  ),
}))
const item = fc.dictionary(
  text.filter(name => name !== ''),
  value,
  { maxKeys: 8 },
) as fc.Arbitrary<Item>

describe('records', () => {
  it('a record gives back every item unchanged, and its size', () => {
    fc.assert(
      fc.property(item, written => {
        const size = measureItem(written)
        const record = Buffer.from(encodeRecord(written, size))
        expect(recordSize(record)).toBe(size)
        const read = decodeSizedRecord(record)
        expect(read.size).toBe(size)
        expect(equalValues(read.item, written)).toBe(true)
        expect(Object.keys(read.item)).toEqual(Object.keys(written))
      }),
      { numRuns: 500 },
    )
  })

  it('a record holds long texts and binaries completely', () => {
    const written: Item = {
      ascii: 'a'.repeat(200_000),
      accents: 'é😀'.repeat(20_000),
      bytes: new Uint8Array(60_000).fill(7),
    }
    const read = decodeRecord(Buffer.from(encodeRecord(written, measureItem(written))))
    expect(read).toEqual(written)
  })

  it('texts of one attribute that differ in a single character or in length stay apart from record to record', () => {
    const long = 'x'.repeat(64)
    const texts = [
      'abc',
      'abd',
      'bbc',
      'ab',
      'abcd',
      '',
      'abc',
      'ab\u00e9',
      'ab\u0000',
      long,
      `${long}x`,
      `y${long.slice(1)}`,
      long,
    ]
    const items = texts.map(name => ({
      name,
      inner: { name: `${name}!`, 'a name that is too long to be cached': name },
    }))
    const records = items.map(item => Uint8Array.from(encodeRecord(item, measureItem(item))))
    for (const round of [records, records.toReversed()]) {
      expect(round.map(decodeRecord)).toEqual(round === records ? items : items.toReversed())
    }
  })

  it('a record keeps an attribute named __proto__ as an attribute', () => {
    const written = JSON.parse('{"__proto__": {"admin": true}, "constructor": 1}') as Item
    const read = decodeRecord(Buffer.from(encodeRecord(written, 1)))
    expect(Object.keys(read)).toEqual(['__proto__', 'constructor'])
    expect(Object.getPrototypeOf(read)).toBe(Object.prototype)
    expect((read as { admin?: unknown }).admin).toBeUndefined()
  })

  it('a record gives back a bigint that a double holds as a number, because DynamoDB has a single number type', () => {
    const read = decodeRecord(Buffer.from(encodeRecord({ small: 5n, large: 2n ** 64n }, 1)))
    expect(read).toEqual({ small: 5, large: 18446744073709551616n })
  })

  it('an item that is read shares no memory with the bytes of its record', () => {
    const record = Buffer.from(encodeRecord({ bytes: Uint8Array.of(1, 2, 3), text: 'abc' }, 1))
    const read = decodeRecord(record)
    record.fill(0)
    expect(read).toEqual({ bytes: Uint8Array.of(1, 2, 3), text: 'abc' })
  })
})
