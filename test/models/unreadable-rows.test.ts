/** Rows that do not fit their model: lists omit them, and every read reports the rows that it omitted. */
import {
  collection,
  connect,
  type Database,
  f,
  many,
  model,
  one,
  through,
  UnreadableError,
  type WarningEvent,
} from 'partita'
import { beforeAll, beforeEach, expect, it } from 'vitest'
import { describeEachStore } from '../stores.js'

const Author = model('Author', {
  fields: { id: f.string(), name: f.string(), email: f.string().optional(), age: f.number().optional() },
  key: { pk: 'AUTHOR#{id}' },
  unique: { email: ['email'] },
  relations: { books: many('Book', 'byAuthor'), tags: through('Tag', 'AuthorTag', 'key') },
})
const Book = model('Book', {
  fields: {
    id: f.string(),
    authorId: f.ref('Author'),
    pages: f.number(),
    printed: f.createdAt(),
    version: f.version(),
    place: f.map({ shelf: f.string().optional(), lines: f.list(f.integer()).default([]) }).optional(),
  },
  key: { pk: 'BOOK#{id}' },
  indexes: { byAuthor: { on: 'gsi1', pk: 'AUTHOR#{authorId}', sk: '{id}' } },
  relations: { author: one('Author', 'authorId') },
})
const Tag = model('Tag', { fields: { id: f.string(), weight: f.number() }, key: { pk: 'TAG#{id}' } })
const AuthorTag = model('AuthorTag', {
  fields: { id: f.ref('Author'), tagId: f.ref('Tag') },
  key: { pk: 'AUTHOR#{id}', sk: 'TAG#{tagId}' },
  relations: { tag: one('Tag', 'tagId') },
})
const models = { Author, Book, Tag, AuthorTag }
const collections = {
  Profile: collection('Profile', { pk: 'AUTHOR#{id}', one: { author: Author }, many: { tags: AuthorTag } }),
}

