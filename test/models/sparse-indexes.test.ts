/** Indexes of some rows: what satisfies `when` is in the index, and nothing else, whatever writes it. */
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { memory } from '../../packages/partita/src/embedded/index.js'
import {
  type AnyModel,
  add,
  collection,
  connect,
  f,
  type IncompleteEvent,
  many,
  model,
  one,
  unset,
  type WarningEvent,
} from '../../packages/partita/src/index.js'
import { update, value } from '../../packages/partita/src/store/index.js'
import { consistency } from '../../packages/partita/src/testing/index.js'
import { describeEachStoreAndMongo } from '../stores.js'
import { operations, type WatchedStore, watch } from './watched-store.js'

const User = model('User', {
  fields: { userId: f.string() },
  key: 'userId',
  relations: { openOrders: many('Order', 'openOf') },
})
const Order = model('Order', {
  fields: {
    id: f.string(),
    userId: f.ref('User'),
    state: f.enum('open', 'paid', 'done').default('open'),
    priority: f.integer().default(0),
    votes: f.counter(),
    note: f.string().optional(),
    createdAt: f.createdAt(),
  },
  key: 'id',
  indexes: {
    openOf: { on: 'gsi1', pk: 'OPEN#{userId}', sk: '{createdAt}#{id}', when: { state: { $ne: 'done' } } },
    urgent: { on: 'gsi2', pk: 'URGENT', sk: '{id}', when: { $or: [{ priority: { $gte: 5 } }, { votes: { $gt: 2 } }] } },
    noted: { on: 'gsi3', pk: 'NOTED', sk: '{id}', when: { note: { $exists: true }, state: 'open' } },
  },
  relations: { user: one('User', 'userId') },
})
const models = { User, Order }

const inconsistenciesOf = async (db: object) => (await consistency(db as never)).inconsistencies

describeEachStoreAndMongo('an index of some rows', tested => {
  let table = ''
  const open = () => connect({ models, store: tested.store, table, createTable: true })
  let db: Awaited<ReturnType<typeof open>>

  beforeAll(async () => {
    table = tested.name === 'custom' ? 'sparse' : `sparse-${tested.name}`
    db = await open()
  })
  beforeEach(async () => {
    for await (const order of db.Order.iterate()) await order.delete()
  })

  const ids = (rows: readonly { id: string }[]) => rows.map(({ id }) => id).sort()
  const openOf = async (userId: string) => ids(await db.Order.query.openOf({ userId }).all())
  const urgent = async () => ids(await db.Order.query.urgent({}).all())
  const noted = async () => ids(await db.Order.query.noted({}).all())
  const consistent = async () => expect(await inconsistenciesOf(db)).toEqual([])

  it('a row is listed while it satisfies the condition, by whatever call it is written', async () => {
    await db.Order.create({ id: 'a', userId: 'ada' })
    await db.Order.create({ id: 'b', userId: 'ada', state: 'done', note: 'x' })
    await db.batch(batch => {
      batch.Order.put({ id: 'c', userId: 'ada', note: 'y' })
    })
    expect(await openOf('ada')).toEqual(['a', 'c'])
    expect(await noted()).toEqual(['c'])
    await db.Order.update({ id: 'a' }, { state: 'done' })
    await db.Order.update({ id: 'b' }, { state: 'open' })
    await db.Order.put({ id: 'c', userId: 'ada', state: 'done', note: 'y' })
    expect(await openOf('ada')).toEqual(['b'])
    expect(await noted()).toEqual(['b'])
    const b = await db.Order.get({ id: 'b' })
    if (b) Object.assign(b, { priority: 7, note: undefined })
    await b?.save()
    expect(await urgent()).toEqual(['b'])
    expect(await noted()).toEqual([])
    await db.Order.update({ id: 'b' }, { note: 'z' })
    expect(await noted()).toEqual(['b'])
    await db.Order.update({ id: 'b' }, { note: unset(), priority: add(-3) })
    expect(await noted()).toEqual([])
    expect(await urgent()).toEqual([])
    await consistent()
  })

  it('sums are compared after they are added, and many writers leave one true entry', async () => {
    await db.Order.create({ id: 'v', userId: 'ada' })
    await db.Order.update({ id: 'v' }, { votes: add(2) })
    expect(await urgent()).toEqual([])
    await Promise.all([1, 2, 3].map(() => db.Order.update({ id: 'v' }, { votes: add(1) })))
    expect((await db.Order.get({ id: 'v' }, { consistent: true }))?.votes).toBe(5)
    expect(await urgent()).toEqual(['v'])
    await db.Order.update({ id: 'v' }, { votes: add(-3) })
    expect(await urgent()).toEqual([])
    await consistent()
  })

  it('writers of different fields of the condition and of the key never leave an entry of neither', async () => {
    const states = ['open', 'done', 'paid'] as const
    await db.Order.create({ id: 'r', userId: 'ada' })
    for (let round = 0; round < 4; round++) {
      await Promise.all([
        ...states.map(state => db.Order.update({ id: 'r' }, { state })),
        db.Order.update({ id: 'r' }, { userId: `user${round}` }),
        db.Order.update({ id: 'r' }, { note: round % 2 === 0 ? unset() : 'x' }),
        db.transaction(async tx => {
          const row = await tx.Order.get({ id: 'r' })
          await row?.update({ priority: row.priority + 3 })
        }),
      ])
      await consistent()
      const row = await db.Order.get({ id: 'r' }, { consistent: true })
      expect(await openOf(`user${round}`)).toEqual(row?.state === 'done' ? [] : ['r'])
      expect(await noted()).toEqual(row?.state === 'open' && row.note !== undefined ? ['r'] : [])
    }
  })

  it('a transaction sees its own writes in the index', async () => {
    await db.Order.create({ id: 'a', userId: 'eve' })
    await db.Order.create({ id: 'b', userId: 'eve', state: 'done' })
    await db.transaction(async tx => {
      const listed = async () => ids(await tx.Order.query.openOf({ userId: 'eve' }).all())
      await tx.Order.update({ id: 'a' }, { state: 'done' })
      await tx.Order.update({ id: 'b' }, { state: 'paid' })
      await tx.Order.create({ id: 'c', userId: 'eve' })
      await tx.Order.create({ id: 'd', userId: 'eve', state: 'done' })
      expect(await listed()).toEqual(['b', 'c'])
    })
    expect(await openOf('eve')).toEqual(['b', 'c'])
    await consistent()
  })

  it('a relation over the index loads the rows that are in it, and tenants have their own', async () => {
    await db.User.put({ userId: 'zoe' })
    await db.Order.create({ id: 'a', userId: 'zoe' })
    await db.Order.create({ id: 'b', userId: 'zoe', state: 'done' })
    const zoe = await db.User.get({ userId: 'zoe' }, { with: { openOrders: true } })
    expect(ids(zoe?.openOrders ?? [])).toEqual(['a'])
    const acme = db.scope({ tenant: 'acme' })
    await acme.Order.create({ id: 'a', userId: 'zoe' })
    await acme.Order.update({ id: 'a' }, { state: 'done' })
    expect(await acme.Order.query.openOf({ userId: 'zoe' }).count()).toBe(0)
    expect(await openOf('zoe')).toEqual(['a'])
    await acme.Order.delete({ id: 'a' })
  })
})

