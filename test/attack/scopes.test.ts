/** No scope reads or writes rows of another scope, whatever its values look like. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { memory } from '../../packages/partita/src/embedded/index.js'
import { update, value } from '../../packages/partita/src/expression/ast.js'
import { collection, connect, f, many, model, one } from '../../packages/partita/src/index.js'
import type { Store } from '../../packages/partita/src/store/store.js'
import { failure } from '../store-contract/fixtures.js'

const fields = { id: f.string(), line: f.string(), owner: f.string().optional(), secret: f.string() }
const relations = {
  same: many('Doc', 'byOwner', { owner: 'owner' }),
  under: many('Doc', 'key', { id: 'owner' }),
  head: one('Doc', { id: 'owner', line: 'line' }),
}

const raw = {
  fields,
  key: { pk: '{id}', sk: 'DOC#{line}' },
  encoding: 'raw',
  indexes: { byOwner: { on: 'gsi1', pk: '{owner}', sk: '{line}' } },
  relations,
} as const

/** Models, each with the attribute that is the partition key of its index. */
const shapes = {
  'raw values': {
    Doc: model('Doc', raw),
    layout: {},
    index: 'gsi1pk',
  },
  'raw values in rows without a type name': {
    Doc: model('Doc', { ...raw, type: null }),
    layout: { indexes: { gsi1: { pk: 'byOwner', sk: 'byLine' } } },
    index: 'byOwner',
  },
}

describe.each(Object.entries(shapes))('with %s', (_, { Doc, layout, index }) => {
  const open = (store: Store) =>
    connect({
      store,
      layout,
      models: { Doc },
      collections: {
        Docs: collection('Docs', { pk: '{id}', many: { docs: Doc } }),
        Owned: collection('Owned', { on: 'gsi1', pk: '{owner}', many: { docs: Doc } }),
      },
    })
  let store: Store
  let db: Awaited<ReturnType<typeof open>>
  beforeEach(async () => {
    store = memory()
    db = await open(store)
    const acme = db.scope({ tenant: 'acme' })
    await acme.Doc.create({ id: 'd1', line: '1', owner: 'ada', secret: 'of acme' })
    await db.Doc.create({ id: 'own', line: '1', owner: 'bob', secret: 'of nobody' })
  })
  afterEach(() => store.close())

  it('a key that begins like a tenant finds no rows of that tenant', async () => {
    const id = 'T#acme#d1'
    const owner = 'T#acme#ada'
    expect(await db.Doc.get({ id, line: '1' })).toBeUndefined()
    expect(await db.Doc.getMany([{ id, line: '1' }])).toEqual([undefined])
    expect(await db.Doc.query.key({ id }).all()).toEqual([])
    expect(await db.Doc.query.key({ id }).count()).toBe(0)
    expect((await db.Doc.query.key({ id }).page()).items).toEqual([])
    expect(await db.Doc.query.key({ id, line: { $beginsWith: '' } }).first()).toBeUndefined()
    expect(await db.Doc.query.byOwner({ owner }).all()).toEqual([])
    expect(await db.Doc.query.byOwner({ owner, line: { $beginsWith: '1' } }).count()).toBe(0)
    expect(await db.Docs.get({ id })).toBeUndefined()
    expect(await db.Owned.get({ owner })).toBeUndefined()
    const none = await db.transaction(tx => tx.Doc.query.byOwner({ owner }).all())
    expect(none).toEqual([])
  })

  it.each(['T#acme#d1', 'T#', 'UNIQUE#x', 'ITERATE#Doc#1', 'PARTITA#parts'])(
    'no scope writes a row under %s, in the table or in an index',
    async text => {
      for (const scope of [db, db.scope({ tenant: 'acme' }), db.scope({ tenant: 'a' }).scope({ tenant: 'b' })]) {
        const planted = { id: 'evil', line: '1', owner: text, secret: 'planted' }
        const keyed = { id: text, line: '1', secret: 'planted' }
        for (const row of [planted, keyed]) {
          await expect(failure(scope.Doc.create(row))).resolves.toMatchObject({ code: 'ValidationFailed' })
          await expect(failure(scope.Doc.put(row))).resolves.toMatchObject({ code: 'ValidationFailed' })
          await expect(failure(scope.batch(b => b.Doc.put(row)))).resolves.toMatchObject({ code: 'ValidationFailed' })
          const inTransaction = scope.transaction(tx => tx.Doc.create(row))
          await expect(failure(inTransaction)).resolves.toMatchObject({ code: 'ValidationFailed' })
        }
        await expect(failure(scope.Doc.delete({ id: text, line: '1' }))).resolves.toMatchObject({
          code: 'ValidationFailed',
        })
        const row = await scope.Doc.put({ id: 'mine', line: '1', secret: '', owner: 'me' })
        const change = { owner: text }
        const updates = [
          () => scope.Doc.update({ id: 'mine', line: '1' }, change),
          () => row.update(change),
          () => scope.transaction(tx => tx.Doc.update({ id: 'mine', line: '1' }, change)),
          () => {
            row.owner = text
            return row.save()
          },
        ]
        for (const update of updates) {
          await expect(failure(update())).resolves.toMatchObject({ code: 'ValidationFailed' })
        }
      }
    },
  )

  it('a query shows no row of another scope that is indexed under its own keys', async () => {
    const acme = db.scope({ tenant: 'acme' })
    // Another program or an older version wrote these index keys.
    for (const [pk, partition] of [
      ['own', 'T#acme#ada'],
      ['T#acme#d1', 'bob'],
    ] as const) {
      const set = [{ path: [index], value: value(partition) }] as const
      const key = { pk, sk: 'DOC#1' }
      await store.write({ kind: 'update', table: 'partita', key, update: update({ set: [...set] }) })
    }
    for (const [scope, owner, other] of [
      [acme, 'ada', 'of nobody'],
      [db, 'bob', 'of acme'],
    ] as const) {
      const query = scope.Doc.query.byOwner({ owner })
      const seen = await query.all()
      expect(seen.map(({ secret }) => secret)).not.toContain(other)
      expect((await query.page()).items.map(({ secret }) => secret)).not.toContain(other)
      expect(await query.count()).toBe(seen.length)
      expect((await scope.Owned.get({ owner }))?.docs ?? []).toHaveLength(seen.length)
    }
  })

  it('a relation finds no rows of a tenant, whatever its field contains', async () => {
    for (const owner of ['T#acme#ada', 'T#acme#d1', 'T#acme#']) {
      const set = [{ path: ['owner'], value: value(owner) }] as const
      const key = { pk: 'own', sk: 'DOC#1' }
      await store.write({ kind: 'update', table: 'partita', key, update: update({ set: [...set] }) })
      const wanted = { same: true, under: true, head: true } as const
      const row = await db.Doc.get({ id: 'own', line: '1' }, { with: wanted })
      expect(row).toMatchObject({ same: [], under: [] })
      expect(row?.head).toBeUndefined()
      const plain = await db.Doc.get({ id: 'own', line: '1' })
      expect(await plain?.same().all()).toEqual([])
      expect(await plain?.under().count()).toBe(0)
      expect(await plain?.head()).toBeUndefined()
    }
  })
})

