/** Faults of a server under single writes: what the store says about them, and what it did. */
import { MongoClient } from 'mongodb'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { mongodb } from '../../packages/partita/src/mongodb/index.js'
import { compare, notExists, path, plus, update, value } from '../../packages/partita/src/store/index.js'
import type { WriteRequest } from '../../packages/partita/src/store/store.js'
import { failure } from '../../packages/partita/src/testing/contract/fixtures.js'
import { startMemoryMongo } from '../servers/mongo/memory/server.js'
import { type FaultStore, openFaultStore } from './fault-store.js'

let tested: FaultStore
beforeAll(async () => {
  tested = await openFaultStore()
})
afterAll(() => tested.close())
afterEach(() => tested.server.clearFaults())

let keys = 0
const fresh = (): string => `fault-${++keys}`
const table = 'things'
const put = (pk: string, n = 0): WriteRequest => ({ kind: 'put', table, item: { pk, n } })
const create = (pk: string): WriteRequest => ({ kind: 'put', table, item: { pk, n: 0 }, condition: notExists(['pk']) })
const addOne = update({ add: [{ path: ['n'], value: 1 }] })
/** Added by `$inc`, in one command. */
const add = (pk: string): WriteRequest => ({ kind: 'update', table, key: { pk }, update: addOne })
/** Read, evaluated here, and written only if the revision is unchanged. */
const double = (pk: string): WriteRequest => ({
  kind: 'update',
  table,
  key: { pk },
  update: update({ set: [{ path: ['n'], value: plus(path('n'), path('n')) }] }),
})
const remove = (pk: string): WriteRequest => ({ kind: 'delete', table, key: { pk } })

/** Commands that write one document. */
const WRITES = ['insert', 'update', 'delete', 'findAndModify']

describe('Commands of single requests', () => {
  it('A put, a conditional put, an addition and a delete are one command each', async () => {
    const { store, sent } = tested
    const pk = fresh()
    expect(await sent(() => store.write(put(pk)))).toEqual(['update'])
    expect(await sent(() => store.write(create(fresh())))).toEqual(['insert'])
    expect(await sent(() => store.write(add(pk)))).toEqual(['findAndModify'])
    const condition = compare(path('n'), '=', value(1))
    expect(await sent(() => store.write({ ...remove(pk), condition } as WriteRequest))).toEqual(['findAndModify'])
  })

  it('A get is one find, and an update that needs the item is a find and a write', async () => {
    const { store, sent } = tested
    const pk = fresh()
    await store.write(put(pk, 3))
    expect(await sent(() => store.get({ table, key: { pk } }))).toEqual(['find'])
    expect(await sent(() => store.write(double(pk)))).toEqual(['find', 'update'])
    expect(await tested.read(pk)).toEqual({ pk, n: 6 })
  })
})

describe('A connection that breaks', () => {
  const cases: [string, (pk: string) => WriteRequest, number | undefined][] = [
    ['A put', pk => put(pk, 6), 6],
    ['An addition', add, 4],
    ['An update that reads', double, 6],
    ['A delete', remove, undefined],
  ]
  for (const [title, request, after] of cases) {
    it(`${title} whose answer is lost is done once, and acknowledged`, async () => {
      const pk = fresh()
      await tested.store.write(put(pk, 3))
      tested.server.inject({ commands: WRITES, closeConnection: true, afterCommand: true })
      await tested.store.write(request(pk))
      expect((await tested.read(pk))?.n).toBe(after)
    })
  }

  it('A write that never reached the server is done by the retry of the driver', async () => {
    const pk = fresh()
    await tested.store.write(put(pk, 3))
    tested.server.inject({ commands: WRITES, closeConnection: true })
    await tested.store.write(add(pk))
    expect((await tested.read(pk))?.n).toBe(4)
  })

  it('A write whose answers are all lost is reported as unknown, with its key, and is done at most once', async () => {
    const pk = fresh()
    await tested.store.write(put(pk, 3))
    tested.server.inject({ commands: WRITES, closeConnection: true, afterCommand: true, times: 2 })
    const error = await failure(tested.store.write(add(pk)))
    expect(error).toMatchObject({ code: 'OutcomeUnknown', details: { table, key: { pk } } })
    expect((await tested.read(pk))?.n).toBe(4)
  })

  it('A conditional put whose answer is lost is not reported as failed by its own item', async () => {
    const pk = fresh()
    tested.server.inject({ commands: WRITES, closeConnection: true, afterCommand: true })
    await tested.store.write(create(pk))
    expect(await tested.read(pk)).toEqual({ pk, n: 0 })
  })

  it('A read is sent again', async () => {
    const pk = fresh()
    await tested.store.write(put(pk))
    tested.server.inject({ commands: ['find'], closeConnection: true })
    expect((await tested.store.get({ table, key: { pk } })).item).toEqual({ pk, n: 0 })
  })
})

