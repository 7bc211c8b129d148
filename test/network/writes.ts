/** Every kind of write of every layer, for the suites of network faults. */
import { AlreadyExistsError, add, append, connect, f, model, type Store } from '../../packages/partita/src/index.js'
import { createItems } from '../../packages/partita/src/items/index.js'
import { SingleTable } from '../../packages/partita/src/table/index.js'

const Plain = model('Plain', {
  fields: { id: f.string(), n: f.counter(), t: f.integer().default(0), lines: f.list(f.string()).default([]) },
  key: 'id',
  iterable: false,
})
const Versioned = model('Versioned', {
  fields: { id: f.string(), n: f.counter(), t: f.integer().default(0), version: f.version() },
  key: 'id',
  iterable: false,
})
const Indexed = model('Indexed', {
  fields: { id: f.string(), n: f.counter(), g: f.string().default('g') },
  key: 'id',
  indexes: { byG: { on: 'gsi1', pk: 'G#{g}', sk: '{n}' } },
  iterable: false,
})
const Unique = model('Unique', {
  fields: { id: f.string(), n: f.counter(), email: f.string() },
  key: 'id',
  unique: { email: ['email'] },
  iterable: false,
})

const MODELS = { Plain, Versioned, Indexed, Unique }
type ModelName = keyof typeof MODELS

/** Opens a program on a store: models, a SingleTable and items, each on its own table. */
export async function openProgram(store: Store, prefix: string, createTable = false) {
  const db = await connect({ models: MODELS, store, table: `${prefix}-models`, createTable })
  const table = new SingleTable({ store, table: `${prefix}-table`, partitionKey: 'pk', rangeKey: 'sk' })
  const items = createItems({ store, table: `${prefix}-items` })
  if (createTable) await Promise.all([table.createTable(), items.createTable()])
  return { db, table, items }
}

export type Program = Awaited<ReturnType<typeof openProgram>>

/** What another writer does to the item between two attempts. */
export type Other = 'nothing' | 'touch' | 'remove'

export interface Kind {
  readonly name: string
  /** Whether the item exists before the write. */
  readonly present: boolean
  /** The model or the layer of the item. */
  readonly on: ModelName | 'table' | 'items'
  /** The amount that the write adds to a counter, if it does. */
  readonly adds?: number
  /** The state that also counts as success, even if another writer made it. */
  readonly byState?: 'there' | 'gone'
  run(program: Program, id: string): Promise<unknown>
}

const key = (id: string) => ({ partitionKey: id, rangeKey: 'r' })
const sum = [{ operation: 'sum', property: 'n', value: 1 }] as const

