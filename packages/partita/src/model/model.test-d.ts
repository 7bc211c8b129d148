/** What the compiler catches of models, and the exact types of what they give; checked by `tsc -p test`. */
import {
  type Asset,
  add,
  append,
  type CreateInput,
  collection,
  connect,
  type Decimal,
  decimal,
  f,
  ifNotExists,
  type JsonValue,
  type KeyOf,
  many,
  model,
  one,
  type Page,
  prepend,
  type RecordOf,
  type RowOf,
  removeFrom,
  through,
  unset,
} from 'partita'
import { expectTypeOf } from 'vitest'
import type { StandardSchema } from './define/standard-schema.js'

declare const price: StandardSchema<{ amount: string }, { amount: number }>
declare const rect: StandardSchema<{ w: number; sides?: number[]; label: { text: string } }>
declare const date: StandardSchema<Date>
declare const withMap: StandardSchema<{ inner: { map: Map<string, string> }[] }>

const User = model('User', {
  fields: {
    userId: f.ulid().auto(),
    name: f.string().min(1).max(80),
    email: f.email(),
    role: f.enum('admin', 'member').default('member'),
    bio: f.string().optional(),
    born: f.date().optional(),
    createdAt: f.createdAt(),
    updatedAt: f.updatedAt(),
    version: f.version(),
    expires: f.ttl().optional(),
    postCount: f.counter(),
    handle: f.string().readonly(),
    score: f.number().default(() => 1),
    age: f.integer().optional(),
    balance: f.bigint().optional(),
    price: f.decimal().optional(),
    active: f.boolean().default(true),
    avatar: f.bytes().optional(),
    tags: f.set(f.string()).optional(),
    marks: f.set(f.integer()).optional(),
    lines: f.list(f.string()).optional(),
    address: f.map({ city: f.string(), zip: f.string().optional(), floor: f.integer().optional() }).optional(),
    limits: f.record(f.integer()).optional(),
    extra: f.json<{ theme: string }>().optional(),
    anything: f.json().optional(),
    photo: f.asset({ types: ['image/*'], max: 1000 }).optional(),
    cost: f.schema(price).optional(),
    slug: f
      .string()
      .transform<URL>({ encode: url => url.pathname, decode: path => new URL(path, 'https://example.com') })
      .optional(),
  },
  key: { pk: 'USER#{userId}' },
  unique: { email: { fields: ['email'], lower: true, trim: true }, place: ['role', 'handle'] },
  indexes: {
    byRole: { on: 'gsi1', pk: 'ROLE#{role}', sk: '{createdAt}#{name}#{score}' },
    byActive: { on: 'gsi2', pk: '{active}' },
    byHandle: { on: 'gsi3', pk: 'HANDLE#{handle}', sk: '{age}#{handle}#{name}' },
  },
  relations: {
    posts: many('Post', 'byAuthor'),
    followed: through('User', 'Follow', 'key', { to: 'target', fields: { from: 'userId' } }),
  },
})

const Post = model('Post', {
  fields: { postId: f.ulid().auto(), userId: f.ref('User'), title: f.string(), createdAt: f.createdAt() },
  key: 'postId',
  indexes: { byAuthor: { on: 'gsi1', pk: 'USER#{userId}', sk: 'POST#{createdAt}' } },
  relations: { author: one('User', 'userId') },
})

const Follow = model('Follow', {
  fields: { from: f.ref('User'), to: f.ref('User'), since: f.createdAt() },
  key: { pk: 'FOLLOW#{from}', sk: '{to}' },
  relations: { source: one('User', 'from'), target: one('User', 'to') },
})

const models = { User, Post, Follow }
const UserPage = collection('UserPage', {
  pk: 'USER#{userId}',
  on: 'gsi1',
  one: { user: User },
  optional: { follow: Follow },
  many: { posts: Post },
})
const PostCount = collection('PostCount', { pk: 'USER#{userId}', on: 'gsi1', many: { posts: Post } }, parts => {
  expectTypeOf(parts.posts).toEqualTypeOf<RowOf<typeof Post>[]>()
  return { count: parts.posts.length }
})

