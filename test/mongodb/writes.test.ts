/** Writes to MongoDB: how many commands they send, what the documents look like, and races between writers. */
import { type CommandStartedEvent, type Document, MongoClient } from 'mongodb'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  and,
  compare,
  exists,
  ifNotExists,
  notExists,
  or,
  path,
  plus,
  update,
  value,
} from '../../packages/partita/src/expression/ast.js'
import { type MongoDBStore, mongodb } from '../../packages/partita/src/mongodb/index.js'
import type { PutRequest, WriteRequest } from '../../packages/partita/src/store/store.js'
import { decimal } from '../../packages/partita/src/value/number.js'
import type { Item } from '../../packages/partita/src/value/value.js'
import { databaseUrl } from '../servers/mongo/lanes.js'
import { type MemoryMongo, startMemoryMongo } from '../servers/mongo/memory/server.js'

const table = 'orders'
/** A write without its table. */
type Own<Request> = Request extends unknown ? Omit<Request, 'table'> : never

let server: MemoryMongo
let client: MongoClient
let store: MongoDBStore
/** The commands on the table since the last call. */
let sent: string[] = []

beforeAll(async () => {
  server = await startMemoryMongo()
  client = await MongoClient.connect(server.url, { monitorCommands: true })
  client.on('commandStarted', ({ commandName, command }) => {
    if (command[commandName] === table) sent.push(commandName)
  })
  store = mongodb({ client, database: 'shop' })
  await store.createTable({
    name: table,
    key: { partition: { name: 'pk', type: 'S' }, sort: { name: 'sk', type: 'N' } },
    globalIndexes: { byState: { partition: { name: 'state', type: 'S' } } },
    timeToLive: 'ttl',
  })
  await store.createTable({ name: plain.name, key: { partition: { name: 'pk', type: 'S' } } })
})
afterAll(async () => {
  await store.close()
  await client.close()
  await server.close()
})

let keys = 0
let key: { pk: string; sk: number }
beforeEach(() => {
  key = { pk: `order-${++keys}`, sk: 1 }
  sent = []
})

const write = (request: Own<WriteRequest>) => store.write({ ...request, table } as WriteRequest)
const put = (item: Item, more: Partial<PutRequest> = {}) => write({ kind: 'put', item, ...more })
const read = async () => (await store.get({ table, key })).item
const stored = () =>
  client
    .db('shop')
    .collection<Document & { _id: string }>(table)
    .findOne({ _id: `${key.pk}|1` })

/** The commands that a call sends. */
async function commands(call: () => Promise<unknown>): Promise<string[]> {
  sent = []
  await call().catch(() => undefined)
  return sent
}

/** A table without indexes. */
const plain = {
  name: 'plain',
  units: async (request: WriteRequest) => (await store.write(request)).capacity.write,
  async put(item: Item, more: Partial<PutRequest> = {}) {
    const names: string[] = []
    const seen = ({ commandName, command }: CommandStartedEvent) => {
      if (command[commandName] === plain.name) names.push(commandName)
    }
    client.on('commandStarted', seen)
    const units = await plain.units({ kind: 'put', table: plain.name, item, ...more })
    client.off('commandStarted', seen)
    return [names, units]
  },
}