export const KINDS: readonly Kind[] = [
  { name: 'create', present: false, on: 'Plain', run: ({ db }, id) => db.Plain.create({ id }) },
  {
    name: 'create exactly once',
    present: false,
    on: 'Plain',
    run: ({ db }, id) => db.Plain.create({ id }, { exactlyOnce: true }),
  },
  { name: 'create over a row', present: true, on: 'Plain', run: ({ db }, id) => db.Plain.create({ id }) },
  { name: 'put', present: true, on: 'Plain', run: ({ db }, id) => db.Plain.put({ id, t: 1 }) },
  { name: 'put, absent', present: false, on: 'Plain', run: ({ db }, id) => db.Plain.put({ id, t: 1 }) },
  { name: 'put if', present: true, on: 'Plain', run: ({ db }, id) => db.Plain.put({ id, t: 1 }, { if: { t: 0 } }) },
  { name: 'put with version', present: true, on: 'Versioned', run: ({ db }, id) => db.Versioned.put({ id, t: 1 }) },
  { name: 'update', present: true, on: 'Plain', run: ({ db }, id) => db.Plain.update({ id }, { t: 1 }) },
  {
    name: 'update if',
    present: true,
    on: 'Plain',
    run: ({ db }, id) => db.Plain.update({ id }, { t: 1 }, { if: { t: 0 } }),
  },
  { name: 'add', present: true, on: 'Plain', adds: 1, run: ({ db }, id) => db.Plain.update({ id }, { n: add(1) }) },
  {
    name: 'add exactly once',
    present: true,
    on: 'Plain',
    adds: 1,
    run: ({ db }, id) => db.Plain.update({ id }, { n: add(1) }, { exactlyOnce: true }),
  },
  { name: 'append', present: true, on: 'Plain', run: ({ db }, id) => db.Plain.update({ id }, { lines: append('x') }) },
  {
    name: 'add in an index',
    present: true,
    on: 'Indexed',
    adds: 1,
    run: ({ db }, id) => db.Indexed.update({ id }, { n: add(1) }),
  },
  {
    name: 'save a counter',
    present: true,
    on: 'Plain',
    adds: 1,
    async run({ db }, id) {
      const row = await db.Plain.get({ id }, { consistent: true })
      if (!row) return
      row.n += 1
      await row.save()
    },
  },
  {
    name: 'save with version',
    present: true,
    on: 'Versioned',
    async run({ db }, id) {
      const row = await db.Versioned.get({ id }, { consistent: true })
      if (!row) return
      row.t += 1
      await row.save()
    },
  },
  {
    name: 'save exactly once',
    present: true,
    on: 'Plain',
    adds: 1,
    async run({ db }, id) {
      const row = await db.Plain.get({ id }, { consistent: true })
      if (!row) return
      row.n += 1
      await row.save({ exactlyOnce: true })
    },
  },
  { name: 'delete', present: true, on: 'Plain', run: ({ db }, id) => db.Plain.delete({ id }) },
  { name: 'delete if', present: true, on: 'Plain', run: ({ db }, id) => db.Plain.delete({ id }, { if: { t: 0 } }) },
  {
    name: 'delete exactly once',
    present: true,
    on: 'Plain',
    byState: 'gone',
    run: ({ db }, id) => db.Plain.delete({ id }, { exactlyOnce: true }),
  },
  { name: 'create unique', present: false, on: 'Unique', run: ({ db }, id) => db.Unique.create({ id, email: id }) },
  { name: 'put unique', present: true, on: 'Unique', run: ({ db }, id) => db.Unique.put({ id, email: `${id}.` }) },
  {
    name: 'update unique',
    present: true,
    on: 'Unique',
    run: ({ db }, id) => db.Unique.update({ id }, { email: `${id}.` }),
  },
  {
    name: 'delete unique',
    present: true,
    on: 'Unique',
    byState: 'gone',
    run: ({ db }, id) => db.Unique.delete({ id }),
  },
  {
    name: 'transaction',
    present: true,
    on: 'Plain',
    adds: 1,
    run: ({ db }, id) => db.transaction(tx => tx.Plain.update({ id }, { n: add(1) })),
  },
  {
    name: 'transaction that creates',
    present: false,
    on: 'Plain',
    run: ({ db }, id) => db.transaction(tx => tx.Plain.create({ id })),
  },
  { name: 'batch put', present: true, on: 'Plain', run: ({ db }, id) => db.batch(it => it.Plain.put({ id, t: 1 })) },
  { name: 'batch delete', present: true, on: 'Plain', run: ({ db }, id) => db.batch(it => it.Plain.delete({ id })) },
  {
    name: 'table create',
    present: true,
    on: 'table',
    byState: 'there',
    run: ({ table }, id) => table.create({ key: key(id), item: { n: 0, mine: id } }),
  },
  {
    name: 'table createOnly',
    present: false,
    on: 'table',
    run: ({ table }, id) => table.create({ key: key(id), item: { n: 0 }, createOnly: true }),
  },
  {
    name: 'table createOnly exactly once',
    present: false,
    on: 'table',
    run: ({ table }, id) => table.create({ key: key(id), item: { n: 0 }, createOnly: true, exactlyOnce: true }),
  },
  {
    name: 'table update',
    present: true,
    on: 'table',
    adds: 1,
    run: ({ table }, id) => table.update({ ...key(id), atomicOperations: sum }),
  },
  {
    name: 'table update exactly once',
    present: true,
    on: 'table',
    adds: 1,
    run: ({ table }, id) => table.update({ ...key(id), atomicOperations: sum, exactlyOnce: true }),
  },
  { name: 'table delete', present: true, on: 'table', byState: 'gone', run: ({ table }, id) => table.delete(key(id)) },
  {
    name: 'table delete if',
    present: true,
    on: 'table',
    run: ({ table }, id) => table.delete({ ...key(id), conditions: { n: 0 } }),
  },
  {
    name: 'table transaction',
    present: true,
    on: 'table',
    adds: 1,
    run: ({ table }, id) => table.transaction([{ update: { ...key(id), atomicOperations: sum } }]),
  },
  {
    name: 'table transaction with a token',
    present: true,
    on: 'table',
    adds: 1,
    run: ({ table }, id) =>
      table.transaction([{ update: { ...key(id), atomicOperations: sum } }], { token: id.slice(-36) }),
  },
  {
    name: 'table batch',
    present: true,
    on: 'table',
    run: ({ table }, id) => table.batchWrite([{ create: { key: key(id), item: { n: 0 } } }]),
  },
  {
    name: 'items put',
    present: true,
    on: 'items',
    byState: 'there',
    run: ({ items }, id) => items.putItem({ category: 'c', key: id, n: 7 }),
  },
  {
    name: 'items delete',
    present: true,
    on: 'items',
    byState: 'gone',
    run: ({ items }, id) => items.deleteItem('c', id),
  },
]

/** Creates the item that a kind of write needs. */
export async function prepare({ db, table, items }: Program, { on, present }: Kind, id: string): Promise<void> {
  if (!present) return
  if (on === 'table') await table.create({ key: key(id), item: { n: 0 } })
  else if (on === 'items') await items.putItem({ category: 'c', key: id, n: 0 })
  else if (on === 'Unique') await db.Unique.create({ id, email: id })
  else await db[on].create({ id })
}

/** The amount that the other writer adds. */
const OTHERS = 100

export async function interfere({ db, table, items }: Program, { on }: Kind, id: string, other: Other): Promise<void> {
  if (other === 'nothing') return
  if (on === 'table') {
    if (other === 'remove') return table.delete(key(id))
    await table.update({
      ...key(id),
      atomicOperations: [{ operation: 'add', property: 'n', value: OTHERS }],
      mustExist: false,
    })
  } else if (on === 'items') {
    if (other === 'remove') return items.deleteItem('c', id)
    await items.putItem({ category: 'c', key: id, n: OTHERS })
  } else if (other === 'remove') {
    await db[on].delete({ id })
  } else {
    const there = await db[on as 'Plain'].get({ id }, { consistent: true })
    if (there) await db[on].update({ id }, { n: add(OTHERS) })
    else {
      try {
        if (on === 'Unique') await db.Unique.create({ id, email: id, n: OTHERS })
        else await db[on].create({ id, n: OTHERS })
      } catch (error) {
        // An attempt of the write under test may arrive between the read and the create.
        if (!(error instanceof AlreadyExistsError)) throw error
        await db[on].update({ id }, { n: add(OTHERS) })
      }
    }
  }
}

/** @returns the item; undefined if it does not exist. */
export async function look({ db, table, items }: Program, { on }: Kind, id: string) {
  if (on === 'table') return table.get<{ n: number; mine?: string }>({ ...key(id), consistentRead: true })
  if (on === 'items') return items.getItem('c', id, { consistentRead: true })
  return db[on as 'Plain'].get({ id }, { consistent: true })
}
