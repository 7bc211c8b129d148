/** Tables on MongoDB: their collections and indexes, and what a process that ended left unfinished. */
import { type Document, MongoClient } from 'mongodb'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { update, value } from '../../packages/partita/src/expression/ast.js'
import { mongodb } from '../../packages/partita/src/mongodb/index.js'
import type { Store, TableDefinition } from '../../packages/partita/src/store/index.js'
import { realPace } from '../../packages/partita/src/store/retry.js'
import { type MemoryMongo, startMemoryMongo } from '../servers/mongo/memory/server.js'

const DATABASE = 'tables'

let server: MemoryMongo
let client: MongoClient
let store: Store
beforeAll(async () => {
  server = await startMemoryMongo()
  client = await MongoClient.connect(server.url)
  store = newStore()
})
afterAll(async () => {
  await store.close()
  await client.close()
  await server.close()
})

/** Waits for other processes, of which there are none here, take no time. */
const pace = { ...realPace, sleep: (milliseconds: number) => realPace.sleep(Math.min(20, milliseconds)) }

/** A store that remembers nothing of what another one has done. */
function newStore(): Store {
  return mongodb({ client, database: DATABASE, pace })
}

let tables = 0
const definitionOf = (more: Partial<TableDefinition> = {}): TableDefinition => ({
  name: `table-${++tables}`,
  key: { partition: { name: 'pk', type: 'S' } },
  ...more,
})

interface Entry extends Document {
  readonly _id: string
}
const entries = () => client.db(DATABASE).collection<Entry>('_partita_tables')
const documents = (name: string) => client.db(DATABASE).collection<Entry>(name)
const indexNames = async (name: string) => (await documents(name).indexes()).map(index => index.name).sort()
const byTeam = { partition: { name: 'team', type: 'S' }, sort: { name: 'rank', type: 'N' } } as const

describe('Indexes on the server', () => {
  it('A table has an index for its key and one for each key of its indexes', async () => {
    const definition = definitionOf({
      key: { partition: { name: 'p.k', type: 'S' }, sort: { name: 'raw', type: 'B' } },
      globalIndexes: { byTeam, teamKeys: { ...byTeam, projection: 'keysOnly' } },
      timeToLive: 'ends',
    })
    await store.createTable(definition)
    const indexes = await documents(definition.name).indexes()
    expect(indexes.map(({ name, key }) => [name, key])).toEqual([
      ['_id_', { _id: 1 }],
      ['key', { 'item.p%2Ek': 1, 'item.raw.%hex': 1 }],
      ['index:item.team:S,item.rank:N', { 'item.team': 1, 'item.rank': 1, _id: 1 }],
      ['timeToLive', { expires: 1 }],
    ])
  })

  it('An index of the server is dropped with the last index of the table that needs it', async () => {
    const { name } = await store.createTable(
      definitionOf({ globalIndexes: { byTeam, teamKeys: { ...byTeam, projection: 'keysOnly' } } }),
    )
    await store.updateTable(name, { deleteIndexes: ['byTeam'] })
    expect(await indexNames(name)).toContain('index:item.team:S,item.rank:N')
    await store.updateTable(name, { deleteIndexes: ['teamKeys'] })
    expect(await indexNames(name)).toEqual(['_id_', 'key'])
  })

  it('An index that is removed and added with other keys in one change has the new ones', async () => {
    const { name } = await store.createTable(definitionOf({ globalIndexes: { byTeam } }))
    const createIndexes = { byTeam: { partition: { name: 'team', type: 'S' } } } as const
    await store.updateTable(name, { deleteIndexes: ['byTeam'], createIndexes })
    expect(await indexNames(name)).toEqual(['_id_', 'index:item.team:S', 'key'])
  })
})