describe('the requests of an update', () => {
  let watched: WatchedStore
  const open = () => connect({ models, store: watched.store })
  let db: Awaited<ReturnType<typeof open>>
  beforeEach(async () => {
    watched = watch(memory())
    db = await open()
    await db.Order.create({ id: 'a', userId: 'ada' })
    watched.calls = []
  })

  it('a row that leaves its indexes is not read, and one that may enter them is', async () => {
    const fields = { id: f.string(), state: f.enum('open', 'done'), at: f.createdAt(), note: f.string().optional() }
    const byTime = { on: 'gsi1', pk: 'OPEN', sk: '{at}', when: { state: 'open' } } as const
    const byId = { on: 'gsi1', pk: 'OPEN', sk: '{id}', when: { state: 'open' } } as const
    const Timed = model('Timed', { fields, key: 'id', indexes: { byTime } })
    const Named = model('Named', { fields, key: 'id', indexes: { byId } })
    const other = await connect({ models: { Timed, Named }, store: watched.store, table: 'other' })
    await other.Timed.create({ id: 'a', state: 'open' })
    await other.Named.create({ id: 'a', state: 'open' })
    const requestsOf = async (write: () => Promise<unknown>) => {
      watched.calls = []
      await write()
      return operations(watched)
    }
    expect(await requestsOf(() => other.Timed.update({ id: 'a' }, { state: 'done' }))).toEqual(['write'])
    expect(await requestsOf(() => other.Timed.update({ id: 'a' }, { state: 'open' }))).toEqual(['get', 'write'])
    expect(await requestsOf(() => other.Named.update({ id: 'a' }, { state: 'done' }))).toEqual(['write'])
    expect(await requestsOf(() => other.Named.update({ id: 'a' }, { state: 'open' }))).toEqual(['write'])
    expect(await requestsOf(() => other.Named.update({ id: 'a' }, { note: 'x' }))).toEqual(['write'])
    expect(await inconsistenciesOf(other)).toEqual([])
  })

  it('an update whose row changed between its read and its write is computed again', async () => {
    let isChanged = false
    watched.before = async ({ operation, request }) => {
      if (isChanged || operation !== 'write' || !JSON.stringify(request).includes('"note"')) return
      isChanged = true
      watched.before = undefined
      await db.Order.update({ id: 'a' }, { state: 'done' })
    }
    await db.Order.update({ id: 'a' }, { note: 'x' })
    expect(isChanged).toBe(true)
    expect(await db.Order.query.noted({}).count()).toBe(0)
    expect(await inconsistenciesOf(db)).toEqual([])
  })
})

