/** Relations that a client chooses load each row once, and no more rows than one call may load. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { memory } from '../../packages/partita/src/embedded/index.js'
import { connect, type Database, f, many, model, one, through } from '../../packages/partita/src/index.js'
import { failure } from '../store-contract/fixtures.js'
import { Group, Member } from './groups.js'

const User = model('User', {
  fields: { userId: f.string() },
  key: 'userId',
  relations: { posts: many('Post', 'byAuthor'), groups: through('Group', 'Member', 'byUser') },
})
const Post = model('Post', {
  fields: { postId: f.string(), authorId: f.ref('User') },
  key: 'postId',
  indexes: { byAuthor: { on: 'gsi1', pk: 'USER#{authorId}', sk: '{postId}' } },
  relations: { author: one('User', 'authorId'), siblings: many('Post', 'byAuthor', { authorId: 'authorId' }) },
})
const models = { User, Post, Group, Member }
const POSTS = 100
const GROUPS = 20
const USERS = 30

const store = memory()
let db: Database<typeof models>
beforeAll(async () => {
  db = await connect({ store, models })
  await db.batch(b => {
    for (let u = 0; u < USERS; u++) b.User.put({ userId: `u${u}` })
    for (let p = 0; p < POSTS; p++) b.Post.put({ postId: `p${p}`, authorId: 'u0' })
    for (let g = 0; g < GROUPS; g++) {
      b.Group.put({ groupId: `g${g}` })
      for (let u = 0; u < USERS; u++) b.Member.put({ groupId: `g${g}`, userId: `u${u}` })
    }
  })
})
afterAll(() => store.close())

/** A `with` tree of that many levels, as a request would carry it, which takes the relations in turn. */
function backAndForth(levels: number, names: readonly string[]): never {
  let tree: object | true = true
  for (let level = levels; level > 0; level--) {
    tree = { [names[(level - 1) % names.length] as string]: tree === true ? true : { with: tree } }
  }
  return JSON.parse(JSON.stringify(tree)) as never
}

/** @returns the records that can be reached from the roots. */
function reachedFrom(roots: readonly unknown[]): Set<object> {
  const found = new Set<object>()
  const open = [...roots]
  for (let it = open.pop(); open.length > 0 || it !== undefined; it = open.pop()) {
    if (typeof it !== 'object' || it === null || found.has(it)) continue
    if (!Array.isArray(it)) found.add(it)
    open.push(...Object.values(it))
  }
  return found
}

async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1e6
}

it.each([
  [['posts', 'author'], 4 * POSTS + 4],
  [['groups', 'members'], 4 * GROUPS + 4 * USERS],
])('a cycle of the relations %s loads each row once per level', async (names, rows) => {
  let calls = 0
  const off = db.on('operation', () => calls++)
  let user: object | undefined
  const seconds = await secondsOf(async () => {
    user = await db.User.get({ userId: 'u0' }, { with: backAndForth(8, names) })
  })
  off()
  expect(reachedFrom([user]).size).toBe(1 + rows)
  expect(calls).toBeLessThan(2 * rows)
  expect(seconds).toBeLessThan(2)
})

it('loaded rows and lists are shared, and JSON of unbounded length is refused', async () => {
  const wanted = { posts: { with: { author: { with: { posts: { with: { author: true } } } } } } } as const
  const user = await db.User.get({ userId: 'u0' }, { with: wanted })
  const [first, second] = user?.posts ?? []
  expect(first?.author).toBe(second?.author)
  expect(first?.author).not.toBe(user)
  expect(first?.author?.posts).toHaveLength(POSTS)
  expect(JSON.parse(JSON.stringify(user)).posts[99].author.posts[99].author.userId).toBe('u0')
  const deep = await db.User.get({ userId: 'u0' }, { with: backAndForth(8, ['posts', 'author']) })
  expect(() => JSON.stringify(deep)).toThrow(expect.objectContaining({ code: 'LimitExceeded' }))
  const posts = await db.Post.query.byAuthor({ authorId: 'u0' }, { with: backAndForth(5, ['siblings']) }).all()
  expect(() => JSON.stringify(posts)).toThrow(expect.objectContaining({ code: 'LimitExceeded' }))
})

it.each([
  ['lists', { posts: true }],
  ['pairs', { groups: true }],
  ['rows by key from a list', { posts: { with: { author: true } } }],
])('loading stops at maxRelated: %s', async (_, wanted) => {
  const loading = db.User.get({ userId: 'u0' }, { with: wanted as never, maxRelated: 10 })
  const error = await failure(loading)
  expect(error).toMatchObject({ code: 'LimitExceeded', details: { limit: 'maxRelated', maximum: 10 } })
})

it('an empty list counts towards maxRelated, because it costs a query', async () => {
  const keys = Array.from({ length: 20 }, (_, i) => ({ userId: `u${i + 1}` }))
  const loading = db.User.getMany(keys, { with: { posts: true }, maxRelated: 10 })
  expect((await failure(loading)).code).toBe('LimitExceeded')
  const users = await db.User.getMany(keys, { with: { posts: true }, maxRelated: 20 })
  expect(users.map(user => user?.posts)).toEqual(keys.map(() => []))
})

it('maxRelated is 10,000 by default', async () => {
  await db.User.put({ userId: 'many' })
  await db.batch(b => {
    for (let p = 0; p < 10_000; p++) b.Post.put({ postId: `m${p}`, authorId: 'many' })
  })
  const error = await failure(db.User.get({ userId: 'many' }, { with: { posts: true } }))
  expect(error.details).toMatchObject({ limit: 'maxRelated', maximum: 10_000 })
  const user = await db.User.get({ userId: 'many' }, { with: { posts: true }, maxRelated: 10_001 })
  expect(user?.posts).toHaveLength(10_000)
})

it('no more requests are sent once maxRelated is exceeded', async () => {
  let calls = 0
  const off = db.on('operation', () => calls++)
  const tree = backAndForth(8, ['groups', 'members'])
  const error = await failure(db.User.get({ userId: 'u0' }, { with: tree, maxRelated: 1000 }))
  off()
  expect(error.code).toBe('LimitExceeded')
  expect(calls).toBeLessThan(200)
})

it.each([
  '{"posts":{"with":{"nothing":true}}}',
  '{"posts":{"limit":-1}}',
  '{"posts":{"order":"up"}}',
  '{"posts":{"where":{"postId":{"$where":"1"}}}}',
  '{"__proto__":true}',
  '{"constructor":true}',
  '{"posts":{"with":{"author":{"with":{"__proto__":{"with":{}}}}}}}',
  '[]',
  '{"posts":[]}',
  JSON.stringify({ posts: { with: backAndForth(9, ['author', 'posts']) } }),
])('%s is refused before any related row is read', async text => {
  let calls = 0
  const off = db.on('operation', () => calls++)
  const loading = db.User.get({ userId: 'none' }, { with: JSON.parse(text) })
  // A missing row loads no relations.
  expect(await loading).toBeUndefined()
  calls = 0
  const error = await failure(db.User.get({ userId: 'u0' }, { with: JSON.parse(text) }))
  off()
  expect(error.code).toBe('ValidationFailed')
  expect(calls).toBe(1)
})
