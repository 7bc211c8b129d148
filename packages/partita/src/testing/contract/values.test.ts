import { beforeAll, expect, it } from 'vitest'
import { describeEachStore } from '../../../../../test/stores.js'
import { compare, path, plus, update, value } from '../../expression/ast.js'
import { decimal } from '../../value/number.js'
import { MAX_ITEM_BYTES, measureItem } from '../../value/size.js'
import { type Item, setAttribute, type Value } from '../../value/value.js'
import { failure, oneKey } from './fixtures.js'

const nested = (levels: number): Value => (levels === 0 ? 'end' : { in: nested(levels - 1) })

describeEachStore('values', tested => {
  let table: string
  beforeAll(async () => {
    table = await tested.table(oneKey)
  })

  let keys = 0
  const freshKey = () => ({ pk: `value-${++keys}` })
  const put = (item: Item) => tested.store.write({ kind: 'put', table, item })
  const read = async (key: { pk: string }) => (await tested.store.get({ table, key, consistent: true })).item

  const kept: [string, Value][] = [
    ['an empty string', ''],
    ['text of every plane', 'aé漢😀\u0000￿'],
    ['booleans and null', [true, false, null]],
    ['an empty list and an empty map', [[], {}]],
    ['binary', Uint8Array.from({ length: 256 }, (_, i) => i)],
    ['empty binary', new Uint8Array()],
    ['a set of strings', new Set(['', 'a', 'é'])],
    ['a set of numbers', new Set([1, -2.5, 12345678901234567890n])],
    ['a set of binary', new Set([Uint8Array.of(1), Uint8Array.of(255, 0)])],
    ['lists and maps in each other', [{ a: [1, { b: [new Set(['x'])] }] }, [], {}]],
    ['nesting of 31 levels below the attribute', nested(31)],
  ]
  it.each(kept)('gives back %s as it was put', async (_, it) => {
    const key = freshKey()
    await put({ ...key, it })
    expect(await read(key)).toStrictEqual({ ...key, it })
  })

  it('keeps every digit of a number, in the simplest type that holds it', async () => {
    const key = freshKey()
    const numbers = [
      0,
      -1,
      0.1,
      1e-130,
      -9.99e125,
      2 ** 53,
      9007199254740993n,
      99999999999999999999999999999999999999n,
      -12345678901234567890n,
      decimal('0.12345678901234567890123456789012345678'),
      decimal('-1234567890123456789.0123456789012345678'),
    ]
    await put({ ...key, numbers })
    expect(await read(key)).toStrictEqual({ ...key, numbers })
  })

  it('calculates exactly', async () => {
    const key = freshKey()
    await put({ ...key, price: decimal('0.1'), big: 9007199254740993n })
    const change = update({
      set: [
        { path: ['price'], value: plus(path('price'), value(0.2)) },
        { path: ['big'], value: plus(path('big'), value(2)) },
      ],
    })
    const { item } = await tested.store.write({ kind: 'update', table, key, update: change, returns: 'new' })
    expect(item).toEqual({ ...key, price: 0.3, big: 9007199254740995n })
  })

  it('compares numbers by value, whatever type holds them', async () => {
    const key = freshKey()
    await put({ ...key, n: 100 })
    for (const same of [100, 100n, decimal('100.0')]) {
      const condition = compare(path('n'), '=', value(same))
      await tested.store.write({ kind: 'check', table, key, condition })
    }
  })

  it('keeps attributes with odd names, and updates and projects them', async () => {
    const key = freshKey()
    const names = [
      'n1',
      '#a',
      ':v',
      'a.b',
      'a[0]',
      'size',
      'SELECT',
      ' ',
      '😀',
      'constructor',
      'toString',
      'x'.repeat(255),
    ]
    const item: Item = { ...key, ...Object.fromEntries(names.map((name, i) => [name, i])) }
    await put(item)
    expect(await read(key)).toEqual(item)
    const change = update({ set: names.map(name => ({ path: [name], value: plus(path(name), value(1)) })) })
    await tested.store.write({ kind: 'update', table, key, update: change })
    const projected = await tested.store.get({ table, key, consistent: true, projection: names.map(name => [name]) })
    expect(projected.item).toEqual(Object.fromEntries(names.map((name, i) => [name, i + 1])))
  })

  it('keeps a map entry named __proto__ an entry', async () => {
    const key = freshKey()
    const map: { [name: string]: Value } = {}
    setAttribute(map, '__proto__', { polluted: true })
    await put({ ...key, map })
    const back = (await read(key))?.map
    expect(JSON.stringify(back)).toBe('{"__proto__":{"polluted":true}}')
    expect(Object.getPrototypeOf(back)).toBe(Object.prototype)
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
  })

  const culprits: [string, unknown][] = [
    ['NaN', Number.NaN],
    ['an infinity', Number.NEGATIVE_INFINITY],
    ['a number out of range', 1e126],
    ['a number too small', 1e-131],
    ['39 digits', 10n ** 38n + 1n],
    ['an empty set', new Set()],
    ['a set of two types', new Set(['a', 1])],
    ['a set of booleans', new Set([true])],
    ['a set with one number twice', new Set<unknown>([1, 1n])],
    ['undefined', undefined],
    ['a function', () => 1],
    ['a symbol', Symbol('s')],
    ['a Date', new Date(0)],
    ['a Map', new Map()],
    ['a class instance', new (class Point {})()],
    ['a lone surrogate', 'a\ud800'],
    ['an attribute name with a lone surrogate', { 'a\udc00': 1 }],
    ['an empty attribute name', { '': 1 }],
    ['an attribute name of 65,536 bytes', { ['n'.repeat(65_536)]: 1 }],
    ['nesting of 33 levels', nested(33)],
  ]
  it.each(culprits)('refuses %s, in an item, an update and a condition, and names the attribute', async (_, bad) => {
    const key = freshKey()
    const culprit = bad as Value
    const faulty = await failure(put({ ...key, fine: 1, list: [1, { culprit }] }))
    expect(faulty).toMatchObject({ code: 'ValidationFailed' })
    expect(faulty.message).toMatch(/list/)
    const change = update({ set: [{ path: ['a'], value: value({ culprit }) }] })
    const condition = compare(path('a'), '=', value(culprit))
    const calls = [
      () => tested.store.write({ kind: 'update', table, key, update: change }),
      () => tested.store.write({ kind: 'put', table, item: key, condition }),
      () => tested.store.batchWrite({ writes: [{ kind: 'put', table, item: { ...key, culprit } }] }),
      () => tested.store.transactWrite({ writes: [{ kind: 'put', table, item: { ...key, culprit } }] }),
    ]
    for (const call of calls) expect(await failure(call())).toMatchObject({ code: 'ValidationFailed' })
    expect(await read(key)).toBeUndefined()
  })

  it('takes an item of exactly 400 KB and refuses one of a byte more', async () => {
    const key = freshKey()
    const room = MAX_ITEM_BYTES - measureItem({ ...key, text: '' })
    await put({ ...key, text: 'x'.repeat(room) })
    expect(await read(key)).toEqual({ ...key, text: 'x'.repeat(room) })
    expect(await failure(put({ ...key, text: 'x'.repeat(room + 1) }))).toMatchObject({
      code: 'LimitExceeded',
      details: { maximum: MAX_ITEM_BYTES, actual: MAX_ITEM_BYTES + 1 },
    })
  })

  it('refuses an update that makes the item larger than 400 KB, and leaves the item as it was', async () => {
    const key = freshKey()
    await put({ ...key, a: 'x'.repeat(300_000) })
    const change = update({ set: [{ path: ['b'], value: value('y'.repeat(200_000)) }] })
    const error = await failure(tested.store.write({ kind: 'update', table, key, update: change }))
    expect(error).toMatchObject({ code: 'LimitExceeded', details: { maximum: MAX_ITEM_BYTES } })
    expect(await read(key)).toEqual({ ...key, a: 'x'.repeat(300_000) })
  })
})