describe('Errors of the server', () => {
  it('A write conflict of a single write is retried', async () => {
    const pk = fresh()
    await tested.store.write(put(pk, 1))
    tested.server.inject({ commands: WRITES, errorCode: 112, times: 2 })
    await tested.store.write(add(pk))
    expect((await tested.read(pk))?.n).toBe(2)
  })

  it('Write conflicts until the deadline are a conflict, and nothing is written', async () => {
    const pk = fresh()
    await tested.store.write(put(pk, 1))
    tested.server.inject({ commands: WRITES, errorCode: 112, times: 1000 })
    // The waits between the attempts take 5, 10 and 20 seconds of a clock that moves with them, so that the deadline is
    // in a wait, and not in a command whose outcome would be unknown.
    let now = 0
    const pace = {
      now: () => now,
      random: () => 100,
      sleep: async (milliseconds: number) => void (now += milliseconds),
    }
    const waiting = mongodb({ url: tested.server.url.replace('/?', '/faults?'), pace })
    const error = await failure(waiting.write({ ...add(pk), deadline: 35_000 }))
    expect(error.code).toBe('Conflict')
    await waiting.close()
    tested.server.clearFaults()
    expect((await tested.read(pk))?.n).toBe(1)
  })

  it('A primary that steps down is found again', async () => {
    const pk = fresh()
    tested.server.inject({ commands: WRITES, errorCode: 10107 })
    await tested.store.write(put(pk, 1))
    expect((await tested.read(pk))?.n).toBe(1)
  })

  it('A write that a majority did not acknowledge is reported as unknown', async () => {
    const pk = fresh()
    const writeConcernError = { code: 64, codeName: 'WriteConcernTimeout', errmsg: 'waiting for replication timed out' }
    tested.server.inject({ commands: WRITES, writeConcernError })
    expect(await failure(tested.store.write(put(pk, 1)))).toMatchObject({ code: 'OutcomeUnknown' })
    expect((await tested.read(pk))?.n).toBe(1)
  })

  it('A batch that a majority did not acknowledge, or that failed between its commands, is reported as unknown', async () => {
    const pk = fresh()
    const writes = [
      { kind: 'put', table, item: { pk, n: 1 } },
      { kind: 'delete', table, key: { pk: fresh() } },
    ] as const
    const writeConcernError = { code: 50, codeName: 'MaxTimeMSExpired', errmsg: 'operation exceeded time limit' }
    tested.server.inject({ commands: ['update'], writeConcernError })
    expect(await failure(tested.store.batchWrite({ writes }))).toMatchObject({ code: 'OutcomeUnknown' })
    tested.server.inject({ commands: ['delete'], errorCode: 13 })
    expect(await failure(tested.store.batchWrite({ writes }))).toMatchObject({ code: 'OutcomeUnknown' })
    expect((await tested.read(pk))?.n).toBe(1)
  })

  it('A unique index of the user rejects an item with its message, and nothing is written', async () => {
    const client = await MongoClient.connect(tested.server.url)
    const things = client.db('faults').collection(table)
    await things.createIndex({ 'item.code': 1 }, { unique: true, sparse: true })
    await client.close()
    const [first, second] = [fresh(), fresh()]
    await tested.store.write({ kind: 'put', table, item: { pk: first, code: 'x' } })
    const error = await failure(tested.store.write({ kind: 'put', table, item: { pk: second, code: 'x' } }))
    expect(error.code).toBe('ValidationFailed')
    expect(error.message).toContain('item.code')
    const other = { kind: 'put', table, item: { pk: second, code: 'x' }, condition: notExists(['pk']) } as const
    expect((await failure(tested.store.write(other))).code).toBe('ValidationFailed')
    expect(await tested.read(second)).toBeUndefined()
  })

  it('A single server is refused at the first call, with what to do', async () => {
    const alone = await startMemoryMongo({ replicaSet: false })
    const store = mongodb({ url: alone.url.replace(/\/$/, '/faults') })
    const error = await failure(store.listTables())
    expect(error.code).toBe('StoreUnusable')
    expect(error.message).toContain('rs.initiate()')
    await store.close()
    await alone.close()
  })

  it('A server that cannot be reached is reported before the deadline', async () => {
    const store = mongodb({ url: 'mongodb://127.0.0.1:1/faults?serverSelectionTimeoutMS=100' })
    expect(await failure(store.write(put('x')))).toMatchObject({ code: 'Unavailable' })
    await store.close()
  })
})

describe('Limits of a call', () => {
  it('A read over its deadline is unavailable, and a write unknown', async () => {
    const pk = fresh()
    await tested.store.write(put(pk))
    tested.server.inject({ commands: ['find'], delay: 1_000 })
    expect((await failure(tested.store.get({ table, key: { pk }, deadline: 50 }))).code).toBe('Unavailable')
    // The definition of the table is read again now, if it is due, and not within the deadline of the write.
    await tested.store.get({ table, key: { pk } })
    tested.server.inject({ commands: WRITES, delay: 1_000 })
    expect((await failure(tested.store.write({ ...add(pk), deadline: 700 }))).code).toBe('OutcomeUnknown')
  })

  it('A signal ends a call at once', async () => {
    const pk = fresh()
    await tested.store.write(put(pk))
    tested.server.inject({ commands: ['find'], delay: 5_000 })
    const stop = new AbortController()
    const read = failure(tested.store.get({ table, key: { pk }, signal: stop.signal }))
    stop.abort()
    expect((await read).code).toBe('Unavailable')
  })

  it('A write outside of transactions waits for one that has written the item', async () => {
    const client = await MongoClient.connect(tested.server.url)
    const pk = fresh()
    await tested.store.write(put(pk, 1))
    const session = client.startSession()
    session.startTransaction()
    const things = client.db('faults').collection(table)
    await things.updateOne({ 'item.pk': pk }, { $set: { lock: 1 } }, { session })
    const error = await failure(tested.store.write({ ...add(pk), deadline: 100 }))
    expect(['Unavailable', 'OutcomeUnknown']).toContain(error.code)
    const waiting = tested.store.write(add(pk))
    await session.abortTransaction()
    await waiting
    await client.close()
    expect((await tested.read(pk))?.n).toBeGreaterThan(1)
  })
})
