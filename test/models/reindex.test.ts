/** Rows that exist when a model gains an index, a constraint or iteration: warnings, and their completion by reindex. */
import { beforeEach, expect, it } from 'vitest'
import { connect, f, type Item, model, type WarningEvent } from '../../packages/partita/src/index.js'
import { describeEachStore } from '../stores.js'
import { everyItem, faultsOf } from './consistency.js'
import { together } from './ending.js'
import { watch } from './watched-store.js'

const fields = {
  id: f.string(),
  email: f.string(),
  role: f.string().default('member'),
  note: f.string().optional(),
  until: f.ttl().optional(),
}
/** The older program, which derives nothing from its rows. */
const older = { User: model('User', { fields, key: 'id', iterable: false }) }
/** The current program. */
const newer = {
  User: model('User', {
    fields,
    key: 'id',
    unique: { email: { fields: ['email'], lower: true } },
    indexes: { byRole: { on: 'gsi1', pk: 'ROLE#{role}', sk: '{email}' } },
  }),
}

const ALL_PARTS = ['index byRole', 'unique email', 'iteration iteration']

/** The warnings that a database has buffered. */
function warningsOf(db: { on(event: 'warning', listener: (event: WarningEvent) => void): () => void }): string[] {
  const named: string[] = []
  db.on('warning', event => {
    if (event.kind === 'incomplete') named.push(`${event.part} ${event.name}`)
  })
  return named
}

