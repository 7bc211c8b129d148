/** The record of complete parts in the table costs almost nothing, and never blocks a program. */
import { beforeEach, describe, expect, it } from 'vitest'
import { memory } from '../../packages/partita/src/embedded/index.js'
import { connect, f, model, PartitaError, type Store, type WarningEvent } from '../../packages/partita/src/index.js'
import { everyItem } from './consistency.js'
import { operations, type WatchedStore, watch } from './watched-store.js'

const fields = { id: f.string(), group: f.string().default('none'), note: f.string().optional() }
const User = model('User', { fields, key: 'id', indexes: { byGroup: { on: 'gsi1', pk: 'GROUP#{group}', sk: '{id}' } } })
const Plain = model('User', { fields, key: 'id' })
const Post = model('Post', { fields: { id: f.string() }, key: 'id' })

function warningsOf(db: { on(event: 'warning', listener: (event: WarningEvent) => void): () => void }): WarningEvent[] {
  const found: WarningEvent[] = []
  db.on('warning', event => void found.push(event))
  return found
}

describe('the record of complete parts', () => {
  let watched: WatchedStore
  beforeEach(() => {
    watched = watch(memory())
  })

  it('a program that reconnects reads the record once, and does not write it', async () => {
    const models = { User, Post }
    await connect({ models, store: watched.store })
    watched.calls = []
    const db = await connect({ models, store: watched.store })
    expect(operations(watched)).toEqual(['get'])
    expect(db.capacity.read).toBeLessThanOrEqual(1)
  })

  it('updates skip the read of the row if every row is complete', async () => {
    const db = await connect({ models: { User }, store: watched.store })
    await db.User.create({ id: 'a' })
    watched.calls = []
    await db.User.update({ id: 'a' }, { note: 'x' })
    expect(operations(watched)).toEqual(['write'])
    const behind = await connect({ models: { User: Plain }, store: watched.store }).then(() =>
      connect({ models: { User }, store: watched.store }),
    )
    watched.calls = []
    await behind.User.update({ id: 'a' }, { note: 'y' })
    expect(operations(watched)).toEqual(['get', 'write'])
  })

  it('a model that was never connected to the table has no rows, and a table without a record is checked', async () => {
    await connect({ models: { Post }, store: watched.store })
    expect(warningsOf(await connect({ models: { Post, User }, store: watched.store }))).toEqual([])
    const item = { pk: 'User#a', sk: 'User', _type: 'User', id: 'a' }
    const store = memory()
    await connect({ models: { Post }, store, table: 'other' })
    await store.write({ kind: 'delete', table: 'other', key: { pk: 'PARTITA#PARTS', sk: 'PARTITA#PARTS' } })
    await store.write({ kind: 'put', table: 'other', item })
    const db = await connect({ models: { Post, User }, store, table: 'other' })
    expect(warningsOf(db).map(it => `${it.model} ${it.kind === 'incomplete' && it.name}`)).toEqual([
      'User byGroup',
      'User iteration',
    ])
  })

  it('renaming an index changes nothing, but changing its key template makes it incomplete', async () => {
    await connect({ models: { User }, store: watched.store })
    const renamed = model('User', {
      fields,
      key: 'id',
      indexes: { listed: { on: 'gsi1', pk: 'GROUP#{group}', sk: '{id}' } },
    })
    expect(warningsOf(await connect({ models: { User: renamed }, store: watched.store }))).toEqual([])
    const other = model('User', {
      fields,
      key: 'id',
      indexes: { byGroup: { on: 'gsi1', pk: 'G#{group}', sk: '{id}' } },
    })
    expect(warningsOf(await connect({ models: { User: other }, store: watched.store }))).toHaveLength(1)
  })

  it('reindex rewrites the keys of a changed index template, and includes rows with the default of a newer field', async () => {
    const without = model('User', { fields: { id: f.string() }, key: 'id' })
    const store = memory()
    await (await connect({ models: { User: without }, store })).User.create({ id: 'a' })
    const db = await connect({ models: { User }, store })
    await db.User.reindex()
    expect(await db.User.query.byGroup({ group: 'none' }).count()).toBe(1)
    const other = model('User', {
      fields,
      key: 'id',
      indexes: { byGroup: { on: 'gsi1', pk: 'G#{group}', sk: '{id}' } },
    })
    const after = await connect({ models: { User: other }, store })
    expect((await after.User.reindex()).counts.written).toBe(1)
    expect(await after.User.query.byGroup({ group: 'none' }).count()).toBe(1)
  })

  it('the record has a type of its own, and its key belongs to no model', async () => {
    const { store } = watched
    const db = await connect({ models: { User }, store })
    const { items } = await store.scan({ table: 'partita' })
    expect(items.map(({ pk, _type }) => [pk, _type])).toEqual([['PARTITA#PARTS', 'PARTITA']])
    expect(() => db.decodeKey('PARTITA#PARTS', 'PARTITA#PARTS')).toThrow('is not the key of a connected model')
  })
})

