/** `consistency(db)` on every store: many pages, tenants, concurrent writes, adopted tables, older rows. */
import { afterEach, beforeEach, expect, it } from 'vitest'
import { connect, f, model } from '../../packages/partita/src/model/index.js'
import { consistency } from '../../packages/partita/src/testing/index.js'
import { describeEachStore } from '../stores.js'

const User = model('User', {
  fields: { id: f.string(), email: f.string(), team: f.string().default('none'), note: f.string().optional() },
  key: 'id',
  unique: { email: ['email'], teamNote: ['team', 'note'] },
  indexes: { byTeam: { on: 'gsi1', pk: 'TEAM#{team}', sk: '{id}' } },
})
const Log = model('Log', {
  fields: { id: f.string(), text: f.string() },
  key: 'id',
  iterable: { buckets: 40 },
})
const models = { User, Log }

describeEachStore('The consistency of a database', tested => {
  const open = (table: string) =>
    connect({ models, store: tested.store, table, createTable: true, tenancy: 'required' })
  let table: string
  let db: Awaited<ReturnType<typeof open>>
  beforeEach(async () => {
    table = tested.tableName()
    db = await open(table)
  })
  afterEach(() => db.close())

  const user = (n: number) => ({ id: `u${n}`, email: `${n}@x`, ...(n % 2 === 0 && { note: `n${n}` }) })

  it('a check covers many pages and all tenants, also when a tenant is required', async () => {
    for (const tenant of ['a', 'b']) {
      await db.run({ tenant }, async scope => {
        for (let n = 0; n < 15; n++) await scope.User.create(user(n))
        await scope.batch(batch => {
          for (let n = 0; n < 8; n++) batch.Log.put({ id: `l${n}`, text: 'x'.repeat(200_000) })
        })
      })
    }
    expect(await consistency(db)).toEqual({ rows: 46, markers: 46, others: 0, counts: {}, inconsistencies: [] })
    expect((await tested.store.scan({ table, consistent: true })).next).toBeDefined()
  })

  it('all inconsistencies are counted, and the list of them is bounded', async () => {
    const { store } = tested
    for (let n = 0; n < 6; n++) {
      const item = { pk: `T#a#UNIQUE#User#email#${n}`, sk: 'UNIQUE', _type: 'UNIQUE', _rev: 'r' }
      await store.write({ kind: 'put', table, item: { ...item, owner: { pk: `User#${n}`, sk: 'User' } } })
    }
    await db.run({ tenant: 'a' }, scope => scope.User.create(user(1)))
    await store.write({ kind: 'delete', table, key: { pk: 'T#a#UNIQUE#User#email#1@x', sk: 'UNIQUE' } })
    const report = await consistency(db, { limit: 2 })
    expect(report).toMatchObject({ rows: 1, counts: { orphan: 6, unique: 1 } })
    expect(report.inconsistencies).toHaveLength(2)
    const { inconsistencies } = await consistency(db)
    expect(inconsistencies).toContainEqual(
      expect.objectContaining({ kind: 'unique', model: 'User', key: { id: 'u1' }, problem: 'missing' }),
    )
  })

  it('a consistent table is reported as consistent while other programs write', async () => {
    await db.run({ tenant: 'a' }, async scope => {
      for (let n = 0; n < 10; n++) await scope.User.create(user(n))
      let isDone = false
      const write = async (n: number) => {
        for (let turn = 0; !isDone; turn++) {
          await scope.User.update({ id: `u${n}` }, { email: `${n}-${turn}@x` })
          if (turn % 3 === 2) {
            await scope.User.delete({ id: `u${n}` })
            await scope.User.create(user(n))
          }
        }
      }
      const writers = [0, 1, 2, 3].map(write)
      try {
        for (let i = 0; i < 5; i++) expect((await consistency(db)).inconsistencies).toEqual([])
      } finally {
        isDone = true
        await Promise.all(writers)
      }
    })
  })

  it('items of other programs are counted as others', async () => {
    await tested.store.write({ kind: 'put', table, item: { pk: 'other', sk: 'x', gsi1pk: 'y' } })
    expect(await consistency(db)).toMatchObject({ rows: 0, others: 1, counts: {} })
  })

  it('rows that are older than an index are reported until they are reindexed', async () => {
    const Older = model('User', { fields: User.definition.fields, key: 'id', unique: { email: ['email'] } })
    const older = await connect({ models: { User: Older, Log }, store: tested.store, table })
    await older.run({ tenant: 'a' }, scope => scope.User.create(user(2)))
    const { counts, inconsistencies } = await consistency(db)
    expect(counts).toEqual({ index: 1, unique: 1 })
    expect(inconsistencies[0]).toMatchObject({
      kind: 'index',
      index: 'byTeam',
      expected: { gsi1pk: 'T#a#TEAM#none', gsi1sk: 'u2' },
      actual: {},
    })
    const anyTenant = await connect({ models, store: tested.store, table })
    await anyTenant.User.reindex()
    expect((await consistency(db)).counts).toEqual({})
  })

  it('a scope is refused, because it has the rows of one tenant only', async () => {
    const scope = db.scope({ tenant: 'a' })
    await expect(consistency(scope as never)).rejects.toMatchObject({ code: 'ValidationFailed' })
  })
})

describeEachStore('The consistency of an adopted table', tested => {
  it('an adopted table is checked with its own attribute names, keys without encoding and rows without type names', async () => {
    const Person = model('Person', {
      fields: { PK: f.string(), SK: f.string(), GSI: f.string().optional(), email: f.string() },
      key: { pk: '{PK}', sk: '{SK}' },
      encoding: 'raw',
      type: null,
      iterable: false,
      unique: { email: ['email'] },
      indexes: { byGroup: { on: 'groups', pk: '{GSI}', sk: '{email}' } },
    })
    const table = tested.tableName()
    const layout = { pk: 'PK', sk: 'SK', indexes: { groups: { pk: 'GSI', sk: 'GSI_SK' } } }
    const db = await connect({ models: { Person }, store: tested.store, table, layout, createTable: true })
    await db.Person.create({ PK: 'p1', SK: 'a', GSI: 'g', email: 'p@x' })
    await db.Person.create({ PK: 'p2', SK: 'a', email: 'q@x' })
    expect(await consistency(db)).toEqual({ rows: 2, markers: 2, others: 0, counts: {}, inconsistencies: [] })
    const item = { PK: 'p3', SK: 'a', GSI: 'g', email: 'r@x' }
    await tested.store.write({ kind: 'put', table, item })
    expect((await consistency(db)).counts).toEqual({ index: 1, unique: 1 })
    await db.close()
  })
})
