/** What the compiler catches of active records, and the exact types of what they give; checked by `tsc -p test`. */
import { f, model } from 'partita'
import {
  type ActivePage,
  activeRecord,
  exceptions,
  initModels,
  type ObjectNotFound,
  registerModel,
} from 'partita/active-record'
import { expectTypeOf } from 'vitest'

const models = {
  User: model('User', {
    fields: {
      userId: f.ulid().auto(),
      name: f.string(),
      bio: f.string().optional(),
      born: f.date().optional(),
      visits: f.counter(),
      tags: f.set(f.string()),
    },
    key: 'userId',
  }),
  Post: model('Post', {
    fields: { postId: f.ulid().auto(), userId: f.ref('User'), title: f.string() },
    key: 'postId',
    indexes: { postsForUser: { on: 'gsi1', pk: 'BY#{userId}', sk: '{postId}' } },
  }),
}

class User extends activeRecord(models, 'User') {
  queryPosts() {
    return Post.queryByIndex('postsForUser', this.getPrimaryId())
  }
}
registerModel(User)

class Post extends activeRecord(models, 'Post') {
  getUser() {
    return this.getOrLoadRelatedField('userId', User)
  }
}

async function reads() {
  const found = await User.find('id')
  expectTypeOf(found).toEqualTypeOf<User | ObjectNotFound>()
  // @ts-expect-error it may be missing
  found.name
  if (found.exists()) {
    expectTypeOf(found.name).toEqualTypeOf<string>()
    expectTypeOf(found.bio).toEqualTypeOf<string | undefined | null>()
    expectTypeOf(found.born).toEqualTypeOf<Date | undefined | null>()
    expectTypeOf(found.tags).toEqualTypeOf<Set<string>>()
    found.visits += 1
    found.bio = null
    // @ts-expect-error a name cannot be cleared
    found.name = null
    expectTypeOf(await found.save()).toEqualTypeOf<User>()
  }
  expectTypeOf(await new User({ name: 'Ada' }).queryPosts()).toEqualTypeOf<ActivePage<Post>>()
  expectTypeOf(await new Post({ title: 'Notes' }).getUser()).toEqualTypeOf<User | ObjectNotFound | null>()
  for await (const batch of User.iterateAll({ batchSize: 10 })) expectTypeOf(batch).toEqualTypeOf<User[]>()
  const { items } = await User.batchFind(['a', 'b'])
  expectTypeOf(items).toEqualTypeOf<{ [id: string]: User }>()
  // @ts-expect-error it is no option
  await User.find('id', { bypass: true })
}

async function writes(user: User) {
  expectTypeOf(await User.create({ name: 'Ada', born: '1815-12-10', tags: ['a'] })).toEqualTypeOf<User>()
  await User.update('id', { visits: '+1', bio: null, born: 5 })
  await new Post({ userId: user, title: 'Notes' }).save({ condition: { title: 'x' } })
  // @ts-expect-error it is no field
  new User({ nmae: 'Ada' })
  // @ts-expect-error it is text
  await User.update('id', { name: 5 })
  // @ts-expect-error it is an amount or a number
  await User.update('id', { visits: 'many' })
  // @ts-expect-error there is no such model
  activeRecord(models, 'Comment')
  expectTypeOf(await User.delete('id')).toEqualTypeOf<User>()
}

async function configures() {
  const manager = initModels({ models: { User, Post }, store: 'memory:' })
  const db = await manager.database<typeof models>()
  expectTypeOf((await db.User.get({ userId: 'x' }))?.name).toEqualTypeOf<string | undefined>()
  // @ts-expect-error it is true or false
  initModels({ tenancy: { enabled: 'yes' } })
  const error: unknown = undefined
  if (error instanceof exceptions.ItemNotFoundError) expectTypeOf(error.code).toEqualTypeOf<'NotFound'>()
}

void [reads, writes, configures]