describe('a store that refuses reads or writes of the record', () => {
  const denied = () => new PartitaError('Unavailable', 'no right to that', {})
  const isRecord = (request: object): boolean => JSON.stringify(request).includes('PARTITA#PARTS')

  it('models connect, read and write, and a warning reports that the state of their parts is unknown', async () => {
    const watched = watch(memory())
    watched.before = ({ request }) => {
      if (isRecord(request)) throw denied()
    }
    const db = await connect({ models: { User }, store: watched.store })
    expect(warningsOf(db).map(({ kind }) => kind)).toEqual(['incomplete', 'incomplete'])
    await db.User.create({ id: 'a' })
    watched.calls = []
    await db.User.update({ id: 'a' }, { note: 'x' })
    expect(watched.calls.filter(({ request }) => isRecord(request))).toEqual([])
    expect((await db.User.get({ id: 'a' }))?.note).toBe('x')
    await expect(connect({ models: { User }, store: watched.store, strict: true })).rejects.toThrow('no right to that')
  })

  it('the record is requested once more before the first write', async () => {
    const watched = watch(memory())
    await connect({ models: { User: Plain }, store: watched.store })
    watched.before = ({ request }) => {
      if (isRecord(request)) throw denied()
    }
    const db = await connect({ models: { User }, store: watched.store })
    watched.before = undefined
    await db.User.create({ id: 'a' })
    expect(warningsOf(db).map(it => it.kind === 'incomplete' && it.name)).toEqual(['byGroup'])
    await db.User.reindex()
    expect(warningsOf(db)).toEqual([])
  })

  it('a missing table is still reported if the store does not create tables itself', async () => {
    const explicit = new Proxy(memory(), {
      get: (target, name) => {
        if (name === 'provisioning') return 'explicit'
        const member: unknown = Reflect.get(target, name, target)
        return typeof member === 'function' ? member.bind(target) : member
      },
    }) as Store
    const db = await connect({ models: { User }, store: explicit, strict: true })
    expect(warningsOf(db)).toEqual([])
    await expect(db.User.create({ id: 'a' })).rejects.toMatchObject({ code: 'TableNotFound' })
    await db.createTable()
    await db.User.create({ id: 'a' })
    expect(warningsOf(await connect({ models: { User }, store: explicit, strict: true }))).toEqual([])
  })
})

it('reindex completes the rows of an adopted table, and adds no revision to them', async () => {
  const store = memory()
  const key = { pk: 'user/{id}', sk: 'user' }
  const adopted = { key, encoding: 'raw', type: null } as const
  const Older = model('User', { fields, ...adopted, iterable: false })
  await connect({ models: { User: Older }, store })
  for (const id of ['a', 'b']) {
    await store.write({ kind: 'put', table: 'partita', item: { pk: `user/${id}`, sk: 'user', id, group: 'g' } })
  }
  await store.write({ kind: 'put', table: 'partita', item: { pk: 'note/1', sk: 'note', text: 'of something else' } })
  const Newer = model('User', {
    fields,
    ...adopted,
    unique: { note: ['note'], both: ['id', 'group'] },
    indexes: { byGroup: { on: 'gsi1', pk: 'group/{group}', sk: '{id}' } },
  })
  const db = await connect({ models: { User: Newer }, store })
  expect(await db.User.reindex()).toMatchObject({ counts: { rows: 2, written: 2 }, incomplete: [] })
  expect(await db.User.query.byGroup({ group: 'g' }).count()).toBe(2)
  expect((await db.User.findBy({ id: 'b', group: 'g' }))?.id).toBe('b')
  const rows = (await everyItem({ store, table: 'partita' })).filter(({ sk }) => sk === 'user')
  expect(rows.map(({ _rev }) => _rev)).toEqual([undefined, undefined])
  expect((await db.User.reindex()).counts.written).toBe(0)
})
