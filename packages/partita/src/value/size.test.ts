import { describe, expect, it } from 'vitest'
import { LimitExceededError, ValidationError } from '../errors/errors.js'
import { Decimal } from './number.js'
import { measureItem, numberSize, readUnits, utf8Length, writeUnits } from './size.js'
import type { Item, Value } from './value.js'

const problem = (item: unknown): string => {
  try {
    measureItem(item as Item)
  } catch (error) {
    return (error as Error).message
  }
  return 'no problem'
}

describe('the size of an item', () => {
  it.each<[string, Item, number]>([
    ['the UTF-8 bytes of texts and names', { é: '😀a' }, 2 + 5],
    ['one byte for null and for each boolean', { a: null, b: true, c: false }, 6],
    ['the bytes of a binary', { a: new Uint8Array(10) }, 11],
    ['three bytes for an empty list or map', { a: [], b: {} }, 8],
    ['three bytes for a list, and one more for each element', { a: ['x', 'yz'] }, 1 + 3 + 2 + 3],
    ['three bytes for a map, and one more for each attribute', { a: { b: 'x' } }, 1 + 3 + 1 + 1 + 1],
    ['the members of a set', { a: new Set(['x', 'yz']) }, 1 + 3],
  ])('the size counts %s', (_, item, bytes) => {
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
  ])('the number %s takes %i bytes', (number, bytes) => {
    expect(numberSize(number)).toBe(bytes)
  })

  it('an item may have 400 KB and not a byte more', () => {
    expect(measureItem({ a: 'x'.repeat(400 * 1024 - 1) })).toBe(400 * 1024)
    expect(() => measureItem({ a: 'x'.repeat(400 * 1024) })).toThrow(LimitExceededError)
  })
})

describe('an item that cannot be stored', () => {
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
    ['a list that contains itself', { loop }, /nested over 32 levels/],
  ])('an item with %s is refused, with the path of the value', (_, item, message) => {
    expect(problem(item)).toMatch(message)
    expect(() => measureItem(item as Item)).toThrow(ValidationError)
  })

  it('an item nests up to 32 levels', () => {
    const nest = (levels: number): Value => (levels === 0 ? 1 : [nest(levels - 1)])
    expect(problem({ a: nest(32) })).toBe('no problem')
    expect(problem({ a: nest(33) })).toMatch(/nested over 32 levels/)
  })
})

describe('capacity units', () => {
  it('reads count started blocks of 4 KB, half if eventually consistent, and writes count started blocks of 1 KB', () => {
    expect([readUnits(0, true), readUnits(4096, true), readUnits(4097, true), readUnits(1, false)]).toEqual([
      1, 1, 2, 0.5,
    ])
    expect([writeUnits(0), writeUnits(1024), writeUnits(1025)]).toEqual([1, 1, 2])
  })
})

describe('UTF-8 length', () => {
  it('the length agrees with an encoder for characters of all kinds', () => {
    for (const text of ['', 'a', 'é', '€', '😀', 'a😀é€', '\uffff', '\u07ff\u0800']) {
      expect(utf8Length(text)).toBe(new TextEncoder().encode(text).length)
    }
    expect(utf8Length('\udc00')).toBeUndefined()
    expect(utf8Length('\ud800a')).toBeUndefined()
  })
})