describe('the commands of a write', () => {
  it('a write that the server can do exactly is one command', async () => {
    const revision = compare(path('rev'), '=', value('r1'))
    expect(await commands(() => put({ ...key, n: 1, rev: 'r1' }))).toEqual(['findAndModify'])
    expect(await commands(() => put({ ...key, sk: 2 }, { condition: notExists(['pk']) }))).toEqual(['insert'])
    expect(await commands(() => put({ ...key, n: 1, rev: 'r1' }, { condition: revision }))).toEqual(['findAndModify'])
    const set = update({
      set: [{ path: ['a'], value: value('$x') }],
      remove: [['b']],
      add: [{ path: ['n'], value: 2 }],
    })
    expect(await commands(() => write({ kind: 'update', key, update: set, condition: revision }))).toEqual([
      'findAndModify',
    ])
    expect(await read()).toEqual({ ...key, n: 3, rev: 'r1', a: '$x' })
    expect(await commands(() => write({ kind: 'delete', key, condition: revision }))).toEqual(['findAndModify'])
    expect(await read()).toBeUndefined()
  })

  it('a write that the server cannot do exactly reads, and writes on what it read', async () => {
    await put({ ...key, list: [1], price: 0.1 })
    const set = update({
      set: [
        { path: ['list', 0], value: value(2) },
        { path: ['price'], value: plus(path('price'), value(0.2)) },
      ],
    })
    expect(await commands(() => write({ kind: 'update', key, update: set }))).toEqual(['find', 'update'])
    expect(await read()).toEqual({ ...key, list: [2], price: 0.3 })
  })

  it('a put that is also true for a missing item inserts first, and replaces what it finds', async () => {
    const condition = or(notExists(['pk']), compare(path('n'), '<', value(5)))
    expect(await commands(() => put({ ...key, n: 1 }, { condition }))).toEqual(['insert'])
    expect(await commands(() => put({ ...key, n: 9 }, { condition }))).toEqual(['insert', 'findAndModify'])
    await expect(put({ ...key, n: 1 }, { condition, returnOldOnFailure: true })).rejects.toMatchObject({
      code: 'ConditionFailed',
      details: { item: { ...key, n: 9 } },
    })
  })

  it('a put in a table without indexes does not return the old document, unless its size or the caller asks for it', async () => {
    const item = { pk: 'a', text: 'x'.repeat(500) }
    const long = { pk: 'a', text: 'x'.repeat(3000) }
    await plain.put(item)
    expect(await plain.put(item)).toEqual([['update'], 1])
    expect(await plain.put(long)).toEqual([['update'], 3])
    // A write is charged for the larger of the two items.
    expect(await plain.put(item)).toEqual([['update', 'findAndModify'], 3])
    expect(await plain.put(item, { returns: 'old' })).toEqual([['findAndModify'], 1])
    await client
      .db('shop')
      .collection(plain.name)
      .updateOne({}, { $unset: { size: '' } })
    expect(await plain.put(item)).toEqual([['update', 'findAndModify'], 1])
  })

  it('an update and a delete in a table without indexes cost what the item before and after costs', async () => {
    const grow = update({ set: [{ path: ['more'], value: value('y'.repeat(600)) }] })
    const change = (request: Own<WriteRequest>) => plain.units({ ...request, table: plain.name } as WriteRequest)
    await plain.put({ pk: 'a', text: 'x'.repeat(500) })
    expect(await change({ kind: 'update', key: { pk: 'a' }, update: grow })).toBe(2)
    // The size in the document is an upper bound by now: it counts the old value too.
    expect(await change({ kind: 'update', key: { pk: 'a' }, update: grow })).toBe(2)
    expect(await change({ kind: 'delete', key: { pk: 'a' } })).toBe(2)
    expect(await change({ kind: 'delete', key: { pk: 'a' } })).toBe(1)
  })

  it('a get, a query of one page and a batch of 100 keys are one command each', async () => {
    await put(key)
    const gets = Array.from({ length: 100 }, (_, sk) => ({ table, key: { ...key, sk } }))
    expect(await commands(read)).toEqual(['find'])
    expect(await commands(() => store.batchGet({ gets }))).toEqual(['find'])
    expect(
      await commands(() => store.query({ table, key: { partition: { name: 'pk', value: key.pk } }, limit: 25 })),
    ).toEqual(['find'])
  })

  it('the pages of large items read little more than they return', async () => {
    const batches: number[] = []
    const seen = ({ command }: CommandStartedEvent) => {
      if (command.find === 'large') batches.push(command.batchSize)
    }
    await store.createTable({
      name: 'large',
      key: { partition: { name: 'pk', type: 'S' }, sort: { name: 'sk', type: 'N' } },
    })
    const text = 'x'.repeat(100_000)
    const items = Array.from({ length: 30 }, (_, sk) => ({ pk: 'a', sk, text }))
    await store.batchWrite({ writes: items.map(item => ({ kind: 'put', table: 'large', item })) })
    client.on('commandStarted', seen)
    const request = { table: 'large', key: { partition: { name: 'pk', value: 'a' } } }
    const first = await store.query(request)
    const second = await store.query({ ...request, after: first.next as typeof key })
    client.off('commandStarted', seen)
    expect([first.count, second.count]).toEqual([11, 11])
    expect(batches).toEqual([100, 11])
  })

  it('explain shows the commands with their filters and indexes, and sends none of them', async () => {
    const condition = and(exists(['pk']), compare(path('n'), '=', value(1)))
    const page = { table, index: 'byState', key: { partition: { name: 'state', value: 'open' } } }
    sent = []
    expect(await store.explain({ ...page, filter: exists(['n']) })).toMatchObject([
      { command: 'find', collection: table, index: 'index:item.state:S', sort: { _id: 1 }, isFiltered: true },
    ])
    expect(await store.explain({ kind: 'delete', table, key, condition })).toMatchObject([
      {
        command: 'findOneAndDelete',
        when: 'always',
        filter: {
          _id: `${key.pk}|1`,
          $and: [{ 'item.pk': { $exists: true } }, { 'item.n': { $eq: 1, $not: { $type: 'array' } } }],
        },
      },
      { command: 'findOne', when: 'unlessFound', filter: { _id: `${key.pk}|1` } },
    ])
    expect(await store.explain({ kind: 'put', table: plain.name, item: { pk: 'a' } })).toMatchObject([
      { command: 'replaceOne', when: 'always', filter: { _id: 'a', size: { $lte: 1024 } } },
      { command: 'findOneAndReplace', when: 'unlessFound', filter: { _id: 'a' } },
    ])
    expect(sent).toEqual([])
  })
})

