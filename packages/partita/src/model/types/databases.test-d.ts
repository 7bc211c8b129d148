/** What the compiler accepts as a list of databases; checked by `tsc -p test`. */
import { connect, type DatabaseConfig, f, model } from 'partita'
import { expectTypeOf } from 'vitest'

const User = model('User', { fields: { id: f.string() }, key: 'id' })
const Invoice = model('Invoice', { fields: { id: f.string(), userId: f.ref('User') }, key: 'id', database: 'billing' })

const db = await connect({
  models: { User, Invoice },
  databases: [
    { id: 'primary', type: 'embedded', connectionDetails: { path: './data' } },
    { id: 'billing', type: 'embedded', connectionDetails: { reuseId: 'primary', table: 'invoices' } },
    {
      id: 'cloud',
      type: 'dynamodb',
      connectionDetails: { region: 'eu-west-1', deadline: '5000' },
      layout: { pk: 'PK' },
    },
    { id: 'memory', type: 'store', connectionDetails: { store: 'memory:' } },
  ],
})
expectTypeOf(await db.Invoice.get({ id: 'a' }))
  .exclude(undefined)
  .toHaveProperty('userId')

export const wrong: DatabaseConfig[] = [
  { id: 'a', type: 'mongo-db', connectionDetails: { reuseId: 'b', database: 'orders' } },
  { id: 'a', type: 'mongo-db', connectionDetails: { host: 'localhost', port: 27017, replicaSet: 'local' } },
  // @ts-expect-error: a region is not part of MongoDB's connections.
  { id: 'a', type: 'mongo-db', connectionDetails: { region: 'eu-west-1' } },
  // @ts-expect-error: there is no store of this type.
  { id: 'a', type: 'postgres', connectionDetails: { reuseId: 'b' } },
  // @ts-expect-error: an embedded database has a path, or reuses a store.
  { id: 'b', type: 'embedded', connectionDetails: {} },
  // @ts-expect-error: credentials are not part of a configuration.
  { id: 'c', type: 'dynamodb', connectionDetails: { accessKeyId: 'x' } },
]

// @ts-expect-error: the id of a database is a text.
model('Other', { fields: { id: f.string() }, key: 'id', database: 1 })

const billing = { id: 'billing', type: 'store', connectionDetails: { store: 'memory:' } } as const
export async function databaseIds(list: readonly DatabaseConfig[], id: string): Promise<void> {
  await connect({ models: { User, Invoice }, databases: [billing] })
  await connect({ models: { User, Invoice }, databases: list })
  await connect({ models: { User, Invoice }, databases: [{ ...billing, id }] })
  await connect<{ User: typeof User; Invoice: typeof Invoice }>({ models: { User, Invoice }, databases: [billing] })
  const Anywhere = model('Anywhere', { fields: { id: f.string() }, key: 'id', database: id })
  await connect({ models: { Anywhere }, databases: [billing] })
  // @ts-expect-error Invoice.database: billing is not the id of a database.
  await connect({ models: { User, Invoice }, databases: [{ ...billing, id: 'biling' }] })
  // @ts-expect-error A connection has no option uri.
  await connect({ models: { User }, databases: [{ id: 'a', type: 'store', connectionDetails: { uri: 'memory:' } }] })
}
