/** Items as documents of MongoDB: every item comes back as it was, and keys keep their order. */
import fc from 'fast-check'
import { BSON, Decimal128, Double } from 'mongodb'
import { describe, expect, it } from 'vitest'
import {
  decodeItem,
  documentId,
  encodeItem,
  expiryOf,
  type ItemTable,
  sizedItem,
  takeItem,
} from '../../packages/partita/src/mongodb/document/codec.js'
import { attributeName, fieldName } from '../../packages/partita/src/mongodb/document/names.js'
import { encodeNumber } from '../../packages/partita/src/mongodb/document/number.js'
import { encodeAttribute } from '../../packages/partita/src/mongodb/document/value.js'
import type { KeySchema } from '../../packages/partita/src/store/definition.js'
import { decimal } from '../../packages/partita/src/value/number.js'
import { measureItem } from '../../packages/partita/src/value/size.js'
import { compareValues, equalValues, type Item, type Value } from '../../packages/partita/src/value/value.js'
import { anyName, bytes, maps, numbers, strings, values } from '../arbitrary/value.js'

const keyed = (key: KeySchema, timeToLive?: string): ItemTable => ({ definition: { name: 'table', key }, timeToLive })
const byText = keyed({ partition: { name: 'pk', type: 'S' } })

/** The item after a journey through BSON, as the driver reads it. */
function journey(item: Item): Item {
  const document = encodeItem(byText, item)
  return decodeItem(BSON.deserialize(BSON.serialize(document)) as never)
}

/** Whether a value has a number of over 34 digits at any depth. */
const isTooLong = (value: Value): boolean => {
  try {
    encodeAttribute(value, 'a')
    return false
  } catch {
    return true
  }
}

const hostile = fc.oneof(
  anyName,
  fc.constantFrom(
    '$set',
    '$',
    '%',
    '%2E',
    '%set',
    '%hex',
    'a%',
    '.',
    '$$x',
    'a.$.b',
    '\0',
    '_bsontype',
    'toBSON',
    '$ref',
  ),
)
const items = maps(hostile, values(hostile, 2)).map(item => ({ ...item, pk: 'key' }))

describe('items as documents', () => {
  it('every item is the same after it was a document, with the same size', () => {
    fc.assert(
      fc.property(items, item => {
        fc.pre(!isTooLong(item))
        const read = journey(item)
        expect(equalValues(read, item)).toBe(true)
        expect(Object.getPrototypeOf(read)).toBe(Object.prototype)
        expect(takeItem(BSON.deserialize(BSON.serialize(encodeItem(byText, item))) as never)).toEqual(read)
        expect(sizedItem(encodeItem(byText, item)).size).toBe(measureItem(item))
      }),
      { numRuns: 1000 },
    )
  })

  it('no field of a document begins with a dollar sign or holds a dot or NUL', () => {
    fc.assert(
      fc.property(hostile, name => {
        const field = fieldName(name)
        expect(field).not.toMatch(/^\$|[.\0]|^(_bsontype|__proto__)$/)
        expect(field).not.toMatch(/^%(set|hex)$/)
        expect(attributeName(field)).toBe(name)
      }),
    )
  })

  it('a map that imitates a class of the driver, a reference or an operator stays a map', () => {
    const item: Item = {
      pk: 'key',
      id: { _bsontype: 'ObjectId', id: 'x' },
      ref: { $ref: 'users', $id: 1, $db: 'other' },
      where: { $where: 'sleep(1000)' },
      text: '$pk',
      tag: { '%set': 'SS', values: ['a'] },
      hex: { '%hex': 'ff' },
    }
    expect(journey(item)).toEqual(item)
  })

  it('an attribute named __proto__ pollutes nothing', () => {
    const item = JSON.parse('{"pk":"key","__proto__":{"admin":true},"m":{"__proto__":{"admin":true}}}') as Item
    const read = journey(item)
    expect(JSON.stringify(read)).toBe(JSON.stringify(item))
    expect((read as { admin?: unknown }).admin).toBeUndefined()
    expect(({} as { admin?: unknown }).admin).toBeUndefined()
  })

  it('binary is legible text at the top and bytes below, and is a plain array of bytes again', () => {
    const document = encodeItem(byText, { pk: 'a', b: Uint8Array.of(0, 255), list: [Uint8Array.of(1)] })
    expect(document.item).toEqual({ pk: 'a', b: { '%hex': '00ff' }, list: [Uint8Array.of(1)] })
    const read = journey({ pk: 'a', b: Buffer.from([0, 255]), long: new Uint8Array(3000), list: [Buffer.from([1])] })
    expect(read).toEqual({ pk: 'a', b: Uint8Array.of(0, 255), long: new Uint8Array(3000), list: [Uint8Array.of(1)] })
    for (const it of [read.b, read.long, (read.list as Value[])[0]]) expect(it?.constructor).toBe(Uint8Array)
  })

  it('a document shares nothing with the item that its caller could change', () => {
    const item: Item = { pk: 'a', list: [{ n: 1 }], bytes: new Uint8Array(3000) }
    const document = encodeItem(byText, item)
    ;(item.list as { n: number }[])[0] = { n: 2 }
    ;(item.bytes as Uint8Array)[0] = 1
    expect(decodeItem(document as never)).toEqual({ pk: 'a', list: [{ n: 1 }], bytes: new Uint8Array(3000) })
  })
})

