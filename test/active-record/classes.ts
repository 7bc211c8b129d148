/** Classes of active records that the suites share. Each call makes new ones, which connect by themselves. */
import { f, model } from 'partita'
import { type ActiveRecordConfig, activeRecord, initModels, registerModel } from 'partita/active-record'
import { afterAll, beforeAll } from 'vitest'
import { type WatchedStore, watch } from '../models/watched-store.js'
import type { StoreUnderTest } from '../stores.js'

/** The engine runs in memory, and the client with DynamoDB Local: the classes are above the layer where other stores differ. */
export const SIMILAR_STORES = ['embedded', 'wire', 'dynoxide']

const definitions = () => ({
  User: model('User', {
    fields: {
      userId: f.string(),
      name: f.string(),
      email: f.email().optional(),
      born: f.date().optional(),
      bio: f.string().optional(),
      visits: f.counter(),
      tags: f.set(f.string()),
      n1: f.string().optional(),
      pk: f.string().optional().attribute('publicKey'),
      modifiedAt: f.updatedAt(),
    },
    key: { pk: 'u#{userId}', sk: 'u' },
    unique: { uniqueEmail: ['email'], uniqueBorn: ['born'] },
  }),
  /** One to one with users, under the same id. */
  Profile: model('Profile', { fields: { userId: f.ref('User'), motto: f.string() }, key: { pk: 'pr#{userId}' } }),
  Seat: model('Seat', {
    fields: { hall: f.string(), seat: f.integer(), guest: f.string().optional() },
    key: { pk: 's#{hall}', sk: '{seat}' },
  }),
  Post: model('Post', {
    fields: {
      postId: f.string(),
      userId: f.ref('User'),
      editorId: f.ref('User').optional(),
      title: f.string(),
      score: f.number().optional(),
      at: f.date().optional(),
      version: f.version(),
      modifiedAt: f.updatedAt(),
    },
    key: { pk: 'p#{postId}', sk: 'p' },
    indexes: {
      postsForUser: { on: 'gsi1', pk: 'p#{userId}', sk: '{postId}' },
      postsForEditor: { on: 'gsi2', pk: 'p#{editorId}', sk: '{postId}' },
      byScore: { on: 'gsi3', pk: 'p', sk: '{score}' },
      byTime: { on: 'gsi4', pk: 'p#{userId}', sk: '{at}' },
    },
  }),
  /** All its rows are in one partition. */
  Setting: model('Setting', { fields: { name: f.string(), value: f.string() }, key: { pk: 'set', sk: '{name}' } }),
  Session: model('Session', {
    fields: { id: f.string(), token: f.string(), ttl: f.ttl().optional(), data: f.bytes().optional() },
    key: { pk: 'se#{id}' },
    unique: { uniqueToken: ['token'] },
  }),
})

/** The classes of a suite. */
export function makeClasses() {
  const models = definitions()
  class User extends activeRecord(models, 'User') {}
  class Profile extends activeRecord(models, 'Profile') {}
  class Seat extends activeRecord(models, 'Seat', { keyNames: ['bySeat'] }) {}
  class Post extends activeRecord(models, 'Post') {}
  class Setting extends activeRecord(models, 'Setting') {}
  class Session extends activeRecord(models, 'Session') {}
  const classes = { User, Profile, Seat, Post, Setting, Session }
  for (const made of Object.values(classes)) registerModel(made as typeof User)
  return { ...classes, models, classes }
}

/** Classes that are connected to the store of a suite, from its first test to its last. */
export function connectedClasses(tested: StoreUnderTest, config: ActiveRecordConfig = {}) {
  const made = makeClasses()
  let seen: WatchedStore
  let manager: ReturnType<typeof initModels>
  let ids = 0
  beforeAll(async () => {
    seen = watch(tested.store)
    manager = initModels({
      store: seen.store,
      table: tested.tableName(),
      createTable: true,
      models: made.classes,
      ...config,
    })
    await manager.ready
    seen.calls = []
  })
  afterAll(() => manager?.close())
  return {
    ...made,
    fresh: () => `id${++ids}`,
    get seen() {
      return seen
    },
    get manager() {
      return manager
    },
  }
}
