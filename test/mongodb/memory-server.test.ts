/** The MongoDB server in memory does what MongoDB does, as its driver sees it. */
import {
  type ClientSession,
  type Collection,
  Decimal128,
  type Document,
  Long,
  MongoClient,
  MongoServerError,
} from 'mongodb'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type MemoryMongo, startMemoryMongo } from '../servers/mongo/memory/server.js'

type Row = Document & { _id: string }

let server: MemoryMongo
let client: MongoClient
let rows: Collection<Row>
beforeAll(async () => {
  server = await startMemoryMongo()
  client = await MongoClient.connect(server.url)
})
afterAll(async () => {
  await client.close()
  await server.close()
})
beforeEach(async () => {
  rows = client.db('test').collection<Row>(`rows-${crypto.randomUUID()}`)
  await rows.insertMany([
    { _id: 'a', n: 1 },
    { _id: 'b', n: 1 },
  ])
})

async function failure(call: Promise<unknown>): Promise<MongoServerError> {
  const error = await call.then(
    () => undefined,
    error => error,
  )
  expect(error).toBeInstanceOf(MongoServerError)
  return error
}

/** Starts a transaction, whose snapshot is taken by a first read. */
async function begun(): Promise<ClientSession> {
  const session = client.startSession()
  session.startTransaction({ readConcern: { level: 'snapshot' }, writeConcern: { w: 'majority' } })
  await rows.findOne({ _id: 'a' }, { session })
  return session
}

const add = { $inc: { n: 1 } }

describe('Transactions of the server', () => {
  it('A transaction conflicts with an open one that has written the same document, at once', async () => {
    const [first, second] = [await begun(), await begun()]
    await rows.updateOne({ _id: 'a' }, add, { session: first })
    const error = await failure(rows.updateOne({ _id: 'a' }, add, { session: second }))
    expect(error.code).toBe(112)
    expect(error.errorLabels).toContain('TransientTransactionError')
    await first.commitTransaction()
    expect((await failure(rows.findOne({ _id: 'a' }, { session: second }))).code).toBe(251)
    expect(await rows.findOne({ _id: 'a' })).toEqual({ _id: 'a', n: 2 })
  })

  it('A transaction conflicts with a write that came after its snapshot', async () => {
    const session = await begun()
    await rows.updateOne({ _id: 'a' }, add)
    expect((await failure(rows.deleteOne({ _id: 'a' }, { session }))).code).toBe(112)
  })

  it('A transaction reads its snapshot and its own writes, and nobody else reads them before the commit', async () => {
    const session = await begun()
    await rows.updateOne({ _id: 'b' }, add)
    await rows.updateOne({ _id: 'a' }, { $set: { n: 7 } }, { session })
    await rows.insertOne({ _id: 'c', n: 9 }, { session })
    const read = async (options = {}) => (await rows.find({}, options).sort({ _id: 1 }).toArray()).map(({ n }) => n)
    expect(await read({ session })).toEqual([7, 1, 9])
    expect(await read()).toEqual([1, 2])
    await session.commitTransaction()
    expect(await read()).toEqual([7, 2, 9])
  })

  it('A transaction that inserts and deletes an absent document conflicts with a rival insert', async () => {
    const session = await begun()
    await rows.insertOne({ _id: 'new' }, { session })
    await rows.deleteOne({ _id: 'new' }, { session })
    const rival = await begun()
    expect((await failure(rows.insertOne({ _id: 'new' }, { session: rival }))).code).toBe(112)
    await session.commitTransaction()
    const late = await begun()
    await rows.insertOne({ _id: 'new' }, { session: late })
    await late.commitTransaction()
  })

  it('A transaction that reads only, or changes nothing, conflicts with nobody', async () => {
    const [reader, idle] = [await begun(), await begun()]
    await rows.updateOne({ _id: 'a' }, { $set: { n: 1 } }, { session: idle })
    await rows.updateOne({ _id: 'a' }, add)
    await reader.commitTransaction()
    await idle.commitTransaction()
    expect(await rows.findOne({ _id: 'a' })).toEqual({ _id: 'a', n: 2 })
  })

  it('A transaction ends with the first error, also a duplicate key', async () => {
    const session = await begun()
    await rows.updateOne({ _id: 'b' }, add, { session })
    expect((await failure(rows.insertOne({ _id: 'a' }, { session }))).code).toBe(11000)
    const error = await failure(session.commitTransaction())
    expect([error.code, error.errorLabels]).toEqual([251, ['TransientTransactionError']])
    expect(await rows.findOne({ _id: 'b' })).toEqual({ _id: 'b', n: 1 })
  })

  it('A transaction makes a write outside of it wait, until its end or the time limit of the write', async () => {
    const session = await begun()
    await rows.updateOne({ _id: 'a' }, { $set: { n: 10 } }, { session })
    expect((await failure(rows.updateOne({ _id: 'a' }, add, { maxTimeMS: 20 }))).code).toBe(50)
    const waiting = rows.updateOne({ _id: 'a' }, add)
    await session.commitTransaction()
    await waiting
    expect(await rows.findOne({ _id: 'a' })).toEqual({ _id: 'a', n: 11 })
  })

  it('A transaction needs a replica set', async () => {
    const standalone = await startMemoryMongo({ replicaSet: false })
    const alone = await MongoClient.connect(standalone.url)
    const session = alone.startSession()
    session.startTransaction()
    const { originalError } = await failure(alone.db('test').collection('t').insertOne({}, { session }))
    expect(originalError.code).toBe(20)
    await alone.close()
    await standalone.close()
  })
})

