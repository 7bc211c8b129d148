/** Versions: every write of a record requires that the row still has the version that was read. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { add, connect, f, model } from '../../packages/partita/src/index.js'
import { describeEachStore } from '../stores.js'
import { fresh } from './races/arena.js'

const fields = {
  id: f.string(),
  title: f.string(),
  views: f.counter(),
  stats: f.map({ likes: f.counter(), rank: f.integer() }).default({ likes: 0, rank: 0 }),
  tags: f.set(f.string()).default([]),
  version: f.version(),
}
const Page = model('Page', { fields, key: 'id' })
/** Has a unique constraint, so its rows are written in transactions. */
const Named = model('Named', { fields, key: 'id', unique: { title: ['title'] } })
/** Has an index key that depends on a counter. */
const Ranked = model('Ranked', { fields, key: 'id', indexes: { byViews: { on: 'gsi1', pk: 'ALL', sk: '{views}' } } })
const Expiring = model('Expiring', { fields: { ...fields, expires: f.ttl().optional() }, key: 'id' })
const plain = { id: f.string(), title: f.string(), version: f.version() }
const Note = model('Note', { fields: plain, key: 'id' })
/** Has a unique constraint. */
const Term = model('Term', { fields: plain, key: 'id', unique: { title: ['title'] } })
const Dated = model('Dated', { fields: { ...plain, views: f.counter(), createdAt: f.createdAt() }, key: 'id' })
const models = { Page, Named, Ranked, Expiring, Note, Term, Dated }

