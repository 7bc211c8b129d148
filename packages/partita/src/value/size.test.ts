import { describe, expect, it } from 'vitest'
import { LimitExceededError, ValidationError } from '../errors/errors.js'
import { Decimal } from './number.js'
import { measureItem, numberSize, readUnits, utf8Length, writeUnits } from './size.js'
import type { Item, Value } from './value.js'

const fault = (item: unknown): string => {
  try {
    measureItem(item as Item)
  } catch (error) {
    return (error as Error).message
  }
  return 'no fault'
}

describe('the size of an item', () => {
  it.each<[string, Item, number]>([
    ['text and name by their UTF-8 bytes', { é: '😀a' }, 2 + 5],
    ['null and booleans one', { a: null, b: true, c: false }, 6],
    ['binary its bytes', { a: new Uint8Array(10) }, 11],
    ['an empty list or map three', { a: [], b: {} }, 8],
    ['a list three, and one more for each element', { a: ['x', 'yz'] }, 1 + 3 + 2 + 3],
    ['a map three, and one more for each attribute', { a: { b: 'x' } }, 1 + 3 + 1 + 1 + 1],
    ['a set its members', { a: new Set(['x', 'yz']) }, 1 + 3],
  ])('counts %s', (_, item, bytes) => {
    expect(measureItem(item)).toBe(bytes)
  })

  it.each([
    [0, 1],
    [1, 2],
    [99, 2],
    [100, 2],
    [101, 3],
    [1234, 3],
    [-1, 3],
    [0.5, 2],
    [1.5, 3],
    [12.34, 3],
    [2n ** 80n, 14],
    [new Decimal('0.1234567890123456789'), 11],
  ])('counts a pair of digits of %s in a byte', (number, bytes) => {
    expect(numberSize(number)).toBe(bytes)
  })

  it('may be 400 KB and not a byte more', () => {
    expect(measureItem({ a: 'x'.repeat(400 * 1024 - 1) })).toBe(400 * 1024)
    expect(() => measureItem({ a: 'x'.repeat(400 * 1024) })).toThrow(LimitExceededError)
  })
})

describe('an item is refused, with the place named, when it holds', () => {
  const loop: Value[] = []
  loop.push(loop)
  it.each<[string, unknown, RegExp]>([
    ['undefined', { a: { b: [undefined] } }, /^a\.b\[0\]: is undefined; leave the attribute out/],
    ['NaN', { a: Number.NaN }, /^a: NaN is not a number/],
    ['an infinity inside a list', { a: [1, Number.NEGATIVE_INFINITY] }, /^a\[1\]: -Infinity/],
    ['a function', { a: () => 1 }, /^a: is a function/],
    ['a date', { at: new Date() }, /^at: is a Date; only plain objects can be kept; store toISOString/],
    ['a Map', { a: new Map() }, /use Object\.fromEntries/],
    ['an empty set', { tags: new Set() }, /^tags: is an empty set/],
    ['a set of two types', { tags: new Set(['a', 1]) }, /^tags: is a set of string and number/],
    ['a set of booleans', { tags: new Set([true]) }, /^tags: is a set with a boolean/],
    ['a set with one number twice', { tags: new Set([1, 1n]) }, /is a set with a duplicate value/],
    ['a lone surrogate', { a: 'x\ud800' }, /^a: holds a lone surrogate/],
    ['a lone surrogate in a name', { 'x\ud800': 1 }, /attribute name holds a lone surrogate/],
    ['an empty name', { '': 1 }, /empty name/],
    ['a name of 65,536 bytes', { ['n'.repeat(65_536)]: 1 }, /a name may have 65535/],
    ['itself', { loop }, /nested over 32 levels/],
  ])('%s', (_, item, message) => {
    expect(fault(item)).toMatch(message)
    expect(() => measureItem(item as Item)).toThrow(ValidationError)
  })

  it('more than 32 levels, while 32 are fine', () => {
    const nest = (levels: number): Value => (levels === 0 ? 1 : [nest(levels - 1)])
    expect(fault({ a: nest(32) })).toBe('no fault')
    expect(fault({ a: nest(33) })).toMatch(/nested over 32 levels/)
  })
})

describe('capacity units', () => {
  it('count started blocks of 4 KB to read, half for eventual consistency, and of 1 KB to write', () => {
    expect([readUnits(0, true), readUnits(4096, true), readUnits(4097, true), readUnits(1, false)]).toEqual([
      1, 1, 2, 0.5,
    ])
    expect([writeUnits(0), writeUnits(1024), writeUnits(1025)]).toEqual([1, 1, 2])
  })
})

describe('UTF-8 length', () => {
  it('agrees with an encoder on all kinds of characters', () => {
    for (const text of ['', 'a', 'é', '€', '😀', 'a😀é€', '\uffff', '\u07ff\u0800']) {
      expect(utf8Length(text)).toBe(new TextEncoder().encode(text).length)
    }
    expect(utf8Length('\udc00')).toBeUndefined()
    expect(utf8Length('\ud800a')).toBeUndefined()
  })
})
