/**
 * Hostile JSON bodies, passed to every call that takes input as a program would pass on the body of a request. They are
 * generated from a seed, as JSON text, so that they contain only what JSON can express.
 */
import type { Database } from 'partita'
import { connect, f, many, model, one, through } from 'partita'
import { memory } from 'partita/embedded'
import { createItems, type Items } from 'partita/items'
import { SingleTable } from 'partita/table'
import { PartitaError } from '../../packages/partita/src/errors/errors.js'
import { seeded } from '../seeded.js'
import { Group, Member } from './groups.js'

const scores = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: (it: unknown) =>
      Array.isArray(it) ? { value: it } : { issues: [{ message: 'is not a list', path: ['x'] }] },
  },
} as const

const User = model('User', {
  fields: {
    userId: f.string(),
    name: f.string().max(200).default(''),
    email: f.email().optional(),
    role: f.enum('admin', 'member').default('member'),
    profile: f
      .map({ city: f.string().optional(), level: f.integer().default(0), rank: f.string().readonly().optional() })
      .optional(),
    words: f.record(f.string()).default({}),
    deep: f.record(f.list(f.map({ a: f.number().optional() }))).default({}),
    tags: f.set(f.string()).optional(),
    list: f.list(f.string()).default([]),
    any: f.json().optional(),
    scores: f.schema(scores as never).optional(),
    amount: f.decimal().optional(),
    big: f.bigint().optional(),
    at: f.date().optional(),
    visits: f.counter(),
    version: f.version(),
  },
  key: 'userId',
  unique: { email: ['email'] },
  indexes: { byRole: { on: 'gsi1', pk: 'ROLE#{role}', sk: '{name}#{userId}' } },
  relations: { posts: many('Post', 'byAuthor'), groups: through('Group', 'Member', 'byUser') },
})
const Post = model('Post', {
  fields: { id: f.string(), line: f.integer(), authorId: f.ref('User'), text: f.string().default('') },
  key: { pk: '{id}', sk: 'POST#{line}' },
  encoding: 'raw',
  indexes: {
    byAuthor: { on: 'gsi1', pk: 'U#{authorId}', sk: '{id}' },
    byText: { on: 'gsi2', pk: '{text}', sk: '{id}' },
  },
  relations: { author: one('User', 'authorId') },
})
const models = { User, Post, Group, Member }

type Attacked = Database<typeof models>
type Random = () => number

const NAMES = [
  ...Object.keys(User.definition.fields),
  ...['id', 'line', 'authorId', 'text', 'groupId', 'posts', 'groups', 'members', 'author', 'with', 'where', 'limit'],
  ...['$and', '$or', '$not', '$eq', '$ne', '$gt', '$lte', '$between', '$in', '$exists', '$beginsWith', '$contains'],
  ...['$size', '$type', '$where', '__proto__', 'constructor', 'prototype', 'toString', 'toJSON', 'then', 'length', ''],
  ...[
    'profile.city',
    'profile.rank',
    'words.x',
    'words.__proto__',
    'list[0]',
    'list[99999999999]',
    'any.a.b',
    'any[3]',
  ],
  ...['deep.x[0].a', 'tags[0]', 'profile', 'a.b.c', '[0]', '.', '\\', 'pk', 'sk', 'gsi1pk', '_type', '_rev', 'ttl'],
]
const TEXTS = [
  ...[
    '',
    'a',
    'u1',
    'admin',
    'T#acme#',
    'T#acme#x',
    'UNIQUE#',
    '#',
    '%',
    '%23',
    '__proto__',
    '$eq',
    '\u0000',
    '\ud800',
  ],
  ...['2024-02-29T00:00:00.000Z', '1e999', '-1', '9'.repeat(60), 'a@b.cc', 'é'.repeat(700), 'x'.repeat(3000)],
]
const NUMBERS = [0, -0, 1, -1, 0.1, 2 ** 53, 2 ** 53 + 2, 1e308, 1e-300, 1e126, -1e125, 100_000]

const below = (random: Random, count: number): number => Math.floor(random() * count)
const pick = <T>(random: Random, from: readonly T[]): T => from[below(random, from.length)] as T

/** @returns JSON text of any shape, sometimes extremely long, wide or deep. */
export function hostileJson(random: Random): string {
  const kind = below(random, 400)
  if (kind === 0) return `{${JSON.stringify(pick(random, NAMES))}:${'['.repeat(50_000)}${']'.repeat(50_000)}}`
  if (kind === 1) return `${'{"any":'.repeat(20_000)}1${'}'.repeat(20_000)}`
  if (kind === 2) {
    const name = pick(random, NAMES)
    return JSON.stringify({
      userId: 'u1',
      ...Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [name + i, i])),
    })
  }
  if (kind === 3) return JSON.stringify({ [pick(random, NAMES)]: Array(20_000).fill(pick(random, TEXTS)) })
  if (kind === 4) return JSON.stringify({ [pick(random, NAMES)]: 'x'.repeat(300_000) })
  if (kind === 5) return JSON.stringify({ ['n'.repeat(100_000)]: 1, [`words.${'n'.repeat(100_000)}`]: 'x' })
  if (kind < 40) return withTree(random, 1 + below(random, 10))
  return value(random, 0)
}

