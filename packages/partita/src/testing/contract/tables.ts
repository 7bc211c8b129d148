/** Tables: create, describe, change, delete. */
import { exists } from '../../expression/ast.js'
import type { TableDefinition } from '../../store/definition.js'
import type { Store } from '../../store/store.js'
import { equal, matches, ok } from './assert.js'
import type { ContractTests } from './contract-test.js'
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

/** Declares the tests of tables. */
export function tableContract(tested: ContractTests): void {
  const { it } = tested
  it('A table is created, described, listed and deleted', async () => {
    const name = tested.tableName()
    equal(await tested.store.describeTable(name), undefined)
    const created = await tested.store.createTable({ ...rich, name })
    matches(created, { ...rich, name, status: 'active', itemCount: 0 })
    matches(await tested.store.describeTable(name), { ...rich, name, status: 'active' })
    const names = await tested.store.listTables()
    ok(names.includes(name))
    equal(names, [...names].sort())
    await tested.store.deleteTable(name)
    equal(await tested.store.describeTable(name), undefined)
    ok(!(await tested.store.listTables()).includes(name))
  })

  it('Creating an existing table with the same definition succeeds, also concurrently, and keeps its items', async () => {
    const name = tested.tableName()
    const results = await Promise.all([1, 2, 3].map(() => tested.store.createTable({ ...rich, name })))
    for (const result of results) matches(result, { name, status: 'active' })
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
    equal((await tested.store.get({ table: name, key: item, consistent: true })).item, item)
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
  for (const [part, another] of others)
    it(`Creating an existing table with another definition fails and names ${part}`, async () => {
      const name = tested.tableName()
      await tested.store.createTable({ ...rich, name })
      const error = await failure(tested.store.createTable(another(name)))
      matches(error, { code: 'AlreadyExists', details: { table: name } })
      ok(error.message.includes(part))
      matches(await tested.store.describeTable(name), { ...rich, name })
    })

  it('Creating an existing table with another time to live fails', async () => {
    const name = tested.tableName()
    await tested.store.createTable({ ...rich, name })
    const error = await failure(tested.store.createTable({ ...rich, name, timeToLive: 'other' }))
    matches(error, { code: 'AlreadyExists' })
  })

  it('A deleted table can be created again with another key, and is empty', async () => {
    const name = tested.tableName()
    await tested.store.createTable({ ...textKeys, name })
    await tested.store.batchWrite({ writes: [{ kind: 'put', table: name, item: { pk: 'a', sk: 'b' } }] })
    await tested.store.deleteTable(name)
    await tested.store.createTable({ name, key: { partition: { name: 'id', type: 'N' } } })
    equal((await tested.store.scan({ table: name, consistent: true })).items, [])
    await tested.store.batchWrite({ writes: [{ kind: 'put', table: name, item: { id: 1 } }] })
    equal((await tested.store.get({ table: name, key: { id: 1 }, consistent: true })).item, { id: 1 })
  })

  const invalid: [string, Omit<TableDefinition, 'name'>][] = [
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
  for (const [what, definition] of invalid)
    it(`A table definition with ${what} is rejected`, async () => {
      const call = tested.store.createTable({ ...definition, name: tested.tableName() })
      matches(await failure(call), { code: 'ValidationFailed' })
    })

  for (const name of ['', 'ab', 'a b', 'x'.repeat(256), '../../etc'])
    it(`The table name ${JSON.stringify(name)} is rejected`, async () => {
      matches(await failure(tested.store.createTable({ ...oneKey, name })), { code: 'ValidationFailed' })
    })

  it('An added index contains the existing items, adding it again succeeds, and it can be deleted', async () => {
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
      matches(changed, { status: 'active', globalIndexes: { byGrade, byPair, byTeam: {} } })
    }
    await eventually(async () => {
      const key = { partition: { name: 'grade', value: 1 } }
      equal((await tested.store.query({ table, index: 'byGrade', key })).count, 20)
    })
    const removed = await tested.store.updateTable(table, { deleteIndexes: ['byGrade', 'byTeam'] })
    equal(Object.keys(removed.globalIndexes ?? {}), ['byPair'])
    const gone = tested.store.query({ table, index: 'byGrade', key: { partition: { name: 'grade', value: 1 } } })
    matches(await failure(gone), { code: 'IndexNotFound', details: { index: 'byGrade' } })
    const again = tested.store.updateTable(table, { deleteIndexes: ['byGrade'] })
    matches(await failure(again), { code: 'IndexNotFound', details: { table, index: 'byGrade' } })
  })

  it('refuses to add an index under a name that another has', async () => {
    const table = await tested.table({
      ...oneKey,
      globalIndexes: { byTeam: { partition: { name: 'team', type: 'S' } } },
    })
    const createIndexes = { byTeam: { partition: { name: 'other', type: 'S' } } } as const
    matches(await failure(tested.store.updateTable(table, { createIndexes })), { code: 'AlreadyExists' })
  })

  it('sets time to live on a table that has none, twice without complaint', async () => {
    const table = await tested.table(oneKey)
    for (const _ of ['once', 'again']) {
      matches(await tested.store.updateTable(table, { timeToLive: 'expires' }), { timeToLive: 'expires' })
    }
    matches(await tested.store.describeTable(table), { timeToLive: 'expires' })
    matches(await failure(tested.store.updateTable(table, { timeToLive: 'other' })), {
      code: 'ValidationFailed',
    })
  })

  it('Creating an existing table with a time to live adds it', async () => {
    const name = tested.tableName()
    await tested.store.createTable({ ...oneKey, name })
    const completed = tested.store.createTable({ ...oneKey, name, timeToLive: 'expires' })
    matches(await completed, { timeToLive: 'expires' })
    matches(await tested.store.describeTable(name), { timeToLive: 'expires' })
  })

  it('Every call on a missing table fails with the name of the table', async () => {
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
      matches(await failure(call()), { code: 'TableNotFound', details: { table } }, name)
    }
  })

  it('Closing a store waits for calls in flight, and later calls fail', async () => {
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
    for (const call of calls) matches(await failure(call()), { code: 'Unavailable' })
  })
}
