import { describe, expect, test } from 'vitest'
import { decimal } from '../../value/number.js'
import type { Item, Value } from '../../value/value.js'
import { Aliases, parseUpdate } from '../parse/index.js'
import { checkUpdate } from '../validate/update.js'
import { applyUpdate, updatedAttributes } from './update.js'

function parsed(text: string, v: Value = 'v', w: Value = 'w') {
  return parseUpdate(text, new Aliases({}, { ':v': v, ':w': w }))
}

/** The item after the update. The item before it must not change. */
function after(item: Item, text: string, v?: Value, w?: Value): Item {
  const before = structuredClone(item)
  const update = parsed(text, v, w)
  checkUpdate(update)
  const result = applyUpdate(update, item)
  expect(item).toEqual(before)
  return result
}

describe('SET', () => {
  test('SET past the end of a list appends, in the order of the indexes', () => {
    expect(after({ l: [1] }, 'SET l[10] = :v')).toEqual({ l: [1, 'v'] })
    expect(after({ l: [1] }, 'SET l[11] = :v, l[10] = :w')).toEqual({ l: [1, 'w', 'v'] })
    expect(after({ l: [] }, 'SET l[0] = :v, l[1] = :w')).toEqual({ l: ['v', 'w'] })
  })

  test('SET reads every operand as it was before the update', () => {
    expect(after({ x: 1, y: 2 }, 'SET x = y, y = x')).toEqual({ x: 2, y: 1 })
    expect(after({ x: { b: 1 } }, 'SET y = x, x.b = :v')).toEqual({ x: { b: 'v' }, y: { b: 1 } })
    expect(after({ n: 1, m: 5 }, 'SET m = n + :v ADD n :v', 1)).toEqual({ n: 2, m: 2 })
  })

  test('SET adds and subtracts without rounding', () => {
    expect(after({ n: 0.1 }, 'SET n = n + :v', 0.2)).toEqual({ n: 0.3 })
    expect(after({ n: 2 ** 53 }, 'SET n = n + :v', 1)).toEqual({ n: 9007199254740993n })
    expect(after({}, 'SET n = :v - :w', decimal('0.12345678901234567890'), 0.1)).toEqual({
      n: decimal('0.0234567890123456789'),
    })
    expect(() => after({ n: decimal('1e100') }, 'SET n = n + :v', 1)).toThrow(/significant digits/)
  })

  test('SET uses the fallback of if_not_exists, which must itself exist', () => {
    expect(after({}, 'SET x = if_not_exists(x, :v)')).toEqual({ x: 'v' })
    expect(after({ x: null }, 'SET x = if_not_exists(x, :v)')).toEqual({ x: null })
    expect(after({}, 'SET x = if_not_exists(x, :v) + :w', 0, 1)).toEqual({ x: 1 })
    expect(() => after({ x: 1 }, 'SET y = if_not_exists(x, z)')).toThrow(/z: is used by the update but is not/)
  })

  test('SET joins only lists with list_append', () => {
    expect(after({ l: [1] }, 'SET l = list_append(l, :v)', [2])).toEqual({ l: [1, 2] })
    expect(() => after({ l: 1 }, 'SET l = list_append(l, :v)', [2])).toThrow(/list_append joins lists/)
  })

  test('SET refuses a path whose parent is missing or of another type', () => {
    for (const item of [{}, { a: 1 }, { a: [] }, { a: new Set(['b']) }, { a: null }] as Item[]) {
      expect(() => after(item, 'SET a.b = :v')).toThrow(/must already be a map/)
    }
    expect(() => after({ a: {} }, 'SET a[0] = :v')).toThrow(/must already be a list/)
    expect(() => after({ a: [] }, 'SET a[0].b = :v')).toThrow(/a\[0\]: is not in the item/)
    expect(() => after({}, 'SET a = b')).toThrow(/is not in the item/)
  })

  test('SET treats __proto__ as an attribute like any other', () => {
    const update = parseUpdate('SET #p = :v', new Aliases({ '#p': '__proto__' }, { ':v': { polluted: true } }))
    const result = applyUpdate(update, { m: 1 })
    expect(Object.keys(result)).toEqual(['m', '__proto__'])
    expect(Object.getPrototypeOf(result)).toBe(Object.prototype)
    const removed = applyUpdate(parseUpdate('REMOVE #p', new Aliases({ '#p': '__proto__' })), result)
    expect(Object.keys(removed)).toEqual(['m'])
  })
})

describe('REMOVE', () => {
  test('REMOVE shifts the elements behind it, and indexes are those before the update', () => {
    expect(after({ l: [1, 2, 3] }, 'REMOVE l[0]')).toEqual({ l: [2, 3] })
    expect(after({ l: [1, 2, 3] }, 'REMOVE l[0], l[1]')).toEqual({ l: [3] })
    expect(after({ l: [1, 2, 3] }, 'REMOVE l[0] SET l[1] = :v')).toEqual({ l: ['v', 3] })
    expect(after({ l: [1, 2, 3] }, 'REMOVE l[0] SET l[3] = :v')).toEqual({ l: [2, 3, 'v'] })
    expect(after({ l: [1] }, 'REMOVE l[0]')).toEqual({ l: [] })
    expect(after({ l: [1] }, 'REMOVE l[5]')).toEqual({ l: [1] })
    expect(after({ l: [1] }, 'REMOVE l[5] SET l[9] = :v')).toEqual({ l: [1, 'v'] })
  })

  test('REMOVE of a missing attribute does nothing, and is refused if its parent is missing', () => {
    expect(after({ m: {} }, 'REMOVE x, m.x')).toEqual({ m: {} })
    expect(() => after({}, 'REMOVE m.x')).toThrow(/must already be a map/)
  })
})