const open = () => connect({ models, collections: { UserPage, PostCount } })
const key = { userId: 'x' }
const moment = new Date()

export function definitions() {
  const fields = { id: f.string(), name: f.string(), score: f.integer() }
  model('Fine', {
    fields,
    key: { pk: 'A#{id}', sk: 'B#{name}' },
    indexes: {
      byName: { on: 'gsi1', pk: '{name}', sk: '{score}' },
      byScore: { on: 'gsi2', pk: 'SCORES', sk: '{score}' },
    },
    unique: { name: ['name'], both: { fields: ['name', 'score'], trim: true } },
    iterable: { buckets: 3 },
    type: 'F',
  })
  // Names that the compiler does not know are checked at run time.
  const indexes: Record<string, { on: string; pk: string }> = { byName: { on: 'gsi1', pk: '{name}' } }
  const unique: Record<string, string[]> = { name: ['name'] }
  model('Computed', { fields, key: 'id', indexes, unique })
  // @ts-expect-error an unknown field in the partition key
  model('X', { fields, key: { pk: 'X#{idd}' } })
  // @ts-expect-error an unknown field in the sort key
  model('X', { fields, key: { pk: 'X#{id}', sk: 'B#{nam}' } })
  // @ts-expect-error the shorthand is not a field
  model('X', { fields, key: 'idd' })
  // @ts-expect-error the shorthand is not a template
  model('X', { fields, key: 'X#{id}' })
  // @ts-expect-error an index on an unknown field
  model('X', { fields, key: 'id', indexes: { byName: { on: 'gsi1', pk: '{nam}' } } })
  // @ts-expect-error an index sorted by an unknown field
  model('X', { fields, key: 'id', indexes: { byName: { on: 'gsi1', pk: '{name}', sk: 'A#{nam}' } } })
  // @ts-expect-error an index on nothing
  model('X', { fields, key: 'id', indexes: { byName: { pk: '{name}' } } })
  // @ts-expect-error two indexes on one physical index
  model('X', { fields, key: 'id', indexes: { a: { on: 'gsi1', pk: '{id}' }, b: { on: 'gsi1', pk: '{name}' } } })
  model('Some', { fields, key: 'id', indexes: { high: { on: 'gsi1', pk: 'HIGH', when: { score: { $gt: 9 } } } } })
  model('Some', {
    fields,
    key: 'id',
    indexes: { a: { on: 'gsi1', pk: 'A', when: { $or: [{ score: 1 }, { name: 'x' }] } } },
  })
  // @ts-expect-error an index of the rows with an unknown field
  model('X', { fields, key: 'id', indexes: { a: { on: 'gsi1', pk: 'A', when: { nam: 'x' } } } })
  // @ts-expect-error a unique constraint on an unknown field
  model('X', { fields, key: 'id', unique: { a: ['nam'] } })
  // @ts-expect-error a unique constraint with options on an unknown field
  model('X', { fields, key: 'id', unique: { a: { fields: ['nam'], lower: true } } })
  // @ts-expect-error no key
  model('X', { fields })
  // @ts-expect-error no fields
  model('X', { key: 'id' })
  // @ts-expect-error a field without its call
  model('X', { fields: { id: f.string }, key: 'id' })
  // @ts-expect-error an enum without members
  f.enum()
  // @ts-expect-error a default outside the enum
  f.enum('a', 'b').default('c')
  // @ts-expect-error a default of another type
  f.integer().default('1')
  // @ts-expect-error an automatic value of a kind that has none
  f.string().auto()
  // @ts-expect-error a bound of another type
  f.date().min(3)
  // @ts-expect-error a bound of a kind that has none
  f.boolean().max(1)
  // @ts-expect-error the members of a set are not a field
  f.set('string')
  // @ts-expect-error a check of another type
  f.string().validate((value: number) => value > 1)
}

export async function connections() {
  // @ts-expect-error a model under another name
  await connect({ models: { Usr: User, Post, Follow } })
  // @ts-expect-error a relation to a model that is not connected
  await connect({ models: { Post } })
  // @ts-expect-error the model of pairs of a relation is not connected
  await connect({ models: { User, Post } })
  // @ts-expect-error an unknown option
  await connect({ models, stor: 'memory:' })
  // @ts-expect-error no such way of tenancy
  await connect({ models, tenancy: 'always' })
  await using db = await open()
  // @ts-expect-error no such model
  db.Users
  // @ts-expect-error no such event
  db.on('write', () => {})
}

