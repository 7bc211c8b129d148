import { beforeAll, expect, it } from 'vitest'
import { describeEachStore } from '../../../../../test/stores.js'
import { ConditionFailedError } from '../../errors/errors.js'
import {
  and,
  beginsWith,
  between,
  type Condition,
  compare,
  contains,
  exists,
  hasType,
  ifNotExists,
  isIn,
  listAppend,
  minus,
  not,
  notExists,
  or,
  path,
  plus,
  size,
  update,
  value,
} from '../../expression/ast.js'
import type { Item } from '../../value/value.js'
import { failure, textKeys } from './fixtures.js'

describeEachStore('single writes', tested => {
  let table: string
  beforeAll(async () => {
    table = await tested.table(textKeys)
  })

  let keys = 0
  const freshKey = () => ({ pk: 'writes', sk: `item-${++keys}` })
  const put = (item: Item) => tested.store.write({ kind: 'put', table, item })
  const read = async (key: { pk: string; sk: string }) =>
    (await tested.store.get({ table, key, consistent: true })).item

  it('gives undefined for an item that is not there', async () => {
    expect(await read(freshKey())).toBeUndefined()
  })

  it('reads what was put, and a second put replaces the whole item', async () => {
    const key = freshKey()
    await put({ ...key, a: 1, b: 2 })
    await put({ ...key, a: 3 })
    expect(await read(key)).toEqual({ ...key, a: 3 })
  })

  it('returns nothing from a put unless asked, and the replaced item when asked', async () => {
    const key = freshKey()
    expect((await put({ ...key, a: 1 })).item).toBeUndefined()
    const first = await tested.store.write({ kind: 'put', table, item: freshKey(), returns: 'old' })
    expect(first.item).toBeUndefined()
    const second = await tested.store.write({ kind: 'put', table, item: { ...key, a: 2 }, returns: 'old' })
    expect(second.item).toEqual({ ...key, a: 1 })
  })

  it('deletes an item, returns it when asked, and does not mind when it is not there', async () => {
    const key = freshKey()
    await put({ ...key, a: 1 })
    expect((await tested.store.write({ kind: 'delete', table, key, returns: 'old' })).item).toEqual({ ...key, a: 1 })
    expect(await read(key)).toBeUndefined()
    expect((await tested.store.write({ kind: 'delete', table, key, returns: 'old' })).item).toBeUndefined()
  })

  it('makes the item that an update finds missing', async () => {
    const key = freshKey()
    await tested.store.write({ kind: 'update', table, key, update: update({}) })
    expect(await read(key)).toEqual(key)
    const other = freshKey()
    await tested.store.write({
      kind: 'update',
      table,
      key: other,
      update: update({ add: [{ path: ['n'], value: 5 }] }),
    })
    expect(await read(other)).toEqual({ ...other, n: 5 })
  })

  it('stores an item as it was when the write was called, whatever the caller does to it meanwhile', async () => {
    const key = freshKey()
    const item = { ...key, list: [1], map: { a: 1 }, late: 0 as unknown }
    const writing = [
      tested.store.write({ kind: 'put', table, item: item as Item }),
      tested.store.batchWrite({ writes: [{ kind: 'put', table, item: { ...item, sk: 'batch' } as Item }] }),
    ]
    item.list.push(2)
    item.map.a = 2
    item.late = new Date()
    await Promise.all(writing)
    expect(await read(key)).toEqual({ ...key, list: [1], map: { a: 1 }, late: 0 })
  })

  it('gives an update each of its five kinds of answer', async () => {
    const key = freshKey()
    await put({ ...key, kept: true, n: 1, gone: 'x' })
    const change = update({
      set: [{ path: ['n'], value: plus(path('n'), value(1)) }],
      remove: [['gone']],
    })
    const run = async (returns: 'none' | 'old' | 'new' | 'updatedOld' | 'updatedNew') =>
      (await tested.store.write({ kind: 'update', table, key, update: change, returns })).item
    expect(await run('none')).toBeUndefined()
    expect(await run('old')).toEqual({ ...key, kept: true, n: 2 })
    expect(await run('new')).toEqual({ ...key, kept: true, n: 4 })
    expect(await run('updatedOld')).toEqual({ n: 4 })
    expect(await run('updatedNew')).toEqual({ n: 6 })
  })

  it('refuses a condition, and an update, of over 4 KB in the language of DynamoDB', async () => {
    const key = freshKey()
    const list = Array.from({ length: 1000 }, (_, i) => value(i))
    const condition = isIn(path('n'), list)
    const write = { kind: 'put', table, item: { ...key, n: 1 } } as const
    expect(await failure(tested.store.write({ ...write, condition }))).toMatchObject({ code: 'LimitExceeded' })
    await tested.store.write({ ...write, condition: or(notExists(['pk']), isIn(path('n'), list.slice(0, 300))) })
    const set = Array.from({ length: 700 }, (_, i) => ({ path: [`a${i}`] as const, value: value(i) }))
    expect(await failure(tested.store.write({ kind: 'update', table, key, update: update({ set }) }))).toMatchObject({
      code: 'LimitExceeded',
    })
    await tested.store.write({ kind: 'update', table, key, update: update({ set: set.slice(0, 200) }) })
  })

  it('gives the attributes that an update names a part of whole', async () => {
    const key = freshKey()
    await put({ ...key, map: { a: 1, b: 2 }, list: [1, 2, 3], kept: true })
    const run = async (returns: 'updatedOld' | 'updatedNew') => {
      const set = [
        { path: ['map', 'a'], value: plus(path('map', 'a'), value(1)) },
        { path: ['list', 1], value: value(0) },
      ] as const
      return (await tested.store.write({ kind: 'update', table, key, update: update({ set }), returns })).item
    }
    expect(await run('updatedOld')).toEqual({ map: { a: 1, b: 2 }, list: [1, 2, 3] })
    expect(await run('updatedNew')).toEqual({ map: { a: 3, b: 2 }, list: [1, 0, 3] })
  })

  it('returns nothing where an update asks for the old item and there was none', async () => {
    const change = update({ set: [{ path: ['a'], value: value(1) }] })
    const run = (returns: 'old' | 'updatedOld') =>
      tested.store.write({ kind: 'update', table, key: freshKey(), update: change, returns })
    if (!tested.limits.inventsOldItems) expect((await run('old')).item).toBeUndefined()
    expect((await run('updatedOld')).item).toBeUndefined()
  })

  it('applies every clause of an update to the item as it was before', async () => {
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
    expect(item).toEqual({
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

  it('appends past the end of a list, closes the gap of a removed element, and drops an emptied set', async () => {
    const key = freshKey()
    await put({ ...key, list: [1, 2, 3], tags: new Set(['x']) })
    await tested.store.write({
      kind: 'update',
      table,
      key,
      update: update({
        set: [{ path: ['list', tested.limits.padsLists ? 3 : 10], value: value(4) }],
        remove: [['list', 0]],
        delete: [{ path: ['tags'], value: new Set(['x']) }],
      }),
    })
    expect(await read(key)).toEqual({ ...key, list: [2, 3, 4] })
  })

  it('refuses an update of the key, of paths that overlap, and of a path whose parent is missing', async () => {
    const key = freshKey()
    await put({ ...key, map: { a: 1 } })
    const run = (set: { path: [string, ...(string | number)[]] }[]) =>
      tested.store.write({
        kind: 'update',
        table,
        key,
        update: update({ set: set.map(({ path: at }) => ({ path: at, value: value('x') })) }),
      })
    expect(await failure(run([{ path: ['sk'] }]))).toMatchObject({ code: 'ValidationFailed' })
    expect(await failure(run([{ path: ['map'] }, { path: ['map', 'a'] }]))).toMatchObject({ code: 'ValidationFailed' })
    expect(await failure(run([{ path: ['absent', 'a'] }]))).toMatchObject({ code: 'ValidationFailed' })
    expect(await read(key)).toEqual({ ...key, map: { a: 1 } })
  })

  it('refuses to add to what is no number, and to calculate with an attribute that is missing', async () => {
    const key = freshKey()
    await put({ ...key, text: 'x' })
    const run = (change: Parameters<typeof update>[0]) =>
      tested.store.write({ kind: 'update', table, key, update: update(change) })
    const faults = [
      () => run({ add: [{ path: ['text'], value: 1 }] }),
      () => run({ set: [{ path: ['n'], value: plus(path('absent'), value(1)) }] }),
      () => run({ set: [{ path: ['n'], value: plus(path('text'), value(1)) }] }),
    ]
    for (const fault of faults) expect(await failure(fault())).toMatchObject({ code: 'ValidationFailed' })
    expect(await read(key)).toEqual({ ...key, text: 'x' })
  })

  const item = { name: 'Ada', n: 5, tags: new Set(['a', 'b']), list: [1, 'x'], map: { city: 'Lyon' }, none: null }
  const held: [string, Condition][] = [
    ['=', compare(path('name'), '=', value('Ada'))],
    ['<> on a missing attribute', compare(path('absent'), '<>', value(1))],
    ['<', compare(path('n'), '<', value(5.5))],
    ['a comparison of two attributes', compare(path('n'), '<>', path('name'))],
    ['between', between(path('n'), value(5), value(9))],
    ['in', isIn(path('name'), [value('Bob'), value('Ada')])],
    [
      'in, with more operands than DynamoDB takes at once',
      isIn(
        path('n'),
        Array.from({ length: 150 }, (_, i) => value(i - 140)),
      ),
    ],
    ['exists', exists(['map', 'city'])],
    ['exists on null', exists(['none'])],
    ['notExists', notExists(['map', 'street'])],
    ['type', hasType(['tags'], value('SS'))],
    ['beginsWith', beginsWith(path('name'), value('A'))],
    ['contains on a string', contains(path('name'), value('d'))],
    ['contains on a set', contains(path('tags'), value('b'))],
    ['contains on a list', contains(path('list'), value('x'))],
    ['size of a string', compare(size('name'), '=', value(3))],
    ['size of a list', compare(size('list'), '>=', value(2))],
    ['and, or, not', and(or(compare(path('n'), '=', value(1)), exists(['n'])), not(exists(['absent'])))],
    ['a list position', compare(path('list', 1), '=', value('x'))],
  ]
  it.each(held)('writes where the condition is true: %s', async (_, condition) => {
    const key = freshKey()
    await put({ ...key, ...item })
    await tested.store.write({ kind: 'put', table, item: { ...key, done: true }, condition })
    expect(await read(key)).toEqual({ ...key, done: true })
  })

  const refused: [string, Condition][] = [
    ['=', compare(path('name'), '=', value('Bob'))],
    ['< on a missing attribute', compare(path('absent'), '<', value(1))],
    ['a comparison of two types', compare(path('n'), '<', value('9'))],
    ['in, with nothing to be in', isIn(path('name'), [])],
    ['type', hasType(['n'], value('S'))],
    ['size of what has none', compare(size('n'), '>=', value(0))],
    ['contains, of another type', contains(path('tags'), value(1))],
    ['not', not(exists(['name']))],
  ]
  it.each(refused)('writes nothing where the condition is false: %s', async (_, condition) => {
    const key = freshKey()
    await put({ ...key, ...item })
    const error = await failure(tested.store.write({ kind: 'delete', table, key, condition }))
    expect(error).toBeInstanceOf(ConditionFailedError)
    expect(error.details).toMatchObject({ table, key })
    expect(await read(key)).toEqual({ ...key, ...item })
  })

  it('puts the item as it was into the error of each kind of write when asked, and not otherwise', async () => {
    const key = freshKey()
    await put({ ...key, n: 1n, big: 12345678901234567890n })
    const condition = notExists(['pk'])
    const change = update({ set: [{ path: ['n'], value: value(2) }] })
    const writes = [
      { kind: 'put', table, item: key, condition },
      { kind: 'update', table, key, update: change, condition },
      { kind: 'delete', table, key, condition },
      { kind: 'check', table, key, condition },
    ] as const
    for (const write of writes) {
      const asked = await failure(tested.store.write({ ...write, returnOldOnFailure: true }))
      expect(asked).toMatchObject({
        code: 'ConditionFailed',
        details: { item: { ...key, n: 1, big: 12345678901234567890n } },
      })
      const silent = await failure(tested.store.write(write))
      expect(silent.code).toBe('ConditionFailed')
      expect(silent.details).not.toHaveProperty('item')
    }
  })

  it('fails without an item where there was none', async () => {
    const condition = exists(['pk'])
    const error = await failure(
      tested.store.write({ kind: 'delete', table, key: freshKey(), condition, returnOldOnFailure: true }),
    )
    expect(error.code).toBe('ConditionFailed')
    expect((error as ConditionFailedError).details.item).toBeUndefined()
  })

  it('checks a condition alone and changes nothing', async () => {
    const key = freshKey()
    await put({ ...key, n: 1 })
    const result = await tested.store.write({ kind: 'check', table, key, condition: exists(['n']) })
    expect(result.item).toBeUndefined()
    expect(await read(key)).toEqual({ ...key, n: 1 })
    const absent = freshKey()
    await tested.store.write({ kind: 'check', table, key: absent, condition: notExists(['pk']) })
    expect(await read(absent)).toBeUndefined()
  })

  it('returns only what a projection names, and an empty item where it names nothing that is there', async () => {
    const key = freshKey()
    await put({ ...key, a: 1, map: { b: 2, c: 3 }, list: ['x', 'y', 'z'] })
    const project = async (...projection: [string, ...(string | number)[]][]) =>
      (await tested.store.get({ table, key, consistent: true, projection })).item
    expect(await project(['a'], ['map', 'b'], ['list', 2])).toEqual({ a: 1, map: { b: 2 }, list: ['z'] })
    expect(await project(['absent'])).toEqual({})
  })

  it('lets exactly one of many concurrent writers make an item', async () => {
    const key = freshKey()
    const writers = Array.from({ length: 20 }, (_, n) =>
      tested.store.write({ kind: 'put', table, item: { ...key, n }, condition: notExists(['pk']) }).then(
        () => n,
        (error: unknown) => {
          if (!(error instanceof ConditionFailedError)) throw error
          return undefined
        },
      ),
    )
    const winners = (await Promise.all(writers)).filter(n => n !== undefined)
    expect(winners).toHaveLength(1)
    expect(await read(key)).toEqual({ ...key, n: winners[0] })
  })

  it('changes nothing that was passed to it', async () => {
    const key = freshKey()
    const given = Object.freeze({ ...key, list: Object.freeze([1]), map: Object.freeze({ a: 1 }) })
    await put(given as unknown as Item)
    const first = (await read(key)) as Item
    first.list = 'mine'
    expect(await read(key)).toEqual(given)
  })

  it('writes what was passed, whatever its caller does to it after the call', async () => {
    // Many: an engine may yield before some of them.
    for (let n = 0; n < 300; n++) {
      const key = freshKey()
      const list = [1]
      const bytes = Buffer.from([1])
      const written = put({ ...key, bytes, list })
      list.push(2)
      bytes[0] = 2
      await written
      const [wanted, copy] = [[1], [1]]
      const set = [{ path: ['copy'], value: value(copy) }] as const
      const condition = compare(path('list'), '=', value(wanted))
      const updated = tested.store.write({ kind: 'update', table, key, update: update({ set }), condition })
      wanted.push(2)
      copy.push(2)
      await updated
      expect(await read(key)).toEqual({ ...key, bytes: new Uint8Array([1]), list: [1], copy: [1] })
    }
  })
})
