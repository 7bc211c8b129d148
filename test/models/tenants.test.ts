/** Tenants in one table: whatever they are named and store, each lives as if it were alone. */
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { memory } from '../../packages/partita/src/embedded/index.js'
import type { ErrorCode } from '../../packages/partita/src/errors.js'
import type { ConnectOptions, Scope, ScopeOptions } from '../../packages/partita/src/model/database.js'
import { add, collection, connect, f, many, model, one, through } from '../../packages/partita/src/model/index.js'
import type { Store } from '../../packages/partita/src/store/store.js'
import { failure } from '../store-contract/fixtures.js'
import { describeEachStore } from '../stores.js'
import { everyItem, faultsOf } from './consistency.js'
import { ending } from './ending.js'
import { hostileText } from './hostile.js'

const Person = model('Person', {
  fields: {
    personId: f.string(),
    email: f.string(),
    team: f.string().optional(),
    points: f.counter(),
  },
  key: 'personId',
  unique: { email: ['email'] },
  indexes: { byTeam: { on: 'gsi1', pk: 'TEAM#{team}', sk: '{personId}' } },
  relations: { posts: many('Post', 'byAuthor'), tags: through('Tag', 'Tagging', 'key', { to: 'tag' }) },
})
const Post = model('Post', {
  fields: { board: f.string(), postId: f.string(), personId: f.ref('Person'), text: f.string() },
  key: { pk: 'BOARD#{board}', sk: 'POST#{postId}' },
  indexes: { byAuthor: { on: 'gsi1', pk: 'AUTHOR#{personId}', sk: '{board}#{postId}' } },
  relations: { author: one('Person', 'personId') },
})
const Board = model('Board', {
  fields: { board: f.string(), title: f.string() },
  key: { pk: 'BOARD#{board}', sk: 'BOARD' },
})
const Tag = model('Tag', { fields: { tagId: f.string(), label: f.string() }, key: 'tagId' })
const Tagging = model('Tagging', {
  fields: { personId: f.ref('Person'), tagId: f.ref('Tag') },
  key: { pk: 'TAGGING#{personId}', sk: '{tagId}' },
  relations: { person: one('Person', 'personId'), tag: one('Tag', 'tagId') },
})
const BoardDetails = collection('BoardDetails', { pk: 'BOARD#{board}', one: { board: Board }, many: { posts: Post } })

const models = { Person, Post, Board, Tag, Tagging }
const collections = { BoardDetails }
type Tenants = Scope<typeof models, typeof collections>

function open(store: Store, table: string, more: Partial<ConnectOptions<typeof models, typeof collections>> = {}) {
  return connect({ models, collections, store, table, createTable: true, ...more })
}

/** What every tenant uses alike, so that a key which loses its tenant anywhere meets another's. */
const ids = ['x', 'x#', '%23', 'T#x#', '\u0001 é😀']
const idOf = (n: number) => ids[n % ids.length] as string

interface PersonRow {
  readonly personId: string
  readonly email: string
  readonly team?: string
  readonly points: number
}
interface PostRow {
  readonly board: string
  readonly postId: string
  readonly personId: string
  readonly text: string
}

const byBytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b))

/** What one tenant has, by the rules alone. */
class World {
  people = new Map<string, PersonRow>()
  readonly posts = new Map<string, PostRow>()
  readonly boards = new Map<string, string>()
  readonly tags = new Map<string, string>()
  readonly taggings = new Map<string, readonly [personId: string, tagId: string]>()

  size(): number {
    return this.people.size + this.posts.size + this.boards.size + this.tags.size + this.taggings.size
  }

  holder(email: string): PersonRow | undefined {
    return [...this.people.values()].find(it => it.email === email)
  }

  /** @returns the row, or why it cannot be written. */
  write(row: PersonRow, wanted: 'new' | 'any' | 'there'): PersonRow | ErrorCode {
    const before = this.people.get(row.personId)
    if (wanted === 'new' && before) return 'AlreadyExists'
    if (wanted === 'there' && !before) return 'NotFound'
    const holder = this.holder(row.email)
    if (holder && holder.personId !== row.personId) return 'UniqueViolation'
    this.people.set(row.personId, row)
    return row
  }