describe('documents in the tools of MongoDB', () => {
  it('a document has its key as text, its attributes below item, and a date of expiry', async () => {
    await put({ ...key, name: 'Ada', total: 0.5, tags: new Set(['b', 'a']), 'a.b': true, ttl: 4_000_000_000 })
    expect(await stored()).toMatchObject({
      _id: `${key.pk}|1`,
      item: { pk: key.pk, sk: 1, name: 'Ada', tags: { '%set': 'SS', values: ['a', 'b'] }, 'a%2Eb': true },
      expires: new Date(4_000_000_000_000),
    })
  })

  it('every write has a new revision, and an update of the expiry moves it', async () => {
    await put({ ...key, ttl: 4_000_000_000 })
    const first = await stored()
    await write({
      kind: 'update',
      key,
      update: update({ set: [{ path: ['ttl'], value: value(4_100_000_000) }] }),
    })
    const second = await stored()
    expect(second?.rev).not.toEqual(first?.rev)
    expect(second?.expires).toEqual(new Date(4_100_000_000_000))
    await write({ kind: 'update', key, update: update({ remove: [['ttl']] }) })
    expect(await stored()).not.toHaveProperty('expires')
  })

  it('a document of another program without a revision can be read, changed and deleted', async () => {
    await client
      .db('shop')
      .collection<Document & { _id: string }>(table)
      .insertOne({ _id: `${key.pk}|1`, item: { ...key, n: 1.5 } })
    const set = update({ set: [{ path: ['n'], value: plus(path('n'), value(1)) }] })
    expect((await write({ kind: 'update', key, update: set, returns: 'new' })).item).toEqual({
      ...key,
      n: 2.5,
    })
    await write({ kind: 'delete', key })
    expect(await stored()).toBeNull()
  })

  it('a value that no item has is reported and not guessed', async () => {
    await client
      .db('shop')
      .collection<Document & { _id: string }>(table)
      .insertOne({ _id: `${key.pk}|1`, item: { ...key, at: new Date() } })
    await expect(read()).rejects.toMatchObject({ code: 'Unavailable' })
  })
})

describe('writers at the same time', () => {
  const run = (count: number, one: (i: number) => Promise<unknown>) =>
    Promise.allSettled(Array.from({ length: count }, (_, i) => one(i)))

  it('sums of many writers lose nothing, whether the server adds or the library does', async () => {
    await put({ ...key, whole: 0, exact: decimal('0.0') })
    const add = update({ add: [{ path: ['whole'], value: 1 }] })
    const sum = update({ set: [{ path: ['exact'], value: plus(path('exact'), value(0.1)) }] })
    const results = await run(60, i => write({ kind: 'update', key, update: i % 2 ? add : sum }))
    expect(results.filter(({ status }) => status === 'rejected')).toEqual([])
    expect(await read()).toEqual({ ...key, whole: 30, exact: 3 })
  })

  it('one of many creators wins, and the others learn that their condition is false', async () => {
    const results = await run(20, n => put({ ...key, n }, { condition: notExists(['pk']), returnOldOnFailure: true }))
    const won = results.findIndex(({ status }) => status === 'fulfilled')
    expect(await read()).toEqual({ ...key, n: won })
    for (const [i, result] of results.entries()) {
      if (i === won) continue
      expect(result).toMatchObject({ reason: { code: 'ConditionFailed', details: { item: { n: won } } } })
    }
  })

  it('one of many writers with the same revision wins', async () => {
    await put({ ...key, rev: 0, map: {} })
    const change = (i: number) =>
      update({
        set: [
          { path: ['rev'], value: value(1) },
          { path: ['map', 'by'], value: value(i) },
        ],
      })
    const condition = compare(path('rev'), '=', value(0))
    const results = await run(20, i => write({ kind: 'update', key, update: change(i), condition }))
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    for (const result of results) if (result.status === 'rejected') expect(result.reason.code).toBe('ConditionFailed')
  })

  it('updates that create, deletes and puts of one item leave the item of one of them', async () => {
    const create = update({ set: [{ path: ['n'], value: ifNotExists(['n'], value(1)) }] })
    const results = await run(60, i =>
      i % 3 === 0
        ? write({ kind: 'update', key, update: create })
        : i % 3 === 1
          ? write({ kind: 'delete', key })
          : put({ ...key, n: 2 }),
    )
    expect(results.filter(({ status }) => status === 'rejected')).toEqual([])
    expect([undefined, 1, 2]).toContain((await read())?.n)
  })

  it('a write that finds another writer in its way until its deadline is a conflict, and nothing was written', async () => {
    await put({ ...key, list: [1] })
    const set = update({ set: [{ path: ['list', 0], value: value(2) }] })
    server.inject({ commands: ['update'], errorCode: 112, times: 1000 })
    // The waits of three rounds take 5, 10 and 20 seconds of a clock that moves with them.
    let now = 0
    const pace = {
      now: () => now,
      random: () => 100,
      sleep: async (milliseconds: number) => void (now += milliseconds),
    }
    const waiting = mongodb({ client, database: 'shop', pace })
    const call = waiting.write({ kind: 'update', table, key, update: set, deadline: 35_000 })
    await expect(call).rejects.toMatchObject({ code: 'Conflict' })
    await waiting.close()
    server.clearFaults()
    expect(await read()).toEqual({ ...key, list: [1] })
  })
})

