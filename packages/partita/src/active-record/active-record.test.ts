/** Records of classes: their fields, and what their methods read and write. */
import {
  ConditionFailedError,
  ConflictError,
  f,
  model,
  NotFoundError,
  UniqueViolationError,
  ValidationError,
} from 'partita'
import {
  type ActiveInput,
  type ActiveQueryOptions,
  type ActiveSortCondition,
  activeRecord,
  initModels,
  type ModelManager,
  ObjectNotFound,
  registerModel,
} from 'partita/active-record'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const models = {
  User: model('User', {
    fields: {
      userId: f.ulid().auto(),
      name: f.string(),
      email: f.email(),
      bio: f.string().optional(),
      born: f.date().optional(),
      tags: f.set(f.string()),
      visits: f.counter(),
      avatar: f.bytes().optional(),
      role: f.string().default('member'),
    },
    key: { pk: 'u#{userId}', sk: 'u' },
    unique: { uniqueEmail: ['email'] },
  }),
  Post: model('Post', {
    fields: {
      postId: f.ulid().auto(),
      userId: f.ref('User'),
      editorId: f.ref('User').optional(),
      title: f.string(),
      createdAt: f.createdAt(),
      version: f.version(),
    },
    key: { pk: 'p#{postId}', sk: 'p' },
    indexes: { postsForUser: { on: 'gsi2', pk: 'p#{userId}', sk: '{createdAt}' } },
  }),
}

class User extends activeRecord(models, 'User') {
  static findByEmail(email: string) {
    return User.findByUniqueConstraint('uniqueEmail', email)
  }

  queryPosts(sort?: ActiveSortCondition | null, options?: ActiveQueryOptions) {
    return Post.queryByIndex('postsForUser', this.getPrimaryId(), sort, options)
  }
}
registerModel(User)

class Post extends activeRecord(models, 'Post') {
  getUser() {
    return this.getOrLoadRelatedField<User>('userId')
  }
}
registerModel(Post)

let manager: ModelManager
let emails = 0

beforeAll(() => {
  manager = initModels({ store: 'memory:', models: { User } })
})
afterAll(() => manager.close())

const addUser = (more: ActiveInput<typeof models.User> = {}) =>
  new User({ name: 'Ada', email: `ada${++emails}@example.com`, ...more }).save()

describe('records', () => {
  it('a new record has its id and defaults before it is saved, and all fields after', async () => {
    const user = new User({ name: 'Ada', email: 'first@example.com' })
    expect(user.userId).toMatch(/^[0-9A-Z]{26}$/)
    expect(user.role).toBe('member')
    expect([user.exists(), user.isLoaded(), user.hasChanges()]).toEqual([false, false, true])
    expect(await user.save()).toBe(user)
    expect([user.exists(), user.isLoaded(), user.hasChanges()]).toEqual([true, false, false])
    expect({ ...user }).toEqual({
      userId: user.userId,
      name: 'Ada',
      email: 'first@example.com',
      tags: new Set(),
      visits: 0,
      role: 'member',
    })
  })

  it('a save writes changes only, and null clears a field', async () => {
    const user = await addUser({ bio: 'Writes.', born: '1815-12-10' })
    const same = await User.find(user.userId)
    if (!same.exists()) throw new Error('The row is missing')
    expect(same.born).toEqual(new Date('1815-12-10'))
    same.bio = null
    user.name = 'Ada L.'
    await Promise.all([same.save(), user.save()])
    const after = await User.find(user.userId)
    expect(after).toMatchObject({ name: 'Ada L.', tags: new Set() })
    expect(after).not.toHaveProperty('bio')
  })

  it('counters add up, also those that are set as text', async () => {
    const user = await addUser({ visits: 5 })
    const other = (await User.find(user.userId)) as User
    ;(user as { visits: unknown }).visits = '+2'
    other.visits += 3
    await Promise.all([user.save(), other.save()])
    await User.update(user.userId, { visits: '-1' })
    expect(await User.find(user.userId)).toMatchObject({ visits: 9 })
  })

  it('changes made while a save is in flight stay for the next save', async () => {
    const user = await addUser({ tags: ['a'], visits: 1 })
    user.visits = 2
    user.tags.add('b')
    const saving = user.save()
    user.visits = 4
    user.tags.add('c')
    user.name = 'Later'
    await saving
    expect(user.hasChanges()).toBe(true)
    expect(await User.find(user.userId)).toMatchObject({ visits: 2, tags: new Set(['a', 'b']), name: 'Ada' })
    await user.save()
    expect(await User.find(user.userId)).toMatchObject({ visits: 4, tags: new Set(['a', 'b', 'c']), name: 'Later' })
    expect(user.hasChanges()).toBe(false)
  })

  it('saves that overlap count each change once', async () => {
    const user = new User({ name: 'Ada', email: `ada${++emails}@example.com`, visits: 1 })
    const first = user.save()
    user.visits = 3
    const second = user.save()
    user.visits = 6
    await Promise.all([first, second, user.save()])
    expect(user.visits).toBe(6)
    expect(await User.find(user.userId)).toMatchObject({ visits: 6 })
  })

  it('a save that fails keeps its changes and can be repeated', async () => {
    const user = await addUser()
    const taken = await addUser()
    user.email = taken.email
    ;(user as { visits: unknown }).visits = '+1'
    await expect(user.save()).rejects.toThrow(UniqueViolationError)
    expect(user.hasChanges()).toBe(true)
    user.email = `ada${++emails}@example.com`
    await user.save()
    expect(await User.find(user.userId)).toMatchObject({ visits: 1, email: user.email })
  })

  it('names that are not fields are rejected', async () => {
    expect(() => new User({ nmae: 'Ada' } as object)).toThrow(/nmae/)
    const user = await addUser()
    Object.assign(user, { nmae: 'Eve' })
    await expect(user.save()).rejects.toThrow(/nmae/)
    await expect(User.update(user.userId, { nmae: 'Eve' } as object)).rejects.toThrow(ValidationError)
  })

  it('a record as JSON has its fields only', async () => {
    const user = await addUser({ tags: ['x'], avatar: new Uint8Array([1, 2]) })
    const found = await User.find(user.userId)
    expect(JSON.parse(JSON.stringify(found))).toEqual({
      userId: user.userId,
      name: 'Ada',
      email: user.email,
      tags: ['x'],
      visits: 0,
      avatar: 'AQI=',
      role: 'member',
    })
    expect((found as User).avatar).toEqual(Buffer.from([1, 2]))
  })

  it('a save with a condition writes only if it holds', async () => {
    const user = await addUser()
    user.name = 'Eve'
    await expect(user.save({ condition: { name: 'Bob' } })).rejects.toThrow(ConditionFailedError)
    expect(await User.find(user.userId)).toMatchObject({ name: 'Ada' })
    await user.save({ condition: { name: 'Ada', bio: null } })
    expect(await User.find(user.userId)).toMatchObject({ name: 'Eve' })
    const again = new User({ userId: user.userId, name: 'Bob', email: `ada${++emails}@example.com` })
    await expect(again.save({ condition: { bio: null } })).rejects.toThrow(ConditionFailedError)
    await expect(again.save()).rejects.toThrow(/already exists/)
    const other = new User({ name: 'Bob', email: `ada${++emails}@example.com` })
    await other.save({ condition: { bio: null } })
    expect(other.exists()).toBe(true)
  })

  it('a save of a row that is gone does not write it again', async () => {
    const user = await addUser()
    await User.delete(user.getPrimaryId())
    user.name = 'Ghost'
    await expect(user.save()).rejects.toThrow(NotFoundError)
    expect(await User.find(user.userId)).toBeInstanceOf(ObjectNotFound)
    await expect(User.delete(user.getPrimaryId())).rejects.toThrow(NotFoundError)
  })

  it('a version protects saves', async () => {
    const user = await addUser()
    const post = await new Post({ userId: user, title: 'Notes' }).save()
    const same = (await Post.find(post.postId)) as Post
    post.title = 'Letters'
    await post.save()
    same.title = 'Numbers'
    await expect(same.save()).rejects.toThrow(ConflictError)
  })
})