describe('numbers in documents', () => {
  it('a number of up to 34 digits keeps every digit and is never a double', () => {
    fc.assert(
      fc.property(numbers, number => {
        const stored = encodeNumber(number)
        fc.pre(stored !== undefined)
        expect(Number.isInteger(stored) || typeof stored === 'bigint' || stored instanceof Decimal128).toBe(true)
        if (typeof stored === 'bigint') expect(BigInt.asIntN(64, stored)).toBe(stored)
        expect(equalValues(journey({ pk: 'a', number }).number as Value, number)).toBe(true)
      }),
      { numRuns: 1000 },
    )
  })

  it('a fraction has the bytes and the value that the driver gives its text', () => {
    const fractions = fc.oneof(
      numbers.filter(it => typeof it === 'number'),
      fc.tuple(fc.maxSafeInteger(), fc.nat(30)).map(([digits, power]) => Number(`${digits}e-${power}`)),
    )
    fc.assert(
      fc.property(fractions, fraction => {
        const stored = encodeNumber(fraction)
        if (!(stored instanceof Decimal128)) return
        expect(Buffer.from(stored.bytes)).toEqual(Buffer.from(Decimal128.fromString(stored.toString()).bytes))
        expect(decimal(stored.toString())).toBe(fraction)
        expect(decodeItem({ item: { stored } })).toEqual({ stored: fraction })
      }),
      { numRuns: 1000 },
    )
    for (const text of ['-0', '0E-3', '1E+3', '2.50', '-0.1', '999999999999999.9', '1E-22', '1E-23', '1E-130']) {
      expect(decodeItem({ item: { n: Decimal128.fromString(text) } }), text).toEqual({ n: decimal(text) })
    }
  })

  it('equal numbers are stored in one form', () => {
    const forms = [
      [5, 5n, decimal('5.0')],
      [-0, 0, 0n],
      [2 ** 40, 2n ** 40n, decimal('1099511627776')],
      [1e20, 10n ** 20n, decimal('1E20')],
      [0.1, decimal('0.10')],
    ] as const
    for (const [first, ...others] of forms) {
      for (const other of others) expect(encodeNumber(other)).toEqual(encodeNumber(first))
    }
  })

  it('a number with 35 digits is refused with its path', () => {
    const item = { pk: 'a', list: [{ n: decimal('0.12345678901234567890123456789012345') }] } as Item
    expect(() => encodeItem(byText, item)).toThrow(
      expect.objectContaining({
        code: 'ValidationFailed',
        details: { issues: [expect.objectContaining({ path: ['list', 0, 'n'] })] },
      }),
    )
  })

  it('a double of another program is read, and a number that no item has is refused', () => {
    expect(decodeItem({ item: BSON.deserialize(BSON.serialize({ n: new Double(0.5) })) })).toEqual({ n: 0.5 })
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, new Date(0), /x/, { '%hex': 'zz' }, { '%set': 'SS' }]) {
      expect(() => decodeItem({ item: { bad } })).toThrow(expect.objectContaining({ code: 'Unavailable' }))
    }
  })
})