describe('input that means something to MongoDB', () => {
  it('operators, paths and classes in values and names are data', async () => {
    const item = {
      ...key,
      where: { $where: 'while (true) {}' },
      text: '$$ROOT',
      $set: { a: 1 },
      'a.b.c': ['$inc'],
      null: null,
      'nul\0name': 'nul\0value',
      class: { _bsontype: 'Code', code: 'process.exit()' },
    }
    await put(item)
    expect(await read()).toEqual(item)
    const set = update({
      set: [
        { path: ['$set'], value: value({ $unset: 1 }) },
        { path: ['a.b.c'], value: value('$pk') },
      ],
      remove: [['nul\0name']],
    })
    await write({ kind: 'update', key, update: set })
    const { 'nul\0name': _, ...rest } = item
    expect(await read()).toEqual({ ...rest, $set: { $unset: 1 }, 'a.b.c': '$pk' })
  })

  it('a key that looks like an operator or another key finds its own item only', async () => {
    const hostile = [{ $ne: null }, { $gt: '' }, ['a'], null, 1]
    for (const pk of hostile) {
      await expect(store.get({ table, key: { pk, sk: 1 } as never })).rejects.toMatchObject({
        code: 'ValidationFailed',
      })
    }
    await put({ pk: 'a|1', sk: 1, n: 1 })
    await put({ pk: 'a', sk: 1, n: 2 })
    expect((await store.get({ table, key: { pk: 'a|1', sk: 1 } })).item).toEqual({ pk: 'a|1', sk: 1, n: 1 })
  })

  it('a number of 35 digits is refused before anything is written', async () => {
    const long = decimal('1.2345678901234567890123456789012345')
    const calls = [
      () => put({ ...key, n: long }),
      () => write({ kind: 'update', key, update: update({ set: [{ path: ['n'], value: value(long) }] }) }),
      () => store.batchWrite({ writes: [{ kind: 'put', table, item: { ...key, n: long } }] }),
      () => store.transactWrite({ writes: [{ kind: 'put', table, item: { ...key, n: long } }] }),
    ]
    for (const call of calls) await expect(call()).rejects.toMatchObject({ code: 'ValidationFailed' })
    expect(await read()).toBeUndefined()
  })

  it('changes of the caller after a call do not reach the store', async () => {
    const item = { ...key, list: [1], bytes: Uint8Array.of(1) }
    const writing = put(item)
    item.list.push(2)
    item.bytes[0] = 2
    item.pk = 'another'
    await writing
    expect(await read()).toEqual({ ...key, list: [1], bytes: Uint8Array.of(1) })
  })

  it('a URL is not repeated with its password', () => {
    const url = databaseUrl(server.url, 'shop').replace('//', '//ada:s3cret@').replace('/shop', '')
    expect(() => mongodb({ url })).toThrow(expect.objectContaining({ message: expect.not.stringContaining('s3cret') }))
  })
})