  team(team: string): PersonRow[] {
    const rows = [...this.people.values()].filter(it => it.team === team)
    return rows.sort((a, b) => byBytes(a.personId, b.personId))
  }

  board(board: string): PostRow[] {
    const rows = [...this.posts.values()].filter(it => it.board === board)
    return rows.sort((a, b) => byBytes(a.postId, b.postId))
  }

  postsOf(personId: string): PostRow[] {
    const rows = [...this.posts.values()].filter(it => it.personId === personId)
    return rows.sort((a, b) => byBytes(a.board, b.board) || byBytes(a.postId, b.postId))
  }

  tagsOf(personId: string): string[] {
    const taggings = [...this.taggings.values()].filter(it => it[0] === personId && this.tags.has(it[1]))
    return taggings.map(it => it[1]).sort(byBytes)
  }
}

/** One command: what the database and the world should do alike, with numbers to draw ids and values from. */
type Command = (db: Tenants, world: World, a: number, b: number, c: number) => Promise<void>

const plain = (row: object | undefined) => row && { ...row }
const plainAll = (rows: readonly (object | undefined)[]) => rows.map(plain)

async function endsAs(call: Promise<object | undefined>, expected: unknown): Promise<void> {
  const ended = await ending(call)
  expect('error' in ended ? ended.error.code : plain(ended.value)).toEqual(expected)
}

async function collect<T>(rows: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const row of rows) all.push(row)
  return all
}

function personOf(a: number, b: number, c: number): PersonRow {
  return { personId: idOf(a), email: idOf(b), points: c, ...(c % 4 && { team: idOf(c) }) }
}