it('a model whose fields are the key attributes finds and writes no rows of a tenant', async () => {
  const store = memory()
  const Row = model('Row', {
    fields: { pk: f.string(), sk: f.string(), gsi1pk: f.string().optional(), gsi1sk: f.string().optional() },
    key: { pk: '{pk}', sk: '{sk}' },
    encoding: 'raw',
    type: null,
    iterable: false,
    indexes: { first: { on: 'gsi1', pk: '{gsi1pk}', sk: '{gsi1sk}' } },
  })
  const Note = model('Note', {
    fields: { noteId: f.string(), team: f.string() },
    key: 'noteId',
    indexes: { byTeam: { on: 'gsi1', pk: 'TEAM#{team}' } },
  })
  const notes = await connect({ store, models: { Note } })
  await notes.scope({ tenant: 'acme' }).Note.create({ noteId: '1', team: 't' })
  const db = await connect({ store, models: { Row } })
  expect(await db.Row.get({ pk: 'T#acme#Note#1', sk: 'Note' })).toBeUndefined()
  expect(await db.Row.query.first({ gsi1pk: 'T#acme#TEAM#t' }).all()).toEqual([])
  const planted = { pk: 'x', sk: 'y', gsi1pk: 'T#acme#TEAM#t', gsi1sk: 'Note' }
  await expect(failure(db.Row.put(planted))).resolves.toMatchObject({ code: 'ValidationFailed' })
  await db.Row.put({ pk: 'x', sk: 'y', gsi1sk: 'Note' })
  const change = { gsi1pk: 'T#acme#TEAM#t' }
  await expect(failure(db.Row.update({ pk: 'x', sk: 'y' }, change))).resolves.toMatchObject({
    code: 'ValidationFailed',
  })
  await store.close()
})