describe('Writes of the server', () => {
  it('A write whose answer was lost is sent again, and happens once', async () => {
    server.inject({ commands: ['update'], closeConnection: true, afterCommand: true })
    await rows.updateOne({ _id: 'a' }, add)
    expect(await rows.findOne({ _id: 'a' })).toEqual({ _id: 'a', n: 2 })
  })

  it('A write keeps numbers exact, and rejects an integer that overflows', async () => {
    await rows.insertOne({ _id: 'x', d: Decimal128.fromString('0.1'), l: Long.MAX_VALUE, i: 2 ** 31 - 1 })
    await rows.updateOne({ _id: 'x' }, { $inc: { d: Decimal128.fromString('0.2'), i: 1 } })
    const after = await rows.findOne({ _id: 'x' }, { promoteValues: false })
    expect([String(after?.d), String(after?.i)]).toEqual(['0.3', '2147483648'])
    expect((await failure(rows.updateOne({ _id: 'x' }, { $inc: { l: 1 } }))).code).toBe(2)
    expect((await failure(rows.updateOne({ _id: 'x' }, { $inc: { _id: 1 } }))).code).toBe(14)
  })

  it('A write may change no _id, and no path twice', async () => {
    expect((await failure(rows.updateOne({ _id: 'a' }, { $set: { _id: 'z' } }))).code).toBe(66)
    expect((await failure(rows.updateOne({ _id: 'a' }, { $set: { 'x.y': 1 }, $inc: { x: 1 } }))).code).toBe(40)
  })
})

