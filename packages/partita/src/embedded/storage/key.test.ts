import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { KeySchema } from '../../store/definition.js'
import { checkKey } from '../../store/limits.js'
import { compareNumbers, Decimal, type NumberValue } from '../../value/number.js'
import { utf8Length } from '../../value/size.js'
import { compareBytes, compareStrings, type Item } from '../../value/value.js'
import {
  checkedEntry,
  indexEntry,
  numberBytes,
  partitionPrefix,
  segmentRange,
  sortBytes,
  sortPrefix,
  successor,
  tableEntry,
} from './key.js'

const schema: KeySchema = { partition: { name: 'pk', type: 'S' }, sort: { name: 'sk', type: 'B' } }
const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }).filter(s => utf8Length(s) !== undefined)
const bytes = fc.uint8Array({ minLength: 1, maxLength: 40 })
/** Many zeros and common prefixes, where an escape or a terminator could go wrong. */
const dense = fc
  .array(fc.constantFrom(0, 1, 8, 9, 255), { minLength: 1, maxLength: 20 })
  .map(list => Uint8Array.from(list))
const number: fc.Arbitrary<NumberValue> = fc.oneof(
  fc.integer(),
  fc.integer({ min: -20, max: 20 }),
  fc
    .double({ noNaN: true, noDefaultInfinity: true, min: -1e125, max: 1e125 })
    .filter(n => n === 0 || Math.abs(n) > 1e-130),
  fc.bigInt({ min: -(10n ** 38n) + 1n, max: 10n ** 38n - 1n }),
  fc
    .tuple(fc.bigInt({ min: -(10n ** 38n) + 1n, max: 10n ** 38n - 1n }), fc.integer({ min: -130, max: 80 }))
    .map(([digits, exponent]) => new Decimal(`${digits}e${exponent}`)),
)
const sign = (n: number) => (n < 0 ? -1 : n > 0 ? 1 : 0)

describe('number keys', () => {
  it('the bytes of number keys are in the order of the numbers', () => {
    fc.assert(
      fc.property(number, number, (a, b) => {
        expect(sign(compareBytes(numberBytes(a), numberBytes(b)))).toBe(sign(compareNumbers(a, b)))
      }),
      { numRuns: 3000 },
    )
  })
})

describe('text keys', () => {
  it('the bytes of text keys are in the order in which strings are compared', () => {
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(sign(Buffer.compare(Buffer.from(a), Buffer.from(b)))).toBe(sign(compareStrings(a, b)))
      }),
    )
  })
})

describe('sort keys within an index', () => {
  it('sort keys keep their order whatever bytes follow them', () => {
    fc.assert(
      fc.property(fc.oneof(bytes, dense), fc.oneof(bytes, dense), bytes, bytes, (a, b, tailA, tailB) => {
        const order = compareBytes(a, b)
        if (order === 0) return
        const left = Buffer.concat([sortBytes(true, a), tailA])
        const right = Buffer.concat([sortBytes(true, b), tailB])
        expect(sign(Buffer.compare(left, right))).toBe(sign(order))
      }),
      { numRuns: 3000 },
    )
  })

  it('a sort key is in the range of a prefix exactly if it begins with the prefix', () => {
    fc.assert(
      fc.property(fc.oneof(bytes, dense), fc.oneof(bytes, dense), bytes, (key, prefix, tail) => {
        const entry = Buffer.concat([sortBytes(true, key), tail])
        const low = sortBytes(true, prefix)
        const begins = compareBytes(key.subarray(0, prefix.length), prefix) === 0
        // A prefix of only 255s has no successor. In an entry other bytes always precede it.
        const wrap = (part: Uint8Array) => Buffer.concat([Uint8Array.of(16), part])
        const high = successor(wrap(sortPrefix(true, prefix)))
        const inside = Buffer.compare(wrap(entry), wrap(low)) >= 0 && Buffer.compare(wrap(entry), high) < 0
        expect(inside).toBe(begins)
      }),
      { numRuns: 3000 },
    )
  })

  it('encoding a sort key adds at most an eighth, so that the longest legal keys fit', () => {
    const index: KeySchema = { partition: { name: 'gpk', type: 'B' }, sort: { name: 'gsk', type: 'B' } }
    const longest = {
      pk: 'x'.repeat(2048),
      sk: new Uint8Array(1024),
      gpk: new Uint8Array(2048).fill(255),
      gsk: new Uint8Array(1024),
    }
    expect(indexEntry(1, 1, index, schema, longest).length).toBeLessThanOrEqual(4026)
    expect(tableEntry(1, schema, longest).length).toBeLessThanOrEqual(4026)
  })
})

