/** The page before a page: `before` ends in front of a page, and returns rows in the list's own order. */
import { connect, f, many, model, type Store } from 'partita'
import { beforeAll, describe, expect, it } from 'vitest'
import { memory } from '../../packages/partita/src/embedded/index.js'
import { describeEachStore } from '../stores.js'
import { operations, watch } from './watched-store.js'

const Box = model('Box', { fields: { box: f.string() }, key: 'box', relations: { letters: many('Letter', 'inBox') } })
const Letter = model('Letter', {
  fields: { id: f.string(), box: f.string(), day: f.string(), size: f.integer(), ownerId: f.string().default('ann') },
  key: 'id',
  indexes: { byDay: { on: 'gsi1', pk: 'ALL', sk: '{day}' }, inBox: { on: 'gsi2', pk: 'BOX#{box}', sk: '{day}#{id}' } },
  softDelete: true,
})
const Secret = model('Secret', {
  fields: { id: f.string(), ownerId: f.string() },
  key: { pk: 'SECRETS', sk: '{id}' },
  rules: { permissions: { conditions: ({ actor }) => ({ ownerId: String(actor) }), enforce: () => true } },
})
const models = { Box, Letter, Secret }
const ids = Array.from({ length: 9 }, (_, i) => `r${i}`)

interface AnyPage {
  readonly items: readonly { readonly id: string }[]
  readonly cursor?: string
  readonly previous?: string
  readonly stopped: string
}
type Read = (where: { after?: string | undefined; before?: string | undefined }) => Promise<AnyPage>
const idsOf = (page: AnyPage) => page.items.map(({ id }) => id)

/** Reads a list forwards to its end, then backwards to its beginning. */
async function bothWays(read: Read) {
  const forwards = [await read({})]
  for (let after = forwards[0]?.cursor; after !== undefined; after = forwards.at(-1)?.cursor)
    forwards.push(await read({ after }))
  const backwards: AnyPage[] = []
  for (let before = forwards.at(-1)?.previous; before !== undefined; before = backwards[0]?.previous)
    backwards.unshift(await read({ before }))
  return { forwards, backwards }
}

describeEachStore('The page before', tested => {
  const open = async () => {
    const db = await connect({ models, store: tested.store, table: tested.tableName(), createTable: true })
    for (const [size, id] of ids.entries()) await db.Letter.create({ id, box: 'b', day: 'monday', size })
    return db
  }
  let db: Awaited<ReturnType<typeof open>>
  beforeAll(async () => {
    db = await open()
  })
  const list = (options: object, from: object = {}) =>
    db.Letter.query.byDay({}, { limit: 3, ...options, ...from }).page() as Promise<AnyPage>

  it.each(['asc', 'desc'] as const)(
    'the page before holds the rows that lie in front, with ties, in order %s',
    async order => {
      const { forwards, backwards } = await bothWays(from => list({ order, limit: 4 }, from))
      const all = forwards.flatMap(idsOf)
      expect([...all].sort()).toEqual(ids)
      expect(forwards[0]?.previous).toBeUndefined()
      expect(forwards[1]?.previous).toBe(forwards[1]?.cursor)
      expect(backwards.map(idsOf)).toEqual(forwards.slice(0, -1).map(idsOf))
      expect(backwards[0]).toMatchObject({ stopped: 'end' })
      expect(backwards[0]?.previous).toBeUndefined()
      const again = await list({ order, limit: 4 }, { after: backwards[0]?.cursor })
      expect(idsOf(again)).toEqual(all.slice(4, 8))
    },
  )

  it.each([{}, { pageSize: 1 }, { pageSize: 2, maxRequests: 1 }, { select: ['id'] }])(
    'a filter fills pages backwards, with %j',
    async reads => {
      const where = { size: { $in: [0, 3, 4, 8] } }
      const { forwards, backwards } = await bothWays(from => list({ where, limit: 2, ...reads }, from))
      const wanted = forwards.flatMap(idsOf)
      expect([...wanted].sort()).toEqual(['r0', 'r3', 'r4', 'r8'])
      const last = idsOf(forwards.at(-1) as AnyPage)
      expect([...backwards.flatMap(idsOf), ...last]).toEqual(wanted)
    },
  )

  it('the page before stays in the range of the query, in a relation too', async () => {
    await db.Letter.create({ id: 's0', box: 'c', day: 'a', size: 0 })
    for (const id of ['s1', 's2', 's3']) await db.Letter.create({ id, box: 'c', day: 'tuesday', size: 0 })
    const box = await db.Box.put({ box: 'c' })
    const { backwards } = await bothWays(from => box.letters({ limit: 1, ...from }).page())
    expect(backwards.flatMap(idsOf)).toEqual(['s0', 's1', 's2', 's3'])
    const tuesday = (from: object) => db.Letter.query.inBox({ box: 'c', day: 'tuesday' }, { limit: 2, ...from }).page()
    const first = await tuesday({})
    const back = await tuesday({ before: (await tuesday({ after: first.cursor })).previous })
    expect(idsOf(back)).toEqual(['s1', 's2'])
    expect(back.previous).toBeUndefined()
    for (const id of ['s0', 's1', 's2', 's3']) await db.Letter.delete({ id })
  })
})

