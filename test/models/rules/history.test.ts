/** The audit trail: an entry for every write that took effect, in its own transaction, for whoever may read the row. */
import { connect, f, type Models, model, PartitaError } from 'partita'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { describeEachStore } from '../../stores.js'
import { everyItem, faultsOf } from '../consistency.js'

const Document = model('Document', {
  fields: {
    id: f.string(),
    owner: f.string(),
    title: f.string(),
    due: f.date().optional(),
    tags: f.set(f.string()),
    body: f.json().optional(),
    deletedAt: f.deletedAt(),
  },
  key: 'id',
  unique: { title: ['title'] },
  softDelete: true,
  rules: {
    audit: { actor: actor => (actor as { id: string } | undefined)?.id },
    permissions: {
      conditions: ({ actor }) => ({ owner: (actor as { id: string }).id }),
      enforce: (row, { actor }) => row.owner === (actor as { id: string }).id,
    },
  },
})
const Task = model('Task', {
  fields: { id: f.string(), count: f.integer(), note: f.string().optional() },
  key: { pk: 'TASK#{id}', sk: 'TASK' },
  rules: { audit: true, permissions: 'http' },
})
/** Another model in the partitions of tasks, whose keys begin with theirs. */
const Step = model('Step', {
  fields: { id: f.string(), step: f.string() },
  key: { pk: 'TASK#{id}', sk: 'TASK#{step}' },
  rules: { audit: { expireAfter: 60 }, permissions: 'http' },
})
const Plain = model('Plain', { fields: { id: f.string() }, key: 'id' })