describeEachStore('versions', tested => {
  let now = Math.ceil(Date.now() / 1000) * 1000
  const open = () => connect({ models, store: tested.store, table, createTable: true, clock: () => now })
  let db: Awaited<ReturnType<typeof open>>
  let table = ''
  beforeAll(async () => {
    table = tested.tableName()
    db = await open()
  })
  afterAll(() => db.close())

  const kinds = ['Page', 'Named', 'Ranked'] as const
  const repositoryOf = (kind: (typeof kinds)[number]) => db[kind] as unknown as typeof db.Page
  const conflict = { code: 'Conflict' }

  it.each(kinds)('a version guards save, update and delete of a record of %s', async kind => {
    const rows = repositoryOf(kind)
    const id = fresh()
    const key = { id }
    const stale = await rows.create({ id, title: id })
    await rows.update(key, { title: `${id}!` })
    await expect(stale.delete()).rejects.toMatchObject(conflict)
    await expect(stale.update({ tags: new Set(['x']) })).rejects.toMatchObject(conflict)
    await expect(stale.update({ title: 'mine', views: add(1) })).rejects.toMatchObject(conflict)
    // Setting a counter is not an addition, so it conflicts.
    await expect(stale.update({ views: 5 })).rejects.toMatchObject(conflict)
    stale.title = 'mine'
    await expect(stale.save()).rejects.toMatchObject(conflict)
    expect(await rows.get(key, { consistent: true })).toMatchObject({ title: `${id}!`, views: 0, version: 2 })
    await stale.reload()
    await stale.update({ title: `${id}?` })
    await stale.delete()
    expect(await rows.get(key, { consistent: true })).toBeUndefined()
  })

  it.each(['Note', 'Term', 'Dated'] as const)(
    'a version distinguishes a %s from an earlier row with the same key',
    async kind => {
      const rows = db[kind] as unknown as typeof db.Note
      const id = fresh()
      const key = { id }
      const stale = await rows.create({ id, title: id })
      await rows.delete(key)
      now += 1000
      await rows.create({ id, title: `${id}!` })
      await expect(stale.update({ title: 'mine' })).rejects.toMatchObject(conflict)
      await expect(stale.delete()).rejects.toMatchObject(conflict)
      stale.title = 'mine'
      await expect(stale.save()).rejects.toMatchObject(conflict)
      const inTransaction = db.transaction(async tx => {
        const row = await (tx[kind] as unknown as typeof tx.Note).get(key)
        await (tx[kind] as unknown as typeof tx.Note).delete(key)
        now += 1000
        await (tx[kind] as unknown as typeof tx.Note).create({ id, title: id })
        await row?.update({ title: 'mine' })
      })
      await expect(inTransaction).rejects.toMatchObject(conflict)
      expect(await rows.get(key, { consistent: true })).toMatchObject({ title: `${id}!`, version: 1 })
      await stale.reload()
      await stale.update({ title: `${id}?` })
      await stale.delete()
    },
  )

  it.each(kinds)('a version guards the records of a transaction of %s', async kind => {
    const rows = repositoryOf(kind)
    const id = fresh()
    await rows.create({ id, title: id })
    const attempt = (write: 'save' | 'update' | 'delete') =>
      db.transaction(async tx => {
        const inside = tx[kind] as unknown as typeof tx.Page
        const stale = await inside.get({ id })
        if (!stale) throw new Error('The row is gone')
        await inside.update({ id }, { title: `${id}!` })
        stale.title = 'mine'
        if (write === 'save') return void (await stale.save())
        if (write === 'update') return void (await stale.update({ title: 'mine' }))
        await stale.delete()
      })
    for (const write of ['save', 'update', 'delete'] as const) {
      await expect(attempt(write), write).rejects.toMatchObject(conflict)
    }
    expect(await rows.get({ id }, { consistent: true })).toMatchObject({ title: id, version: 1 })
  })

  it.each(kinds)(
    'the version stays the same if only counters of %s changed, and does not conflict with such a change',
    async kind => {
      const rows = repositoryOf(kind)
      const id = fresh()
      const key = { id }
      const [stale, saving] = [await rows.create({ id, title: id }), await rows.get(key, { consistent: true })]
      if (!saving) throw new Error('The row is gone')
      expect((await rows.update(key, { views: add(1), 'stats.likes': add(2) })).version).toBe(1)
      saving.views += 2
      expect((await saving.save()).version).toBe(1)
      await db.transaction(async tx => {
        const inside = tx[kind] as unknown as typeof tx.Page
        await inside.update(key, { views: add(4) })
        const record = await inside.get(key)
        if (!record) throw new Error('The row is gone')
        record.views += 8
        await record.save()
      })
      // Additions to counters do not conflict with this update.
      expect(await stale.update({ title: `${id}!` })).toMatchObject({ title: `${id}!`, views: 15, version: 2 })
      saving.views += 16
      expect(await saving.save()).toMatchObject({ views: 31, version: 2 })
      expect(await rows.update(key, { views: add(1), tags: add('x') })).toMatchObject({ version: 3 })
      expect(await rows.update(key, { 'stats.rank': add(1) })).toMatchObject({ version: 4 })
      expect(await rows.get(key, { consistent: true })).toMatchObject({ views: 32, stats: { likes: 2, rank: 1 } })
    },
  )

  it('a record whose row is deleted or expired can be deleted', async () => {
    for (const rows of [db.Page, db.Named]) {
      const id = fresh()
      const record = await rows.create({ id, title: id })
      await rows.delete({ id })
      await record.delete()
      expect(await rows.get({ id }, { consistent: true })).toBeUndefined()
    }
    const id = fresh()
    const record = await db.Expiring.create({ id, title: id })
    await db.Expiring.update({ id }, { expires: new Date(now + 5000) })
    await expect(record.delete()).rejects.toMatchObject(conflict)
    now += 6000
    await record.delete()
  })

  it('a version does not guard writes by key', async () => {
    const id = fresh()
    await db.Page.create({ id, title: id })
    await db.Page.update({ id }, { title: 'one' })
    await db.Page.update({ id }, { title: 'two' })
    expect(await db.Page.delete({ id })).toMatchObject({ title: 'two', version: 3 })
  })
})