export async function reading() {
  const db = await open()
  const row = await db.User.get(key)
  if (!row) return
  expectTypeOf(row.userId).toEqualTypeOf<string>()
  expectTypeOf(row.role).toEqualTypeOf<'admin' | 'member'>()
  expectTypeOf(row.bio).toEqualTypeOf<string | undefined>()
  expectTypeOf(row.born).toEqualTypeOf<Date | undefined>()
  expectTypeOf(row.createdAt).toEqualTypeOf<Date>()
  expectTypeOf(row.updatedAt).toEqualTypeOf<Date>()
  expectTypeOf(row.version).toEqualTypeOf<number>()
  expectTypeOf(row.expires).toEqualTypeOf<Date | undefined>()
  expectTypeOf(row.postCount).toEqualTypeOf<number>()
  expectTypeOf(row.score).toEqualTypeOf<number>()
  expectTypeOf(row.active).toEqualTypeOf<boolean>()
  expectTypeOf(row.balance).toEqualTypeOf<bigint | undefined>()
  expectTypeOf(row.price).toEqualTypeOf<Decimal | undefined>()
  expectTypeOf(row.avatar).toEqualTypeOf<Uint8Array | undefined>()
  expectTypeOf(row.tags).toEqualTypeOf<Set<string> | undefined>()
  expectTypeOf(row.marks).toEqualTypeOf<Set<number> | undefined>()
  expectTypeOf(row.lines).toEqualTypeOf<string[] | undefined>()
  expectTypeOf(row.address?.city).toEqualTypeOf<string | undefined>()
  expectTypeOf(row.limits).toEqualTypeOf<Record<string, number> | undefined>()
  expectTypeOf(row.extra).toEqualTypeOf<{ theme: string } | undefined>()
  expectTypeOf(row.photo).toEqualTypeOf<Asset | undefined>()
  expectTypeOf(row.anything).toEqualTypeOf<JsonValue | undefined>()
  expectTypeOf(row.cost).toEqualTypeOf<{ amount: number } | undefined>()
  expectTypeOf(row.slug).toEqualTypeOf<URL | undefined>()
  const address = row.address as NonNullable<typeof row.address>
  expectTypeOf(address.zip).toEqualTypeOf<string | undefined>()
  // Defaults are there on read; optional fields are the only ones that may be missing.
  expectTypeOf<undefined extends RowOf<typeof User>['role'] ? true : false>().toEqualTypeOf<false>()
  expectTypeOf<RowOf<typeof Post>>().branded.toEqualTypeOf<{
    postId: string
    userId: string
    title: string
    createdAt: Date
  }>()
  expectTypeOf<KeyOf<typeof Follow>>().toEqualTypeOf<{ readonly from: string; readonly to: string }>()
  // @ts-expect-error an optional field may be missing
  row.bio.length
  // @ts-expect-error no such field
  row.nme
  // @ts-expect-error part of a key
  await db.Follow.get({ from: 'x' })
  // @ts-expect-error more than the key
  await db.User.get({ userId: 'x', name: 'Ada' })
  // @ts-expect-error a key field of another type
  await db.User.get({ userId: 1 })
  // @ts-expect-error an unknown option
  await db.User.get(key, { consistentRead: true })

  const pair = { from: 'x', to: 'y' }
  const follow = await db.Follow.get(pair)
  expectTypeOf(await db.Follow.getMany([pair])).toEqualTypeOf<(typeof follow)[]>()
  // @ts-expect-error no list
  await db.User.getMany(key)

  await db.User.findBy({ email: 'a@b.c' })
  await db.User.findBy({ role: 'admin', handle: 'ada' })
  // @ts-expect-error a field that is not unique
  await db.User.findBy({ name: 'Ada' })
  // @ts-expect-error part of a constraint
  await db.User.findBy({ handle: 'ada' })
  // @ts-expect-error nothing
  await db.User.findBy({})
  // @ts-expect-error null is nobody's value
  await db.User.findBy({ email: null })
  // @ts-expect-error a model without constraints
  await db.Post.findBy({ title: 'x' })
}