describeEachStore('reindex', tested => {
  let table = ''
  const open = <M extends typeof older | typeof newer>(
    models: M,
    more: { strict?: boolean; clock?: () => number } = {},
  ) =>
    connect({ models, store: tested.store, table, createTable: true, ...more } as never) as Promise<
      Awaited<ReturnType<typeof connect<typeof newer>>>
    >
  const faults = () => faultsOf({ store: tested.store, table, models: newer })

  beforeEach(() => {
    table = tested.tableName()
  })

  it('a new table and a program that reconnects cause no warning', async () => {
    expect(warningsOf(await open(newer))).toEqual([])
    expect(warningsOf(await open(newer, { strict: true }))).toEqual([])
  })

  it('incomplete parts cause warnings, strict refuses them, and reindex completes them in every tenant', async () => {
    const before = await open(older)
    await before.User.create({ id: 'a', email: 'a@x.org' })
    await before.scope({ tenant: 'one & two' }).User.create({ id: 'a', email: 'a@x.org', role: 'admin' })
    await before.User.create({ id: 'gone', email: 'gone@x.org', until: new Date(Date.now() + 2000) })
    const ahead = () => Date.now() + 5000
    const db = await open(newer, { clock: ahead })
    expect(warningsOf(db)).toEqual(ALL_PARTS)
    expect(warningsOf(db)).toEqual(ALL_PARTS)
    await expect(open(newer, { strict: true })).rejects.toMatchObject({
      code: 'Incomplete',
      details: { parts: ALL_PARTS.map(it => ({ model: 'User', part: it.split(' ')[0], name: it.split(' ')[1] })) },
    })
    const seen: number[] = []
    const result = await db.User.reindex({ batchSize: 2, onProgress: ({ rows }) => void seen.push(rows) })
    expect(result).toMatchObject({
      counts: { rows: 2, written: 2, duplicates: 0, unreadable: 0 },
      duplicates: [],
      unreadable: [],
      incomplete: [],
      isResumed: false,
    })
    expect(seen.at(-1)).toBe(2)
    expect(await faultsOf({ store: tested.store, table, models: newer, now: ahead() })).toEqual([])
    expect((await db.User.findBy({ email: 'A@x.org' }))?.id).toBe('a')
    expect(await db.scope({ tenant: 'one & two' }).User.query.byRole({ role: 'admin' }).count()).toBe(1)
    expect(warningsOf(db)).toEqual([])
    expect(warningsOf(await open(newer, { strict: true }))).toEqual([])
    expect((await db.User.reindex()).counts.written).toBe(0)
  })

  it('the warnings return after an older program has connected', async () => {
    const db = await open(newer)
    await (await open(older)).User.create({ id: 'old', email: 'old@x.org' })
    const again = await open(newer)
    expect(warningsOf(again)).toEqual(ALL_PARTS)
    expect((await again.User.reindex()).counts).toMatchObject({ rows: 1, written: 1 })
    expect(warningsOf(await open(newer))).toEqual([])
    await db.User.create({ id: 'new', email: 'new@x.org' })
    expect(await faults()).toEqual([])
  })

  it('rows that share a value of a new constraint are listed and kept, and the constraint stays incomplete', async () => {
    const before = await open(older)
    for (const [i, email] of ['x', 'X', 'y'].entries()) await before.User.create({ id: `u${i}`, email })
    const db = await open(newer)
    const first = await db.User.reindex()
    expect(first.incomplete).toEqual([{ part: 'unique', name: 'email', reason: 'duplicates' }])
    const [pair] = first.duplicates
    expect(first.duplicates).toHaveLength(1)
    expect([pair?.holder?.id, pair?.other.id].sort()).toEqual(['u0', 'u1'])
    expect(warningsOf(await open(newer))).toEqual(['unique email'])
    // Both rows can still be read and written.
    for (const id of ['u0', 'u1']) expect((await db.User.update({ id }, { note: 'kept' })).note).toBe('kept')
    await expect(db.User.update({ id: 'u2' }, { email: 'x' })).rejects.toMatchObject({ code: 'UniqueViolation' })
    await db.User.update({ id: String(pair?.other.id) }, { email: 'z' })
    expect((await db.User.reindex()).incomplete).toEqual([])
    expect(await faults()).toEqual([])
  })

  it('every write of a row completes it, whichever fields it changes', async () => {
    const before = await open(older)
    for (const id of ['saved', 'updated', 'changed', 'in-a-transaction', 'saved-in-one']) {
      await before.User.create({ id, email: `${id}@x.org` })
    }
    const db = await open(newer)
    await (await db.User.get({ id: 'saved' }))?.save()
    await db.User.update({ id: 'updated' }, { note: 'touched' })
    const changed = await db.User.get({ id: 'changed' })
    if (changed) changed.note = 'touched'
    await changed?.save()
    await db.transaction(async tx => {
      await tx.User.update({ id: 'in-a-transaction' }, { note: 'touched' })
      await (await tx.User.get({ id: 'saved-in-one' }))?.save()
    })
    expect(await faults()).toEqual([])
  })

  it('reindex continues an interrupted run, and starts again after an older program has connected', async () => {
    const before = await open(older)
    for (let i = 0; i < 9; i++) await before.User.create({ id: `u${i}`, email: `${i}@x.org` })
    const db = await open(newer)
    const stop = async () => {
      const controller = new AbortController()
      const running = db.User.reindex({ batchSize: 4, signal: controller.signal, onProgress: () => controller.abort() })
      await expect(running).rejects.toMatchObject({ name: 'AbortError' })
    }
    await stop()
    const { isResumed, counts } = await (await open(newer)).User.reindex({ batchSize: 4 })
    expect(isResumed).toBe(true)
    expect(counts).toMatchObject({ rows: 9, written: 9 })
    await open(older)
    await stop()
    await open(older)
    expect((await db.User.reindex()).isResumed).toBe(false)
    expect(await faults()).toEqual([])
  })

  it('a part does not become complete if an older program connects during reindex', async () => {
    await (await open(older)).User.create({ id: 'a', email: 'a' })
    const watched = watch(tested.store)
    const db = await connect({ models: newer, store: watched.store, table, createTable: true })
    watched.before = async ({ operation }) => {
      if (operation === 'scan') await open(older)
    }
    const { incomplete } = await db.User.reindex()
    expect(incomplete.map(({ part, name }) => `${part} ${name}`)).toEqual(ALL_PARTS)
    expect(incomplete.every(({ reason }) => reason === 'olderProgram')).toBe(true)
    watched.before = undefined
    expect(warningsOf(await open(newer))).toEqual(ALL_PARTS)
    expect((await db.User.reindex()).incomplete).toEqual([])
  })

  it('all parts become complete if a second run happens before any call of the first', async () => {
    // Each step needs its own table, which takes a second on some servers. There, only every seventh call is tested.
    const step = ['memory', 'embedded'].includes(tested.name) ? 1 : 7
    for (let call = 0, isOver = false; !isOver; call += step) {
      table = tested.tableName()
      const before = await open(older)
      for (const id of ['a', 'b', 'c']) await before.User.create({ id, email: `${id}@x.org` })
      const watched = watch(tested.store)
      const db = await connect({ models: newer, store: watched.store, table })
      const other = await open(newer)
      watched.calls = []
      let met: Promise<unknown> | undefined
      // The second run starts before this call of the first, and ends before the call continues.
      watched.before = () => {
        if (watched.calls.length !== call + 1) return
        met = other.User.reindex()
        return met
      }
      expect((await db.User.reindex({ batchSize: 2 })).incomplete, `at call ${call}`).toEqual([])
      isOver = met === undefined
      await met
      expect(warningsOf(await open(newer, { strict: true }))).toEqual([])
      expect(await faults()).toEqual([])
    }
  })

  it('two concurrent runs complete all parts', async () => {
    const before = await open(older)
    for (let i = 0; i < 20; i++) await before.User.create({ id: `u${i}`, email: `${i}@x.org` })
    const runs = await Promise.all([await open(newer), await open(newer)].map(db => db.User.reindex({ batchSize: 3 })))
    expect(runs.map(({ incomplete }) => incomplete)).toEqual([[], []])
    expect(warningsOf(await open(newer, { strict: true }))).toEqual([])
    expect(await faults()).toEqual([])
  })

  it('unreadable rows are reported, and the other rows are completed', async () => {
    const before = await open(older)
    for (const id of ['a', 'b', 'c']) await before.User.create({ id, email: `${id}@x.org` })
    const items = await everyItem({ store: tested.store, table })
    const broken: Item = { ...(items.find(it => it.id === 'b') as Item), role: 7, email: { of: 'no kind' } }
    await tested.store.write({ kind: 'put', table, item: broken })
    const db = await open(newer)
    const { counts, unreadable, incomplete } = await db.User.reindex()
    expect(counts).toMatchObject({ rows: 3, written: 3, unreadable: 1 })
    expect(incomplete).toEqual([])
    expect(unreadable[0]?.error.details).toMatchObject({ model: 'User', key: { id: 'b' } })
    expect((await db.User.query.byRole({ role: 'member' }).all()).map(it => it.id)).toEqual(['a', 'c'])
  })

  it('all parts are complete after a run during concurrent writes', async () => {
    const before = await open(older)
    const ids = Array.from({ length: 40 }, (_, i) => `u${i}`)
    await together(ids.length, i => before.User.create({ id: `u${i}`, email: `${i}@x.org` }))
    const db = await open(newer)
    const writing = together<unknown>(80, i => {
      const id = `u${i % 40}`
      if (i % 4 === 0) return db.User.update({ id }, { email: `other-${i}@x.org` })
      if (i % 4 === 1) return db.User.delete({ id })
      if (i % 4 === 2) return db.User.put({ id, email: `${id}@y.org`, role: 'admin' })
      return db.User.create({ id: `new${i}`, email: `${i - 3}@x.org` })
    })
    const { incomplete } = await db.User.reindex({ batchSize: 7 })
    await writing
    expect(incomplete.filter(({ reason }) => reason !== 'duplicates')).toEqual([])
    await db.User.reindex()
    expect(await faults()).toEqual([])
  })
})