describe('Collections that are not tables', () => {
  it('A collection with documents is refused and left as it is', async () => {
    const definition = definitionOf()
    await documents(definition.name).insertOne({ _id: 'a', own: true })
    await expect(store.createTable(definition)).rejects.toMatchObject({
      code: 'AlreadyExists',
      message: expect.stringContaining('is not a table of partita'),
    })
    expect(await documents(definition.name).findOne()).toEqual({ _id: 'a', own: true })
    expect(await indexNames(definition.name)).toEqual(['_id_'])
    await expect(store.get({ table: definition.name, key: { pk: 'a' } })).rejects.toMatchObject({
      code: 'TableNotFound',
    })
  })

  it('A collection with an index of its own is refused, and an empty one is not', async () => {
    const [indexed, empty] = [definitionOf(), definitionOf()]
    await documents(indexed.name).createIndex({ own: 1 })
    await expect(store.createTable(indexed)).rejects.toMatchObject({ code: 'AlreadyExists' })
    await documents(empty.name).insertOne({ _id: 'a' })
    await documents(empty.name).deleteOne({ _id: 'a' })
    expect(await store.createTable(empty)).toMatchObject({ status: 'active' })
  })

  it.each(['system.users', '_partita_tables', '.hidden', 'a..b', 'ends.'])('The reserved name %s is refused', name => {
    return expect(store.createTable({ ...definitionOf(), name })).rejects.toMatchObject({ code: 'ValidationFailed' })
  })

  it('A name that is too long together with that of its database is refused, and no table is left behind', async () => {
    const definition = { ...definitionOf(), name: 'x'.repeat(255) }
    await expect(store.createTable(definition)).rejects.toMatchObject({
      code: 'ValidationFailed',
      message: expect.stringContaining('too long'),
    })
    expect(await store.listTables()).not.toContain(definition.name)
  })

  it('A document without an item is reported as one of another program', async () => {
    const { name } = await store.createTable(definitionOf())
    await documents(name).insertOne({ _id: 'a' })
    const foreign = { code: 'Unavailable', message: expect.stringContaining('another program wrote it') }
    await expect(store.get({ table: name, key: { pk: 'a' } })).rejects.toMatchObject(foreign)
    await expect(store.scan({ table: name })).rejects.toMatchObject(foreign)
  })

  it('A table of a newer version of the library is not used', async () => {
    const { name } = await store.createTable(definitionOf())
    await entries().updateOne({ _id: name }, { $set: { format: 2 } })
    await expect(newStore().get({ table: name, key: { pk: 'a' } })).rejects.toMatchObject({ code: 'StoreUnusable' })
  })
})

describe('What a process left unfinished', () => {
  it('A table whose creation ended early does not exist for requests, and creating it again completes it', async () => {
    const definition = definitionOf({ globalIndexes: { byTeam } })
    await store.createTable(definition)
    await documents(definition.name).drop()
    await entries().updateOne({ _id: definition.name }, { $set: { status: 'creating' } })
    const other = newStore()
    const get = { table: definition.name, key: { pk: 'a' } }
    await expect(other.get(get)).rejects.toMatchObject({ code: 'TableNotFound' })
    expect(await other.createTable(definition)).toMatchObject({ status: 'active' })
    expect(await indexNames(definition.name)).toContain('index:item.team:S,item.rank:N')
    expect(await other.get(get)).toMatchObject({ item: undefined })
  })

  it('An index that was not built is refused for reads, and an empty change builds it', async () => {
    const { name } = await store.createTable(definitionOf({ globalIndexes: { byTeam } }))
    await store.write({ kind: 'put', table: name, item: { pk: 'a', team: 'red', rank: 1 } })
    await documents(name).dropIndex('index:item.team:S,item.rank:N')
    await entries().updateOne({ _id: name }, { $set: { 'filling.indexes': ['byTeam'] } })
    const other = newStore()
    expect(await other.describeTable(name)).toMatchObject({
      status: 'updating',
      filling: { indexes: ['byTeam'], timeToLive: false },
    })
    const scan = { table: name, index: 'byTeam' }
    await expect(other.scan(scan)).rejects.toMatchObject({ code: 'Unavailable' })
    expect(await other.updateTable(name, {})).toMatchObject({ status: 'active' })
    expect((await other.scan(scan)).count).toBe(1)
  })

  it('An index that items with two lists keep from being built is built when these are gone', async () => {
    const { name } = await store.createTable(definitionOf())
    const lists = { team: ['red', 'blue'], rank: [1, 2] }
    await store.write({ kind: 'put', table: name, item: { pk: 'a', ...lists } })
    await store.write({ kind: 'put', table: name, item: { pk: 'b', ...lists, rank: 1 } })
    const error = { code: 'ValidationFailed', message: expect.stringContaining('lists in two key attributes') }
    await expect(store.updateTable(name, { createIndexes: { byTeam } })).rejects.toMatchObject(error)
    await store.write({ kind: 'put', table: name, item: { pk: 'a', team: 'red', rank: 1 } })
    expect(await store.updateTable(name, {})).toMatchObject({ status: 'active' })
    // An item with one list is not in the index either.
    expect((await store.scan({ table: name, index: 'byTeam' })).items.map(({ pk }) => pk)).toEqual(['a'])
  })

  it('A deletion that ended early is completed by creating the table again', async () => {
    const definition = definitionOf()
    await store.createTable(definition)
    await store.write({ kind: 'put', table: definition.name, item: { pk: 'a' } })
    await entries().updateOne({ _id: definition.name }, { $set: { status: 'deleting' } })
    const other = newStore()
    await expect(other.updateTable(definition.name, {})).rejects.toMatchObject({ code: 'TableNotFound' })
    expect(await other.createTable(definition)).toMatchObject({ status: 'active', itemCount: 0 })
  })

  it('A write of another process to a deleted table is gone when the table is created again', async () => {
    const definition = definitionOf()
    await store.createTable(definition)
    const other = newStore()
    await other.write({ kind: 'put', table: definition.name, item: { pk: 'a' } })
    await store.deleteTable(definition.name)
    // The other process still knows the table, and the server creates its collection again.
    await other.write({ kind: 'put', table: definition.name, item: { pk: 'late' } })
    expect(await store.listTables()).not.toContain(definition.name)
    expect(await store.createTable({ ...definition, timeToLive: 'ends' })).toMatchObject({ itemCount: 0 })
    await expect(other.get({ table: definition.name, key: { pk: 'late' } })).resolves.toMatchObject({ item: undefined })
  })

  it('A process that creates a deleted table later than another one keeps what was written since', async () => {
    const definition = definitionOf()
    await store.createTable(definition)
    await store.deleteTable(definition.name)
    const put = { kind: 'put', table: definition.name, item: { pk: 'a' } } as const
    const sleep = async (): Promise<void> => {
      await store.createTable(definition)
      await store.write(put)
    }
    const slow = mongodb({ client, database: DATABASE, pace: { ...realPace, sleep } })
    await slow.createTable(definition)
    expect((await slow.get({ table: definition.name, key: { pk: 'a' } })).item).toEqual({ pk: 'a' })
  })

  it('A table whose creation ended early gets the time to live that it is created again with', async () => {
    const definition = definitionOf()
    await store.createTable(definition)
    await entries().updateOne({ _id: definition.name }, { $set: { status: 'creating' } })
    expect(await newStore().createTable({ ...definition, timeToLive: 'ends' })).toMatchObject({ timeToLive: 'ends' })
  })

  it('Many processes create one table at once', async () => {
    const definition = definitionOf({ globalIndexes: { byTeam }, timeToLive: 'ends' })
    const created = await Promise.all(Array.from({ length: 5 }, () => newStore().createTable(definition)))
    for (const description of created) expect(description).toMatchObject({ status: 'active', timeToLive: 'ends' })
  })
})