describe('entries', () => {
  it('entries of different items differ, wherever one key ends and the next begins', () => {
    fc.assert(
      fc.property(text, bytes, text, bytes, (pk1, sk1, pk2, sk2) => {
        const one = Buffer.from(tableEntry(7, schema, { pk: pk1, sk: sk1 }))
        const two = Buffer.from(tableEntry(7, schema, { pk: pk2, sk: sk2 }))
        expect(one.equals(two)).toBe(pk1 === pk2 && compareBytes(sk1, sk2) === 0)
      }),
    )
  })

  it('entries of one partition are contiguous, separate from partitions with a common prefix', () => {
    fc.assert(
      fc.property(text, text, bytes, (pk, other, sk) => {
        const low = partitionPrefix(7, 0, schema, { pk })
        const entry = Buffer.from(tableEntry(7, schema, { pk: other, sk }))
        const inside = Buffer.compare(entry, low) >= 0 && Buffer.compare(entry, successor(low)) < 0
        expect(inside).toBe(pk === other)
      }),
    )
  })

  it('an entry belongs to exactly one segment of a scan', () => {
    fc.assert(
      fc.property(text, bytes, fc.integer({ min: 1, max: 1000 }), (pk, sk, total) => {
        const entry = Buffer.from(tableEntry(7, schema, { pk, sk }))
        const owners = Array.from({ length: total }, (_, index) => segmentRange(7, 0, { index, total })).filter(
          ({ low, high }) => Buffer.compare(entry, low) >= 0 && Buffer.compare(entry, high) < 0,
        )
        expect(owners).toHaveLength(1)
      }),
      { numRuns: 50 },
    )
  })
})

describe('the entry of a key', () => {
  const [pk, sk] = [{ name: 'pk', type: 'S' } as const, { name: 'sk', type: 'S' } as const]
  const schemas: KeySchema[] = [
    { partition: pk },
    { partition: pk, sort: sk },
    { partition: sk, sort: pk },
    schema,
    { partition: { name: '__proto__', type: 'S' } },
  ]
  const part = fc.oneof(
    { weight: 6, arbitrary: fc.string({ maxLength: 5 }) },
    fc.constantFrom<unknown>(
      '',
      'x'.repeat(64),
      'x'.repeat(65),
      'x'.repeat(1025),
      'x'.repeat(2049),
      'é',
      '\ud800',
      1,
      null,
    ),
    bytes,
  )
  const names = fc.constantFrom('pk', 'sk', 'other', '__proto__')
  const key = fc.oneof(
    { weight: 2, arbitrary: fc.tuple(part, part).map(([a, b]) => ({ pk: a, sk: b })) },
    { weight: 1, arbitrary: fc.tuple(part, part).map(([a, b]) => ({ sk: b, pk: a })) },
    fc.array(fc.tuple(names, part), { maxLength: 3 }).map(entries => Object.fromEntries(entries)),
    fc.constant(Object.assign(Object.create({ pk: 'inherited' }), { sk: 'a' })),
  ) as fc.Arbitrary<Item>

  function attempt(work: () => Uint8Array): string {
    try {
      return Buffer.from(work()).toString('hex')
    } catch (error) {
      return `${error}`
    }
  }

  it('a key has the same entry, or the same error, whether its attributes are short ASCII strings or not', () => {
    fc.assert(
      fc.property(fc.constantFrom(...schemas), fc.nat({ max: 0xffffffff }), key, (keySchema, table, one) => {
        const checked = attempt(() => checkedEntry(table, keySchema, one))
        const expected = attempt(() => {
          checkKey(keySchema, one)
          return tableEntry(table, keySchema, one)
        })
        expect(checked).toBe(expected)
      }),
      { numRuns: 3000 },
    )
  })

  it('the entry of a key has this form, which stored data depend on', () => {
    const one = { pk: 'USER#1', sk: 'POST#2' }
    expect(checkedEntry(0x01020304, { partition: pk, sort: sk }, one).toString('latin1')).toBe(
      '\x10\x01\x02\x03\x04\x00\x00\xf6\x00\x06USER#1POST#2',
    )
  })
})
