/** Errors that a program's own listeners on the client throw. The driver passes them on as if the command had failed. */
import { MongoClient } from 'mongodb'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { mongodb } from '../../packages/partita/src/mongodb/index.js'
import type { Store } from '../../packages/partita/src/store/store.js'
import { type MemoryMongo, startMemoryMongo } from '../servers/mongo/memory/server.js'

const table = 'things'
let server: MemoryMongo
let client: MongoClient
let store: Store
beforeAll(async () => {
  server = await startMemoryMongo()
  client = await MongoClient.connect(server.url, { monitorCommands: true })
  store = mongodb({ client, database: 'shop' })
  await store.createTable({ name: table, key: { partition: { name: 'pk', type: 'S' } } })
})
afterAll(async () => {
  await store.close()
  await client.close()
  await server.close()
})
beforeEach(() => store.write({ kind: 'put', table, item: { pk: 'a', n: 0 } }))

/** Runs a call while a listener throws on the answers to some commands. */
async function thrownOn<T>(commands: readonly string[], call: () => Promise<T>): Promise<T> {
  const throwing = ({ commandName }: { readonly commandName: string }) => {
    if (commands.includes(commandName)) throw new TypeError('the log is full')
  }
  client.on('commandSucceeded', throwing)
  try {
    return await call()
  } finally {
    client.off('commandSucceeded', throwing)
  }
}

describe('a listener that throws', () => {
  it('a read whose answer makes it throw does not say that the server could not be reached', async () => {
    const error = await thrownOn(['find'], () => store.get({ table, key: { pk: 'a' } })).catch(it => it)
    expect(error).toMatchObject({ code: 'Unavailable', cause: expect.any(TypeError) })
    expect(error.message).toMatch(/listener of the MongoDB client.*the log is full/)
    expect(error.message).not.toMatch(/could not be reached/)
  })

  it('a write whose answer makes it throw is not reported as undone', async () => {
    const write = () => store.write({ kind: 'put', table, item: { pk: 'a', n: 1 } })
    const error = await thrownOn(['update', 'findAndModify'], write).catch(it => it)
    expect(error).toMatchObject({ code: 'OutcomeUnknown', details: { key: { pk: 'a' } } })
    expect(error.message).toMatch(/listener of the MongoDB client.*the log is full/)
    expect((await store.get({ table, key: { pk: 'a' } })).item).toEqual({ pk: 'a', n: 1 })
  })
})