/** The options of a read determine its type, not the return type of the function that calls it. */
export async function returning(userId: string): Promise<RecordOf<typeof models, 'User'> | undefined> {
  const db = await open()
  const [first] = await db.User.getMany([{ userId }])
  return first ?? db.User.get({ userId })
}

export async function selecting() {
  const db = await open()
  const selected = await db.User.get(key, { select: ['name', 'bio'] })
  expectTypeOf(selected).toEqualTypeOf<Pick<RowOf<typeof User>, 'name' | 'bio'> | undefined>()
  // @ts-expect-error not selected
  selected?.email
  // @ts-expect-error plain objects have no methods
  selected?.save()
  // @ts-expect-error no such field
  await db.User.get(key, { select: ['nme'] })
  expectTypeOf(await db.User.query.byActive({ active: true }, { select: ['name'] }).all()).toEqualTypeOf<
    Pick<RowOf<typeof User>, 'name'>[]
  >()

  const post = await db.Post.get({ postId: 'x' }, { with: { author: { with: { posts: true } } } })
  expectTypeOf(post?.author?.name).toEqualTypeOf<string | undefined>()
  expectTypeOf(post?.author?.posts[0]?.title).toEqualTypeOf<string | undefined>()
  // @ts-expect-error the target may be missing
  post?.author.name
  // @ts-expect-error loaded, so no method any more
  post?.author()
  // @ts-expect-error no such relation
  await db.Post.get({ postId: 'x' }, { with: { writer: true } })
  // @ts-expect-error no such relation on the second level
  await db.Post.get({ postId: 'x' }, { with: { author: { with: { articles: true } } } })
  const [first] = await db.User.query
    .byRole({ role: 'admin' }, { with: { posts: { limit: 3, where: { title: 'x' } }, followed: true } })
    .all()
  expectTypeOf(first!.posts[0]!.title).toEqualTypeOf<string>()
  expectTypeOf(first!.followed[0]!.name).toEqualTypeOf<string>()
  // @ts-expect-error a filter of another type
  await db.User.get(key, { with: { posts: { where: { title: 1 } } } })

  const user = await db.User.get(key)
  if (!user) return
  expectTypeOf((await user.posts({ order: 'desc' }).first())?.title).toEqualTypeOf<string | undefined>()
  expectTypeOf((await user.followed({ limit: 3 }).first())?.email).toEqualTypeOf<string | undefined>()
  for await (const it of user.posts({ where: { title: { $contains: 'N' } } })) expectTypeOf(it.title).toBeString()
  expectTypeOf(await user.save()).toEqualTypeOf<typeof user>()
  expectTypeOf(await user.delete()).toEqualTypeOf<void>()
  // @ts-expect-error a change of a key on the way through a record
  await user.update({ userId: 'y' })
}

export async function creating() {
  const db = await open()
  const least = { name: 'Ada', email: 'ada@example.com', handle: 'ada' }
  await db.User.create(least)
  await db.User.create({ ...least, tags: ['x'], marks: new Set([1]), balance: 1, price: '1.10', slug: new URL('a:b') })
  await db.User.create({ ...least, price: decimal('1.10'), cost: { amount: '3' }, limits: { a: 1 }, createdAt: moment })
  // @ts-expect-error a required field is missing
  await db.User.create({ name: 'Ada', email: 'ada@example.com' })
  // @ts-expect-error an unknown field
  await db.User.create({ ...least, nick: 'A' })
  // @ts-expect-error a field of another type
  await db.User.create({ ...least, age: '36' })
  // @ts-expect-error a wrong member of an enum
  await db.User.create({ ...least, role: 'owner' })
  // @ts-expect-error the version is the library's own
  await db.User.create({ ...least, version: 3 })
  // @ts-expect-error the moment of the last write is the library's own
  await db.User.create({ ...least, updatedAt: moment })
  // @ts-expect-error null clears a field, and a new row has nothing to clear
  await db.User.create({ ...least, bio: null })
  // @ts-expect-error an operator changes what is there
  await db.User.create({ ...least, postCount: add(1) })
  // @ts-expect-error a map without a required field
  await db.User.create({ ...least, address: { zip: '1' } })
  // @ts-expect-error a map with an unknown field
  await db.User.create({ ...least, address: { city: 'Lyon', street: 'x' } })
  // @ts-expect-error what a validator takes, not what it gives
  await db.User.create({ ...least, cost: { amount: 3 } })
  // @ts-expect-error milliseconds, where a moment is wanted
  await db.User.create({ ...least, expires: 1_700_000_000 })
  // @ts-expect-error a member of another type
  await db.User.create({ ...least, tags: [1] })
  // @ts-expect-error an option of reads
  await db.User.put(least, { consistent: true })
  expectTypeOf<{ userId: string; title: string }>().toExtend<CreateInput<typeof Post>>()
  expectTypeOf<{ userId: string; title: string; postId: string; createdAt: Date }>().toExtend<
    CreateInput<typeof Post>
  >()
  expectTypeOf<{ userId: string }>().not.toExtend<CreateInput<typeof Post>>()
}