describeEachStore('The audit trail', tested => {
  let now = Date.now()
  let table: string
  const models = { Document, Task, Step, Plain }
  const open = async () =>
    connect({ models, store: tested.store, table, createTable: true, clock: () => now, cursorSecret: 'secret' })
  let db: Awaited<ReturnType<typeof open>>
  let ann: ReturnType<typeof db.scope>
  let bob: ReturnType<typeof db.scope>
  let system: ReturnType<typeof db.scope>
  let ids = 0
  let id: string
  beforeAll(async () => {
    table = tested.tableName()
    db = await open()
    ann = db.scope({ actor: { id: 'ann', token: 'not for the record' } })
    bob = db.scope({ actor: { id: 'bob' } })
    system = db.scope({ system: 'test' })
  })
  beforeEach(() => {
    id = `r${++ids}`
    now = Date.now()
  })
  const codeOf = (work: Promise<unknown>) =>
    work.then(
      () => 'done',
      error => (error instanceof PartitaError ? error.code : Promise.reject(error)),
    )
  const task = () => db.Task.history({ id }, { consistent: true })

  it('The history of a row tells who wrote when, how, and which fields from what to what', async () => {
    const due = new Date(now + 1000)
    await ann.Document.create({ id, owner: 'ann', title: `t ${id}`, tags: new Set(['a']) })
    now += 1000
    await ann.Document.update({ id }, { due, body: { text: 'x' } })
    now += 1000
    const document = await ann.Document.get({ id }, { consistent: true })
    document?.tags.add('b')
    await document?.save()
    now += 1000
    await ann.Document.put({ id, owner: 'ann', title: `u ${id}`, tags: ['a'] })
    now += 1000
    await ann.Document.delete({ id })
    const deletedAt = new Date(now)
    now += 1000
    await db.scope({ actor: { id: 'ann' }, system: 'undo' }).Document.restore({ id })
    const history = await ann.Document.history({ id }, { consistent: true }).all()
    expect(history.map(({ operation, actor, system, at }) => [operation, actor, system, at.getTime()])).toEqual([
      ['restore', 'ann', 'undo', now],
      ['delete', 'ann', undefined, now - 1000],
      ['put', 'ann', undefined, now - 2000],
      ['update', 'ann', undefined, now - 3000],
      ['update', 'ann', undefined, now - 4000],
      ['create', 'ann', undefined, now - 5000],
    ])
    const nothing = undefined
    expect(history.map(({ changes }) => changes)).toEqual([
      { deletedAt: { from: deletedAt, to: nothing } },
      { deletedAt: { from: nothing, to: deletedAt } },
      {
        title: { from: `t ${id}`, to: `u ${id}` },
        due: { from: due, to: nothing },
        tags: { from: new Set(['a', 'b']), to: new Set(['a']) },
        body: { from: { text: 'x' }, to: nothing },
      },
      { tags: { from: new Set(['a']), to: new Set(['a', 'b']) } },
      { due: { from: nothing, to: due }, body: { from: nothing, to: { text: 'x' } } },
      {
        id: { from: nothing, to: id },
        owner: { from: nothing, to: 'ann' },
        title: { from: nothing, to: `t ${id}` },
        tags: { from: nothing, to: new Set(['a']) },
      },
    ])
    expect(history.at(-1)?.changes.title?.to?.toUpperCase(), 'changes are typed').toBe(`T ${id.toUpperCase()}`)
    const stored = JSON.stringify(await everyItem({ store: tested.store, table }))
    expect(stored).not.toContain('not for the record')
  })

  it('The history of a row is read by those who may read the row, and by the system when the row is gone', async () => {
    const entries = async (as: typeof ann, options?: { withDeleted: boolean }) =>
      (await as.Document.history({ id }, { consistent: true, ...options }).all()).length
    await ann.Document.create({ id, owner: 'ann', title: `t ${id}`, tags: [] })
    expect([await entries(ann), await entries(bob), await entries(db), await entries(system)]).toEqual([1, 0, 0, 1])
    await ann.Document.delete({ id })
    expect([await entries(ann), await entries(system)]).toEqual([0, 2])
    expect([await entries(ann, { withDeleted: true }), await entries(bob, { withDeleted: true })]).toEqual([2, 0])
    await ann.Document.purge({ id })
    expect([await entries(ann, { withDeleted: true }), await entries(system)]).toEqual([0, 3])
    const [purge] = await system.Document.history({ id }, { consistent: true }).all()
    expect(purge).toMatchObject({ operation: 'purge', changes: { title: { from: `t ${id}`, to: undefined } } })
    expect(await entries(bob)).toBe(0)
    await bob.Document.create({ id, owner: 'bob', title: `t ${id}`, tags: [] })
    expect(await entries(bob), 'who may read the row may read what was there before').toBe(4)
  })

  it('The history of a row has no entry for a write that did not take effect or changed nothing', async () => {
    const row = await db.Task.create({ id, count: 1 })
    await row.save()
    await db.Task.delete({ id: `${id} absent` })
    expect(await codeOf(db.Task.create({ id, count: 2 }))).toBe('AlreadyExists')
    expect(await codeOf(db.Task.update({ id }, { count: 2 }, { if: { count: 5 } }))).toBe('ConditionFailed')
    expect(await codeOf(db.Task.update({ id: `${id} absent` }, { count: 2 }))).toBe('NotFound')
    const failed = db.transaction(async tx => {
      await tx.Task.update({ id }, { count: 3 })
      throw new Error('no')
    })
    await expect(failed).rejects.toThrow('no')
    expect(await task().all()).toMatchObject([{ operation: 'create', actor: undefined, system: undefined }])
    expect(await db.Task.history({ id: `${id} absent` }).all()).toEqual([])
  })

  it('The history of a row has each write of a transaction, in their order', async () => {
    await db.transaction(async tx => {
      await tx.Task.create({ id, count: 1 })
      await tx.Task.update({ id }, { count: 2 })
      await tx.Task.delete({ id })
      await tx.Task.create({ id, count: 3, note: 'again' })
    })
    expect((await task().all()).map(({ operation, changes }) => [operation, changes.count])).toEqual([
      ['create', { from: undefined, to: 3 }],
      ['delete', { from: 2, to: undefined }],
      ['update', { from: 1, to: 2 }],
      ['create', { from: undefined, to: 1 }],
    ])
    expect(await codeOf(db.transaction(tx => (tx as unknown as typeof db).Task.history({ id }).all()))).toBe(
      'ValidationFailed',
    )
  })

  it('The history of a row has one entry for each of many concurrent writes, which form a chain', async () => {
    await db.Task.create({ id, count: 0 })
    const increment = () =>
      db.transaction(
        async tx => {
          const row = await tx.Task.get({ id })
          await tx.Task.update({ id }, { count: (row?.count ?? 0) + 1 })
        },
        { attempts: 100 },
      )
    await Promise.all(Array.from({ length: 12 }, increment))
    const counts = (await task().all()).map(({ changes }) => changes.count)
    expect(counts.map(change => change?.to).sort((a = 0, b = 0) => b - a)).toEqual(
      Array.from({ length: 13 }, (_, i) => 12 - i),
    )
    for (const change of counts) if (change?.from !== undefined) expect(change.to).toBe(change.from + 1)
  })

  it('The history of a row is paged, newest first, with cursors of its own', async () => {
    await db.Task.create({ id, count: 0 })
    for (let count = 1; count < 7; count++) await db.Task.update({ id }, { count })
    const seen: unknown[] = []
    let after: string | undefined
    const sizes = []
    do {
      const page = await db.Task.history({ id }, { limit: 3, after, consistent: true }).page()
      sizes.push(page.items.length)
      seen.push(...page.items.map(({ changes }) => changes.count?.to))
      after = page.cursor
    } while (after)
    expect(seen).toEqual([6, 5, 4, 3, 2, 1, 0])
    expect(sizes.slice(0, 3)).toEqual([3, 3, 1])
    expect((await db.Task.history({ id }, { limit: 2, consistent: true }).all()).length).toBe(2)
    const looped = []
    for await (const { changes } of task()) looped.push(changes.count?.to)
    expect(looped).toEqual(seen)
    const { cursor } = await db.Task.history({ id }, { limit: 1 }).page()
    await db.Task.create({ id: `${id} other`, count: 0 })
    expect(await codeOf(db.Task.history({ id: `${id} other` }, { after: cursor }).page())).toBe('InvalidCursor')
    expect(await codeOf(db.Task.history({ id }, { limit: 0 }).page())).toBe('ValidationFailed')
    expect(await codeOf(db.Task.history({ id }, { where: {} } as object).all())).toBe('ValidationFailed')
    expect(await codeOf(db.Plain.history({ id }).all())).toBe('ValidationFailed')
  })

  it('The history of a row is of one row, also where keys begin with the same text, and of one tenant', async () => {
    await db.Task.create({ id, count: 1 })
    await db.Step.create({ id, step: 'TASK' })
    await db.Step.create({ id: `${id}#x`, step: '1' })
    const acme = db.scope({ tenant: 'acme' })
    await acme.Task.create({ id, count: 7 })
    await acme.Task.update({ id }, { count: 8 })
    expect((await task().all()).map(({ changes }) => changes.count?.to)).toEqual([1])
    expect((await acme.Task.history({ id }).all()).map(({ changes }) => changes.count?.to)).toEqual([8, 7])
    expect(await db.scope({ tenant: 'other' }).Task.history({ id }).all()).toEqual([])
    expect(await db.Step.history({ id, step: 'TASK' }).all()).toHaveLength(1)
  })

  it('The history of a row expires with expireAfter and is removed by time to live', async () => {
    await db.Step.create({ id, step: '1' })
    const history = () => db.Step.history({ id, step: '1' }, { consistent: true }).all()
    now += 58_000
    await db.Step.put({ id, step: '1' })
    expect(await history()).toHaveLength(2)
    now += 3000
    expect(await history()).toMatchObject([{ operation: 'put', changes: {} }])
    expect(await db.Step.get({ id, step: '1' })).toBeDefined()
  })

  it('The history of a row is not among the rows: queries, iteration, keys and reindex see none of it', async () => {
    await db.Task.create({ id, count: 1 })
    const keys = []
    for await (const row of db.Task.iterate({ where: { id } })) keys.push(row.id)
    expect(keys).toEqual([id])
    expect(await db.Task.query.key({ id }).all()).toHaveLength(1)
    const reindexed = await db.Task.reindex()
    expect(reindexed.counts.unreadable).toBe(0)
    expect(await faultsOf({ store: tested.store, table, models: models as Models, now })).toEqual([])
    expect(() => db.decodeKey(`PARTITA#HISTORY#TASK%23${id}#TASK`, '0'.repeat(26))).toThrow('not the key')
  })

  it('An entry records that values differ if they are too large or too deep for an entry', async () => {
    const deep = Array.from({ length: 29 }).reduce<object>(inner => ({ inner }), { end: 1 })
    await system.Document.create({ id, owner: 'ann', title: `t ${id}`, tags: [], body: 'a'.repeat(300_000) })
    await system.Document.update({ id }, { body: 'b'.repeat(300_000), due: new Date(now) })
    await system.Document.update({ id }, { body: deep as never })
    const history = await system.Document.history({ id }, { consistent: true }).all()
    const isOmitted = true
    expect(history.map(({ changes }) => changes.body?.isOmitted ?? String(changes.body?.to).length)).toEqual([
      isOmitted,
      isOmitted,
      300_000,
    ])
    expect(history[1]?.changes.due).toEqual({ from: undefined, to: new Date(now) })
  })

  it('A write refuses an actor that cannot be recorded', async () => {
    const circle: { self?: object } = {}
    circle.self = circle
    for (const actor of [circle, { id: 1n }, 'x'.repeat(40_000)]) {
      await expect(db.scope({ actor }).Task.create({ id, count: 1 })).rejects.toThrow('is not JSON of up to 32 KB')
    }
    expect(await db.Task.get({ id }, { consistent: true })).toBeUndefined()
    await db.scope({ actor: { id: 'x', at: new Date(0), skip: undefined } }).Task.create({ id, count: 1 })
    expect((await task().all())[0]?.actor).toEqual({ id: 'x', at: '1970-01-01T00:00:00.000Z' })
  })

  it('The history of a row survives changes of the model: values that no longer fit are as stored', async () => {
    await db.Task.create({ id, count: 1, note: 'n' })
    const Later = model('Task', {
      fields: { id: f.string(), total: f.string().optional().attribute('count') },
      key: { pk: 'TASK#{id}', sk: 'TASK' },
      rules: { audit: true, permissions: 'http' },
    })
    const later = await connect({ models: { Task: Later }, store: tested.store, table })
    const [entry] = await later.Task.history({ id }, { consistent: true }).all()
    expect(entry?.changes).toEqual({
      id: { from: undefined, to: id },
      total: { from: undefined, to: 1 },
      note: { from: undefined, to: 'n' },
    })
  })
})

describe('The definition of the audit trail', () => {
  it.each([
    ['a text', 'yes', 'it is true, or an object'],
    ['an unknown option', { after: 1 }, 'not an option of audit'],
    ['a fraction of a second', { expireAfter: 0.5 }, 'whole number of seconds'],
    ['no function', { actor: 'id' }, 'is not a function'],
  ])('The rule audit is refused if it is %s', async (_, audit, message) => {
    const rules = { permissions: 'http', audit } as unknown as { permissions: 'http' }
    const Wrong = model('Wrong', { fields: { id: f.string() }, key: 'id', rules })
    await expect(connect({ models: { Wrong }, store: 'memory:' })).rejects.toThrow(message)
  })
})
