/** Problems of DynamoBao with indexes, queries and filters, which classes of active records do not have. */

import { f, model } from 'partita'
import { type ActiveQueryOptions, type ActiveSortCondition, activeRecord, initModels } from 'partita/active-record'
import { expect } from 'vitest'
import { knownProblems } from '../known-problems/known-problems.js'
import { describeEachStore } from '../stores.js'
import { connectedClasses, makeClasses, SIMILAR_STORES } from './classes.js'

describeEachStore(
  'queries',
  tested => {
    const { absent, allAccountedFor } = knownProblems('dynamo-bao-records', import.meta.url)
    const made = connectedClasses(tested)
    const { User, Post, Seat, fresh } = made
    const failsWith = (code: string) => expect.objectContaining({ code })

    /** Adds posts of a new user, by title. */
    const addPosts = async (posts: Readonly<Record<string, object>>) => {
      const userId = fresh()
      for (const [title, more] of Object.entries(posts))
        await Post.create({ postId: `${userId}-${title}`, userId, title, ...more })
      return userId
    }
    const titles = async (
      index: string,
      value: unknown,
      sort?: ActiveSortCondition | null,
      options?: ActiveQueryOptions,
    ) => (await Post.queryByIndex(index, value, sort, options)).items.map(({ title }) => title)

    absent([33], 'numbers in an index sort by value, negative and fractional ones too', async () => {
      const userId = await addPosts({ a: { score: 15 }, b: { score: -3 }, c: { score: 2.5 }, d: { score: -0.5 } })
      expect(await titles('byScore', undefined, null, { filter: { userId } })).toEqual(['b', 'd', 'c', 'a'])
      expect(await titles('byScore', undefined, { score: { $gt: -1, $lt: 3 } }, { filter: { userId } })).toEqual([
        'd',
        'c',
      ])
    })

    absent(
      [34, 35],
      'an index holds the rows that have all fields of its key, before and after each update',
      async () => {
        const editorId = fresh()
        const userId = await addPosts({ a: { editorId, score: 1 }, b: {} })
        expect(await titles('postsForEditor', editorId)).toEqual(['a'])
        await Post.update(`${userId}-b`, { editorId })
        expect(await titles('postsForEditor', editorId)).toEqual(['a', 'b'])
        await Post.update(`${userId}-a`, { editorId: null, title: 'A' })
        expect(await titles('postsForEditor', editorId)).toEqual(['b'])
        expect(await titles('postsForEditor', 'null')).toEqual([])
        expect(await titles('postsForUser', userId)).toEqual(['A', 'b'])
        await Post.update(`${userId}-b`, { title: 'B' })
        expect(await titles('postsForEditor', editorId)).toEqual(['B'])
        expect(await titles('byScore', undefined, null, { filter: { userId } })).toEqual(['A'])
      },
    )

    absent([36], 'a primary key can be queried by numbers, with a condition on its sort key', async () => {
      const hall = fresh()
      for (const seat of [1, 2, 10, -5]) await Seat.create({ hall, seat })
      const seats = async (sort?: ActiveSortCondition) =>
        (await Seat.queryByPrimaryKey(hall, sort)).items.map(({ seat }) => seat)
      expect(await seats()).toEqual([-5, 1, 2, 10])
      expect(await seats({ seat: { $between: [1, 5] } })).toEqual([1, 2])
      expect((await Seat.queryByIndex('bySeat', hall, { seat: { $gte: 2 } })).items.map(({ seat }) => seat)).toEqual([
        2, 10,
      ])
      await expect(seats({ guest: 'x' })).rejects.toThrow(/seat/)
    })

    absent([37], 'a sort key can be equal, in two bounds and a date', async () => {
      const userId = await addPosts({ a: { at: 1000 }, b: { at: 2000 }, c: { at: '1970-01-01T00:00:03Z' } })
      const at = (condition: unknown) => titles('byTime', userId, { at: condition })
      expect(await at(new Date(2000))).toEqual(['b'])
      expect(await at({ $eq: 2000 })).toEqual(['b'])
      expect(await at({ $gte: 2000, $lt: 3000 })).toEqual(['b'])
      expect(await at({ $between: ['1970-01-01T00:00:02Z', new Date(3000)] })).toEqual(['b', 'c'])
    })

    absent([38], 'a filter on a time compares with the time that it gives', async () => {
      const userId = await addPosts({ a: {} })
      const [post] = (await Post.queryByIndex('postsForUser', userId)).items
      const written = (post as InstanceType<typeof Post>).modifiedAt
      const filtered = (filter: ActiveQueryOptions['filter']) => titles('postsForUser', userId, null, { filter })
      expect(await filtered({ modifiedAt: written })).toEqual(['a'])
      expect(await filtered({ modifiedAt: { $gt: written.toISOString() } })).toEqual([])
      expect(await filtered({ modifiedAt: { $lte: written.getTime() } })).toEqual(['a'])
    })

    absent([39], 'negations, empty groups, and empty and long lists mean what they say', async () => {
      const userId = await addPosts({ a: { score: 1 }, b: { score: 2 }, c: {} })
      const filtered = (filter: ActiveQueryOptions['filter']) => titles('postsForUser', userId, null, { filter })
      expect(await filtered({ $not: { title: 'a', score: 1 } })).toEqual(['b', 'c'])
      expect(await filtered({ $not: { score: { $gte: 1, $lt: 2 } } })).toEqual(['b', 'c'])
      expect(await filtered({ $and: [{}, { title: 'a' }] })).toEqual(['a'])
      expect(await filtered({ title: { $in: [] } })).toEqual([])
      expect(await filtered({ title: { $in: [...Array.from({ length: 150 }, (_, i) => `t${i}`), 'b'] } })).toEqual([
        'b',
      ])
      expect(await filtered({ score: null })).toEqual(['c'])
      expect(await filtered({ $or: [{ score: { $between: [2, 3] } }, { score: { $exists: false } }] })).toEqual([
        'b',
        'c',
      ])
      await expect(filtered({ nothing: 1 })).rejects.toEqual(failsWith('ValidationFailed'))
      await expect(filtered({ title: { $like: 'a' } })).rejects.toEqual(failsWith('ValidationFailed'))
      const deep = Array.from({ length: 1000 }).reduce((inner: object) => ({ $not: inner }), { title: 'a' })
      await expect(filtered(deep as ActiveQueryOptions['filter'])).rejects.toEqual(failsWith('ValidationFailed'))
    })

    absent([40], 'a count counts all pages', async () => {
      const userId = fresh()
      const db = await made.manager.database<typeof made.models>()
      await Promise.all(
        Array.from({ length: 130 }, (_, i) =>
          db.Post.create({ postId: `${userId}-${i}`, userId, title: i % 2 ? 'odd' : 'even' }),
        ),
      )
      const count = async (options: ActiveQueryOptions) =>
        (await Post.queryByIndex('postsForUser', userId, null, { countOnly: true, ...options })).count
      expect(await count({})).toBe(130)
      expect(await count({ filter: { title: 'odd' } })).toBe(65)
      expect(await count({ limit: 10 })).toBe(10)
    })

    absent([41], 'a limit counts the rows that pass the filter, and unknown options are rejected', async () => {
      const userId = await addPosts(
        Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`t${i + 10}`, { score: i % 4 }])),
      )
      const options = { filter: { score: 3 }, limit: 2 }
      const first = await Post.queryByIndex('postsForUser', userId, null, options)
      expect(first.items).toHaveLength(2)
      const startKey = first.lastEvaluatedKey as string
      const rest = await Post.queryByIndex('postsForUser', userId, null, { ...options, startKey })
      expect(rest.items).toHaveLength(1)
      expect(await titles('postsForUser', userId, null, { direction: 'desc' as 'DESC', limit: 1 })).toEqual(['t21'])
      for (const wrong of [{ limt: 1 }, { direction: 'down' }, { countOnly: 'yes' }, { startKey: { pk: 'x' } }]) {
        await expect(titles('postsForUser', userId, null, wrong as object)).rejects.toEqual(
          failsWith('ValidationFailed'),
        )
      }
    })

    absent([42], 'a read can be strongly consistent', async () => {
      const user = await User.create({ userId: fresh(), name: 'Ada' })
      made.seen.calls = []
      expect((await User.find(user.userId, { bypassCache: true })).exists()).toBe(true)
      expect(made.seen.calls).toMatchObject([{ operation: 'get', request: { consistent: true } }])
    })

    absent([43], 'indexes and prefixes that collide are rejected when the classes are made or connected', () => {
      const fields = { id: f.string(), to: f.string() }
      const twice = () =>
        model('Twice', {
          fields,
          key: 'id',
          indexes: { a: { on: 'gsi1', pk: 'A#{to}' }, b: { on: 'gsi1', pk: 'B#{to}' } } as never,
        })
      expect(twice).toThrow(/gsi1/)
      const collide = (extra: object) => {
        const models = {
          One: model('One', { fields, key: { pk: 'x#{id}', sk: 'x' }, ...extra }),
          Two: model('Two', { fields, key: { pk: 'x#{id}', sk: 'x' } }),
        }
        return initModels({ store: 'memory:', models: { One: activeRecord(models, 'One') } })
      }
      expect(() => collide({})).toThrow(/could equal a key/)
      expect(() => collide({ key: { pk: 'y#{id}' }, indexes: { a: { on: 'gsi21', pk: 'A#{to}' } } })).toThrow(/gsi21/)
    })

    absent([44], 'separators in values never split or join keys', async () => {
      for (const id of ['a##__SK__##b', 'a#b', '%23', 'a##__SK__##', '##__SK__##']) {
        const user = await User.create({ userId: id, name: id })
        expect(user.getPrimaryId()).toBe(id)
        expect(await User.find(user.getPrimaryId())).toMatchObject({ userId: id, name: id })
        const seat = await Seat.create({ hall: id, seat: 7, guest: id })
        expect(await Seat.find(seat.getPrimaryId())).toMatchObject({ hall: id, seat: 7 })
        expect(Seat.makePrimaryId(id, 7)).toBe(Seat.getPrimaryId(seat as never))
        await Promise.all([user.delete(), seat.delete()])
      }
      expect(makeClasses().Seat.makePrimaryId('a', 1)).not.toBe(Seat.makePrimaryId('a##__SK__##1', 1))
    })

    allAccountedFor()
  },
  SIMILAR_STORES,
)