describe('a condition that is added to rows that are there', () => {
  const fields = { id: f.string(), state: f.enum('open', 'done') }
  const orders = (when?: { readonly [name: string]: unknown }) =>
    model('Order', {
      fields,
      key: 'id',
      indexes: { open: { on: 'gsi1', pk: 'OPEN', sk: '{id}', ...(when && { when }) } },
    })

  it('a new condition makes the index incomplete until reindex has run, in both directions', async () => {
    const store = memory()
    const connected = async (Order: ReturnType<typeof orders>) => {
      const db = await connect({ models: { Order }, store })
      const warnings: WarningEvent[] = []
      db.on('warning', event => void warnings.push(event))
      return { db, incomplete: warnings.map(event => (event as IncompleteEvent).name) }
    }
    const all = await connected(orders())
    await all.db.Order.create({ id: 'a', state: 'open' })
    await all.db.Order.create({ id: 'b', state: 'done' })
    const some = await connected(orders({ state: 'open' }))
    expect(some.incomplete).toEqual(['open'])
    expect((await some.db.Order.reindex()).counts.written).toBe(1)
    expect(await some.db.Order.query.open({}).count()).toBe(1)
    expect((await connected(orders({ state: 'open' }))).incomplete).toEqual([])
    const other = await connected(orders({ state: 'done' }))
    expect(other.incomplete).toEqual(['open'])
    // A write to a row of the time before brings its keys up to date.
    await (await other.db.Order.get({ id: 'a' }))?.save()
    await other.db.Order.reindex()
    expect((await other.db.Order.query.open({}).all()).map(({ id }) => id)).toEqual(['b'])
    expect(await inconsistenciesOf(other.db)).toEqual([])
  })
})

describe('rows of other forms', () => {
  const fields = { id: f.string(), note: f.string().optional() }
  const state = f.enum('open', 'done').default('open')
  const keys = { on: 'gsi1', pk: 'OPEN', sk: '{id}' } as const

  it('a row that is older than a field counts with its default, and NULL as absent', async () => {
    const store = memory()
    const before = await connect({ models: { Row: model('Row', { fields, key: 'id' }) }, store })
    await before.Row.create({ id: 'a' })
    await before.Row.create({ id: 'b' })
    const Row = model('Row', {
      fields: { ...fields, state },
      key: 'id',
      indexes: { open: { ...keys, when: { state: 'open', note: { $exists: false } } } },
    })
    const set = update({ set: [{ path: ['note'], value: value(null) }] })
    await store.write({ kind: 'update', table: 'partita', key: { pk: 'Row#b', sk: 'Row' }, update: set })
    const db = await connect({ models: { Row }, store })
    const listed = async () => (await db.Row.query.open({}).all()).map(({ id }) => id)
    await db.Row.update({ id: 'b' }, { state: 'open' })
    expect(await listed()).toEqual(['b'])
    await db.Row.reindex()
    expect(await listed()).toEqual(['a', 'b'])
    await db.Row.update({ id: 'b' }, { note: 'x' })
    await db.Row.update({ id: 'a' }, { state: 'done' })
    expect(await listed()).toEqual([])
    expect(await inconsistenciesOf(db)).toEqual([])
  })

  it.each(['keep', 'remove'] as const)('a soft-deleted row has the entry of its fields: %s', async indexes => {
    const Row = model('Row', {
      fields: { ...fields, state },
      key: 'id',
      softDelete: { indexes },
      indexes: { open: { ...keys, when: { state: 'open' } } },
    })
    const db = await connect({ models: { Row }, store: memory() })
    await db.Row.create({ id: 'a' })
    await db.Row.create({ id: 'b', state: 'done' })
    for (const id of ['a', 'b']) await db.Row.delete({ id })
    expect(await db.Row.query.open({}, { withDeleted: true }).count()).toBe(indexes === 'keep' ? 1 : 0)
    for (const id of ['a', 'b']) await db.Row.restore({ id })
    expect((await db.Row.query.open({}).all()).map(({ id }) => id)).toEqual(['a'])
    expect(await inconsistenciesOf(db)).toEqual([])
  })
})