describe('keys of documents', () => {
  const types = { S: strings, N: numbers, B: bytes }

  it('different keys have different ids, and equal keys have one', () => {
    const parts = fc
      .oneof(fc.constantFrom('|', '%', '%7C', 'a|', '|a', 'a', '%25', 'a|b'), strings)
      .filter(it => it !== '')
    const pair: KeySchema = { partition: { name: 'pk', type: 'S' }, sort: { name: 'sk', type: 'S' } }
    fc.assert(
      fc.property(parts, parts, parts, parts, (pk, sk, otherPk, otherSk) => {
        const isSame = pk === otherPk && sk === otherSk
        expect(documentId(pair, { pk, sk }) === documentId(pair, { pk: otherPk, sk: otherSk })).toBe(isSame)
      }),
      { numRuns: 1000 },
    )
    const numeric: KeySchema = { partition: { name: 'pk', type: 'N' }, sort: { name: 'sk', type: 'B' } }
    expect(documentId(numeric, { pk: decimal('1.50'), sk: Uint8Array.of(10, 255) })).toBe('1.5|0aff')
    expect(documentId(numeric, { pk: 1n, sk: Uint8Array.of(0) })).toBe(
      documentId(numeric, { pk: 1, sk: Uint8Array.of(0) }),
    )
    expect(documentId(pair, { pk: 'USER#1', sk: 'POST|1' })).toBe('USER#1|POST|1')
  })

  for (const type of ['S', 'N', 'B'] as const) {
    it(`stored keys of type ${type} have the order of the keys`, () => {
      fc.assert(
        fc.property(types[type] as fc.Arbitrary<Value>, types[type] as fc.Arbitrary<Value>, (a, b) => {
          fc.pre(!isTooLong(a) && !isTooLong(b))
          expect(Math.sign(storedOrder(encodeAttribute(a, 'k'), encodeAttribute(b, 'k')))).toBe(
            Math.sign(compareValues(a, b) as number),
          )
        }),
        { numRuns: 1000 },
      )
    })
  }

  it('an item expires at the second that its attribute holds, and never without a valid number', () => {
    expect(expiryOf('ttl', { ttl: 1700000000 })).toEqual(new Date(1700000000_000))
    expect(encodeItem(keyed(byText.definition.key, 'ttl'), { pk: 'a', ttl: 5.7 }).expires).toEqual(new Date(5000))
    for (const ttl of ['1700000000', -1, 1e120]) expect(expiryOf('ttl', { ttl })).toBeUndefined()
    expect(expiryOf(undefined, { ttl: 5 })).toBeUndefined()
  })
})

/** MongoDB's order of two stored keys of one type: text by its bytes, numbers by their exact values. */
function storedOrder(a: unknown, b: unknown): number {
  if (typeof a === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(b as string))
  if (typeof a === 'object' && a && '%hex' in a) return storedOrder(a['%hex'], (b as { '%hex': string })['%hex'])
  const difference = exact(a) - exact(b)
  return difference > 0n ? 1 : difference < 0n ? -1 : 0
}

/** A stored number times 10^160. */
function exact(stored: unknown): bigint {
  const [, sign, whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:E([+-]\d+))?$/.exec(String(stored)) ?? []
  const magnitude = BigInt(whole + fraction) * 10n ** BigInt(160 + Number(exponent) - fraction.length)
  return sign === '-' ? -magnitude : magnitude
}
