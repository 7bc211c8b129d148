/** Models in several databases of one MongoDB replica set: one client, one session and so one transaction. */

import { MongoClient } from 'mongodb'
import { connect, type DatabaseConfig, f, model } from 'partita'
import { afterAll, beforeAll, expect, it } from 'vitest'
import 'partita/mongodb'
import { type MemoryMongo, startMemoryMongo } from '../servers/mongo/memory/server.js'

const fields = { id: f.string(), n: f.integer().default(0) }
const First = model('First', { fields, key: 'id', database: 'primary' })
const Second = model('Second', { fields, key: 'id', database: 'secondary' })
const Third = model('Third', { fields, key: 'id', database: 'tertiary' })
const models = { First, Second, Third }

/** The list of the README of goodies. */
const databases: readonly DatabaseConfig[] = [
  {
    id: 'primary',
    type: 'mongo-db',
    connectionDetails: { host: `\${gestalt.environment.DATABASE_HOST}`, port: 0, replicaSet: 'rs0' },
  },
  { id: 'secondary', type: 'mongo-db', connectionDetails: { reuseId: 'primary' } },
  { id: 'tertiary', type: 'mongo-db', connectionDetails: { reuseId: 'primary' } },
]
const environment = { DATABASE_HOST: '127.0.0.1' }

let server: MemoryMongo
let client: MongoClient
beforeAll(async () => {
  server = await startMemoryMongo({ records: true })
  client = await MongoClient.connect(server.url)
})
afterAll(async () => {
  await client.close()
  await server.close()
})

/** The list, with the port of the server. */
function listed(): readonly DatabaseConfig[] {
  const port = new URL(server.url.replace('mongodb:', 'http:')).port
  return databases.map(database =>
    'port' in database.connectionDetails
      ? ({ ...database, connectionDetails: { ...database.connectionDetails, port } } as DatabaseConfig)
      : database,
  )
}

const open = () => connect({ models, databases: listed(), environment })

it('Each database of the list is a database of the server, with a collection named by its id', async () => {
  const db = await open()
  await db.First.create({ id: 'a' })
  await db.Second.create({ id: 'a' })
  await db.Third.create({ id: 'a' })
  for (const name of ['primary', 'secondary', 'tertiary']) {
    expect(await client.db(name).collection(name).countDocuments({ 'item.id': 'a' })).toBe(1)
  }
  expect(await db.Second.get({ id: 'a' })).toMatchObject({ id: 'a', n: 0 })
  await db.close()
})

it('One transaction spans the databases, or changes none of them', async () => {
  const db = await open()
  const write = (id: string, fails: boolean) =>
    db.transaction(async tx => {
      await tx.First.create({ id })
      await tx.Second.create({ id })
      await tx.Third.create({ id })
      if (fails) throw new Error('changed its mind')
    })
  await write('b', false)
  await expect(write('c', true)).rejects.toThrow('changed its mind')
  for (const of of [db.First, db.Second, db.Third]) {
    expect(await of.get({ id: 'b' })).toMatchObject({ id: 'b' })
    expect(await of.get({ id: 'c' })).toBeUndefined()
  }
  await db.close()
})

it('Interactive transactions that read one database and write another are serializable', async () => {
  const db = await open()
  await db.First.create({ id: 'd', n: 1 })
  await db.Second.create({ id: 'd', n: 1 })
  // Each may go to 0 only while the other is 1: at most one of them does.
  const leave = (from: 'First' | 'Second', other: 'First' | 'Second') =>
    db.transaction(async tx => {
      const stays = await tx[other].get({ id: 'd' })
      if (stays?.n === 1) await tx[from].update({ id: 'd' }, { n: 0 })
    })
  await Promise.all([leave('First', 'Second'), leave('Second', 'First')])
  const left = [await db.First.get({ id: 'd' }), await db.Second.get({ id: 'd' })].map(row => row?.n)
  expect(left.sort()).toEqual([0, 1])
  await db.close()
})

it('The databases share one client, which is closed with the last of them', async () => {
  const before = server.received.length
  const db = await open()
  await db.First.get({ id: 'a' })
  await db.Third.get({ id: 'a' })
  const hellos = server.received.slice(before).filter(command => 'hello' in command && command.$db === 'admin')
  const clients = new Set(hellos.flatMap(({ client: metadata }) => (metadata ? [JSON.stringify(metadata)] : [])))
  expect(clients.size).toBeLessThanOrEqual(1)
  await db.close()
  await expect(db.First.get({ id: 'a' })).rejects.toMatchObject({ code: 'Unavailable' })
  await expect(db.Third.get({ id: 'a' })).rejects.toMatchObject({ code: 'Unavailable' })
})

it('A list with a server that is no replica set is refused with what to do', async () => {
  const single = await startMemoryMongo({ replicaSet: false })
  const url = single.url.replace(/\/?$/, '/')
  const opening = connect({
    models: { First },
    databases: [{ id: 'primary', type: 'mongo-db', connectionDetails: { url } }],
  })
  await expect(opening.then(db => db.First.get({ id: 'a' }))).rejects.toMatchObject({
    code: 'StoreUnusable',
    message: expect.stringContaining('rs.initiate()'),
  })
  await single.close()
})
