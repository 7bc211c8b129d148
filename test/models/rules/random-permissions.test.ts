/**
 * Random rows and random conditions: no public method shows or changes a row that the conditions exclude, and every read
 * shows all others. The methods are listed by reflection, so that a new one fails the test until it is covered.
 */
import fc from 'fast-check'
import { collection, connect, f, inherit, many, model, one } from 'partita'
import { beforeAll, expect, it } from 'vitest'
import { describeEachEngine } from './engines.js'
import { codeOf } from './goodies/observe.js'

/** Runs on each store; 0 for few, and fewer on servers. */
const RUNS = Number(process.env.PARTITA_PERMISSION_RUNS ?? 0)
/** The conditions of the present run. */
let conditions: unknown = false

const OWNERS = ['ann', 'ben', 'eve'] as const
const Note = model('Note', {
  fields: {
    id: f.string(),
    owner: f.enum(...OWNERS),
    n: f.integer(),
    isOpen: f.boolean(),
    tags: f.set(f.string()),
    code: f.string(),
    text: f.string().default(''),
    version: f.version(),
  },
  key: 'id',
  unique: { code: ['code'] },
  indexes: { byOwner: { on: 'gsi1', pk: 'OWNER#{owner}', sk: '{id}' } },
  relations: { comments: many('Comment', 'byNote', { noteId: 'id' }) },
  softDelete: true,
  rules: { permissions: { conditions: () => conditions, enforce: () => true }, audit: true },
})
const Comment = model('Comment', {
  fields: { id: f.string(), noteId: f.ref('Note') },
  key: 'id',
  indexes: { byNote: { on: 'gsi1', pk: 'NOTE#{noteId}', sk: '{id}' } },
  relations: { note: one('Note', 'noteId') },
  rules: { permissions: inherit('noteId') },
})
const desk = collection('desk', { pk: 'OWNER#{owner}', on: 'gsi1', many: { notes: Note } })

interface Row {
  readonly owner: (typeof OWNERS)[number]
  readonly n: number
  readonly isOpen: boolean
  readonly tags: readonly string[]
  readonly isDeleted: boolean
}
/** A filter, and what it means. */
interface Condition {
  readonly filter: unknown
  readonly permits: (row: Row) => boolean
}

const rowArb: fc.Arbitrary<Row> = fc.record({
  owner: fc.constantFrom(...OWNERS),
  n: fc.integer({ min: 0, max: 4 }),
  isOpen: fc.boolean(),
  tags: fc.uniqueArray(fc.constantFrom('a', 'b', 'c'), { maxLength: 3 }),
  isDeleted: fc.boolean(),
})
const { condition: conditionArb } = fc.letrec<{ condition: Condition; simple: Condition }>(tie => ({
  simple: fc.oneof(
    fc.constantFrom(...OWNERS).map(owner => ({ filter: { owner }, permits: (row: Row) => row.owner === owner })),
    fc.integer({ min: 0, max: 4 }).map(n => ({ filter: { n: { $gte: n } }, permits: (row: Row) => row.n >= n })),
    fc.boolean().map(isOpen => ({ filter: { isOpen }, permits: (row: Row) => row.isOpen === isOpen })),
    fc
      .constantFrom('a', 'b')
      .map(tag => ({ filter: { tags: { $contains: tag } }, permits: (row: Row) => row.tags.includes(tag) })),
  ),
  condition: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    tie('simple'),
    fc.tuple(tie('condition'), tie('condition')).map(([a, b]) => ({
      filter: { $or: [a.filter, b.filter] },
      permits: (row: Row) => a.permits(row) || b.permits(row),
    })),
    fc.tuple(tie('condition'), tie('condition')).map(([a, b]) => ({
      filter: { $and: [a.filter, b.filter] },
      permits: (row: Row) => a.permits(row) && b.permits(row),
    })),
    tie('condition').map(a => ({ filter: { $not: a.filter }, permits: (row: Row) => !a.permits(row) })),
  ),
}))

