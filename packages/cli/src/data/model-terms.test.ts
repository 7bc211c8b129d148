import { add, append, connect, f, model, removeFrom, unset, type ValidationError } from 'partita'
import { expect, it } from 'vitest'
import { Usage } from '../failure.js'
import { parseJson } from '../json/exact-json.js'
import { updateOf } from './model-changes.js'
import { fieldsOf, keyOf, rangesOf, rowOf } from './model-fields.js'
import { filterOf } from './model-filter.js'

const Post = model('Post', {
  fields: {
    userId: f.string(),
    createdAt: f.date(),
    title: f.string(),
    views: f.number().optional(),
    price: f.decimal().optional(),
    tags: f.set(f.string()).optional(),
    scores: f.list(f.integer()).optional(),
    isDraft: f.boolean().optional(),
    address: f.map({ city: f.string(), since: f.date() }).optional(),
    extra: f.json().optional(),
  },
  key: { pk: 'USER#{userId}', sk: 'POST#{createdAt}' },
})

it('the key of a row is read with the kinds of its fields', () => {
  const key = { userId: '1', createdAt: new Date('2026-01-31') }
  expect(keyOf(Post, ['createdAt=2026-01-31', 'userId=1'])).toEqual(key)
})

it.each([
  [['userId=1'], 'name a row of Post by its key: userId=... createdAt=...'],
  [['userId=1', 'createdAt=2026-01-31', 'title=x'], 'name a row of Post by its key'],
  [['userId=1', 'userId=2'], 'userId is given twice'],
  [['userId>1', 'createdAt=2026-01-31'], 'has the operator >'],
  [['userId'], 'name a row of Post by its key: userId=... createdAt=...'],
])('the arguments %j are refused as a key', (args, message) => {
  expect(() => keyOf(Post, args)).toThrow(Usage)
  expect(() => keyOf(Post, args)).toThrow(message)
})

it('one error lists all values that do not fit their fields', () => {
  const error = (() => {
    try {
      return fieldsOf(Post, ['userId=1', 'createdAt=soon', 'views=many', 'isDraft=1'])
    } catch (error) {
      return error as ValidationError
    }
  })()
  expect((error as ValidationError).details.issues.map(({ path }) => path)).toEqual([
    ['createdAt'],
    ['views'],
    ['isDraft'],
  ])
})

it('a row is read from JSON with the kinds of its fields', () => {
  const text = '{"userId":"1","createdAt":"2026-01-31","price":0.12345678901234567890,"address":{"since":"2026-01-31"}}'
  expect(rowOf(Post, parseJson(text))).toMatchObject({
    createdAt: new Date('2026-01-31'),
    address: { since: new Date('2026-01-31') },
  })
  for (const other of [[], 5, null, 'x'])
    expect(() => rowOf(Post, other)).toThrow('give a row of Post as a JSON object of its fields')
})

it('the ranges of a query combine the conditions on one field', () => {
  expect(rangesOf(Post, ['userId=1', 'createdAt>=2026-01-01', 'createdAt<2026-02-01'])).toEqual({
    userId: '1',
    createdAt: { $gte: new Date('2026-01-01'), $lt: new Date('2026-02-01') },
  })
  expect(rangesOf(Post, ['title^=No'])).toEqual({ title: { $beginsWith: 'No' } })
  expect(rangesOf(Post, ['title:^="No"'])).toEqual({ title: { $beginsWith: 'No' } })
  expect(() => rangesOf(Post, ['createdAt>=2026-01-01', 'createdAt>=2026-02-01'])).toThrow('createdAt is given twice')
  expect(() => rangesOf(Post, ['userId=1', 'userId>2'])).toThrow('userId is given twice')
})

