/** Several databases that share a store. Numbers refer to test/known-problems/goodies.md. */
import { connect, type DatabaseConfig, f, model, PartitaError, type Store } from 'partita'
import { memory } from 'partita/embedded'
import 'partita/mongodb'
import { expect } from 'vitest'
import { knownProblems } from '../../../known-problems/known-problems.js'
import { startMemoryMongo } from '../../../servers/mongo/memory/server.js'
import { describeEachEngine } from '../engines.js'
import { codeOf } from './observe.js'

const { holds, allAccountedFor } = knownProblems('goodies', import.meta.url)

const fields = { id: f.string(), n: f.integer().default(0) }
const First = model('First', { fields, key: 'id' })
const Second = model('Second', { fields, key: 'id', database: 'secondary' })
const Third = model('Third', { fields, key: 'id', database: 'tertiary' })
const models = { First, Second, Third }

/** The list of the README: a primary database, and two that reuse its store. */
const listOf = (store: Store, table: (id: string) => string): readonly DatabaseConfig[] => [
  { id: 'primary', type: 'store', connectionDetails: { store, table: table('primary') } },
  { id: 'secondary', type: 'store', connectionDetails: { reuseId: 'primary', table: table('secondary') } },
  // Through another database that reuses the store itself.
  { id: 'tertiary', type: 'store', connectionDetails: { reuseId: 'secondary', table: table('tertiary') } },
]

/** The calls of a store by their names; all others are passed on. */
function counted(store: Store, calls: string[]): Store {
  return new Proxy(store, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name)
      if (typeof member !== 'function') return member
      return (...given: unknown[]) => {
        calls.push(String(name))
        return Reflect.apply(member, target, given)
      }
    },
  })
}

describeEachEngine('Databases that reuse a store', tested => {
  holds([72], 'one transaction spans all databases of one store, or changes none of them', async () => {
    const prefix = tested.tableName()
    const databases = listOf(tested.store, id => `${prefix}-${id}`)
    const db = await connect({ models, databases, createTable: true })
    const write = (id: string, fails: boolean) =>
      db.transaction(async tx => {
        await tx.First.create({ id })
        await tx.Second.create({ id })
        await tx.Third.create({ id })
        if (fails) throw new Error('changed its mind')
      })
    await write('a', false)
    await expect(write('b', true)).rejects.toThrow('changed its mind')
    const consistent = { consistent: true } as const
    for (const of of [db.First, db.Second, db.Third]) {
      expect(await of.get({ id: 'a' }, consistent)).toMatchObject({ id: 'a' })
      expect(await of.get({ id: 'b' }, consistent)).toBeUndefined()
    }
    await db.close()
    // Closing the database closes the store of none that the program opened itself.
    expect((await tested.store.listTables()).length).toBeGreaterThan(0)
  })
})

holds([73], 'a database has a table named by its id, and each store is opened once', async () => {
  const store = memory()
  const db = await connect({
    models,
    databases: [
      { id: 'primary', type: 'store', connectionDetails: { store } },
      { id: 'secondary', type: 'store', connectionDetails: { reuseId: 'primary' } },
      { id: 'tertiary', type: 'store', connectionDetails: { reuseId: 'primary' } },
    ],
  })
  await db.transaction(tx => tx.Third.create({ id: 'a' }))
  expect((await store.listTables()).sort()).toEqual(['primary', 'secondary', 'tertiary'])
  await db.close()
  await store.close()
})

holds([74], 'every mistake of the list is found before anything is opened', async () => {
  const embedded = (id: string, connectionDetails: object) => ({ id, type: 'embedded', connectionDetails })
  for (const [databases, message] of [
    [[embedded('a', { path: './a' }), embedded('a', { path: './b' })], /the id of another database/],
    [[embedded('a', { path: './a' }), embedded('b', { reuseId: 'c' })], /not a database/],
    [[embedded('a', { reuseId: 'b' }), embedded('b', { reuseId: 'a' })], /in a circle/],
    [[embedded('a', { path: './a' }), { ...embedded('b', { reuseId: 'a' }), type: 'dynamodb' }], /store is that of a/],
    [[embedded('a', { path: './a' }), embedded('b', { reuseId: 'a', path: './b' })], /cannot be combined with reuseId/],
    [[embedded('a', { path: `\${gestalt.environment.NOT_SET}` })], /NOT_SET is not set/],
    [[{ ...embedded('a', { path: './a' }), type: 'mongo-db' }], /path: is not understood for mongo-db/],
    [[{ ...embedded('a', { path: './a' }), type: 'postgres' }], /the types are embedded/],
    [[], /at least one database/],
  ] as const) {
    const opening = connect({ models: { First }, databases: databases as readonly DatabaseConfig[], environment: {} })
    await expect(opening).rejects.toThrow(message)
    expect(await codeOf(opening)).toBe('ValidationFailed')
  }
})

holds([75], 'a transaction that uses a second store fails before anything is written', async () => {
  const calls: string[] = []
  const stores = [counted(memory(), calls), counted(memory(), calls)] as const
  const db = await connect({
    models: { First, Second },
    databases: [
      { id: 'primary', type: 'store', connectionDetails: { store: stores[0] } },
      { id: 'secondary', type: 'store', connectionDetails: { store: stores[1] } },
    ],
  })
  calls.length = 0
  const both = db.transaction(async tx => {
    await tx.First.create({ id: 'a' })
    await tx.Second.create({ id: 'a' })
  })
  const error = await both.catch(error => error)
  expect(PartitaError.is(error, 'ValidationFailed') && error.message).toMatch(/another store/)
  expect(calls.filter(call => /write/i.test(call))).toEqual([])
  await db.close()
  for (const store of stores) await store.close()
})

holds([90], 'a transaction without a replica set is refused at the start', async () => {
  const server = await startMemoryMongo({ replicaSet: false })
  const url = `${server.url}primary`
  const opening = connect({
    models: { First },
    databases: [{ id: 'primary', type: 'mongo-db', connectionDetails: { url } }],
  })
  const created = opening.then(db => db.transaction(tx => tx.First.create({ id: 'a' })))
  const error = await created.catch(error => error)
  expect(PartitaError.is(error, 'StoreUnusable') && error.message).toMatch(/rs\.initiate\(\)/)
  await (await opening.catch(() => undefined))?.close()
  await server.close()
})

allAccountedFor()