describe('the page before', () => {
  const open = async (cursorSecret?: string, store: Store = memory()) => {
    const db = await connect({ models, store, createTable: true, ...(cursorSecret && { cursorSecret }) })
    for (const [size, id] of ids.entries()) await db.Letter.create({ id, box: 'b', day: 'monday', size })
    return db
  }
  const listOf = (db: Awaited<ReturnType<typeof open>>) => (options: object) =>
    db.Letter.query.inBox({ box: 'b' }, { limit: 3, ...options }).page()

  it('a page whose rows were deleted since has a page before, and an empty page is continued', async () => {
    const db = await open()
    const list = listOf(db)
    const first = await list({})
    const second = await list({ after: first.cursor })
    for (const { id } of second.items) {
      await db.Letter.delete({ id })
      await db.Letter.purge({ id })
    }
    expect(idsOf(await list({ before: second.cursor }))).toEqual(['r0', 'r1', 'r2'])
    for (const { id } of first.items) await db.Letter.delete({ id })
    const empty = await list({ before: second.cursor })
    expect(empty).toMatchObject({ items: [], stopped: 'end' })
    expect(empty.previous).toBeUndefined()
    expect(idsOf(await list({ after: empty.cursor }))).toEqual(['r6', 'r7', 'r8'])
    expect((await list({ before: empty.cursor })).items).toEqual([])
  })

  it('an empty page at the end is preceded by the last rows', async () => {
    const db = await open()
    const list = listOf(db)
    const end = await list({ limit: 8 })
    await db.Letter.delete({ id: 'r8' })
    const empty = await list({ after: end.cursor })
    expect(empty.items).toEqual([])
    expect(empty.cursor).toBeUndefined()
    const back = await list({ before: empty.previous })
    expect(idsOf(back)).toEqual(['r5', 'r6', 'r7'])
    expect(back.cursor).toBeUndefined()
    expect(idsOf(await list({ before: back.previous }))).toEqual(['r2', 'r3', 'r4'])
  })

  it('a page before costs one request, which also tells whether another lies before it', async () => {
    const watched = watch(memory())
    const list = listOf(await open(undefined, watched.store))
    const second = await list({ after: (await list({})).cursor })
    const third = await list({ after: second.cursor })
    watched.calls = []
    const back = await list({ before: third.previous })
    expect((await list({ before: back.previous })).previous).toBeUndefined()
    expect(operations(watched)).toEqual(['query', 'query'])
  })

  it.each([undefined, 'a secret of 32 bytes or more, kept'])(
    'a cursor is refused as before by another query, with the secret %s',
    async secret => {
      const db = await open(secret)
      const { cursor } = await listOf(db)({})
      const refused = { code: 'InvalidCursor' }
      await expect(listOf(db)({ before: cursor, order: 'desc' })).rejects.toMatchObject(refused)
      await expect(listOf(db)({ before: cursor, where: { size: 1 } })).rejects.toMatchObject(refused)
      await expect(db.Letter.query.inBox({ box: 'c' }, { before: cursor }).page()).rejects.toMatchObject(refused)
      const changed = `${(cursor as string).slice(0, -2)}AA`
      await expect(listOf(db)({ before: changed })).rejects.toMatchObject(refused)
    },
  )

  it('the cursor of a tenant leads back through its own rows, and serves no other tenant', async () => {
    const db = await open()
    type Scoped = Pick<typeof db, 'Letter'>
    const [a, b]: [Scoped, Scoped] = [db.scope({ tenant: 'a' }), db.scope({ tenant: 'b' })]
    for (const scope of [a, b])
      for (const id of ids) await scope.Letter.create({ id, box: 'b', day: 'sunday', size: 1 })
    const of = (scope: Scoped) => (from: object) => scope.Letter.query.byDay({}, { limit: 3, ...from }).page()
    const { forwards, backwards } = await bothWays(of(a))
    expect(forwards.flatMap(idsOf)).toEqual(ids)
    expect(backwards[0] && idsOf(backwards[0])).toEqual(['r0', 'r1', 'r2'])
    await expect(of(b)({ before: forwards[1]?.previous })).rejects.toMatchObject({ code: 'InvalidCursor' })
  })

  it('pages before hide what the actor may not see, and its keys', async () => {
    const db = await connect({ models, store: memory(), createTable: true })
    const system = db.scope({ system: 'test' })
    for (const [i, id] of ids.entries()) await system.Secret.create({ id, ownerId: i % 2 ? 'ben' : 'ann' })
    const { Secret } = db.scope({ actor: 'ann' })
    const { forwards, backwards } = await bothWays(from => Secret.query.key({}, { limit: 2, ...from }).page())
    expect([...backwards, forwards.at(-1) as AnyPage].flatMap(idsOf)).toEqual(['r0', 'r2', 'r4', 'r6', 'r8'])
    expect(atob((forwards[1]?.previous ?? '').replaceAll('-', '+').replaceAll('_', '/'))).not.toContain('r2')
  })

  it('before is refused together with after, by other methods and in transactions', async () => {
    const db = await open()
    const { cursor } = await listOf(db)({})
    const invalid = { code: 'ValidationFailed' }
    await expect(listOf(db)({ before: cursor, after: cursor })).rejects.toMatchObject(invalid)
    const query = db.Letter.query.inBox({ box: 'b' }, { before: cursor })
    const reads = [
      () => query.all(),
      () => query.first(),
      () => query.count(),
      () => query.explain(),
      () => query[Symbol.asyncIterator]().next(),
    ]
    for (const read of reads) await expect(read()).rejects.toMatchObject(invalid)
    const inside = db.transaction(tx => tx.Letter.query.inBox({ box: 'b' }, { before: cursor }).all())
    await expect(inside).rejects.toMatchObject(invalid)
  })

  it('a cursor that holds one position continues with after, and is refused as before', async () => {
    const db = await open()
    const token = 'eROHnaOXif3Uc0DsClOTp1siTGV0dGVyI3IyIiwiTGV0dGVyIiwibW9uZGF5I3IyIl0'
    const page = await listOf(db)({ after: token })
    expect(idsOf(page)).toEqual(['r3', 'r4', 'r5'])
    expect(idsOf(await listOf(db)({ before: page.previous }))).toEqual(['r0', 'r1', 'r2'])
    await expect(listOf(db)({ before: token })).rejects.toMatchObject({
      code: 'InvalidCursor',
      message: expect.stringContaining('holds only the end of its page'),
    })
  })
})