it.each([
  ['title~Notes', { title: { $contains: 'Notes' } }],
  ['title!~Notes', { $not: { title: { $contains: 'Notes' } } }],
  ['title^=No', { title: { $beginsWith: 'No' } }],
  ['views>=0.12345678901234567890', { views: { $gte: expect.objectContaining({ text: '0.1234567890123456789' }) } }],
  ['tags~a', { tags: { $contains: 'a' } }],
  ['scores~5', { scores: { $contains: 5 } }],
  ['isDraft=false', { isDraft: { $eq: false } }],
  ['address.since<2026-01-31', { 'address.since': { $lt: new Date('2026-01-31') } }],
  ['extra.n=5', { $or: [{ 'extra.n': { $eq: '5' } }, { 'extra.n': { $eq: 5 } }] }],
  ['extra.n!=5', { $and: [{ 'extra.n': { $ne: '5' } }, { 'extra.n': { $ne: 5 } }] }],
  ['extra.n:=5', { 'extra.n': { $eq: 5 } }],
  ['views', { views: { $exists: true } }],
  ['!views', { views: { $exists: false } }],
  ['{"title":{"$in":["a","b"]}}', { title: { $in: ['a', 'b'] } }],
])('the condition %j is a filter of the library', (condition, filter) => {
  expect(filterOf(Post, [condition])).toEqual(filter)
})

it('a field that the model does not have is left to the library, which names it', () => {
  expect(filterOf(Post, ['veiws=5'])).toEqual({ veiws: { $eq: '5' } })
  expect(filterOf(Post, ['extra.n.m=a'])).toEqual({ 'extra.n.m': { $eq: 'a' } })
})

it('several conditions must all hold', () => {
  expect(filterOf(Post, ['views', 'title=a'])).toEqual({ views: { $exists: true }, title: { $eq: 'a' } })
  expect(filterOf(Post, ['views', 'views>=5'])).toEqual({
    $and: [{ views: { $exists: true } }, { views: { $gte: 5 } }],
  })
  expect(filterOf(Post, [])).toBeUndefined()
})

it('an update separates the key from the changes', () => {
  const args = ['userId=1', 'createdAt=2026-01-31', 'title=New', 'views-=2', 'address.city=Lyon', 'price-=1.5']
  expect(updateOf(Post, args, ['extra'])).toEqual({
    key: ['userId=1', 'createdAt=2026-01-31'],
    changes: { title: 'New', views: add(-2), 'address.city': 'Lyon', price: add(-1.5), extra: unset() },
  })
})

it('sets and lists take one member as text, or several as a JSON list', () => {
  const changes = (...args: string[]) => updateOf(Post, args).changes
  expect(changes('tags+=[a]')).toEqual({ tags: add('[a]') })
  expect(changes('tags:+=["a","b"]')).toEqual({ tags: add('a', 'b') })
  expect(changes('tags-=a')).toEqual({ tags: removeFrom('a') })
  expect(changes('scores+=5')).toEqual({ scores: append(5) })
  expect(() => changes('scores-=5')).toThrow('scores is a list, which -= cannot change')
})

it.each([
  [['userId=1'], 'give at least one change'],
  [['title=a', 'title=b'], 'title is changed twice'],
  [['views+=many'], 'write a number'],
  [['title~a'], 'has the operator ~'],
])('the arguments %j are refused as an update', (args, message) => {
  expect(() => updateOf(Post, args)).toThrow(message)
})

it('the library takes what the terms mean', async () => {
  await using db = await connect({ models: { Post }, store: 'memory:' })
  const row = fieldsOf(Post, [
    'userId=1',
    'createdAt=2026-01-31',
    'title=Notes',
    'price=1.50',
    'extra={"n":5}',
    'tags=["a"]',
  ])
  await db.Post.create(row as never)
  const { key, changes } = updateOf(Post, ['userId=1', 'createdAt=2026-01-31', 'tags+=b', 'price+=0.25', 'views+=3'])
  await db.Post.update(keyOf(Post, key) as never, changes as never)
  const ranges = rangesOf(Post, ['userId=1', 'createdAt>2026-01-01'])
  const count = (...where: string[]) =>
    db.Post.query.key(ranges as never, { where: filterOf(Post, where) as never }).count()
  for (const holds of [
    'extra.n=5',
    'extra.n>4',
    'price=1.75',
    'tags~b',
    'views=3',
    '!isDraft',
    'title!~x',
    'extra.n!=6',
  ]) {
    expect([holds, await count(holds)]).toEqual([holds, 1])
  }
  for (const fails of ['extra.n!=5', 'extra.n="5"', 'price>1.75', 'tags~c', '!views', 'title~x']) {
    expect([fails, await count(fails)]).toEqual([fails, 0])
  }
  await expect(count('nothing=5')).rejects.toThrow('"nothing" is not a field of Post')
})