describe('Filters of the server', () => {
  const ids = async (filter: object) => (await rows.find(filter).sort({ _id: 1 }).toArray()).map(({ _id }) => _id)

  it('A filter compares values of one type, enters arrays, and takes a missing field for null', async () => {
    await rows.insertMany([{ _id: 'c', n: '5' }, { _id: 'd', n: [0, 9] }, { _id: 'e', n: null }, { _id: 'f' }])
    expect(await ids({ n: { $gt: 0 } })).toEqual(['a', 'b', 'd'])
    expect(await ids({ n: 9 })).toEqual(['d'])
    expect(await ids({ n: null })).toEqual(['e', 'f'])
    expect(await ids({ n: { $type: 'number' } })).toEqual(['a', 'b', 'd'])
    expect(await ids({ n: { $gt: 0, $not: { $type: 'array' } } })).toEqual(['a', 'b'])
    expect(await ids({ n: { $ne: 1 } })).toEqual(['c', 'd', 'e', 'f'])
    expect(await ids({ n: { $lt: Decimal128.fromString('1.0000000000000000000000001') } })).toEqual(['a', 'b', 'd'])
  })

  it('A filter with an unknown operator is rejected', async () => {
    expect((await failure(rows.find({ $where: 'true' }).toArray())).code).toBe(2)
    expect((await failure(rows.find({ n: { $near: 1 } }).toArray())).code).toBe(2)
  })
})

describe('Indexes of the server', () => {
  it('An index that is partial serves a hint only if the filter repeats what it holds', async () => {
    await rows.createIndex({ n: 1 }, { name: 'part', partialFilterExpression: { n: { $type: 'string' } } })
    expect((await failure(rows.find({ n: 'x' }).hint('part').toArray())).code).toBe(291)
    expect(
      await rows
        .find({ n: { $type: 'string', $eq: 'x' } })
        .hint('part')
        .toArray(),
    ).toEqual([])
    expect((await failure(rows.find({}).hint('other').toArray())).code).toBe(2)
  })

  it('An index that is unique rejects a second document with its key, with the pattern of the key', async () => {
    await rows.createIndex({ code: 1 }, { unique: true, partialFilterExpression: { code: { $exists: true } } })
    await rows.insertOne({ _id: 'c', code: 1 })
    const error = await failure(rows.insertOne({ _id: 'd', code: 1 }))
    expect([error.code, error.keyPattern]).toEqual([11000, { code: 1 }])
    const rival = await begun()
    await rows.updateOne({ _id: 'c' }, { $set: { code: 2 } })
    expect((await failure(rows.insertOne({ _id: 'e', code: 2 }, { session: rival }))).code).toBe(112)
  })

  it('An index takes no two arrays in one document', async () => {
    await rows.createIndex({ x: 1, y: 1 })
    expect((await failure(rows.insertOne({ _id: 'c', x: [1], y: [2] }))).code).toBe(171)
  })

  it('An index exists once, under one name, unless what it holds differs', async () => {
    const filter = { partialFilterExpression: { n: { $type: 'string' } } }
    await rows.createIndex({ n: 1 }, { name: 'first', ...filter })
    await rows.createIndex({ n: 1 }, { name: 'first', ...filter })
    await rows.createIndex({ n: 1 }, { name: 'second' })
    expect((await failure(rows.createIndex({ n: 1 }, { name: 'third', ...filter }))).code).toBe(85)
    expect((await failure(rows.createIndex({ m: 1 }, { name: 'first' }))).code).toBe(86)
    expect((await rows.indexes()).map(({ name }) => name)).toEqual(['_id_', 'first', 'second'])
  })

  it('An index of time to live removes documents whose date is past', async () => {
    await rows.createIndex({ expires: 1 }, { expireAfterSeconds: 0 })
    await rows.updateOne({ _id: 'a' }, { $set: { expires: new Date(1000) } })
    await rows.updateOne({ _id: 'b' }, { $set: { expires: 1000 } })
    expect(server.expire(999)).toBe(0)
    expect(server.expire(1000)).toBe(1)
    expect(await rows.countDocuments()).toBe(1)
  })
})

it('A fail point of MongoDB injects errors, with the labels that MongoDB gives them', async () => {
  const admin = client.db('admin')
  const data = { failCommands: ['find'], errorCode: 263 }
  await admin.command({ configureFailPoint: 'failCommand', mode: { times: 1 }, data })
  expect((await failure(rows.find().toArray())).code).toBe(263)
  expect(await rows.countDocuments()).toBe(2)
})
