import fc from 'fast-check'
import mongoose from 'mongoose'
import { expect, it } from 'vitest'
import { bsonIdentity, isScalar } from './bson.js'

const { Decimal128, Double, Long, ObjectId, UUID, Binary, Int32 } = mongoose.mongo.BSON

it('Equal numbers of all types have one identity', () => {
  const ones = [1, 1n, Long.fromNumber(1), new Int32(1), new Double(1), '1', '1.0', '10E-1', '0.01E2']
  const texts = ones.map(one => bsonIdentity(typeof one === 'string' ? Decimal128.fromString(one) : one))
  expect(new Set(texts).size).toBe(1)
  expect(new Set([0, -0, 0n, Decimal128.fromString('-0E5')].map(bsonIdentity)).size).toBe(1)
})

it('Numbers have one identity only if they are equal', () => {
  const integers = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
  fc.assert(
    fc.property(integers, integers, (a, b) => {
      expect(bsonIdentity(Long.fromBigInt(a)) === bsonIdentity(b)).toBe(a === b)
      expect(bsonIdentity(Decimal128.fromString(`${a}.50`))).toBe(bsonIdentity(Decimal128.fromString(`${a}.5`)))
    }),
  )
})

it('Documents and lists have one identity only if their content is equal', () => {
  const values = fc.jsonValue({ maxDepth: 3 })
  fc.assert(
    fc.property(values, values, (a, b) => {
      expect(bsonIdentity(structuredClone(a))).toBe(bsonIdentity(a))
      if (bsonIdentity(a) === bsonIdentity(b)) expect(normal(b)).toEqual(normal(a))
    }),
  )
})

/** JSON does not tell 0 from -0 either. */
function normal(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value))
}

it('The order of names, and how bytes are held, do not matter', () => {
  expect(bsonIdentity({ a: 1, b: { c: 2, d: 3 } })).toBe(bsonIdentity({ b: { d: 3, c: 2 }, a: 1 }))
  const id = '00000000-0000-4000-8000-00000000000a'
  const bytes = [new UUID(id), new Binary(new UUID(id).buffer, 4), Buffer.from(id.replaceAll('-', ''), 'hex')]
  expect(new Set(bytes.map(bsonIdentity)).size).toBe(1)
  expect(bsonIdentity(new Map([['a', 1]]))).toBe(bsonIdentity({ a: 1 }))
})

it('Values of different types have different identities', () => {
  const hex = '0123456789abcdef01234567'
  const values = [
    hex,
    new ObjectId(hex),
    Buffer.from(hex, 'hex'),
    new Date(0),
    0,
    '0',
    null,
    undefined,
    true,
    'true',
    [],
    {},
  ]
  expect(new Set(values.map(bsonIdentity)).size).toBe(values.length)
})

it('Patterns, documents and lists cannot be looked up', () => {
  const refused = [/a/, {}, { $ne: 1 }, [], ['a'], null, undefined, () => 1, Symbol('a'), new Map()]
  expect(refused.filter(isScalar)).toEqual([])
  const values = [
    'a',
    1,
    1n,
    true,
    new Date(0),
    new ObjectId(),
    new UUID(),
    Decimal128.fromString('1'),
    Buffer.alloc(1),
  ]
  expect(values.filter(value => !isScalar(value))).toEqual([])
})
