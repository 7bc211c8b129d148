/** Relations loaded with rows return all rows, or a cursor if there are more. */
import { connect, type Database, f, many, model, one, through } from 'partita'
import { beforeAll, expect, it } from 'vitest'
import { describeEachStore } from '../stores.js'

const User = model('User', {
  fields: { id: f.string() },
  key: { pk: 'USER#{id}' },
  relations: { posts: many('Post', 'byUser'), groups: through('Group', 'Member', 'byUser') },
})
const Post = model('Post', {
  fields: { id: f.string(), userId: f.ref('User'), n: f.integer() },
  key: { pk: 'POST#{id}' },
  indexes: { byUser: { on: 'gsi1', pk: 'USER#{userId}', sk: '{n}' } },
  relations: { author: one('User', 'userId') },
})
const Group = model('Group', { fields: { id: f.string() }, key: { pk: 'GROUP#{id}' } })
const Member = model('Member', {
  fields: { userId: f.ref('User'), groupId: f.ref('Group') },
  key: { pk: 'GROUP#{groupId}', sk: 'USER#{userId}' },
  indexes: { byUser: { on: 'gsi2', pk: 'USER#{userId}', sk: '{groupId}' } },
  relations: { group: one('Group', 'groupId') },
})
const models = { User, Post, Group, Member }
const POSTS = 130
const PAIRS = 12

describeEachStore('relations loaded with rows', tested => {
  let db: Database<typeof models>

  beforeAll(async () => {
    db = await connect({ models, store: tested.store, table: tested.tableName(), createTable: true })
    await db.User.create({ id: 'u' })
    await db.User.create({ id: 'none' })
    await db.batch(batch => {
      for (let n = 0; n < POSTS; n++) batch.Post.put({ id: `p${n}`, userId: 'u', n })
      for (let n = 0; n < PAIRS; n++) {
        const groupId = `g${String(n).padStart(2, '0')}`
        batch.Member.put({ userId: 'u', groupId })
        // Most pairs refer to a row that does not exist.
        if (n % 4 === 3) batch.Group.put({ id: groupId })
      }
    })
  })

  it('a relation without a limit loads every row, over many pages', async () => {
    const [user, none] = await db.User.getMany([{ id: 'u' }, { id: 'none' }], { with: { posts: true, groups: true } })
    expect(user?.posts.map(({ n }) => n)).toEqual(Array.from({ length: POSTS }, (_, n) => n))
    expect(user?.groups.map(({ id }) => id)).toEqual(['g03', 'g07', 'g11'])
    expect([none?.posts, none?.groups]).toEqual([[], []])
    expect(Object.keys(user?.posts ?? [])).not.toContain('cursor')
  })

  it('a relation with more rows than its limit has a cursor that continues after them', async () => {
    const user = await db.User.get({ id: 'u' }, { with: { posts: { limit: 100 }, groups: { limit: 2 } } })
    expect([user?.posts.length, user?.groups.map(({ id }) => id)]).toEqual([100, ['g03', 'g07']])
    const rest = await db.Post.query.byUser({ userId: 'u' }, { after: user?.posts.cursor }).all()
    expect(rest.map(({ n }) => n)).toEqual(Array.from({ length: POSTS - 100 }, (_, n) => n + 100))
    const again = await db.User.get({ id: 'u' })
    const { cursor } = user?.groups ?? {}
    expect(
      (await again?.groups({ ...(cursor !== undefined && { after: cursor }) }).all())?.map(({ id }) => id),
    ).toEqual(['g11'])
    expect(JSON.parse(JSON.stringify(user)).posts).toHaveLength(100)
  })

  it('a relation with no more rows than its limit has no cursor', async () => {
    for (const limit of [POSTS, POSTS + 1]) {
      const user = await db.User.get({ id: 'u' }, { with: { posts: { limit } } })
      expect([user?.posts.length, user?.posts.cursor], String(limit)).toEqual([POSTS, undefined])
    }
  })

  it('a transaction loads the same relations, including its own writes', async () => {
    const seen = await db.transaction(async tx => {
      await tx.Post.create({ id: 'early', userId: 'u', n: -1 })
      const user = await tx.User.get({ id: 'u' }, { with: { posts: { limit: 2 }, groups: { limit: 2 } } })
      await tx.Post.delete({ id: 'early' })
      return { ...user, posts: user?.posts.map(({ n }) => n), more: [user?.posts.cursor, user?.groups.cursor] }
    })
    expect(seen.posts).toEqual([-1, 0])
    expect(seen.more).toEqual([expect.any(String), expect.any(String)])
  })

  it('a count of a many-to-many relation equals the number of listed rows', async () => {
    const user = await db.User.get({ id: 'u' })
    expect(await user?.groups().count()).toBe(3)
    expect(await user?.groups({ limit: 2 }).count()).toBe(2)
    const page = await user?.groups({ limit: 1 }).page()
    expect([page?.items.map(({ id }) => id), page?.stopped]).toEqual([['g03'], 'limit'])
    expect((await user?.groups().first())?.id).toBe('g03')
    const walked: string[] = []
    for await (const { id } of user?.groups() ?? []) walked.push(id)
    expect(walked).toEqual(['g03', 'g07', 'g11'])
  })
})