describe('Time to live', () => {
  const expiries = async (name: string) =>
    (await documents(name).find().sort({ _id: 1 }).toArray()).map(({ expires }) => expires?.getTime())

  it('Items that were written before it was switched on expire, and those of another attribute do not', async () => {
    const { name } = await store.createTable(definitionOf())
    for (const [pk, ends, other] of [
      ['a', 100, 1],
      ['b', '100', 2],
      ['c', 100.7, 3],
      ['d', -1, 4],
    ] as const) {
      await store.write({ kind: 'put', table: name, item: { pk, ends, other } })
    }
    await store.updateTable(name, { timeToLive: 'ends' })
    expect(await expiries(name)).toEqual([100_000, undefined, 100_000, undefined])
    await store.updateTable(name, { timeToLive: false })
    expect(await indexNames(name)).toEqual(['_id_', 'key'])
    await store.updateTable(name, { timeToLive: 'other' })
    expect(await expiries(name)).toEqual([1000, 2000, 3000, 4000])
    expect(server.expire()).toBe(4)
    expect((await store.scan({ table: name, consistent: true })).count).toBe(0)
  })

  it('A write of other attributes during the filling does not keep an item from expiring', async () => {
    const { name } = await store.createTable(definitionOf())
    await store.write({ kind: 'put', table: name, item: { pk: 'a', ends: 100 } })
    const monitored = await MongoClient.connect(server.url, { monitorCommands: true })
    const filler = mongodb({ client: monitored, database: DATABASE, pace })
    const set = update({ set: [{ path: ['n'], value: value(1) }] })
    let writing: Promise<unknown> | undefined
    monitored.on('commandStarted', ({ command }) => {
      if (command.update === name)
        writing ??= store.write({ kind: 'update', table: name, key: { pk: 'a' }, update: set })
    })
    // The first update is that of the definition, and the second one fills.
    server.inject({ commands: ['update'], skip: 1, delay: 200 })
    await filler.updateTable(name, { timeToLive: 'ends' })
    expect(await writing).toBeDefined()
    expect(await expiries(name)).toEqual([100_000])
    await monitored.close()
  })

  it('A date of another program does not keep the other items from being filled', async () => {
    const { name } = await store.createTable(definitionOf())
    await documents(name).insertOne({ _id: 'a', item: { pk: 'a', ends: new Date(0) } })
    await store.write({ kind: 'put', table: name, item: { pk: 'b', ends: 100 } })
    expect(await store.updateTable(name, { timeToLive: 'ends' })).toMatchObject({ status: 'active' })
    expect(await expiries(name)).toEqual([undefined, 100_000])
  })

  it('Filling that ended early is completed by an empty change', async () => {
    const { name } = await store.createTable(definitionOf({ timeToLive: 'ends' }))
    await store.write({ kind: 'put', table: name, item: { pk: 'a', ends: 100 } })
    await documents(name).updateOne({ _id: 'a' }, { $unset: { expires: true } })
    await entries().updateOne({ _id: name }, { $set: { 'filling.timeToLive': true } })
    const other = newStore()
    expect(await other.describeTable(name)).toMatchObject({ filling: { indexes: [], timeToLive: true } })
    expect(await other.updateTable(name, {})).toMatchObject({ status: 'active' })
    expect(await expiries(name)).toEqual([100_000])
  })
})