describe('reads', () => {
  it('a row is found by id, by key fields, by a unique value and in a list', async () => {
    const user = await addUser()
    const missing = '01JZ0000000000000000000000'
    expect((await User.find({ userId: user.userId })).exists()).toBe(true)
    expect((await User.findByEmail(user.email)).exists()).toBe(true)
    expect((await User.findByEmail('nobody@example.com')).exists()).toBe(false)
    expect((await User.find(missing)).exists()).toBe(false)
    expect((await User.find('no ulid')).exists()).toBe(false)
    const { items } = await User.batchFind([user.userId, missing, user.userId])
    expect(Object.keys(items)).toEqual([user.userId])
    expect(items[user.userId]).toBeInstanceOf(User)
    await expect(User.find(undefined as never)).rejects.toThrow(/no id/)
  })

  it('a query reads pages with a sort condition, a filter and a direction', async () => {
    const user = await addUser()
    for (let i = 1; i <= 5; i++) await new Post({ userId: user.userId, title: `t${i}`, createdAt: i * 1000 }).save()
    const titles = async (sort?: ActiveSortCondition | null, options?: ActiveQueryOptions) =>
      (await user.queryPosts(sort, options)).items.map(({ title }) => title)
    expect(await titles()).toEqual(['t1', 't2', 't3', 't4', 't5'])
    expect(await titles({ createdAt: { $gte: 2000, $lt: 4000 } })).toEqual(['t2', 't3'])
    expect(await titles({ createdAt: new Date(3000) })).toEqual(['t3'])
    expect(await titles(null, { filter: { title: { $contains: '4' } } })).toEqual(['t4'])
    expect(await titles(null, { direction: 'DESC', limit: 2 })).toEqual(['t5', 't4'])
    const first = await user.queryPosts(null, { limit: 3 })
    const rest = await user.queryPosts(null, { limit: 3, startKey: first.lastEvaluatedKey })
    expect(rest.items.map(({ title }) => title)).toEqual(['t4', 't5'])
    expect(rest.lastEvaluatedKey).toBeUndefined()
    expect(await user.queryPosts(null, { countOnly: true })).toMatchObject({ count: 5, items: [] })
    await expect(user.queryPosts({ title: 'x' })).rejects.toThrow(/title/)
    await expect(Post.queryByIndex('nothing', 'x')).rejects.toThrow(/no index/)
  })

  it('related records are loaded, kept, and forgotten when the ref changes', async () => {
    const [ada, eve] = [await addUser(), await addUser()]
    const post = await new Post({ userId: ada.userId, title: 'Notes' }).save()
    const author = await post.getUser()
    expect(author).toBeInstanceOf(User)
    expect(await post.getUser()).toBe(author)
    expect(post.getRelated('userId')).toBe(author)
    post.userId = eve.userId
    expect(post.getRelated('userId')).toBeUndefined()
    expect(await post.getUser()).toMatchObject({ userId: eve.userId })
    expect(await post.getOrLoadRelatedField('editorId')).toBeNull()
    await expect(post.getOrLoadRelatedField('title')).rejects.toThrow(/not a ref/)
  })

  it('iteration visits each row once', async () => {
    const titles = new Set<string>()
    for await (const batch of Post.iterateAll({ batchSize: 3 })) for (const { postId } of batch) titles.add(postId)
    expect(titles.size).toBeGreaterThan(5)
  })
})