export async function updating() {
  const db = await open()
  await db.User.update(key, { name: 'A', postCount: add(1), tags: add('x', 'y'), lines: append('a'), bio: unset() })
  await db.User.update(key, { tags: removeFrom('x'), lines: prepend('a'), bio: ifNotExists('b'), born: null })
  await db.User.update(key, { balance: add(1n), price: add('0.10'), score: add(0.5), marks: add(1), tags: ['z'] })
  await db.User.update(key, { 'address.city': 'Lyon', 'limits.a': add(1), 'extra.theme': 'dark', 'lines[0]': 'x' })
  await db.User.update(key, { name: undefined, bio: 'x' }, { if: { role: 'admin', age: { $gte: 18 } } })
  // @ts-expect-error an unknown field
  await db.User.update(key, { nme: 'x' })
  // @ts-expect-error a field of the key
  await db.User.update(key, { userId: 'x' })
  // @ts-expect-error a field that is read only
  await db.User.update(key, { handle: 'x' })
  // @ts-expect-error the moment of the create
  await db.User.update(key, { createdAt: moment })
  // @ts-expect-error the library's own version
  await db.User.update(key, { version: 2 })
  // @ts-expect-error the library's own moment
  await db.User.update(key, { updatedAt: moment })
  // @ts-expect-error a required field cannot be cleared
  await db.User.update(key, { name: unset() })
  // @ts-expect-error nor by null
  await db.User.update(key, { name: null })
  // @ts-expect-error nor a default
  await db.User.update(key, { role: null })
  // @ts-expect-error a wrong member of an enum
  await db.User.update(key, { role: 'owner' })
  // @ts-expect-error adding to text
  await db.User.update(key, { name: add(1) })
  // @ts-expect-error adding text to a number
  await db.User.update(key, { score: add('1') })
  // @ts-expect-error adding a date
  await db.User.update(key, { born: add(1) })
  // @ts-expect-error a member of another type
  await db.User.update(key, { tags: add(1) })
  // @ts-expect-error a number has no members
  await db.User.update(key, { score: removeFrom(1) })
  // @ts-expect-error a set has no end
  await db.User.update(key, { tags: append('x') })
  // @ts-expect-error an element of another type
  await db.User.update(key, { lines: append(1) })
  // @ts-expect-error a fallback of another type
  await db.User.update(key, { bio: ifNotExists(1) })
  // @ts-expect-error a path with a value of another type
  await db.User.update(key, { 'address.city': 5 })
  // @ts-expect-error a path to an unknown member of a map
  await db.User.update(key, { 'address.street': 'x' })
  // @ts-expect-error an element of another type
  await db.User.update(key, { 'lines[0]': 1 })
  // @ts-expect-error a path into text
  await db.User.update(key, { 'name.first': 'x' })
  // @ts-expect-error no version in a condition is a text
  await db.User.update(key, { name: 'x' }, { if: { version: '1' } })
  // @ts-expect-error an unknown option
  await db.User.update(key, { name: 'x' }, { condition: { role: 'admin' } })
  const row = await db.User.get(key)
  if (!row) return
  row.name = 'x'
  row.tags?.add('y')
  // @ts-expect-error a value of another type
  row.name = 1
  // @ts-expect-error an unknown option
  await row.save({ constraints: {} })
}