const commands: Record<string, Command> = {
  async create(db, world, a, b, c) {
    const row = personOf(a, b, c)
    await endsAs(db.Person.create(row), world.write(row, 'new'))
  },
  async put(db, world, a, b, c) {
    const row = personOf(a, b, c)
    await endsAs(db.Person.put(row), world.write(row, 'any'))
  },
  async update(db, world, a, b, c) {
    const before = world.people.get(idOf(a)) ?? personOf(a, b, 0)
    const { team: _, ...rest } = before
    const after = { ...rest, email: idOf(b), points: before.points + 1, ...(c % 3 && { team: idOf(c) }) }
    const changes = { email: idOf(b), points: add(1), team: c % 3 ? idOf(c) : null }
    await endsAs(db.Person.update({ personId: idOf(a) }, changes), world.write(after, 'there'))
  },
  async updateIf(db, world, a, b, c) {
    const before = world.people.get(idOf(a))
    const call = db.Person.update({ personId: idOf(a) }, { points: c }, { if: { email: idOf(b) } })
    if (!before) return endsAs(call, 'NotFound')
    await endsAs(call, before.email === idOf(b) ? world.write({ ...before, points: c }, 'there') : 'ConditionFailed')
  },
  async save(db, world, a, b, c) {
    const record = await db.Person.get({ personId: idOf(a) })
    const before = world.people.get(idOf(a))
    expect(plain(record)).toEqual(before)
    if (!record || !before) return
    record.email = idOf(b)
    record.team = idOf(c)
    record.points += 2
    const after = { ...before, email: idOf(b), team: idOf(c), points: before.points + 2 }
    await endsAs(record.save(), world.write(after, 'there'))
    if (world.people.get(idOf(a)) === after) expect(plain(await record.reload())).toEqual(after)
  },
  async delete(db, world, a) {
    const before = world.people.get(idOf(a))
    world.people.delete(idOf(a))
    await endsAs(db.Person.delete({ personId: idOf(a) }), before)
  },
  async get(db, world, a, b) {
    await endsAs(db.Person.get({ personId: idOf(a) }, { consistent: b % 2 === 0 }), world.people.get(idOf(a)))
  },
  async getMany(db, world, a, b, c) {
    const wanted = [a, b, c, a].map(idOf)
    const rows = await db.Person.getMany(wanted.map(personId => ({ personId })))
    expect(plainAll(rows)).toEqual(wanted.map(it => world.people.get(it)))
  },
  async findBy(db, world, a) {
    await endsAs(db.Person.findBy({ email: idOf(a) }), world.holder(idOf(a)))
  },
  async queryIndex(db, world, a, b) {
    const team = idOf(a)
    const rows = world.team(team)
    expect(plainAll(await db.Person.query.byTeam({ team }).all())).toEqual(rows)
    expect(await db.Person.query.byTeam({ team }).count()).toBe(rows.length)
    const begins = db.Person.query.byTeam({ team, personId: { $gte: idOf(b) } }, { order: 'desc' })
    expect(plainAll(await begins.all())).toEqual(rows.filter(it => byBytes(it.personId, idOf(b)) >= 0).reverse())
  },
  async page(db, world, a, b) {
    const team = idOf(a)
    const found: unknown[] = []
    let after: string | undefined
    do {
      const page = await db.Person.query.byTeam({ team }, { limit: 1 + (b % 2), after }).page()
      found.push(...plainAll(page.items))
      after = page.cursor
    } while (after !== undefined)
    expect(found).toEqual(world.team(team))
  },
  async post(db, world, a, b, c) {
    const post = { board: idOf(a), postId: idOf(b), personId: idOf(c), text: `${a} ${b} ${c}` }
    const key = `${idOf(a)}\n${idOf(b)}`
    const isNew = !world.posts.has(key)
    if (isNew) world.posts.set(key, post)
    await endsAs(db.Post.create(post), isNew ? post : 'AlreadyExists')
  },
  async batch(db, world, a, b, c) {
    const post = { board: idOf(a), postId: idOf(b), personId: idOf(c), text: 'batch' }
    await db.batch(batch => {
      batch.Post.put(post)
      batch.Post.delete({ board: idOf(b), postId: idOf(c) })
      batch.Board.put({ board: idOf(c), title: `${a}` })
    })
    world.posts.delete(`${idOf(b)}\n${idOf(c)}`)
    // Of two writes to one row the last holds.
    if (idOf(a) !== idOf(b) || idOf(b) !== idOf(c)) world.posts.set(`${idOf(a)}\n${idOf(b)}`, post)
    world.boards.set(idOf(c), `${a}`)
  },
  async queryKey(db, world, a, b) {
    const board = idOf(a)
    const posts = world.board(board)
    expect(plainAll(await db.Post.query.key({ board }, { consistent: true }).all())).toEqual(posts)
    const prefix = idOf(b)
    const some = await collect(db.Post.query.key({ board, postId: { $beginsWith: prefix } }))
    expect(plainAll(some)).toEqual(posts.filter(it => it.postId.startsWith(prefix)))
    expect(plain(await db.Post.query.key({ board }, { order: 'desc' }).first())).toEqual(posts.at(-1))
  },
  async collection(db, world, a) {
    const details = await db.BoardDetails.get({ board: idOf(a) })
    const title = world.boards.get(idOf(a))
    if (title === undefined) return expect(details).toBeUndefined()
    expect(plain(details?.board)).toEqual({ board: idOf(a), title })
    expect(plainAll(details?.posts ?? [])).toEqual(world.board(idOf(a)))
  },
  async one(db, world, a, b) {
    const post = await db.Post.get({ board: idOf(a), postId: idOf(b) })
    const expected = world.posts.get(`${idOf(a)}\n${idOf(b)}`)
    expect(plain(post)).toEqual(expected)
    if (post) expect(plain(await post.author())).toEqual(world.people.get(post.personId))
  },
  async withOne(db, world, a) {
    const posts = await db.Post.query.key({ board: idOf(a) }, { with: { author: true } }).all()
    expect(posts.map(it => it.text)).toEqual(world.board(idOf(a)).map(it => it.text))
    for (const post of posts) expect(plain(post.author)).toEqual(world.people.get(post.personId))
  },
  async many(db, world, a) {
    const person = await db.Person.get({ personId: idOf(a) })
    if (person) expect(plainAll(await person.posts().all())).toEqual(world.postsOf(idOf(a)))
  },
  async tag(db, world, a, b, c) {
    const [personId, tagId] = [idOf(a), idOf(b)]
    await db.Tag.put({ tagId, label: `${c}` })
    await db.Tagging.put({ personId, tagId })
    world.tags.set(tagId, `${c}`)
    world.taggings.set(`${personId}\n${tagId}`, [personId, tagId])
  },
  async untag(db, world, a, b) {
    const isTagged = world.taggings.delete(`${idOf(a)}\n${idOf(b)}`)
    const expected = isTagged ? { personId: idOf(a), tagId: idOf(b) } : undefined
    await endsAs(db.Tagging.delete({ personId: idOf(a), tagId: idOf(b) }), expected)
  },
  async through(db, world, a) {
    const person = await db.Person.get({ personId: idOf(a) })
    if (!person) return
    const tags = await person.tags().all()
    expect(tags.map(it => it.tagId)).toEqual(world.tagsOf(idOf(a)))
    expect(tags.map(it => it.label)).toEqual(world.tagsOf(idOf(a)).map(it => world.tags.get(it)))
  },
  async withMany(db, world, a, b) {
    const keys = [{ personId: idOf(a) }, { personId: idOf(b) }]
    const people = await db.Person.getMany(keys, { with: { posts: { with: { author: true } }, tags: true } })
    for (const [i, person] of people.entries()) {
      const id = idOf(i === 0 ? a : b)
      expect(person?.email).toEqual(world.people.get(id)?.email)
      if (!person) continue
      expect(person.posts.map(it => it.text)).toEqual(world.postsOf(id).map(it => it.text))
      for (const post of person.posts) expect(post.author?.email).toBe(person.email)
      expect(person.tags.map(it => it.tagId)).toEqual(world.tagsOf(id))
    }
  },
  async all(db, world, a) {
    const people = await collect(db.Person.all({ batchSize: 1 + (a % 3), parallel: 4 }))
    const rows = people.sort((one, other) => byBytes(one.personId, other.personId))
    expect(plainAll(rows)).toEqual(
      [...world.people.values()].sort((one, other) => byBytes(one.personId, other.personId)),
    )
  },
  async walk(db, world, a) {
    const found: string[] = []
    let after: string | undefined
    do {
      // Each batch by a walk of its own, from where the one before ended.
      let cursor: string | undefined
      for await (const batch of db.Post.all({ batchSize: 1 + (a % 2), after }).batches()) {
        found.push(...batch.items.map(it => `${it.board}\n${it.postId}`))
        cursor = batch.cursor
        break
      }
      after = cursor
    } while (after !== undefined)
    expect(found.sort()).toEqual([...world.posts.keys()].sort())
  },
  async transaction(db, world, a, b, c) {
    const before = new Map(world.people)
    const [mine, theirs] = [idOf(a), idOf(b)]
    const one = world.people.get(mine)
    const other = world.people.get(theirs)
    let expected: PersonRow | ErrorCode
    if (one && other && mine !== theirs) {
      world.people.delete(theirs)
      // The value is free at the end of the transaction, as its holder is deleted in it.
      expected = world.write({ ...one, email: other.email, points: one.points + 1 }, 'there')
    } else {
      const row = personOf(one ? b : a, c, c)
      expected = world.write(row, 'new')
    }
    const call = db.transaction(async tx => {
      const [mineRead, theirsRead] = [
        await tx.Person.get({ personId: mine }),
        await tx.Person.get({ personId: theirs }),
      ]
      expect([plain(mineRead), plain(theirsRead)]).toEqual([one, other])
      expect(plain(await tx.Person.findBy({ email: idOf(c) }))).toEqual(
        [...before.values()].find(it => it.email === idOf(c)),
      )
      if (mineRead && theirsRead && mine !== theirs) {
        await tx.Person.delete({ personId: theirs })
        return tx.Person.update({ personId: mine }, { email: theirsRead.email, points: add(1) })
      }
      return tx.Person.create(personOf(mineRead ? b : a, c, c))
    })
    await endsAs(call, expected)
    if (typeof expected === 'string') world.people = before
  },
}

