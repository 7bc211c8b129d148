/** Reads by key in a scope: batched, cached, and never confused. */
import { connect, type Database, f, many, model, one, ThrottledError } from 'partita'
import { afterEach, beforeAll, expect, it } from 'vitest'
import { knownProblems } from '../../known-problems/known-problems.js'
import { describeEachStore } from '../../stores.js'
import { operations, pause, type WatchedStore, watch } from '../watched-store.js'

const User = model('User', {
  fields: { userId: f.string(), name: f.string(), email: f.email().optional(), visits: f.counter() },
  key: { pk: 'USER#{userId}' },
  unique: { email: ['email'] },
  relations: { posts: many('Post', 'byAuthor') },
})
/** One to one with users, under the same id. */
const Profile = model('Profile', {
  fields: { userId: f.string(), motto: f.string() },
  key: { pk: 'PROFILE#{userId}' },
})
const Seat = model('Seat', {
  fields: { hall: f.string(), seat: f.integer(), guest: f.string() },
  key: { pk: 'HALL#{hall}', sk: 'SEAT#{seat}' },
})
const Post = model('Post', {
  fields: { postId: f.string(), userId: f.ref('User'), editorId: f.ref('User').optional() },
  key: 'postId',
  indexes: { byAuthor: { on: 'gsi1', pk: 'BY#{userId}', sk: '{postId}' } },
  relations: { author: one('User', 'userId'), editor: one('User', 'editorId') },
})

const models = { User, Profile, Seat, Post }