describe('ADD', () => {
  test('ADD counts a missing number from 0 and starts a missing set empty', () => {
    expect(after({}, 'ADD n :v, s :w', 1, new Set(['a']))).toEqual({ n: 1, s: new Set(['a']) })
    expect(after({ n: 1 }, 'ADD n :v', -3)).toEqual({ n: -2 })
    expect(after({ m: {} }, 'ADD m.n :v', 1)).toEqual({ m: { n: 1 } })
  })

  test('ADD joins sets by the value of their members', () => {
    expect(after({ s: new Set([1, 2]) }, 'ADD s :v', new Set([2n, 3n]))).toEqual({ s: new Set([1, 2, 3n]) })
    const bytes = new Set([new Uint8Array([1])])
    expect((after({ s: bytes }, 'ADD s :v', new Set([new Uint8Array([1])])).s as Set<unknown>).size).toBe(1)
  })

  test('ADD refuses a value of another type', () => {
    expect(() => after({ n: 's' }, 'ADD n :v', 1)).toThrow(/two numbers or two sets/)
    expect(() => after({ s: new Set(['a']) }, 'ADD s :v', new Set([1]))).toThrow(/two numbers or two sets/)
  })
})

describe('DELETE', () => {
  test('DELETE removes the attribute with the last member of its set', () => {
    expect(after({ s: new Set(['a', 'b']) }, 'DELETE s :v', new Set(['b']))).toEqual({ s: new Set(['a']) })
    expect(after({ s: new Set([1]) }, 'DELETE s :v', new Set([1n, 2n]))).toEqual({})
    expect(after({ l: [new Set(['a']), 1] }, 'DELETE l[0] :v', new Set(['a']))).toEqual({ l: [1] })
    expect(after({}, 'DELETE s :v', new Set(['a']))).toEqual({})
  })
})

describe('an update that is refused for every item', () => {
  test.each([
    ['SET a = :v, a = :w', /overlaps/],
    ['SET a.b = :v REMOVE a', /overlaps/],
    ['SET a = :v ADD a.b :w', /overlaps/],
    ['SET a.b = :v, a[0] = :w', /conflicts/],
    ['REMOVE a[0].b, a[0]', /overlaps/],
  ])('%s is refused for overlapping or conflicting paths', (text, message) => {
    expect(() => checkUpdate(parsed(text, 1, 1))).toThrow(message)
  })

  test.each([
    ['SET a = b + :v', 's', /\+ takes numbers, not S/],
    ['SET a = list_append(b, :v)', 1, /list_append joins lists, not N/],
    ['SET a = if_not_exists(b, list_append(b, :v))', [1], /cannot be used inside/],
    ['SET a = if_not_exists(b, b)', 1, /its own fallback/],
    ['ADD a :v', 's', /ADD takes a number or a set, not S/],
    ['DELETE a :v', 1, /DELETE takes a set, not N/],
  ])('%s with the value %j is refused', (text, value, message) => {
    expect(() => checkUpdate(parsed(text, value))).toThrow(message)
  })

  test('a value that cannot be stored, a path that is too deep, and too many operators are refused', () => {
    const set = (value: Value) => ({ set: [{ path: ['a'] as const, value: { kind: 'value', value } as const }] })
    const none = { set: [], remove: [], add: [], delete: [] }
    expect(() => checkUpdate({ ...none, ...set(Number.NaN) })).toThrow(/a: NaN/)
    expect(() => checkUpdate({ ...none, ...set(new Set<string>()) })).toThrow(/empty set/)
    expect(() => checkUpdate({ ...none, remove: [['a', ...Array(32).fill('b')]] })).toThrow(/33 steps/)
    expect(() => checkUpdate({ ...none, remove: [['a', -1]] })).toThrow(/not a list index/)
    const sum = { kind: 'plus', left: { kind: 'value', value: 1 }, right: { kind: 'value', value: 1 } } as const
    const sums = Array.from({ length: 301 }, (_, i) => ({ path: [`a${i}`] as const, value: sum }))
    expect(() => checkUpdate({ ...none, set: sums })).toThrow(/over 300 operators/)
    expect(() => checkUpdate({ ...none, set: sums.slice(1) })).toThrow(/4 KB/)
    expect(() => checkUpdate({ ...none, set: sums.slice(0, 250) })).not.toThrow()
  })
})

test('the updated attributes are all attributes that the update names a part of, each complete', () => {
  const before: Item = { m: { k: 1, q: 2 }, l: [1, 2, 3], n: 1, other: true }
  const update = parsed('SET m.k = :v, l[1] = :w REMOVE n', 10, 20)
  expect(updatedAttributes(update, before)).toEqual({ m: { k: 1, q: 2 }, l: [1, 2, 3], n: 1 })
  expect(updatedAttributes(update, applyUpdate(update, before))).toEqual({ m: { k: 10, q: 2 }, l: [1, 20, 3] })
  expect(updatedAttributes(parsed('REMOVE absent'), before)).toBeUndefined()
})

test('lists that are too large to store are refused before they are built', () => {
  const list = Array.from({ length: 200_000 }, () => '')
  const appends = Array.from({ length: 150 }, (_, index) => `a${index} = list_append(:v, :v)`)
  expect(() => after({}, `SET ${appends.join(', ')}`, list)).toThrow(/400 KB/)
  expect(() => after({}, 'SET a = list_append(:v, :w)', list, [...list, ...list])).toThrow(/400 KB/)
})