describeEachEngine('Random permissions', tested => {
  const open = () =>
    connect({
      models: { Note, Comment },
      collections: { desk },
      store: tested.store,
      table: tested.tableName(),
      createTable: true,
    })
  type As = ReturnType<Awaited<ReturnType<typeof open>>['scope']>
  let db: Awaited<ReturnType<typeof open>>
  beforeAll(async () => {
    db = await open()
  })

  const found = async <T>(ids: readonly string[], has: (id: string) => Promise<T | undefined>) => {
    const all = await Promise.all(ids.map(async id => ((await has(id)) === undefined ? [] : [id])))
    return all.flat()
  }
  const byOwner = async <T>(read: (owner: Row['owner']) => Promise<readonly T[]>) =>
    (await Promise.all(OWNERS.map(read))).flat()

  /** For each method that reads notes: the ids that it shows, among these. */
  const reads: Record<string, (as: As, ids: readonly string[]) => Promise<readonly string[]>> = {
    get: (as, ids) => found(ids, id => as.Note.get({ id })),
    getMany: async (as, ids) => (await as.Note.getMany(ids.map(id => ({ id })))).flatMap(row => (row ? [row.id] : [])),
    findBy: (as, ids) => found(ids, id => as.Note.findBy({ code: `code ${id}` })),
    history: (as, ids) => found(ids, async id => (await as.Note.history({ id }).all())[0]),
    'query.all': async as => (await byOwner(owner => as.Note.query.byOwner({ owner }).all())).map(({ id }) => id),
    'query.page': async as =>
      (await byOwner(async owner => (await as.Note.query.byOwner({ owner }).page()).items)).map(({ id }) => id),
    'query.first': (as, ids) => found(ids, id => as.Note.query.key({ id }).first()),
    'query.count': (as, ids) => found(ids, async id => (await as.Note.query.key({ id }).count()) || undefined),
    'query.explain': (as, ids) =>
      found(ids, async id => (await as.Note.query.key({ id }).explain()).capacity.bytesPerRow || undefined),
    iterate: async as => {
      const seen: string[] = []
      for await (const { id } of as.Note.iterate()) seen.push(id)
      return seen
    },
    'iterate.batches': async as => {
      const seen: string[] = []
      for await (const { items } of as.Note.iterate().batches()) seen.push(...items.map(({ id }) => id))
      return seen
    },
    'relation to many': async (as, ids) =>
      (
        await as.Note.getMany(
          ids.map(id => ({ id })),
          { with: { comments: true } },
        )
      ).flatMap(row => row?.comments.map(({ noteId }) => noteId) ?? []),
    'children, by inheritance': async (as, ids) =>
      (await Promise.all(ids.map(noteId => as.Comment.query.byNote({ noteId }).all()))).flat().map(it => it.noteId),
    'relation to one': (as, ids) =>
      found(ids, async id => (await as.Comment.get({ id: `c ${id}` }, { with: { note: true } }))?.note),
    collection: async as =>
      (await byOwner(async owner => (await as.desk.get({ owner }))?.notes ?? [])).map(({ id }) => id),
    'get in a transaction': (as, ids) => as.transaction(async tx => found(ids, id => tx.Note.get({ id }))),
    'get by a loader': (as, ids) => as.run({ loader: true }, in_ => found(ids, id => in_.Note.get({ id }))),
  }

  /** For each method that writes notes: the code with which it fails for a hidden note. A delete finds nothing. */
  const writes: Record<string, (as: As, row: Row, id: string) => Promise<unknown>> = {
    create: async (as, _, id) => [
      await codeOf(as.Comment.create({ id: `new ${id}`, noteId: id })),
      await codeOf(as.Note.create({ id, owner: 'eve', n: 9, isOpen: true, tags: [], code: 'stolen' })),
    ],
    createMany: (as, _, id) =>
      codeOf(as.Note.createMany([{ id, owner: 'eve', n: 9, isOpen: true, tags: [], code: 'stolen' }])),
    upsert: (as, _, id) => {
      const create = { owner: 'eve', n: 9, isOpen: true, tags: [], code: 'stolen' } as const
      return codeOf(as.Note.upsert({ id }, { create, update: { text: 'stolen' } }))
    },
    put: (as, _, id) => codeOf(as.Note.put({ id, owner: 'eve', n: 9, isOpen: true, tags: [], code: 'stolen' })),
    update: (as, _, id) => codeOf(as.Note.update({ id }, { text: 'stolen' })),
    'update in a transaction': (as, _, id) => codeOf(as.transaction(tx => tx.Note.update({ id }, { text: 'stolen' }))),
    delete: async (as, _, id) => [await as.Note.delete({ id }), await as.Comment.delete({ id: `c ${id}` })],
    restore: (as, _, id) => codeOf(as.Note.restore({ id })),
    purge: (as, _, id) => codeOf(as.Note.purge({ id })),
    reindex: as => codeOf(as.Note.reindex()),
    batch: (as, _, id) => codeOf(as.batch(batch => batch.Note.delete({ id }))),
  }
  const REFUSALS: Record<string, unknown> = {
    create: ['PermissionDenied', 'AlreadyExists'],
    createMany: 'PartlyCreated',
    upsert: 'AlreadyExists',
    put: 'PermissionDenied',
    update: 'NotFound',
    'update in a transaction': 'NotFound',
    delete: [undefined, undefined],
    restore: 'NotFound',
    purge: 'NotFound',
    reindex: 'ValidationFailed',
    batch: 'ValidationFailed',
  }

  it('the property covers every public method of a model, a query and an iteration', () => {
    const methodsOf = (value: object) =>
      Object.getOwnPropertyNames(Object.getPrototypeOf(value)).filter(name => name !== 'constructor')
    const covered = new Set([...Object.keys(reads), ...Object.keys(writes)].flatMap(name => name.split('.')))
    const all = [db.Note, db.Note.query.key({ id: 'x' }), db.Note.iterate()].flatMap(methodsOf)
    expect(all.filter(name => !covered.has(name))).toEqual([])
    expect(all.length).toBeGreaterThan(15)
  })

  let runs = 0
  const isEmbedded = tested.name === 'memory' || tested.name === 'embedded'
  const numRuns = RUNS > 0 ? RUNS : isEmbedded ? 5 : 2
  it('no method shows or changes a note that the conditions exclude', { timeout: 60_000 + RUNS * 10_000 }, async () => {
    const rowsArb = fc.array(rowArb, { minLength: 2, maxLength: 6 })
    await fc.assert(
      fc.asyncProperty(rowsArb, conditionArb, async (rows, { filter, permits }) => {
        const tenant = `run${++runs}`
        const system = db.scope({ tenant, system: 'test data' })
        const as = db.scope({ tenant, actor: 'somebody' })
        const named = rows.map((row, i) => ({ ...row, id: `note${i}` }))
        for (const { isDeleted, ...row } of named) {
          await system.Note.create({ ...row, code: `code ${row.id}` })
          await system.Comment.create({ id: `c ${row.id}`, noteId: row.id })
          if (isDeleted) await system.Note.delete({ id: row.id })
        }
        conditions = filter
        const ids = named.map(({ id }) => id)
        const visible = named.filter(row => permits(row) && !row.isDeleted).map(({ id }) => id)
        for (const [name, read] of Object.entries(reads)) {
          expect([name, [...(await read(as, ids))].sort()]).toEqual([name, visible])
        }
        const state = async () => {
          const state: unknown[] = []
          for await (const row of system.Note.iterate({ withDeleted: true })) state.push(row.toJSON())
          for await (const row of system.Comment.iterate()) state.push(row.toJSON())
          return state
        }
        const before = await state()
        for (const row of named.filter(row => !permits(row))) {
          for (const [name, write] of Object.entries(writes)) {
            expect([name, await write(as, row, row.id)]).toEqual([name, REFUSALS[name]])
          }
        }
        expect(await state()).toEqual(before)
      }),
      { numRuns },
    )
  })
})