describeEachStore('rows that do not fit their model', tested => {
  let db: Database<typeof models, typeof collections>
  let table: string
  let warnings: WarningEvent[] = []

  beforeAll(async () => {
    table = tested.tableName()
    db = await connect({ models, collections, store: tested.store, table, createTable: true })
    db.on('warning', event => void warnings.push(event))
    await db.Author.create({ id: 'ann', name: 'Ann', email: 'ann@example.com' })
    for (const id of ['a', 'b', 'c', 'd', 'e']) await db.Book.create({ id, authorId: 'ann', pages: 10 })
    await spoil('BOOK#b', 'Book', { pages: 'many' })
    await spoil('BOOK#d', 'Book', { pages: null, place: { lines: [1, 'two'] } })
    for (const id of ['x', 'y', 'z']) {
      await db.Tag.create({ id, weight: 1 })
      await db.AuthorTag.create({ id: 'ann', tagId: id })
    }
    await spoil('TAG#y', 'Tag', { weight: 'heavy' })
  })
  beforeEach(() => {
    warnings = []
  })

  /** Writes invalid attributes, as another program could. */
  async function spoil(pk: string, sk: string, attributes: object): Promise<void> {
    const { item } = await tested.store.get({ table, key: { pk, sk }, consistent: true })
    await tested.store.write({ kind: 'put', table, item: { ...item, ...attributes } as never })
  }
  const ids = (rows: Iterable<{ id: string } | undefined>) => [...rows].map(row => row?.id)
  const warned = () =>
    warnings.map(event => (event.kind === 'unreadable' ? `${event.model} ${event.error.details.key.id}` : event.kind))
  async function walk(rows: AsyncIterable<unknown>): Promise<void> {
    for await (const _ of rows);
  }
  const unreadable = (id: string) =>
    expect.objectContaining({ code: 'Unreadable', details: expect.objectContaining({ key: { id } }) })

  it('pages omit unreadable rows, are filled with other rows and list the omitted ones', async () => {
    const first = await db.Book.query.byAuthor({ authorId: 'ann' }, { limit: 2 }).page()
    expect([ids(first.items), first.unreadable, first.stopped]).toEqual([['a', 'c'], [unreadable('b')], 'limit'])
    const rest = await db.Book.query.byAuthor({ authorId: 'ann' }, { limit: 2, after: first.cursor }).page()
    expect([ids(rest.items), rest.unreadable, rest.stopped]).toEqual([['e'], [unreadable('d')], 'end'])
    expect(warned()).toEqual(['Book b', 'Book d'])
    const clean = await db.Book.query.byAuthor({ authorId: 'ann', id: 'a' }).page()
    expect(clean.unreadable).toEqual([])
  })

  it('all, first, walks, getMany and selections omit unreadable rows', async () => {
    const query = db.Book.query.byAuthor({ authorId: 'ann' })
    expect(ids(await query.all())).toEqual(['a', 'c', 'e'])
    const walked: string[] = []
    for await (const book of query) walked.push(book.id)
    expect(walked).toEqual(['a', 'c', 'e'])
    expect((await db.Book.query.byAuthor({ authorId: 'ann', id: { $gte: 'b' } }).first())?.id).toBe('c')
    expect(await db.Book.query.byAuthor({ authorId: 'ann' }, { select: ['pages'] }).all()).toHaveLength(3)
    expect(await db.Book.query.byAuthor({ authorId: 'ann' }, { select: ['id'] }).all()).toHaveLength(5)
    expect(ids(await db.Book.getMany([{ id: 'c' }, { id: 'b' }, { id: 'a' }]))).toEqual(['c', undefined, 'a'])
  })

  it('an iteration omits unreadable rows, and its batches list them', async () => {
    const found: string[] = []
    const left: unknown[] = []
    for await (const { items, unreadable: of } of db.Book.iterate().batches()) {
      found.push(...items.map(({ id }) => id))
      left.push(...of.map(({ details }) => details.key.id))
    }
    expect([found.sort(), left.sort()]).toEqual([
      ['a', 'c', 'e'],
      ['b', 'd'],
    ])
  })

  it('relations, followed or loaded, and collections omit unreadable rows', async () => {
    const ann = await db.Author.get({ id: 'ann' }, { with: { books: true, tags: true } })
    expect([ids(ann?.books ?? []), ids(ann?.tags ?? [])]).toEqual([
      ['a', 'c', 'e'],
      ['x', 'z'],
    ])
    expect(warned().sort()).toEqual(['Book b', 'Book d', 'Tag y'])
    const followed = await db.Author.get({ id: 'ann' })
    expect(ids((await followed?.books().all()) ?? [])).toEqual(['a', 'c', 'e'])
    expect(ids((await followed?.tags({ limit: 2 }).all()) ?? [])).toEqual(['x', 'z'])
    expect(await followed?.tags().count()).toBe(2)
    expect((await db.Profile.get({ id: 'ann' }))?.tags).toHaveLength(3)
  })

  it('a read can report each unreadable row once, and a strict read fails', async () => {
    const keys: unknown[] = []
    await db.Book.query
      .byAuthor({ authorId: 'ann' }, { onUnreadable: (key, error) => keys.push([key, error.code]) })
      .all()
    expect(keys).toEqual([
      [{ id: 'b' }, 'Unreadable'],
      [{ id: 'd' }, 'Unreadable'],
    ])
    const strict = { strict: true } as const
    const reads = [
      () => db.Book.query.byAuthor({ authorId: 'ann' }, strict).page(),
      () => db.Book.query.byAuthor({ authorId: 'ann' }, strict).all(),
      () => db.Book.getMany([{ id: 'b' }], strict),
      () => walk(db.Book.iterate(strict)),
      () => db.Author.get({ id: 'ann' }, { with: { books: true }, ...strict }),
    ]
    for (const read of reads) await expect(read(), String(read)).rejects.toMatchObject({ code: 'Unreadable' })
  })

  it('get throws for an unreadable row, with the key, the raw item and every problem', async () => {
    const error = await db.Book.get({ id: 'd' }).catch(it => it)
    expect(error).toBeInstanceOf(UnreadableError)
    expect(error.details).toMatchObject({
      model: 'Book',
      key: { id: 'd' },
      item: { id: 'd', pages: null, place: { lines: [1, 'two'] } },
      issues: [{ path: ['pages'] }, { path: ['place'] }],
      physical: { table, key: { pk: 'BOOK#d', sk: 'Book' } },
    })
    expect(error.details.item).not.toHaveProperty('pk')
    expect(error.message).toContain('{"id":"d"}')
  })

  it('a count includes unreadable rows, because it decodes nothing', async () => {
    expect(await db.Book.query.byAuthor({ authorId: 'ann' }).count()).toBe(5)
  })

  it('transactions omit unreadable rows, and still fill the limit', async () => {
    const found = await db.transaction(async tx =>
      ids(await tx.Book.query.byAuthor({ authorId: 'ann' }, { limit: 2 }).all()),
    )
    expect(found).toEqual(['a', 'c'])
    expect(warned()).toEqual(['Book b'])
  })

  it('unreadable rows can be repaired by an update, overwritten and deleted', async () => {
    await db.Book.create({ id: 'f', authorId: 'bob', pages: 1 })
    await spoil('BOOK#f', 'Book', { pages: 'x', printed: 'never' })
    const half = await db.Book.update({ id: 'f' }, { pages: 7 })
    expect([half.pages, half.printed, warned()]).toEqual([7, undefined, ['Book f']])
    await expect(db.Book.get({ id: 'f' })).rejects.toMatchObject({ code: 'Unreadable' })
    const whole = await db.Book.put({ id: 'f', authorId: 'bob', pages: 8 })
    expect(whole.printed).toBeInstanceOf(Date)
    expect(await db.Book.get({ id: 'f' })).toEqual(whole)
    await spoil('BOOK#f', 'Book', { pages: 'x', version: 'x' })
    expect((await db.Book.put({ id: 'f', authorId: 'bob', pages: 9 })).version).toBe(1)
    await spoil('BOOK#f', 'Book', { pages: 'x' })
    expect((await db.Book.delete({ id: 'f' }))?.id).toBe('f')
    expect(await db.Book.get({ id: 'f' })).toBeUndefined()
  })

  it('unreadable rows release their unique values when they are deleted', async () => {
    await db.Author.create({ id: 'eve', name: 'Eve', email: 'eve@example.com' })
    await spoil('AUTHOR#eve', 'Author', { name: 5 })
    await expect(db.Author.findBy({ email: 'eve@example.com' })).rejects.toMatchObject({ code: 'Unreadable' })
    expect(await db.Author.delete({ id: 'eve' })).toMatchObject({ id: 'eve', email: 'eve@example.com' })
    const adam = await db.Author.create({ id: 'adam', name: 'Adam', email: 'eve@example.com' })
    await adam.delete()
  })

  it('unreadable rows can be deleted even if a unique or indexed field has a value that no key can hold', async () => {
    await db.Author.create({ id: 'eve', name: 'Eve', email: 'other@example.com' })
    await spoil('AUTHOR#eve', 'Author', { email: ['no', 'key'] })
    await db.Author.delete({ id: 'eve' })
    expect(await db.Author.get({ id: 'eve' })).toBeUndefined()
    await db.Book.create({ id: 'g', authorId: 'bob', pages: 1 })
    await spoil('BOOK#g', 'Book', { authorId: { no: 'key' } })
    expect((await db.Book.update({ id: 'g' }, { pages: 2, authorId: 'bob' })).authorId).toBe('bob')
    await db.Book.delete({ id: 'g' })
  })
})
