/** Values and their limits. */
import { compare, path, plus, update, value } from '../../expression/ast.js'
import { decimal } from '../../value/number.js'
import { MAX_ITEM_BYTES, measureItem } from '../../value/size.js'
import { type Item, setAttribute, type Value } from '../../value/value.js'
import { equal, identical, match, matches, ok } from './assert.js'
import type { ContractTests } from './contract-test.js'
import { failure, oneKey } from './fixtures.js'

const nested = (levels: number): Value => (levels === 0 ? 'end' : { in: nested(levels - 1) })

/** Declares the tests of values. */
export function valueContract(tested: ContractTests): void {
  const { it, itIf, beforeAll } = tested
  let table: string
  beforeAll(async () => {
    table = await tested.table(oneKey)
  })

  let keys = 0
  const freshKey = () => ({ pk: `value-${++keys}` })
  const put = (item: Item) => tested.store.write({ kind: 'put', table, item })
  const read = async (key: { pk: string }) => (await tested.store.get({ table, key, consistent: true })).item

  const stored: [string, Value][] = [
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
  for (const [what, kept] of stored)
    it(`A get returns ${what} as it was put`, async () => {
      const key = freshKey()
      await put({ ...key, kept })
      identical(await read(key), { ...key, kept })
    })

  it('A number keeps every digit, in the simplest type that can represent it', async () => {
    const key = freshKey()
    const numbers = [
      0,
      -1,
      0.1,
      1e-130,
      -9.99e125,
      2 ** 53,
      9007199254740993n,
      9999999999999999999999999999999999n,
      -12345678901234567890n,
      decimal('0.1234567890123456789012345678901234'),
      decimal('-1234567890123456789.012345678901234'),
    ]
    await put({ ...key, numbers })
    identical(await read(key), { ...key, numbers })
  })

  itIf('digits38', 'A number keeps 38 digits', async () => {
    const key = freshKey()
    const numbers = [
      99999999999999999999999999999999999999n,
      decimal('0.12345678901234567890123456789012345678'),
      decimal('-1234567890123456789.0123456789012345678'),
    ]
    await put({ ...key, numbers })
    identical(await read(key), { ...key, numbers })
  })

  it('Updates calculate exactly', async () => {
    const key = freshKey()
    await put({ ...key, price: decimal('0.1'), big: 9007199254740993n })
    const change = update({
      set: [
        { path: ['price'], value: plus(path('price'), value(0.2)) },
        { path: ['big'], value: plus(path('big'), value(2)) },
      ],
    })
    const { item } = await tested.store.write({ kind: 'update', table, key, update: change, returns: 'new' })
    equal(item, { ...key, price: 0.3, big: 9007199254740995n })
  })

  it('Numbers are compared by value, independent of their type', async () => {
    const key = freshKey()
    await put({ ...key, n: 100 })
    for (const same of [100, 100n, decimal('100.0')]) {
      const condition = compare(path('n'), '=', value(same))
      await tested.store.write({ kind: 'check', table, key, condition })
    }
  })

  it('Attributes with unusual names are stored, updated and projected', async () => {
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
    equal(await read(key), item)
    const change = update({ set: names.map(name => ({ path: [name], value: plus(path(name), value(1)) })) })
    await tested.store.write({ kind: 'update', table, key, update: change })
    const projected = await tested.store.get({ table, key, consistent: true, projection: names.map(name => [name]) })
    equal(projected.item, Object.fromEntries(names.map((name, i) => [name, i + 1])))
  })

  it('A map entry named __proto__ stays an entry', async () => {
    const key = freshKey()
    const map: { [name: string]: Value } = {}
    setAttribute(map, '__proto__', { polluted: true })
    await put({ ...key, map })
    const back = (await read(key))?.map
    equal(JSON.stringify(back), '{"__proto__":{"polluted":true}}')
    ok(Object.getPrototypeOf(back) === Object.prototype)
    equal(({} as { polluted?: boolean }).polluted, undefined)
  })

  const invalid: [string, unknown][] = [
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
  for (const [what, bad] of invalid)
    it(`Items, updates and conditions with ${what} are rejected with the name of the attribute`, async () => {
      const key = freshKey()
      const culprit = bad as Value
      const error = await failure(put({ ...key, fine: 1, list: [1, { culprit }] }))
      matches(error, { code: 'ValidationFailed' })
      match(error.message, /list/)
      const change = update({ set: [{ path: ['a'], value: value({ culprit }) }] })
      const condition = compare(path('a'), '=', value(culprit))
      const calls = [
        () => tested.store.write({ kind: 'update', table, key, update: change }),
        () => tested.store.write({ kind: 'put', table, item: key, condition }),
        () => tested.store.batchWrite({ writes: [{ kind: 'put', table, item: { ...key, culprit } }] }),
        () => tested.store.transactWrite({ writes: [{ kind: 'put', table, item: { ...key, culprit } }] }),
      ]
      for (const call of calls) matches(await failure(call()), { code: 'ValidationFailed' })
      equal(await read(key), undefined)
    })

  it('An item of exactly 400 KB is accepted, and one with a byte more is rejected', async () => {
    const key = freshKey()
    const room = MAX_ITEM_BYTES - measureItem({ ...key, text: '' })
    await put({ ...key, text: 'x'.repeat(room) })
    equal(await read(key), { ...key, text: 'x'.repeat(room) })
    matches(await failure(put({ ...key, text: 'x'.repeat(room + 1) })), {
      code: 'LimitExceeded',
      details: { maximum: MAX_ITEM_BYTES, actual: MAX_ITEM_BYTES + 1 },
    })
  })

  it('An update that makes the item larger than 400 KB is rejected and changes nothing', async () => {
    const key = freshKey()
    await put({ ...key, a: 'x'.repeat(300_000) })
    const change = update({ set: [{ path: ['b'], value: value('y'.repeat(200_000)) }] })
    const error = await failure(tested.store.write({ kind: 'update', table, key, update: change }))
    matches(error, { code: 'LimitExceeded', details: { maximum: MAX_ITEM_BYTES } })
    equal(await read(key), { ...key, a: 'x'.repeat(300_000) })
  })
}
