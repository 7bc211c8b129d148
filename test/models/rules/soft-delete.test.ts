/** Soft deletes: what hides the row, what happens to its indexes and unique values, and who brings it back. */
import { connect, f, model, PartitaError } from 'partita'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { consistency } from '../../../packages/partita/src/testing/index.js'
import { describeEachStore } from '../../stores.js'
import { everyItem, faultsOf } from '../consistency.js'

const HOUR = 3600

const fields = {
  id: f.string(),
  name: f.string(),
  shelf: f.string(),
  deletedAt: f.deletedAt(),
  updatedAt: f.updatedAt(),
  version: f.version(),
}
const rest = {
  key: 'id',
  unique: { name: ['name'] },
} as const
/** By default a deleted row stays in its indexes and frees its unique values. */
const Note = model('Note', {
  fields,
  ...rest,
  indexes: { byShelf: { on: 'gsi1', pk: 'NOTES#{shelf}', sk: '{id}' } },
  softDelete: true,
})
/** Leaves its indexes, keeps its unique values and expires. */
const Draft = model('Draft', {
  fields,
  ...rest,
  indexes: { byShelf: { on: 'gsi1', pk: 'DRAFTS#{shelf}', sk: '{id}' } },
  softDelete: { indexes: 'remove', unique: 'keep', purgeAfter: HOUR },
})
const Secret = model('Secret', {
  fields: { id: f.string(), owner: f.string() },
  key: 'id',
  softDelete: true,
  rules: {
    permissions: {
      conditions: ({ actor }) => ({ owner: String(actor) }),
      enforce: (row, { actor }) => row.owner === actor,
    },
  },
})