const Document = model('Document', {
  fields: {
    id: f.string(),
    list: f.list(f.map({ url: f.string(), hits: f.counter(), title: f.string().optional() })),
    map: f.map({ owner: f.string().readonly(), inner: f.map({ size: f.integer() }), tags: f.set(f.string()) }),
    shape: f.schema(rect),
    coded: f.number().transform<bigint>({ encode: Number, decode: BigInt }),
    cost: f
      .schema(price)
      .transform<number>({ encode: it => ({ amount: String(it) }), decode: ({ amount }) => amount })
      .optional(),
    note: f.string().optional(),
    version: f.version(),
  },
  key: 'id',
})

export async function paths(note: string | undefined) {
  const db = await connect({ models: { Document } })
  const id = { id: 'x' }
  await db.Document.update(id, {
    'list[0].url': 'x',
    'list[0].hits': add(1),
    'list[0].title': null,
    'list[1]': unset(),
  })
  await db.Document.update(id, { 'map.inner.size': add(1), 'map.tags': removeFrom('x'), note })
  await db.Document.update(id, { 'shape.w': add(1), 'shape.sides': append(1), 'shape.label.text': 'x', coded: 1n })
  // @ts-expect-error a path into an element of a list, with a value of another type
  await db.Document.update(id, { 'list[0].url': 5 })
  // @ts-expect-error a path to an unknown member of the elements of a list
  await db.Document.update(id, { 'list[0].nope': 5 })
  // @ts-expect-error a required member cannot be cleared
  await db.Document.update(id, { 'list[0].url': unset() })
  // @ts-expect-error a path into a nested map, with a value of another type
  await db.Document.update(id, { 'map.inner.size': 'x' })
  // @ts-expect-error a read-only member
  await db.Document.update(id, { 'map.owner': 'x' })
  // @ts-expect-error a path into the output of a validator, with a value of another type
  await db.Document.update(id, { 'shape.w': 'wide' })
  // @ts-expect-error a path to an unknown member of the output of a validator
  await db.Document.update(id, { 'shape.nope': 1 })
  // @ts-expect-error adding to what a transform stores in another form
  await db.Document.update(id, { coded: add(1) })
  // @ts-expect-error a store cannot keep a Date
  f.schema(date)
  // @ts-expect-error nor a Map further down
  f.schema(withMap)
  const row = await db.Document.get(id)
  if (!row) return
  expectTypeOf(row.cost).toEqualTypeOf<number | undefined>()
  await db.Document.put({ ...row, id: 'y', note })
  // @ts-expect-error a create takes no version
  await db.Document.create({ ...row, version: 3 })
}

export async function filtering() {
  const db = await open()
  const where = (filter: Parameters<typeof db.User.iterate>[0] & object) => db.User.iterate(filter)
  where({ where: { role: 'admin', age: { $gt: 3, $lte: 9 }, name: { $beginsWith: 'A' }, bio: { $exists: false } } })
  where({ where: { $or: [{ tags: { $contains: 'x' } }, { lines: { $size: { $gt: 2 } } }], $not: { active: true } } })
  where({ where: { 'address.city': 'Lyon', role: { $in: ['admin'] }, born: { $between: [moment, moment] } } })
  where({ where: { createdAt: moment, balance: { $ne: 3n }, avatar: { $type: 'B' } } })
  // @ts-expect-error null is nobody's value; absence is $exists: false
  where({ where: { bio: null } })
  // @ts-expect-error an unknown field
  where({ where: { nme: 'x' } })
  // @ts-expect-error a value of another type
  where({ where: { age: 'x' } })
  // @ts-expect-error a wrong member of an enum
  where({ where: { role: 'owner' } })
  // @ts-expect-error a wrong member in a list
  where({ where: { role: { $in: ['owner'] } } })
  // @ts-expect-error an unknown operator
  where({ where: { age: { $above: 3 } } })
  // @ts-expect-error a number has no beginning
  where({ where: { age: { $beginsWith: '3' } } })
  // @ts-expect-error a number holds nothing
  where({ where: { age: { $contains: 3 } } })
  // @ts-expect-error a member of another type
  where({ where: { tags: { $contains: 3 } } })
  // @ts-expect-error a range with one end
  where({ where: { age: { $between: [1] } } })
  // @ts-expect-error a size is a number
  where({ where: { tags: { $size: '2' } } })
  // @ts-expect-error an unknown field further down
  where({ where: { $or: [{ nme: 'x' }] } })
  // @ts-expect-error no date is a text
  where({ where: { createdAt: { $gte: '2026-01-01' } } })
  // @ts-expect-error no such type
  where({ where: { bio: { $type: 'string' } } })
}