type Mode = 'handle' | 'given' | 'ambient' | 'inside another'

interface Participant {
  readonly mode: Mode
  readonly loader: boolean
  readonly steps: readonly (readonly [command: string, a: number, b: number, c: number])[]
}

const participants = (length: number): fc.Arbitrary<Participant> =>
  fc.record({
    mode: fc.constantFrom<Mode>('handle', 'given', 'ambient', 'inside another'),
    loader: fc.boolean(),
    steps: fc.array(fc.tuple(fc.constantFrom(...Object.keys(commands)), fc.nat(7), fc.nat(7), fc.nat(7)), {
      minLength: length / 2,
      maxLength: length,
      size: 'max',
    }),
  })

const tenantName = fc.oneof(
  hostileText({ minLength: 1 }),
  fc.constantFrom(
    'x',
    'X',
    'x#',
    'x%23',
    'T#x',
    'T#x#USER',
    'UNIQUE',
    'Person#x',
    ' ',
    'é',
    'e\u0301',
    'x'.repeat(400),
  ),
)
/** With no tenant in the place of an empty name. */
const tenantNames = fc.uniqueArray(fc.oneof({ weight: 6, arbitrary: tenantName }, fc.constant('')), {
  minLength: 2,
  maxLength: 4,
})

describeEachStore('tenants', tested => {
  const isFast = tested.name === 'memory'
  const [numRuns, length] = isFast ? [25, 40] : [2, 30]

  it('live as if each were alone, whatever the others do at the same time', async () => {
    const each = fc.array(participants(length), { minLength: 4, maxLength: 4, size: 'max' })
    const property = fc.asyncProperty(tenantNames, each, async (names, parts) => {
      const table = tested.tableName()
      const { store } = tested
      const db = await open(store, table)
      const worlds = new Map(names.map(name => [name || undefined, new World()]))
      const live = async (name: string, { mode, loader, steps }: Participant) => {
        const world = worlds.get(name || undefined) as World
        const options: ScopeOptions = { ...(name && { tenant: name }), loader }
        const act = async (scope: Tenants) => {
          for (const [command, a, b, c] of steps) await commands[command]?.(scope, world, a, b, c)
        }
        if (mode === 'given') await db.run(options, act)
        else if (mode === 'ambient') await db.run(options, () => act(db))
        else if (mode === 'handle' || !name) await act(db.scope(options))
        else await db.run({ tenant: `not ${name}`.slice(0, 300) }, () => db.run(options, act))
      }
      await Promise.all(names.map((name, i) => live(name, parts[i] as Participant)))

      expect(await faultsOf({ store, table, models })).toEqual([])
      const items = (await everyItem({ store, table })).filter(it => it._type !== 'UNIQUE')
      const counts = new Map<string | undefined, number>()
      for (const { pk, sk } of items) {
        const { tenant } = db.decodeKey(String(pk), String(sk))
        counts.set(tenant, (counts.get(tenant) ?? 0) + 1)
      }
      for (const [name, world] of worlds) expect(counts.get(name) ?? 0).toBe(world.size())
      expect(items.length).toBe([...counts.values()].reduce((sum, it) => sum + it, 0))
    })
    await fc.assert(property, { numRuns, endOnFailure: !isFast })
  })
})