/** Joins the text itself, because JSON.stringify does not write a `__proto__` property of a literal. */
function value(random: Random, depth: number): string {
  const kind = below(random, depth === 0 ? 4 : 10)
  if (kind < 4 && depth < 5) {
    const parts = Array.from({ length: below(random, 5) }, () => {
      const inner = value(random, depth + 1)
      return kind < 3 ? `${JSON.stringify(pick(random, NAMES))}:${inner}` : inner
    })
    return kind < 3 ? `{${parts.join()}}` : `[${parts.join()}]`
  }
  if (kind < 7) return JSON.stringify(pick(random, TEXTS))
  if (kind < 9) return JSON.stringify(pick(random, NUMBERS))
  return pick(random, ['true', 'false', 'null'])
}

function withTree(random: Random, depth: number): string {
  const names = Array.from({ length: 1 + below(random, 3) }, () =>
    pick(random, ['posts', 'groups', 'author', 'members', 'group', '__proto__']),
  )
  const inner = (): string => {
    if (depth === 1)
      return pick(random, ['true', 'false', '{}', '[]', '{"limit":1}', '{"order":"desc"}', '{"where":{}}'])
    return `{"with":${withTree(random, depth - 1)}${pick(random, ['', '', ',"limit":2', ',"where":{"text":"a"}'])}}`
  }
  return `{${[...new Set(names)].map(name => `${JSON.stringify(name)}:${inner()}`).join()}}`
}

const KEY = { partitionKey: 'p', rangeKey: ['r', 1] } as const

/** The calls that take input from clients. */
type Call = (db: Attacked, body: never, text: string, table: SingleTable, items: Items) => Promise<unknown>
const CALLS: Readonly<Record<string, Call>> = {
  create: (db, body) => db.User.create(body),
  put: (db, body) => db.User.put(body),
  'create under a chosen key': (db, body) => db.User.create({ ...(body as object), userId: 'fresh' } as never),
  'raw create': (db, body) => db.Post.create(body),
  'raw put': (db, body) => db.Post.put({ id: 'p', line: 1, authorId: 'u1', ...(body as object) } as never),
  update: (db, body) => db.User.update({ userId: 'u1' }, body),
  'update by key': (db, body) => db.User.update(body, { name: 'x' }),
  'update if': (db, body) => db.User.update({ userId: 'u1' }, { name: 'y' }, { if: body }),
  'put if': (db, body) => db.User.put({ userId: 'u2' }, { if: body }),
  save: async (db, body) => {
    const user = await db.User.get({ userId: 'u1' })
    for (const [name, it] of Object.entries(body as object)) {
      if (name !== '__proto__') (user as unknown as { [name: string]: unknown })[name] = it
    }
    return user?.save()
  },
  get: (db, body) => db.User.get(body),
  getMany: (db, body) => db.User.getMany(body),
  findBy: (db, body) => db.User.findBy(body),
  delete: (db, body) => db.User.delete(body),
  'query key': (db, body) => db.User.query.byRole(body, { limit: 5 }).page(),
  'raw query key': (db, body) => db.Post.query.byText(body).all(),
  where: (db, body) => db.User.query.byRole({ role: 'member' }, { where: body }).all(),
  'where of an iteration': async (db, body) => {
    for await (const _ of db.User.iterate({ where: body })) break
  },
  range: (db, body) => db.Post.query.byAuthor({ authorId: 'u1', id: body }).count(),
  with: (db, body) => db.User.get({ userId: 'u1' }, { with: body }).then(it => JSON.stringify(it)),
  'with of many': (db, body) => db.User.query.byRole({ role: 'member' }, { with: body }).all(),
  select: (db, body) => db.User.get({ userId: 'u1' }, { select: body }),
  options: (db, body) => db.User.query.byRole({ role: 'member' }, body).page(),
  cursor: (db, body) => db.User.query.byRole({ role: 'member' }, { after: body }).page(),
  'cursor text': (db, _, text) =>
    db.User.query.byRole({ role: 'member' }, { after: Buffer.from(text).toString('base64url') }).page(),
  'cursor of an iteration': (db, body) => db.User.iterate({ after: body }).batches()[Symbol.asyncIterator]().next(),
  transaction: (db, body) =>
    db.transaction(async tx => {
      await tx.User.update({ userId: 'u1' }, body)
      return tx.User.query.byRole({ role: 'member' }, { where: body }).all()
    }),
  batch: (db, body) => db.batch(b => b.Post.put(body)),
  'item of a table': (_db, body, _text, table) => table.create({ key: KEY, item: body }),
  'key of a table': (_db, body, _text, table) => table.create({ key: body, item: {} }),
  'parts of a key': (_db, body, _text, table) => table.get({ partitionKey: body, rangeKey: ['a', body] }),
  'values of an update': (_db, body, _text, table) => table.update({ ...KEY, values: body, mustExist: false }),
  'a whole update': (_db, body, _text, table) => table.update({ ...KEY, ...(body as object) }),
  'operations of an update': (_db, body, _text, table) => table.update({ ...KEY, atomicOperations: [body] }),
  'indexes of an item': (_db, body, _text, table) => table.create({ key: KEY, item: {}, indexes: body }),
  'filters of a table': (_db, body, _text, table) => table.query({ partition: 'p', filters: body }),
  'range of a table': (_db, body, _text, table) => table.query({ partition: 'p', range: body }),
  'token of a table': (_db, body, _text, table) => table.query({ partition: 'p', paginationToken: body }),
  'batch of a table': (_db, body, _text, table) => table.batchWrite([{ create: body }]),
  'transaction of a table': (_db, body, _text, table) => table.transaction([{ update: body }, { erase: KEY }]),
  'keys of a table': (_db, body, _text, table) => table.batchGet({ keys: body }),
  'an item': (_db, body, _text, _table, items) => items.putItem(body),
  'an item with a key': (_db, body, _text, _table, items) =>
    items.putItem({ ...(body as object), category: 'c', key: 'k' }),
  'a list of items': (_db, body, _text, _table, items) => items.listItems('c', body, { limit: body }),
  tenant: (db, body) => db.scope({ tenant: 'acme' }).Post.put(body),
}

