import { expect, it } from 'vitest'
import { describeEachStore } from '../../../../../test/stores.js'
import { exists } from '../../expression/ast.js'
import type { TableDefinition } from '../../store/definition.js'
import type { Store } from '../../store/store.js'
import { eventually, failure, oneKey, textKeys } from './fixtures.js'

const rich: Omit<TableDefinition, 'name'> = {
  key: { partition: { name: 'pk', type: 'S' }, sort: { name: 'sk', type: 'N' } },
  globalIndexes: {
    byTeam: { partition: { name: 'team', type: 'S' }, sort: { name: 'sk', type: 'N' }, projection: 'keysOnly' },
    byCode: { partition: { name: 'code', type: 'B' }, projection: { include: ['age', 'name'] } },
  },
  localIndexes: { byRank: { partition: { name: 'pk', type: 'S' }, sort: { name: 'rank', type: 'N' } } },
  timeToLive: 'expires',
}

describeEachStore('tables', tested => {
  it('creates a table, describes it, lists it and deletes it', async () => {
    const name = tested.tableName()
    expect(await tested.store.describeTable(name)).toBeUndefined()
    const created = await tested.store.createTable({ ...rich, name })
    expect(created).toMatchObject({ ...rich, name, status: 'active', itemCount: 0 })
    expect(await tested.store.describeTable(name)).toMatchObject({ ...rich, name, status: 'active' })
    const names = await tested.store.listTables()
    expect(names).toContain(name)
    expect(names).toEqual([...names].sort())
    await tested.store.deleteTable(name)
    expect(await tested.store.describeTable(name)).toBeUndefined()
    expect(await tested.store.listTables()).not.toContain(name)
  })

  it('creates the same table twice, and at the same time, without complaint and without losing items', async () => {
    const name = tested.tableName()
    const results = await Promise.all([1, 2, 3].map(() => tested.store.createTable({ ...rich, name })))
    for (const result of results) expect(result).toMatchObject({ name, status: 'active' })
    const item = { pk: 'a', sk: 1 }
    await tested.store.write({ kind: 'put', table: name, item })
    const reordered: TableDefinition = {
      ...rich,
      name,
      globalIndexes: {
        byCode: { ...rich.globalIndexes!.byCode!, projection: { include: ['age', 'name'] } },
        byTeam: rich.globalIndexes!.byTeam!,
      },
    }
    await tested.store.createTable(reordered)
    expect((await tested.store.get({ table: name, key: item, consistent: true })).item).toEqual(item)
  })

  const others: [string, (name: string) => TableDefinition][] = [
    [
      'key',
      name => ({
        ...rich,
        name,
        key: { ...rich.key, sort: { name: 'sk', type: 'S' } },
        globalIndexes: {},
        localIndexes: {},
      }),
    ],
    ['byTeam', name => ({ ...rich, name, globalIndexes: { byCode: rich.globalIndexes!.byCode! } })],
    ['byRank', name => ({ ...rich, name, localIndexes: {} })],
  ]
  it.each(others)('refuses another table under the same name and says that the %s differs', async (part, another) => {
    const name = tested.tableName()
    await tested.store.createTable({ ...rich, name })
    const error = await failure(tested.store.createTable(another(name)))
    expect(error).toMatchObject({ code: 'AlreadyExists', details: { table: name } })
    expect(error.message).toContain(part)
    expect(await tested.store.describeTable(name)).toMatchObject({ ...rich, name })
  })

  it('refuses another time to live', async () => {
    const name = tested.tableName()
    await tested.store.createTable({ ...rich, name })
    const error = await failure(tested.store.createTable({ ...rich, name, timeToLive: 'other' }))
    expect(error).toMatchObject({ code: 'AlreadyExists' })
  })

  it('brings a table back under its name with another key', async () => {
    const name = tested.tableName()
    await tested.store.createTable({ ...textKeys, name })
    await tested.store.batchWrite({ writes: [{ kind: 'put', table: name, item: { pk: 'a', sk: 'b' } }] })
    await tested.store.deleteTable(name)
    await tested.store.createTable({ name, key: { partition: { name: 'id', type: 'N' } } })
    expect((await tested.store.scan({ table: name, consistent: true })).items).toEqual([])
    await tested.store.batchWrite({ writes: [{ kind: 'put', table: name, item: { id: 1 } }] })
    expect((await tested.store.get({ table: name, key: { id: 1 }, consistent: true })).item).toEqual({ id: 1 })
  })

  const faulty: [string, Omit<TableDefinition, 'name'>][] = [
    ['a key of another type', { key: { partition: { name: 'pk', type: 'BOOL' as 'S' } } }],
    [
      'two key attributes of one name',
      { key: { partition: { name: 'pk', type: 'S' }, sort: { name: 'pk', type: 'S' } } },
    ],
    ['one attribute of two types', { ...oneKey, globalIndexes: { byPk: { partition: { name: 'pk', type: 'N' } } } }],
    [
      'a local index without a sort key',
      { ...textKeys, localIndexes: { bad: { partition: { name: 'pk', type: 'S' } } } },
    ],
    ['an index name with a slash', { ...oneKey, globalIndexes: { 'a/b': { partition: { name: 'x', type: 'S' } } } }],
  ]
  it.each(faulty)('refuses %s', async (_, definition) => {
    const call = tested.store.createTable({ ...definition, name: tested.tableName() })
    expect(await failure(call)).toMatchObject({ code: 'ValidationFailed' })
  })

  it.each(['', 'ab', 'a b', 'x'.repeat(256), '../../etc'])('refuses the table name %j', async name => {
    expect(await failure(tested.store.createTable({ ...oneKey, name }))).toMatchObject({ code: 'ValidationFailed' })
  })

  it('adds an index that holds what was there before, twice without complaint, and removes it', async () => {
    const table = await tested.table({
      ...textKeys,
      globalIndexes: { byTeam: { partition: { name: 'team', type: 'S' } } },
    })
    const items = Array.from({ length: 60 }, (_, n) => ({ pk: 'a', sk: `${n}`, grade: n % 3, team: 't' }))
    await tested.store.batchWrite({ writes: items.map(item => ({ kind: 'put', table, item })) })
    const byGrade = { partition: { name: 'grade', type: 'N' }, sort: { name: 'sk', type: 'S' } } as const
    const byPair = {
      partition: { name: 'team', type: 'S' },
      sort: { name: 'grade', type: 'N' },
      projection: 'keysOnly',
    } as const
    for (const _ of ['once', 'again']) {
      const changed = await tested.store.updateTable(table, { createIndexes: { byGrade, byPair } })
      expect(changed).toMatchObject({ status: 'active', globalIndexes: { byGrade, byPair, byTeam: {} } })
    }
    await eventually(async () => {
      const key = { partition: { name: 'grade', value: 1 } }
      expect((await tested.store.query({ table, index: 'byGrade', key })).count).toBe(20)
    })
    const removed = await tested.store.updateTable(table, { deleteIndexes: ['byGrade', 'byTeam'] })
    expect(Object.keys(removed.globalIndexes ?? {})).toEqual(['byPair'])
    const gone = tested.store.query({ table, index: 'byGrade', key: { partition: { name: 'grade', value: 1 } } })
    expect(await failure(gone)).toMatchObject({ code: 'IndexNotFound', details: { index: 'byGrade' } })
    const again = tested.store.updateTable(table, { deleteIndexes: ['byGrade'] })
    expect(await failure(again)).toMatchObject({ code: 'IndexNotFound', details: { table, index: 'byGrade' } })
  })

  it('refuses to add an index under a name that another has', async () => {
    const table = await tested.table({
      ...oneKey,
      globalIndexes: { byTeam: { partition: { name: 'team', type: 'S' } } },
    })
    const createIndexes = { byTeam: { partition: { name: 'other', type: 'S' } } } as const
    expect(await failure(tested.store.updateTable(table, { createIndexes }))).toMatchObject({ code: 'AlreadyExists' })
  })

  it('sets time to live on a table that has none, twice without complaint', async () => {
    const table = await tested.table(oneKey)
    for (const _ of ['once', 'again']) {
      expect(await tested.store.updateTable(table, { timeToLive: 'expires' })).toMatchObject({ timeToLive: 'expires' })
    }
    expect(await tested.store.describeTable(table)).toMatchObject({ timeToLive: 'expires' })
    expect(await failure(tested.store.updateTable(table, { timeToLive: 'other' }))).toMatchObject({
      code: 'ValidationFailed',
    })
  })

  it('completes a table that was created without its time to live', async () => {
    const name = tested.tableName()
    await tested.store.createTable({ ...oneKey, name })
    const completed = tested.store.createTable({ ...oneKey, name, timeToLive: 'expires' })
    expect(await completed).toMatchObject({ timeToLive: 'expires' })
    expect(await tested.store.describeTable(name)).toMatchObject({ timeToLive: 'expires' })
  })

  it('says of every call which table is not there', async () => {
    const table = tested.tableName()
    const { store } = tested
    const key = { pk: 'a' }
    const calls: [string, () => Promise<unknown>][] = [
      ['get', () => store.get({ table, key })],
      ['put', () => store.write({ kind: 'put', table, item: key })],
      ['delete', () => store.write({ kind: 'delete', table, key })],
      ['check', () => store.write({ kind: 'check', table, key, condition: exists(['pk']) })],
      ['query', () => store.query({ table, key: { partition: { name: 'pk', value: 'a' } } })],
      ['scan', () => store.scan({ table })],
      ['updateTable', () => store.updateTable(table, { timeToLive: 'x' })],
      ['deleteTable', () => store.deleteTable(table)],
    ]
    for (const [name, call] of calls) {
      expect(await failure(call()), name).toMatchObject({ code: 'TableNotFound', details: { table } })
    }
  })

  it('ends what is under way when it is closed, and refuses every later call', async () => {
    const store: Store = await tested.open()
    const name = tested.tableName()
    await store.createTable({ ...oneKey, name })
    const write = store.write({ kind: 'put', table: name, item: { pk: 'a' } })
    const closing = store.close()
    await write
    await closing
    await store.close()
    const calls = [
      () => store.get({ table: name, key: { pk: 'a' } }),
      () => store.write({ kind: 'put', table: name, item: { pk: 'a' } }),
      () => store.batchGet({ gets: [] }),
      () => store.batchWrite({ writes: [] }),
      () => store.query({ table: name, key: { partition: { name: 'pk', value: 'a' } } }),
      () => store.listTables(),
    ]
    for (const call of calls) expect(await failure(call())).toMatchObject({ code: 'Unavailable' })
  })
})