describe('a tenant', () => {
  let store: Store
  beforeAll(() => {
    store = memory()
  })
  afterAll(() => store.close())
  let tables = 0
  const fresh = (more: Partial<ConnectOptions<typeof models, typeof collections>> = {}) =>
    open(store, `tenant-${++tables}`, more)

  it.each([undefined, 'a secret of at least 32 characters, or so'])(
    'is refused the cursors of others, with the secret %s',
    async cursorSecret => {
      const db = await fresh(cursorSecret === undefined ? {} : { cursorSecret })
      const [a, b] = [db.scope({ tenant: 'a' }), db.scope({ tenant: 'b' })]
      for (const scope of [a, b, db]) {
        for (let i = 0; i < 5; i++) {
          await scope.Person.create({ personId: `p${i}`, email: `p${i}`, team: 't' })
          await scope.Post.create({ board: 'b', postId: `${i}`, personId: 'p1', text: '' })
        }
      }
      const ofIndex = await a.Person.query.byTeam({ team: 't' }, { limit: 2 }).page()
      const ofKey = await a.Post.query.key({ board: 'b' }, { limit: 2 }).page()
      let ofWalk: string | undefined
      for await (const batch of a.Person.all({ batchSize: 1 }).batches()) {
        ofWalk = batch.cursor
        break
      }
      expect([ofIndex.cursor, ofKey.cursor, ofWalk].every(it => typeof it === 'string')).toBe(true)
      for (const other of [b, db]) {
        const calls = [
          other.Person.query.byTeam({ team: 't' }, { limit: 2, after: ofIndex.cursor }).page(),
          other.Post.query.key({ board: 'b' }, { limit: 2, after: ofKey.cursor }).all(),
          collect(other.Person.all({ batchSize: 1, after: ofWalk })),
        ]
        for (const call of calls) expect((await failure(call)).code).toBe('InvalidCursor')
      }
      const next = await a.Person.query.byTeam({ team: 't' }, { limit: 2, after: ofIndex.cursor }).page()
      expect(next.items.map(it => it.personId)).toEqual(['p2', 'p3'])
    },
  )

  it('has a name', async () => {
    const db = await fresh()
    const names = ['', undefined, null, 0, 5, {}, ['a'], '\ud800']
    for (const name of names) {
      const options = { tenant: name } as unknown as ScopeOptions
      const isRefused = expect.objectContaining({ code: 'ValidationFailed' })
      expect(() => db.scope(options), String(name)).toThrow(isRefused)
      let isRun = false
      await expect((async () => db.run(options, async () => void (isRun = true)))(), String(name)).rejects.toEqual(
        isRefused,
      )
      expect(isRun).toBe(false)
    }
  })

  it('is never cut to a name that fits', async () => {
    const db = await fresh()
    const long = 'x'.repeat(2100)
    const error = await failure((async () => db.scope({ tenant: long }).Tag.put({ tagId: 'a', label: '' }))())
    expect(['LimitExceeded', 'ValidationFailed']).toContain(error.code)
    expect(await everyItem({ store, table: `tenant-${tables}` })).toEqual([])
  })

  it('is asked for by every call where tenancy is required', async () => {
    const db = await fresh({ tenancy: 'required' })
    const key = { personId: 'x' }
    const row = { personId: 'x', email: 'x' }
    const calls = (scope: Tenants): (() => Promise<unknown>)[] => [
      async () => scope.Person.create(row),
      async () => scope.Person.put(row),
      async () => scope.Person.get(key),
      async () => scope.Person.getMany([key]),
      async () => scope.Person.findBy({ email: 'x' }),
      async () => scope.Person.update(key, { points: add(1) }),
      async () => scope.Person.delete(key),
      async () => scope.Person.query.byTeam({ team: 'x' }).page(),
      async () => scope.Person.query.byTeam({ team: 'x' }).all(),
      async () => scope.Person.query.byTeam({ team: 'x' }).first(),
      async () => scope.Person.query.byTeam({ team: 'x' }).count(),
      async () => collect(scope.Person.query.byTeam({ team: 'x' })),
      async () => collect(scope.Post.query.key({ board: 'x' })),
      async () => collect(scope.Person.all()),
      async () => collect(scope.Person.all().batches()),
      async () => scope.batch(batch => batch.Tag.put({ tagId: 'x', label: '' })),
      async () => scope.transaction(tx => tx.Person.get(key)),
      async () => scope.transaction(async tx => void (await tx.Person.create(row))),
      async () => scope.BoardDetails.get({ board: 'x' }),
    ]
    for (const scope of [db, db.scope({ actor: 'someone' }), db.scope({ loader: true })]) {
      for (const call of calls(scope)) expect((await failure(call())).code, String(call)).toBe('TenantRequired')
    }
    for (const call of calls(db)) {
      const inside = db.run({ actor: 'someone' }, call)
      expect((await failure(inside)).code, String(call)).toBe('TenantRequired')
    }
    expect(await everyItem({ store, table: `tenant-${tables}` })).toEqual([])
    await db.run({ tenant: 'x' }, async scope => {
      for (const call of calls(scope).slice(2)) expect((await ending(call())) ?? {}).toBeDefined()
      expect(plain(await db.Person.get(key))).toEqual({ ...row, points: 0 })
    })
    expect((await failure((async () => db.Person.get(key))())).code).toBe('TenantRequired')
  })

  it('stays that of a record, of a query and of a handle, wherever they are used', async () => {
    const db = await fresh()
    for (const tenant of ['a', 'b']) {
      const scope = db.scope({ tenant })
      await scope.Person.create({ personId: 'p', email: `${tenant}@x`, team: 't' })
      await scope.Post.create({ board: 'b', postId: '1', personId: 'p', text: tenant })
    }
    const [record, query, walk] = await db.run({ tenant: 'a' }, async scope => [
      await scope.Person.get({ personId: 'p' }),
      scope.Person.query.byTeam({ team: 't' }),
      scope.Person.all(),
    ])
    if (!record) throw new Error('The row is gone')
    const handle = db.scope({ tenant: 'a' })
    await db.run({ tenant: 'b' }, async () => {
      expect((await query.all()).map(it => it.email)).toEqual(['a@x'])
      expect((await collect(walk)).map(it => it.email)).toEqual(['a@x'])
      expect((await record.posts().all()).map(it => it.text)).toEqual(['a'])
      expect((await handle.Person.get({ personId: 'p' }))?.email).toBe('a@x')
      record.points = 7
      await record.save()
      await record.update({ team: 'u' })
      expect((await record.reload()).points).toBe(7)
    })
    expect(plain(await db.scope({ tenant: 'b' }).Person.get({ personId: 'p' }))).toEqual({
      personId: 'p',
      email: 'b@x',
      team: 't',
      points: 0,
    })
    await db.run({ tenant: 'b' }, () => record.delete())
    expect(await handle.Person.get({ personId: 'p' })).toBeUndefined()
    expect((await db.scope({ tenant: 'b' }).Person.get({ personId: 'p' }))?.email).toBe('b@x')
    expect(await faultsOf({ store, table: `tenant-${tables}`, models })).toEqual([])
  })

  it('is kept by scopes within it, and left by those of another, with their caches', async () => {
    const db = await fresh()
    for (const tenant of ['a', 'b']) await db.scope({ tenant }).Tag.put({ tagId: 't', label: tenant })
    const label = async () => (await db.Tag.get({ tagId: 't' }))?.label
    await db.run({ tenant: 'a', loader: true }, async () => {
      expect(await label()).toBe('a')
      await db.run({ actor: 'someone' }, async scope => {
        expect(scope.tenant).toBe('a')
        expect(await label()).toBe('a')
      })
      await db.run({ tenant: 'b', loader: true }, async () => {
        expect(await label()).toBe('b')
        await db.Tag.put({ tagId: 't', label: 'b2' })
        expect(await label()).toBe('b2')
      })
      expect(await label()).toBe('a')
      const both = await Promise.all([label(), db.run({ tenant: 'b', loader: true }, label), label()])
      expect(both).toEqual(['a', 'b2', 'a'])
    })
    expect(await label()).toBeUndefined()
  })

  it('is kept across timers and promises of scopes that run side by side', async () => {
    const db = await fresh()
    const tenants = Array.from({ length: 20 }, (_, i) => `t${i}`)
    const ticks = () =>
      new Promise<void>(resolve => (Math.random() < 0.5 ? setImmediate(resolve) : setTimeout(resolve, 1)))
    await Promise.all(
      tenants.map(tenant =>
        db.run({ tenant, loader: Math.random() < 0.5 }, async () => {
          await db.Tag.put({ tagId: 'same', label: tenant })
          for (let i = 0; i < 10; i++) {
            await ticks()
            expect((await db.Tag.get({ tagId: 'same' }))?.label).toBe(tenant)
            await Promise.all([ticks(), db.Tag.update({ tagId: 'same' }, { label: tenant })])
          }
        }),
      ),
    )
    const table = `tenant-${tables}`
    expect((await everyItem({ store, table })).length).toBe(tenants.length)
  })
})