describeEachStore('reads in a scope', tested => {
  const { absent, allAccountedFor } = knownProblems('dynamo-bao', import.meta.url)
  let seen: WatchedStore
  let table: string
  let db: Database<typeof models>
  let users = 0

  beforeAll(async () => {
    seen = watch(tested.store)
    table = tested.tableName()
    db = await connect({ models, store: seen.store, table, createTable: true })
  })
  afterEach(() => {
    seen.before = undefined
  })

  const addUser = async (name = 'Ada') => (await db.User.create({ userId: `u${++users}`, name })).userId

  absent([1], 'reads that are requested while a batch is in flight find their rows', async () => {
    const [first, second] = [await addUser('first'), await addUser('second')]
    await db.run({ loader: true }, async scope => {
      let late: ReturnType<typeof scope.User.get> | undefined
      seen.before = () => {
        late ??= scope.User.get({ userId: second })
        return pause(20)
      }
      expect(await scope.User.get({ userId: first })).toMatchObject({ name: 'first' })
      expect(await late).toMatchObject({ name: 'second' })
    })
  })

  absent([2], 'rows of two models with the same id are never confused', async () => {
    const userId = await addUser()
    await db.Profile.create({ userId, motto: 'onward' })
    await db.run({ loader: true }, async scope => {
      const [user, profile] = await Promise.all([scope.User.get({ userId }), scope.Profile.get({ userId })])
      expect({ ...user }).toMatchObject({ name: 'Ada' })
      expect({ ...profile }).toEqual({ userId, motto: 'onward' })
      expect({ ...(await scope.Profile.get({ userId })) }).toEqual({ userId, motto: 'onward' })
    })
  })

  absent([3], 'reads see the writes of their scope', async () => {
    const userId = await addUser()
    const gone = await addUser()
    await db.run({ loader: true }, async scope => {
      const name = async (id = userId) => (await scope.User.get({ userId: id }))?.name
      expect(await name()).toBe('Ada')
      const email = `${userId}@example.com`
      expect(await scope.User.update({ userId }, { name: 'updated', email })).toMatchObject({ name: 'updated', email })
      expect(await name()).toBe('updated')
      const row = await scope.User.get({ userId })
      if (row) row.name = 'saved'
      await row?.save()
      expect(await name()).toBe('saved')
      await scope.User.put({ userId, name: 'put' })
      expect(await name()).toBe('put')
      // A call on the database itself belongs to the current scope too.
      await db.User.update({ userId }, { name: 'by db' })
      expect(await name()).toBe('by db')
      await scope.transaction(async tx => void (await tx.User.update({ userId }, { name: 'transaction' })))
      expect(await name()).toBe('transaction')

      expect(await name(gone)).toBe('Ada')
      await scope.User.delete({ userId: gone })
      expect(await name(gone)).toBe(undefined)
      await scope.User.create({ userId: gone, name: 'back', email: `${gone}@example.com` })
      expect(await name(gone)).toBe('back')

      expect(await scope.Seat.get({ hall: userId, seat: 1 })).toBe(undefined)
      await scope.batch(batch => batch.Seat.put({ hall: userId, seat: 1, guest: 'batched' }))
      expect(await scope.Seat.get({ hall: userId, seat: 1 })).toMatchObject({ guest: 'batched' })
    })
  })

  absent([4], 'a consistent read bypasses the cache', async () => {
    const userId = await addUser()
    await db.run({ loader: true }, async scope => {
      await scope.User.get({ userId })
      const stored = await tested.store.get({ table, key: { pk: `USER#${userId}`, sk: 'User' } })
      await tested.store.write({ kind: 'put', table, item: { ...stored.item, name: 'elsewhere' } })
      expect((await scope.User.get({ userId }))?.name).toBe('Ada')
      expect((await scope.User.get({ userId }, { consistent: true }))?.name).toBe('elsewhere')
    })
  })

  absent([5], 'a throttled read fails, and its row is never reported as missing', async () => {
    const [first, second] = [await addUser(), await addUser()]
    await db.run({ loader: true }, async scope => {
      seen.before = () => {
        throw new ThrottledError('Not now', { done: 0, undone: 2, undoneKeys: [] })
      }
      const refused = expect.objectContaining({ code: 'Throttled' })
      const reads = [first, second].map(userId => scope.User.get({ userId }))
      for (const read of reads) await expect(read).rejects.toEqual(refused)
      await expect(scope.User.getMany([{ userId: first }])).rejects.toEqual(refused)
      seen.before = undefined
      expect(await scope.User.getMany([{ userId: first }, { userId: second }])).toMatchObject([{}, {}])
    })
  })

  absent([6], 'rows with several key fields are read, and only an impossible key is refused', async () => {
    await db.Seat.create({ hall: 'six', seat: 1, guest: 'Ada' })
    await db.run({ loader: true }, async scope => {
      const [found, impossible, missing] = await Promise.allSettled([
        scope.Seat.get({ hall: 'six', seat: 1 }),
        scope.Seat.get({ hall: '', seat: 1 }),
        scope.Seat.get({ hall: 'six', seat: 2 }),
      ])
      expect(found).toMatchObject({ status: 'fulfilled', value: { guest: 'Ada' } })
      expect(impossible).toMatchObject({ status: 'rejected', reason: { code: 'ValidationFailed' } })
      expect(missing).toEqual({ status: 'fulfilled', value: undefined })
    })
  })

  absent([45], 'each level of relations is loaded in one batch, with and without a scope', async () => {
    const [author, editor, other] = [await addUser('author'), await addUser('editor'), await addUser('other')]
    for (const [i, userId] of [author, other, author, other].entries()) {
      await db.Post.create({ postId: `45-${author}-${i}`, userId, editorId: editor })
    }
    seen.calls = []
    const posts = await db.Post.query
      .byAuthor({ userId: author }, { with: { author: { with: { posts: true } }, editor: true } })
      .all()
    expect(posts.map(it => [it.author?.name, it.author?.posts.length, it.editor?.name])).toEqual([
      ['author', 2, 'editor'],
      ['author', 2, 'editor'],
    ])
    // The posts, then their one author and their one editor, then the posts of the author.
    expect(operations(seen)).toEqual(['query', 'get', 'get', 'query'])

    await db.run({ loader: true }, async scope => {
      const found = await scope.Post.query.byAuthor({ userId: other }).all()
      seen.calls = []
      const names = await Promise.all(found.flatMap(post => [post.author(), post.editor()]))
      expect(names.map(it => it?.name)).toEqual(['other', 'editor', 'other', 'editor'])
      expect(operations(seen)).toEqual(['batchGet'])
    })
  })

  absent([50], 'any number of concurrent reads is batched, and each key is read once', async () => {
    const seats = Array.from({ length: 120 }, (_, i) => ({ hall: 'fifty', seat: i, guest: `guest ${i}` }))
    await db.batch(batch => {
      for (const seat of seats) batch.Seat.put(seat)
    })
    await db.run({ loader: true }, async scope => {
      seen.calls = []
      const reads = [...seats, ...seats].map(({ hall, seat }) => scope.Seat.get({ hall, seat }))
      const found = await Promise.all(reads)
      expect(found.map(it => it?.guest)).toEqual([...seats, ...seats].map(it => it.guest))
      const keys = seen.calls.flatMap(call => (call.operation === 'batchGet' ? call.request.gets : []))
      expect(keys).toHaveLength(120)
      expect(seen.calls.length).toBeLessThanOrEqual(2)
    })
  })

  it('a scope reads each row once, found or not, until it ends', async () => {
    const userId = await addUser()
    const read = async (scope: Pick<typeof db, 'User'>) => [
      await scope.User.get({ userId }),
      await scope.User.get({ userId: 'nobody' }),
    ]
    await db.run({ loader: true }, async scope => {
      await read(scope)
      const { read: units } = scope.capacity
      expect(units).toBeGreaterThan(0)
      seen.calls = []
      expect(await read(scope)).toMatchObject([{ name: 'Ada' }, undefined])
      expect(await scope.User.getMany([{ userId: 'nobody' }, { userId }])).toMatchObject([undefined, { name: 'Ada' }])
      expect(seen.calls).toEqual([])
      expect(scope.capacity.read).toBe(units)
      await db.run({ loader: true }, async inner => {
        await read(inner)
        expect(inner.capacity.read).toBe(units)
      })
      // An outer scope includes the capacity of its inner scopes.
      expect(scope.capacity.read).toBe(2 * units)
    })
    seen.calls = []
    await db.run({ loader: true }, read)
    expect(seen.calls).not.toEqual([])
    seen.calls = []
    await read(db)
    await read(db)
    expect(operations(seen)).toEqual(['get', 'get', 'get', 'get'])
  })

  it('getMany aligns rows with their keys, including missing and repeated keys', async () => {
    const [a, b] = [await addUser('a'), await addUser('b')]
    const found = await db.User.getMany([b, 'nobody', a, b].map(userId => ({ userId })))
    expect(found.map(it => it?.name)).toEqual(['b', undefined, 'a', 'b'])
    expect(await db.User.getMany([])).toEqual([])
  })

  it('scopes of concurrent requests stay separate', async () => {
    const userId = await addUser()
    await Promise.all(
      [1, 2, 3].map(count =>
        db.run({ loader: true, actor: count }, async scope => {
          for (let i = 0; i < count; i++) await db.User.get({ userId }, { consistent: true })
          await pause(5)
          expect(scope.actor).toBe(count)
          expect(scope.capacity.read).toBe(count)
        }),
      ),
    )
  })

  allAccountedFor()
})