describeEachStore('Soft deletes', tested => {
  let now = Date.now()
  const open = async (table: string) =>
    connect({ models: { Note, Draft, Secret }, store: tested.store, table, createTable: true, clock: () => now })
  let db: Awaited<ReturnType<typeof open>>
  let table: string
  let ids = 0
  let row: { id: string; name: string; shelf: string }
  beforeAll(async () => {
    table = tested.tableName()
    db = await open(table)
  })
  beforeEach(() => {
    ids++
    row = { id: `n${ids}`, name: `name ${ids}`, shelf: `s${ids}` }
    now = Date.now()
  })
  afterEach(async () => {
    expect(await faultsOf({ store: tested.store, table, models: { Note, Draft, Secret }, now })).toEqual([])
    expect((await consistency(db)).inconsistencies).toEqual([])
  })
  const codeOf = (work: Promise<unknown>) =>
    work.then(
      () => 'done',
      error => (error instanceof PartitaError ? error.code : Promise.reject(error)),
    )
  const markers = async (of: string) =>
    (await everyItem({ store: tested.store, table })).filter(
      ({ pk }) => String(pk).startsWith(`UNIQUE#${of}#`) && String(pk).endsWith(`#${row.name.replace(' ', '%20')}`),
    )

  it('A soft-deleted row is absent from every read, and found by each with withDeleted', async () => {
    await db.Note.create(row)
    await db.Note.delete({ id: row.id })
    const at = { shelf: row.shelf }
    const found = async (options: { withDeleted?: boolean }) => {
      const iterated = []
      for await (const { id } of db.Note.iterate({ ...options, where: { id: row.id } })) iterated.push(id)
      const looped = []
      for await (const { id } of db.Note.query.byShelf(at, options)) looped.push(id)
      return [
        [(await db.Note.get({ id: row.id }, options))?.id].filter(Boolean).length,
        [await db.Note.get({ id: row.id }, { ...options, select: ['name'] })].filter(Boolean).length,
        (await db.Note.getMany([{ id: row.id }], options)).filter(Boolean).length,
        (await db.Note.query.byShelf(at, options).page()).items.length,
        (await db.Note.query.byShelf(at, { ...options, select: ['name'] }).all()).length,
        (await db.Note.query.key({ id: row.id }, options).all()).length,
        await db.Note.query.byShelf(at, options).count(),
        looped.length,
        iterated.length,
        await db.transaction(async tx => [await tx.Note.get({ id: row.id }, options)].filter(Boolean).length),
        await db.transaction(async tx => (await tx.Note.query.byShelf(at, options).all()).length),
      ]
    }
    expect(new Set(await found({}))).toEqual(new Set([0]))
    expect(new Set(await found({ withDeleted: true }))).toEqual(new Set([1]))
    await db.run({ withDeleted: true }, async () => {
      expect(new Set(await found({}))).toEqual(new Set([1]))
      expect(new Set(await found({ withDeleted: false }))).toEqual(new Set([0]))
    })
    for (const read of [
      (withDeleted: boolean) => db.Note.get({ id: row.id }, { withDeleted }),
      (withDeleted: boolean) => db.Note.query.byShelf(at, { withDeleted }).all(),
      async (withDeleted: boolean) => db.Note.iterate({ withDeleted }).batches()[Symbol.asyncIterator]().next(),
    ]) {
      await expect((async () => read('true' as unknown as boolean))()).rejects.toThrow('withDeleted')
    }
  })

  it('A soft-deleted row has the time of its delete, a new version and a new time of update', async () => {
    const created = await db.Note.create(row)
    expect(created.deletedAt).toBeUndefined()
    now += 5000
    await created.delete()
    const deleted = await db.Note.get({ id: row.id }, { withDeleted: true })
    expect(deleted).toMatchObject({ deletedAt: new Date(now), updatedAt: new Date(now), version: 2 })
    now += 5000
    const restored = await db.Note.restore({ id: row.id })
    expect(restored.deletedAt).toBeUndefined()
    expect(restored).toMatchObject({ updatedAt: new Date(now), version: 3 })
    expect(await db.Note.get({ id: row.id })).toMatchObject({ ...row, version: 3 })
  })

  it('A soft-deleted row takes no time of delete from the program', async () => {
    const deletedAt = new Date()
    expect(await codeOf(db.Note.create({ ...row, deletedAt } as unknown as typeof row))).toBe('ValidationFailed')
    await db.Note.create(row)
    const change = { deletedAt } as unknown as { name: string }
    expect(await codeOf(db.Note.update({ id: row.id }, change))).toBe('ValidationFailed')
    // A put takes a row that was read, so it ignores what the library writes.
    expect((await db.Note.put({ ...row, deletedAt })).deletedAt).toBeUndefined()
  })

  it('A soft-deleted row is absent from every write but restore and purge, also in a scope with deleted rows', async () => {
    const note = await db.Note.create(row)
    await db.Note.delete({ id: row.id })
    for (const withDeleted of [false, true]) {
      const as = db.scope({ withDeleted })
      expect(await codeOf(as.Note.update({ id: row.id }, { shelf: 'x' }))).toBe('NotFound')
      expect(await as.Note.delete({ id: row.id })).toBeUndefined()
      const put = as.Note.put(row)
      await expect(put).rejects.toMatchObject({ code: 'AlreadyExists', details: { isDeleted: true } })
      const create = as.Note.create(row)
      await expect(create).rejects.toThrow(`The Note {"id":"${row.id}"} is soft-deleted; restore or purge it`)
      await expect(create).rejects.toMatchObject({ code: 'AlreadyExists', details: { isDeleted: true } })
      const known = as.transaction(async tx => {
        await tx.Note.get({ id: row.id })
        await tx.Note.create(row)
      })
      await expect(known).rejects.toMatchObject({ code: 'AlreadyExists', details: { isDeleted: true } })
    }
    note.shelf = 'y'
    expect(await codeOf(note.save())).toBe('NotFound')
    expect(await db.Note.get({ id: row.id }, { withDeleted: true })).toMatchObject({ ...row, version: 2 })
    expect(await codeOf(db.Note.restore({ id: 'absent' }))).toBe('NotFound')
    await db.Note.restore({ id: row.id })
    expect(await codeOf(db.Note.restore({ id: row.id }))).toBe('NotFound')
    expect(await codeOf(db.Note.purge({ id: row.id }))).toBe('NotFound')
    const exists = db.Note.create(row)
    await expect(exists).rejects.toThrow('already exists')
    await expect(exists).rejects.not.toMatchObject({ details: { isDeleted: true } })
  })

  it('A soft-deleted row can be deleted, restored and purged in one transaction with other writes', async () => {
    await db.Note.create(row)
    await db.transaction(async tx => {
      await tx.Note.delete({ id: row.id })
      expect(await tx.Note.get({ id: row.id })).toBeUndefined()
      await tx.Note.restore({ id: row.id })
      expect(await tx.Note.get({ id: row.id })).toMatchObject(row)
      await tx.Note.delete({ id: row.id })
      await tx.Note.purge({ id: row.id })
      await tx.Note.create({ ...row, shelf: 'new' })
    })
    expect(await db.Note.get({ id: row.id })).toMatchObject({ shelf: 'new', version: 1 })
    expect(await markers('Note')).toHaveLength(1)
  })

  it('A soft-deleted row frees its unique values, and cannot be restored while another row has them', async () => {
    await db.Note.create(row)
    await db.Note.delete({ id: row.id })
    expect(await db.Note.findBy({ name: row.name }, { withDeleted: true })).toBeUndefined()
    await db.Note.create({ ...row, id: `${row.id} other` })
    expect(await codeOf(db.Note.restore({ id: row.id }))).toBe('UniqueViolation')
    await db.Note.delete({ id: `${row.id} other` })
    await db.Note.restore({ id: row.id })
    expect(await db.Note.findBy({ name: row.name })).toMatchObject(row)
    expect(await codeOf(db.Note.restore({ id: `${row.id} other` }))).toBe('UniqueViolation')
    await db.Note.purge({ id: `${row.id} other` })
    expect(await markers('Note')).toHaveLength(1)
  })

  it('A soft-deleted row keeps its unique values if the model says so, until it is purged', async () => {
    await db.Draft.create(row)
    await db.Draft.delete({ id: row.id })
    const other = { ...row, id: `${row.id} other` }
    expect(await codeOf(db.Draft.create(other))).toBe('UniqueViolation')
    expect(await codeOf(db.transaction(tx => tx.Draft.create(other)))).toBe('UniqueViolation')
    const both = db.transaction(async tx => {
      await tx.Draft.get({ id: row.id })
      await tx.Draft.create(other)
    })
    expect(await codeOf(both)).toBe('UniqueViolation')
    expect(await db.Draft.findBy({ name: row.name })).toBeUndefined()
    expect(await db.Draft.findBy({ name: row.name }, { withDeleted: true })).toMatchObject(row)
    await db.Draft.restore({ id: row.id })
    expect(await db.Draft.findBy({ name: row.name })).toMatchObject(row)
    await db.Draft.delete({ id: row.id })
    await db.transaction(async tx => {
      expect(await tx.Draft.get({ id: row.id })).toBeUndefined()
      await tx.Draft.purge({ id: row.id })
    })
    expect(await markers('Draft')).toEqual([])
    await db.Draft.create(other)
  })

  it('A soft-deleted row leaves its indexes if the model says so, and returns to them when it is restored', async () => {
    await db.Draft.create(row)
    await db.Draft.delete({ id: row.id })
    const query = () => db.Draft.query.byShelf({ shelf: row.shelf }, { withDeleted: true })
    expect(await query().all()).toEqual([])
    await db.scope({ system: 'test' }).Draft.reindex()
    expect(await query().all()).toEqual([])
    expect(await db.Draft.get({ id: row.id }, { withDeleted: true })).toMatchObject({ ...row, version: 2 })
    expect(await markers('Draft')).toHaveLength(1)
    await db.Draft.restore({ id: row.id })
    expect(await query().all()).toMatchObject([row])
  })

  it('A soft-deleted row gets the parts that a model has since been given by reindex, as its options say', async () => {
    const own = tested.tableName()
    const old = { fields: { id: f.string(), name: f.string(), shelf: f.string() }, key: 'id' } as const
    const both = (before: boolean) => {
      const more = before ? {} : { ...rest, indexes: { byShelf: { on: 'gsi1', pk: 'AT#{shelf}', sk: '{id}' } } }
      const Kept = model('Kept', { ...old, ...more, softDelete: { indexes: 'keep', unique: 'keep' } })
      const Gone = model('Gone', { ...old, ...more, softDelete: { indexes: 'remove', unique: 'free' } })
      return { Kept, Gone }
    }
    const { store } = tested
    const earlier = await connect({ models: both(true), store, table: own, createTable: true })
    for (const of of [earlier.Kept, earlier.Gone]) {
      await of.create(row)
      await of.delete({ id: row.id })
    }
    const models = both(false)
    const later = await connect({ models, store, table: own, createTable: true })
    for (const of of [later.Kept, later.Gone]) expect(await of.reindex()).toMatchObject({ incomplete: [] })
    expect(await faultsOf({ store, table: own, models })).toEqual([])
    const stored = await everyItem({ store, table: own })
    expect(stored.map(({ _type, gsi1pk }) => [_type, gsi1pk]).sort()).toEqual([
      ['Gone', undefined],
      ['Kept', `AT#${row.shelf}`],
      ['UNIQUE', undefined],
    ])
    for (const of of [later.Kept, later.Gone]) await of.restore({ id: row.id })
    expect(await faultsOf({ store, table: own, models })).toEqual([])
  })

  it('A soft-deleted row expires after purgeAfter, together with the unique values that it keeps', async () => {
    await db.Draft.create(row)
    await db.Draft.delete({ id: row.id })
    const ttl = Math.floor(now / 1000) + HOUR
    const stored = (await everyItem({ store: tested.store, table })).filter(({ pk }) => pk === `Draft#${row.id}`)
    expect(stored).toHaveLength(1)
    const items = [...stored, ...(await markers('Draft'))]
    expect(items.every(item => Number(item.ttl) === ttl)).toBe(true)
    now += (HOUR - 2) * 1000
    expect(await db.Draft.get({ id: row.id }, { withDeleted: true })).toMatchObject(row)
    await db.Draft.restore({ id: row.id })
    expect((await markers('Draft')).map(item => item.ttl)).toEqual([undefined])
    now += HOUR * 10 * 1000
    expect(await db.Draft.get({ id: row.id })).toMatchObject(row)
    await db.Draft.delete({ id: row.id })
    now += (HOUR + 1) * 1000
    expect(await db.Draft.get({ id: row.id }, { withDeleted: true })).toBeUndefined()
    expect(await codeOf(db.Draft.restore({ id: row.id }))).toBe('NotFound')
    expect(await codeOf(db.Draft.purge({ id: row.id }))).toBe('NotFound')
    expect(await db.Draft.create(row)).toMatchObject({ version: 1 })
  })

  it('A soft-deleted row is restored or replaced, never both, when a create takes its unique value at the same time', async () => {
    for (let round = 0; round < 25; round++) {
      const [name, id, other] = [`race ${ids} ${round}`, `a${ids}-${round}`, `b${ids}-${round}`]
      await db.Note.create({ id, name, shelf: row.shelf })
      await db.Note.delete({ id })
      const outcomes = await Promise.all([
        codeOf(db.Note.restore({ id })),
        codeOf(db.Note.create({ id: other, name, shelf: row.shelf })),
      ])
      expect(outcomes.sort()).toEqual(['UniqueViolation', 'done'])
      const held = (await db.Note.getMany([{ id }, { id: other }])).filter(Boolean)
      expect(held).toHaveLength(1)
      expect((await db.Note.findBy({ name }, { consistent: true }))?.id).toBe(held[0]?.id)
    }
  })

  it('A soft-deleted row is restored once and deleted once by concurrent calls', async () => {
    for (let round = 0; round < 10; round++) {
      const id = `twice${ids}-${round}`
      await db.Note.create({ id, name: `${id} name`, shelf: row.shelf })
      const deleted = await Promise.all(Array.from({ length: 4 }, () => db.Note.delete({ id })))
      expect(deleted.filter(Boolean)).toHaveLength(1)
      const restored = await Promise.all(Array.from({ length: 4 }, () => codeOf(db.Note.restore({ id }))))
      expect(restored.sort()).toEqual(['NotFound', 'NotFound', 'NotFound', 'done'])
      expect(await db.Note.get({ id })).toMatchObject({ version: 3 })
    }
  })

  it('A soft-deleted row is seen, restored and purged by nobody but those who may', async () => {
    const [ann, bob] = ['ann', 'bob'].map(actor => db.scope({ actor, withDeleted: true }))
    const key = { id: row.id }
    await ann?.Secret.create({ ...key, owner: 'ann' })
    await ann?.Secret.delete(key)
    expect(await bob?.Secret.get(key)).toBeUndefined()
    expect(await bob?.Secret.iterate().batches()[Symbol.asyncIterator]().next()).toMatchObject({ value: { items: [] } })
    expect(await codeOf(bob?.Secret.restore(key) as Promise<unknown>)).toBe('NotFound')
    expect(await codeOf(bob?.Secret.purge(key) as Promise<unknown>)).toBe('NotFound')
    const create = bob?.Secret.create({ ...key, owner: 'bob' })
    await expect(create).rejects.toMatchObject({ code: 'AlreadyExists' })
    await expect(create).rejects.not.toMatchObject({ details: { isDeleted: true } })
    await expect(ann?.Secret.create({ ...key, owner: 'ann' })).rejects.toMatchObject({ details: { isDeleted: true } })
    await ann?.Secret.restore(key)
    await ann?.Secret.delete(key)
    await ann?.Secret.purge(key)
    await bob?.Secret.create({ ...key, owner: 'bob' })
  })
})

