/** Updates of single items. */
import { ifNotExists, listAppend, minus, path, plus, update, value } from '../../expression/ast.js'
import type { Item } from '../../value/value.js'
import { equal, matches } from './assert.js'
import type { ContractTests } from './contract-test.js'
import { failure, textKeys } from './fixtures.js'

/** Declares the tests of updates. */
export function updateContract(tested: ContractTests): void {
  const { it, beforeAll } = tested
  let table: string
  beforeAll(async () => {
    table = await tested.table(textKeys)
  })

  let keys = 0
  const freshKey = () => ({ pk: 'updates', sk: `item-${++keys}` })
  const put = (item: Item) => tested.store.write({ kind: 'put', table, item })
  const read = async (key: { pk: string; sk: string }) =>
    (await tested.store.get({ table, key, consistent: true })).item

  it('An update creates a missing item', async () => {
    const key = freshKey()
    await tested.store.write({ kind: 'update', table, key, update: update({}) })
    equal(await read(key), key)
    const other = freshKey()
    await tested.store.write({
      kind: 'update',
      table,
      key: other,
      update: update({ add: [{ path: ['n'], value: 5 }] }),
    })
    equal(await read(other), { ...other, n: 5 })
  })

  it('An update returns the item or attributes of each of the five settings', async () => {
    const key = freshKey()
    await put({ ...key, kept: true, n: 1, gone: 'x' })
    const change = update({
      set: [{ path: ['n'], value: plus(path('n'), value(1)) }],
      remove: [['gone']],
    })
    const run = async (returns: 'none' | 'old' | 'new' | 'updatedOld' | 'updatedNew') =>
      (await tested.store.write({ kind: 'update', table, key, update: change, returns })).item
    equal(await run('none'), undefined)
    equal(await run('old'), { ...key, kept: true, n: 2 })
    equal(await run('new'), { ...key, kept: true, n: 4 })
    equal(await run('updatedOld'), { n: 4 })
    equal(await run('updatedNew'), { n: 6 })
  })

  it('An update of a part of an attribute returns the whole attribute', async () => {
    const key = freshKey()
    await put({ ...key, map: { a: 1, b: 2 }, list: [1, 2, 3], kept: true })
    const run = async (returns: 'updatedOld' | 'updatedNew') => {
      const set = [
        { path: ['map', 'a'], value: plus(path('map', 'a'), value(1)) },
        { path: ['list', 1], value: value(0) },
      ] as const
      return (await tested.store.write({ kind: 'update', table, key, update: update({ set }), returns })).item
    }
    equal(await run('updatedOld'), { map: { a: 1, b: 2 }, list: [1, 2, 3] })
    equal(await run('updatedNew'), { map: { a: 3, b: 2 }, list: [1, 0, 3] })
  })

  it('An update that creates an item returns no old item', async () => {
    const change = update({ set: [{ path: ['a'], value: value(1) }] })
    const run = (returns: 'old' | 'updatedOld') =>
      tested.store.write({ kind: 'update', table, key: freshKey(), update: change, returns })
    if (tested.supports.absentOldItem) equal((await run('old')).item, undefined)
    equal((await run('updatedOld')).item, undefined)
  })

  it('Every clause of an update applies to the item as it was before', async () => {
    const key = freshKey()
    await put({
      ...key,
      n: 10,
      list: ['b'],
      tags: new Set(['x', 'y']),
      map: { deep: { n: 1 } },
      swap: 'left',
      other: 'right',
    })
    const { item } = await tested.store.write({
      kind: 'update',
      table,
      key,
      update: update({
        set: [
          { path: ['n'], value: minus(path('n'), value(3)) },
          { path: ['before'], value: path('n') },
          { path: ['list'], value: listAppend(value(['a']), path('list')) },
          { path: ['fresh'], value: ifNotExists(['fresh'], value('new')) },
          { path: ['map', 'deep', 'n'], value: plus(path('map', 'deep', 'n'), value(1)) },
          { path: ['swap'], value: path('other') },
          { path: ['other'], value: path('swap') },
        ],
        add: [{ path: ['count'], value: 2 }],
        delete: [{ path: ['tags'], value: new Set(['x']) }],
      }),
      returns: 'new',
    })
    equal(item, {
      ...key,
      n: 7,
      before: 10,
      list: ['a', 'b'],
      fresh: 'new',
      tags: new Set(['y']),
      map: { deep: { n: 2 } },
      swap: 'right',
      other: 'left',
      count: 2,
    })
  })

  it('An update appends beyond the end of a list, closes the gap of a removed element and removes an emptied set', async () => {
    const key = freshKey()
    await put({ ...key, list: [1, 2, 3], tags: new Set(['x']) })
    await tested.store.write({
      kind: 'update',
      table,
      key,
      update: update({
        set: [{ path: ['list', tested.supports.appendBeyondEnd ? 10 : 3], value: value(4) }],
        remove: [['list', 0]],
        delete: [{ path: ['tags'], value: new Set(['x']) }],
      }),
    })
    equal(await read(key), { ...key, list: [2, 3, 4] })
  })

  it('An update of the key, of overlapping paths, or of a path with a missing parent is rejected', async () => {
    const key = freshKey()
    await put({ ...key, map: { a: 1 } })
    const run = (set: { path: [string, ...(string | number)[]] }[]) =>
      tested.store.write({
        kind: 'update',
        table,
        key,
        update: update({ set: set.map(({ path: at }) => ({ path: at, value: value('x') })) }),
      })
    matches(await failure(run([{ path: ['sk'] }])), { code: 'ValidationFailed' })
    matches(await failure(run([{ path: ['map'] }, { path: ['map', 'a'] }])), { code: 'ValidationFailed' })
    matches(await failure(run([{ path: ['absent', 'a'] }])), { code: 'ValidationFailed' })
    equal(await read(key), { ...key, map: { a: 1 } })
  })

  it('An update that adds to a string or calculates with a missing attribute is rejected', async () => {
    const key = freshKey()
    await put({ ...key, text: 'x' })
    const run = (change: Parameters<typeof update>[0]) =>
      tested.store.write({ kind: 'update', table, key, update: update(change) })
    const calls = [
      () => run({ add: [{ path: ['text'], value: 1 }] }),
      () => run({ set: [{ path: ['n'], value: plus(path('absent'), value(1)) }] }),
      () => run({ set: [{ path: ['n'], value: plus(path('text'), value(1)) }] }),
    ]
    for (const call of calls) matches(await failure(call()), { code: 'ValidationFailed' })
    equal(await read(key), { ...key, text: 'x' })
  })
}