describe('a condition that cannot be kept', () => {
  const fields = {
    id: f.string(),
    state: f.enum('open', 'done'),
    tags: f.list(f.string()),
    place: f.map({ city: f.string() }),
    secret: f.string().transform({ encode: (it: string) => `${it}!`, decode: (it: string) => it.slice(0, -1) }),
    parentId: f.ref('Parent', { onDelete: 'restrict' }).optional(),
  }
  const Parent = model('Parent', { fields: { parentId: f.string() }, key: 'parentId' })
  const withWhen = (when: { readonly [name: string]: unknown }) =>
    model('Order', { fields, key: 'id', indexes: { open: { on: 'gsi1', pk: 'OPEN', when } } })

  it.each([
    [{}, 'indexes.open.when: is empty'],
    [{ stat: 'open' }, 'indexes.open.when.stat: "stat" is not a field of Order'],
    [{ __proto__: null, constructor: 'x' }, '"constructor" is not a field of Order'],
    [{ tags: { $contains: 'a' } }, 'when.tags: is a list; name fields that hold text, numbers, booleans or dates'],
    [{ 'place.city': 'Oslo' }, 'when.place.city: is inside place'],
    [{ secret: 'x' }, 'when.secret: has a transform'],
    [{ state: 'opne' }, 'when.state: is "opne", not one of open, done'],
    [{ state: { $in: ['open', 'x'] } }, 'is "x", not one of open, done'],
    [{ state: { $near: 1 } }, 'when.state.$near: is not'],
    [{ state: undefined }, 'when.state: is undefined'],
  ])('%j is refused: %s', async (when, message) => {
    const models = { Parent, Order: withWhen(when) }
    await expect(connect({ models, store: memory() })).rejects.toThrow(message)
  })

  it('counts of other rows are in no key, constraint or condition, since their transactions do not write them', async () => {
    const counted = { parentId: f.string(), orders: f.countOf('Order.parentId') }
    const definition = (part: object) => () =>
      (model as (name: string, definition: object) => AnyModel)('Parent', { fields: counted, key: 'parentId', ...part })
    const byCount = { on: 'gsi1', pk: 'ALL', sk: '{orders}' }
    expect(definition({ indexes: { byCount } })).toThrow('has {orders}, a count, which a key cannot hold')
    expect(definition({ unique: { orders: ['orders'] } })).toThrow('has orders, a count, which cannot be unique')
    const Counted = definition({ indexes: { some: { on: 'gsi1', pk: 'SOME', when: { orders: { $gt: 1 } } } } })()
    const connected = connect({ models: { Parent: Counted, Order: withWhen({ state: 'open' }) }, store: memory() })
    await expect(connected).rejects.toThrow('some.when.orders: is a count')
  })

  it('the key of the table has none', () => {
    const key = { pk: 'A#{id}', when: { state: 'open' } }
    expect(() => model('Order', { fields, key })).toThrow('key.when: is not supported here; use pk, sk')
  })

  it('what needs every row does not follow the index', async () => {
    const byParent = { on: 'gsi1', pk: '{parentId}', when: { state: 'open' } } as const
    const cascading = { ...fields, parentId: f.ref('Parent', { onDelete: 'cascade' }).optional() }
    const Order = model('Order', { fields: cascading, key: 'id', indexes: { byParent } })
    const cascade = connect({ models: { Parent, Order }, store: memory() })
    await expect(cascade).rejects.toThrow('is cascade, but no index finds the rows of Order by parentId')
    const { parentId: _, ...rest } = fields
    const Alone = model('Alone', {
      fields: rest,
      key: 'id',
      indexes: { open: { on: 'gsi1', pk: 'OPEN#{id}', when: { state: 'open' } } },
    })
    const Page = collection('Page', { pk: 'OPEN#{id}', on: 'gsi1', one: { alone: Alone } })
    const collected = connect({ models: { Alone }, collections: { Page }, store: memory() })
    await expect(collected).rejects.toThrow('list it under optional')
    const Raw = model('Raw', {
      fields: rest,
      key: 'id',
      encoding: 'raw',
      indexes: { byState: { on: 'byState', pk: '{state}', sk: '{id}', when: { state: 'open' } } },
    })
    const layout = { indexes: { byState: { pk: 'state', sk: 'id' } } }
    const raw = connect({ models: { Raw }, layout, store: memory() })
    await expect(raw).rejects.toThrow('cannot keep rows out of the index, because the keys of the index are fields')
  })
})
