/** Programs on rows of an older form and on the same rows in the present form, which nothing but the stored rows may tell apart. */
import { add, connect, f, many, model, one, PartitaError } from 'partita'
import { memory } from 'partita/embedded'
import { consistency } from 'partita/testing'
import { afterAll, expect, it } from 'vitest'
import { seed, seeded } from '../seeded.js'

const common = {
  shelf: f.ref('Shelf'),
  id: f.string(),
  copies: f.counter(),
  tags: f.set(f.string()).optional(),
  version: f.version(),
}
const key = { pk: 'SHELF#{shelf}', sk: 'BOOK#{id}' }
const Shelf = model('Shelf', { fields: { shelf: f.string() }, key: 'shelf', relations: { books: many('Book', 'key') } })
const Old = model('Book', {
  fields: { ...common, name: f.string(), code: f.string().optional(), cents: f.integer() },
  key,
  unique: { code: ['code'] },
  indexes: { byPrice: { on: 'gsi1', pk: 'ALL', sk: '{cents}' } },
})
const Present = model('Book', {
  fields: {
    ...common,
    title: f.map({ main: f.string(), sub: f.string().optional() }),
    code: f.string().optional(),
    price: f.number(),
  },
  key,
  unique: { code: ['code'] },
  indexes: { byPrice: { on: 'gsi1', pk: 'ALL', sk: '{price}' } },
  relations: { at: one('Shelf', 'shelf') },
  upgrade: [
    ({ name, ...rest }) => {
      const [main, sub] = String(name).split(': ')
      return { ...rest, title: { main, sub } }
    },
    ({ cents, code, ...rest }) => ({ ...rest, price: Number(cents) / 100, code: code && `B-${code}` }),
  ],
})
const models = { Shelf, Book: Present }
type Db = Awaited<ReturnType<typeof open>>

const store = memory()
afterAll(() => store.close())
const open = (table: string) => connect({ models, store, table })

/** One book in both forms, as an older program and a present one write it. */
function bookOf(id: string, n: number) {
  const key = { shelf: 's', id }
  const code = n % 2 === 0 ? `${id}-${n}` : undefined
  const older = { ...key, name: n % 3 === 0 ? `Main ${n}: Sub` : `Main ${n}`, cents: 25 * n, ...(code && { code }) }
  const title = n % 3 === 0 ? { main: `Main ${n}`, sub: 'Sub' } : { main: `Main ${n}` }
  return { older, present: { ...key, title, price: n / 4, ...(code && { code: `B-${code}` }) } }
}

type Run = (db: Db) => Promise<unknown>

/** Random calls, each to be made on two databases. */
class Calls {
  readonly #random: () => number

  constructor(random: () => number) {
    this.#random = random
  }

  below(end: number): number {
    return Math.floor(this.#random() * end)
  }

  next(): Run {
    const at = { shelf: 's', id: `b${this.below(BOOKS)}` }
    const n = this.below(40)
    const limit = 1 + this.below(5)
    const where = this.#where()
    const options = this.#pick([{}, { if: this.#where() }, { if: { price: { $gte: 3 } } }]) as never
    const changes = this.#pick([
      { price: n },
      { copies: add(n) },
      { tags: add('new', `t${n}`) },
      { 'title.sub': `Sub ${n}` },
      { code: `B-n${n % 6}` },
      { price: n, title: { main: `Main ${n}` } },
    ]) as never
    const books = (db: Db, more = {}) => db.Book.query.key({ shelf: 's' }, { where, ...more } as never)
    return this.#pick<Run>([
      db => db.Book.get(at),
      db => books(db).all(),
      db => books(db).count(),
      db => pagesOf(after => books(db, { limit, after, select: ['id', 'price'] })),
      async db => (await db.Shelf.get({ shelf: 's' }, { with: { books: true } }))?.books,
      db => db.Book.update(at, changes, options),
      db => db.Book.update(at, changes, options),
      db => db.Book.put({ ...at, title: { main: 'Put' }, price: n }, options),
      db => db.Book.delete(at, options),
      async db => {
        const book = await db.Book.get(at)
        if (!book) return
        book.title.sub = `Saved ${n}`
        book.copies += n
        return book.save({ ifUnchanged: n % 2 === 0 })
      },
      db =>
        db.transaction(async tx => {
          const found = await tx.Book.query.key({ shelf: 's' }, { where } as never).all()
          for (const { shelf, id } of found.slice(0, limit)) await tx.Book.update({ shelf, id }, changes)
          if (n % 4 === 0) await tx.Book.delete(at)
          return found
        }),
    ])
  }

  #where(): object {
    const n = this.below(10)
    return this.#pick([
      {},
      { price: { $gt: n } },
      { 'title.sub': { $exists: true } },
      { 'title.main': { $contains: '1' }, price: { $lt: n } },
      { tags: { $contains: 'new' } },
      { $not: { copies: 0 } },
      { code: { $beginsWith: 'B-b' } },
    ])
  }

  #pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)] as T
  }
}

const BOOKS = 8

it.each([1, 2, 3])('a program cannot tell rows of an older form from rows of the present one (%i)', async round => {
  const calls = new Calls(seeded(seed + round))
  const name = `books${round}`
  const before = await connect({ models: { Shelf, Book: Old }, store, table: name })
  const bring = async (db: Db | undefined, id: string) => {
    const { older, present } = bookOf(id, calls.below(40))
    await before.Book.put(older)
    await db?.Book.put(present)
  }
  const other = await open(`${name}-present`)
  for (let i = 0; i < BOOKS; i++) await bring(other, `b${i}`)
  const db = await open(name)
  expect((await consistency(db)).counts.upgrade).toBe(BOOKS)
  for (const each of [db, other]) await each.Shelf.create({ shelf: 's' })
  for (let i = 0; i < 60; i++) {
    // The older program writes all the while.
    if (i % 10 === 9) await bring(other, `b${calls.below(BOOKS)}`)
    const run = calls.next()
    const outcomes = [await outcome(() => run(db)), await outcome(() => run(other))]
    expect(outcomes[0], `call ${i}`).toEqual(outcomes[1])
  }
  await db.Book.reindex()
  expect(await db.Book.query.byPrice({}).all()).toEqual(await other.Book.query.byPrice({}).all())
  expect((await consistency(db)).counts).toEqual({})
})

async function pagesOf(
  query: (after: string | undefined) => ReturnType<Db['Book']['query']['key']>,
): Promise<unknown[]> {
  const pages: unknown[] = []
  let after: string | undefined
  do {
    const page = await query(after).page()
    pages.push(page.items)
    after = page.cursor
  } while (after !== undefined)
  return pages
}

/** What a call returns, or the code of its error. */
async function outcome(work: () => Promise<unknown>): Promise<unknown> {
  try {
    return JSON.parse(JSON.stringify((await work()) ?? null))
  } catch (error) {
    if (error instanceof PartitaError) return error.code
    throw error
  }
}