describe('The definition of soft deletes', () => {
  const define = (more: object) => model('Wrong', { fields: { id: f.string() }, key: 'id', ...more })

  it.each([
    ['another type', { softDelete: 'yes' }, 'it is true, or an object'],
    ['an unknown option', { softDelete: { keep: true } }, 'not an option of softDelete'],
    ['a wrong choice', { softDelete: { indexes: 'free' } }, 'it is keep or remove'],
    ['no duration', { softDelete: { purgeAfter: 0 } }, 'whole number of seconds'],
    ['a fraction of a second', { softDelete: { purgeAfter: 1.5 } }, 'whole number of seconds'],
    [
      'two times of expiry',
      { softDelete: { purgeAfter: 1 }, fields: { id: f.string(), ttl: f.ttl() } },
      'cannot be combined with the ttl field ttl',
    ],
    [
      'a field in the way',
      { softDelete: true, fields: { id: f.string(), deletedAt: f.date().optional() } },
      'use f.deletedAt()',
    ],
    ['a deletedAt without soft delete', { fields: { id: f.string(), at: f.deletedAt() } }, 'has no softDelete'],
    [
      'a deletedAt within a map',
      { softDelete: true, fields: { id: f.string(), part: f.map({ at: f.deletedAt() }) } },
      'use f.date()',
    ],
    ['two', { softDelete: true, fields: { id: f.string(), a: f.deletedAt(), b: f.deletedAt() } }, 'kind deletedAt'],
  ] as const)('A definition with softDelete is refused with %s', (_, more, message) => {
    expect(() => define(more)).toThrow(message)
  })
})