/** The cost of the worst call, and the number of calls by outcome. */
export interface Figures {
  readonly outcomes: Map<string, number>
  readonly worst: { seconds: number; what: string }
  /** The length of the longest message, and of the longest details of an error as JSON, in characters. */
  longestMessage: number
  longestDetails: number
}

/**
 * Passes bodies to the calls in turn.
 * @throws an error that names seed and body if a call fails with an untyped error.
 */
export async function attack(seed: number, bodies: number): Promise<Figures> {
  const store = memory()
  const db = await connect({ store, models })
  const table: SingleTable = new SingleTable({
    store,
    table: 'single',
    partitionKey: 'pk',
    rangeKey: 'sk',
    indexes: {
      byName: { partitionKey: 'npk', rangeKey: 'nsk' },
      ranked: { partitionKey: 'rpk', rangeKey: 'rsk', numeric: true },
    },
    expiresAt: 'ttl',
  })
  const items = createItems({ store })
  await fill(db)
  const random = seeded(seed)
  const names = Object.keys(CALLS)
  const figures: Figures = {
    outcomes: new Map(),
    worst: { seconds: 0, what: '' },
    longestMessage: 0,
    longestDetails: 0,
  }
  for (let i = 0; i < bodies; i++) {
    const text = hostileJson(random)
    const name = names[i % names.length] as string
    const body = JSON.parse(text) as never
    const what = `${name} of body ${i} (seed ${seed}): ${text.slice(0, 300)}`
    const before = process.cpuUsage()
    const call = async (): Promise<unknown> => (CALLS[name] as Call)(db, body, text, table, items)
    const outcome = await call().then(
      () => 'done',
      (error: unknown) => error,
    )
    const { user, system } = process.cpuUsage(before)
    const seconds = (user + system) / 1e6
    if (seconds > figures.worst.seconds) Object.assign(figures.worst, { seconds, what })
    if (outcome !== 'done') record(figures, outcome, what)
    const code = outcome === 'done' ? 'done' : (outcome as PartitaError).code
    figures.outcomes.set(code, (figures.outcomes.get(code) ?? 0) + 1)
    if (i % 500 === 499) await fill(db)
  }
  // All stored rows can still be read and written, and belong to no tenant.
  for await (const user of db.User.iterate({ strict: true })) await db.User.put({ ...user } as never)
  for await (const post of db.Post.iterate({ strict: true })) await post.save()
  await store.close()
  return figures
}

function record(figures: Figures, error: unknown, what: string): void {
  if (!(error instanceof PartitaError)) throw new Error(`An untyped error from ${what}`, { cause: error })
  figures.longestMessage = Math.max(figures.longestMessage, error.message.length)
  const { physical: _, ...shown } = error.details as { readonly physical?: unknown }
  const details = JSON.stringify(shown, (_, it) => (typeof it === 'bigint' ? `${it}` : it)).length
  figures.longestDetails = Math.max(figures.longestDetails, details)
}

/** Restores the rows that the bodies change. */
async function fill(db: Attacked): Promise<void> {
  for (let u = 1; u <= 3; u++) await db.User.put({ userId: `u${u}`, email: `u${u}@example.com`, profile: {} })
  for (let p = 0; p < 20; p++) await db.Post.put({ id: `p${p}`, line: p, authorId: 'u1', text: 'a' })
  for (let g = 0; g < 5; g++) {
    await db.Group.put({ groupId: `g${g}` })
    for (let u = 1; u <= 3; u++) await db.Member.put({ groupId: `g${g}`, userId: `u${u}` })
  }
}