export async function querying() {
  const db = await open()
  const { byRole, byActive } = db.User.query
  byRole({ role: 'admin' })
  byRole({ role: 'admin', createdAt: moment, name: 'A', score: { $gte: 1, $lt: 5 } })
  byRole({ role: 'admin', createdAt: moment, name: { $beginsWith: 'A' } }, { limit: 3, order: 'desc' })
  byRole({ role: 'admin', createdAt: { $between: [moment, moment] } })
  db.User.query.byHandle({ handle: 'ada', age: 36, name: { $gt: 'A' } })
  db.User.query.byHandle({ handle: 'ada' })
  db.Follow.query.key({ from: 'x', to: { $gt: 'y' } })
  db.Post.query.byAuthor({ userId: 'x', createdAt: { $eq: moment } })
  // @ts-expect-error the partition is missing
  byRole({ createdAt: moment })
  // @ts-expect-error a range of the partition
  byRole({ role: { $in: ['admin'] } })
  // @ts-expect-error a range of the partition, whatever it is
  byRole({ role: { $beginsWith: 'a' } })
  // @ts-expect-error a leading field is left out
  byRole({ role: 'admin', name: 'A' })
  // @ts-expect-error two ranges
  byRole({ role: 'admin', createdAt: { $gt: moment }, name: { $gt: 'A' } })
  // @ts-expect-error a range before a value
  byRole({ role: 'admin', createdAt: { $gt: moment }, name: 'A' })
  // @ts-expect-error a date has no beginning
  byRole({ role: 'admin', createdAt: { $beginsWith: '2026' } })
  // @ts-expect-error no operator of ranges
  byRole({ role: 'admin', createdAt: { $ne: moment } })
  // @ts-expect-error a field that is not of the index
  byRole({ role: 'admin', bio: 'x' })
  // @ts-expect-error a wrong member of an enum
  byRole({ role: 'owner' })
  // @ts-expect-error the index has no sort field
  byActive({ active: true, name: 'x' })
  // @ts-expect-error no such index
  db.User.query.byName({ name: 'x' })
  // @ts-expect-error no such order
  byRole({ role: 'admin' }, { order: 'ASC' })
  // @ts-expect-error an unknown option
  byRole({ role: 'admin' }, { filter: { age: 3 } })
  // @ts-expect-error a filter on an unknown field
  byRole({ role: 'admin' }, { where: { nme: 3 } })
  const query = db.Post.query.byAuthor({ userId: 'x' })
  expectTypeOf(await query.count()).toEqualTypeOf<number>()
  expectTypeOf((await query.first())?.title).toEqualTypeOf<string | undefined>()
  const page = await db.Post.query.byAuthor({ userId: 'x' }, { select: ['title'] }).page()
  expectTypeOf(page).toEqualTypeOf<Page<Pick<RowOf<typeof Post>, 'title'>>>()
  expectTypeOf(page.cursor).toEqualTypeOf<string | undefined>()
  // @ts-expect-error no promise: one of its methods is meant
  query.then
}

