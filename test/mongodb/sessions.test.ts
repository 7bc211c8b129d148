/** The sessions of single commands: one for each command at a time, reused, and ended in time. */
import { type ClientSession, MongoClient } from 'mongodb'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { mongodb } from '../../packages/partita/src/mongodb/index.js'
import { realPace } from '../../packages/partita/src/store/retry.js'
import type { Store } from '../../packages/partita/src/store/store.js'
import { type MemoryMongo, startMemoryMongo } from '../servers/mongo/memory/server.js'

const table = 'things'
const MINUTE = 60_000

let server: MemoryMongo
let client: MongoClient
let store: Store
let late = 0
const started: ClientSession[] = []
const pace = { ...realPace, now: () => realPace.now() + late }
const get = (pk = 'a') => store.get({ table, key: { pk } })
const open = () => started.filter(({ hasEnded }) => !hasEnded).length

beforeAll(async () => {
  server = await startMemoryMongo()
  client = await MongoClient.connect(server.url)
  const start = client.startSession.bind(client)
  client.startSession = options => {
    const session = start(options)
    // The driver starts its own with other options.
    if (options?.causalConsistency === false) started.push(session)
    return session
  }
  store = mongodb({ client, database: 'shop', pace })
  await store.createTable({ name: table, key: { partition: { name: 'pk', type: 'S' } } })
  await store.write({ kind: 'put', table, item: { pk: 'a' } })
})
beforeEach(async () => {
  await get()
  started.splice(0, started.length, ...started.filter(({ hasEnded }) => !hasEnded))
})
afterAll(async () => {
  await store.close()
  await client.close()
  await server.close()
})

it('Commands one after the other share a session', async () => {
  const before = started.length
  await get()
  await store.write({ kind: 'put', table, item: { pk: 'b' } })
  await store.query({ table, key: { partition: { name: 'pk', value: 'b' } } })
  expect(started.length).toBe(before)
})

it('Commands at the same time have a session each, and later ones use those', async () => {
  const count = 10
  await Promise.all(Array.from({ length: count }, () => get()))
  expect(open()).toBe(count)
  await Promise.all(Array.from({ length: count }, () => get()))
  expect(open()).toBe(count)
})

it('A session whose command failed ends, and the next command has another', async () => {
  const before = open()
  server.inject({ commands: ['find'], times: 1, errorCode: 13 })
  await expect(get()).rejects.toMatchObject({ code: 'Unavailable' })
  expect(open()).toBe(before - 1)
  expect((await get()).item).toEqual({ pk: 'a' })
})

it('A session ends before the server forgets it, and a store that was idle has a new one', async () => {
  late += MINUTE
  expect((await get()).item).toEqual({ pk: 'a' })
  expect(open()).toBe(1)
})

it('A client that the program has closed and connected again gets new sessions', async () => {
  await client.close()
  expect(open()).toBe(0)
  await expect(get()).rejects.toMatchObject({ code: 'Unavailable' })
  await client.connect()
  expect((await get()).item).toEqual({ pk: 'a' })
})

it('A store that is closed ends its sessions, and leaves the client of the program open', async () => {
  const other = mongodb({ client, database: 'shop' })
  const before = open()
  await other.listTables()
  expect(open()).toBe(before + 1)
  await other.close()
  expect(open()).toBe(before)
  expect((await get()).item).toEqual({ pk: 'a' })
})