export async function whole() {
  const db = await open()
  const found = await db.UserPage.get({ userId: 'x' })
  expectTypeOf(found?.user.email).toEqualTypeOf<string | undefined>()
  expectTypeOf(found?.posts[0]?.title).toEqualTypeOf<string | undefined>()
  // @ts-expect-error a part that may be missing
  found?.follow.since
  expectTypeOf(await db.PostCount.get({ userId: 'x' })).toEqualTypeOf<{ count: number } | undefined>()
  // @ts-expect-error the key is missing
  await db.UserPage.get({})
  // @ts-expect-error another key
  await db.UserPage.get({ postId: 'x' })

  const photo = await db.assets.upload('User.photo', new Uint8Array(1), { type: 'image/png' })
  await db.User.update(key, { photo })
  // @ts-expect-error no model of this name
  await db.assets.upload('Nobody.photo', new Uint8Array(1), { type: 'image/png' })
  // @ts-expect-error an asset is not bytes
  await db.User.update(key, { photo: new Uint8Array(1) })
  // @ts-expect-error no limit of this name
  f.asset({ maximum: 3 })

  const made = await db.transaction(async tx => {
    // @ts-expect-error a transaction cannot iterate over all rows
    tx.Post.iterate()
    return await tx.Post.create({ userId: 'x', title: 'y' })
  })
  expectTypeOf(made.title).toEqualTypeOf<string>()
  await db.batch(batch => {
    batch.Post.put({ userId: 'x', title: 'y' })
    batch.Follow.delete({ from: 'x', to: 'y' })
    // @ts-expect-error a required field is missing
    batch.Post.put({ userId: 'x' })
    // @ts-expect-error part of a key
    batch.Follow.delete({ from: 'x' })
  })
  const count = await db.run({ tenant: 'acme', loader: true }, async scope => {
    expectTypeOf(scope.capacity.read).toEqualTypeOf<number>()
    return (await scope.User.getMany([key])).length
  })
  expectTypeOf(count).toEqualTypeOf<number>()
  // @ts-expect-error a tenant is text
  db.scope({ tenant: 3 })
  // @ts-expect-error a scope is not closed
  await db.scope({ tenant: 'acme' }).close()
  for await (const { items, cursor } of db.Post.iterate({ batchSize: 10, parallel: 2 }).batches()) {
    for (const post of items) expectTypeOf(post.title).toEqualTypeOf<string>()
    expectTypeOf(cursor).toEqualTypeOf<string | undefined>()
  }
}

const Thread = model('Thread', {
  fields: { id: f.string(), replies: f.countOf('Reply.threadId') },
  key: 'id',
})
const Reply = model('Reply', {
  fields: { id: f.string(), threadId: f.ref('Thread', { onDelete: 'restrict' }) },
  key: 'id',
})

export async function counts() {
  const db = await connect({ models: { Thread, Reply } })
  const thread = await db.Thread.create({ id: 't' })
  expectTypeOf(thread.replies).toEqualTypeOf<number>()
  await db.Thread.put({ ...thread, id: 'u' })
  await db.Thread.update({ id: 't' }, {}, { if: { replies: 0 } })
  await db.Thread.delete({ id: 't' }, { onProgress: ({ done, total }) => expectTypeOf(done).toEqualTypeOf(total) })
  // @ts-expect-error the library writes counts
  await db.Thread.create({ id: 't', replies: 1 })
  // @ts-expect-error the library writes counts
  await db.Thread.update({ id: 't' }, { replies: 1 })
  // @ts-expect-error a count is of a field of a model
  f.countOf('Reply')
  // @ts-expect-error there is no such action
  f.ref('Thread', { onDelete: 'remove' })
}

const Renamed = model('Renamed', {
  fields: { id: f.string(), first: f.string() },
  key: 'id',
  upgrade: [
    ({ name, ...rest }) => {
      expectTypeOf(name).toEqualTypeOf<unknown>()
      return { ...rest, first: name }
    },
  ],
})

export async function upgrades() {
  const db = await connect({ models: { Renamed } })
  expectTypeOf((await db.Renamed.get({ id: 'a' }))?.first).toEqualTypeOf<string | undefined>()
  const rest = { fields: { id: f.string() }, key: 'id' } as const
  // @ts-expect-error a step returns the row
  model('Wrong', { ...rest, upgrade: () => {} })
  // @ts-expect-error a step is synchronous
  model('Wrong', { ...rest, upgrade: [async (row: object) => row] })
}
