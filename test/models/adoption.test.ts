/** A table that another program created and filled: other attribute names, unescaped keys, rows without type names. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import {
  type AnyModel,
  add,
  collection,
  connect,
  f,
  type Item,
  many,
  model,
  one,
} from '../../packages/partita/src/index.js'
import { consistency } from '../../packages/partita/src/testing/index.js'
import { describeEachStore, describeEachStoreAndMongo } from '../stores.js'

const User = model('User', {
  fields: {
    email: f.string(),
    name: f.string().attribute('full_name'),
    city: f.string().optional(),
    visits: f.integer().default(0),
  },
  key: { pk: 'user/{email}', sk: 'user' },
  indexes: { byCity: { on: 'city-name', pk: '{city}', sk: '{name}' } },
  relations: { orders: many('Order', 'key') },
  type: null,
  encoding: 'raw',
  iterable: false,
})
const Order = model('Order', {
  fields: { email: f.string(), number: f.integer(), total: f.decimal(), until: f.ttl().optional() },
  key: { pk: 'user/{email}', sk: 'order/{number}' },
  relations: { user: one('User', 'email') },
  type: 'order',
  encoding: 'raw',
  iterable: false,
})
const layout = {
  pk: 'id',
  sk: 'rng',
  type: 'typ',
  revision: 'rev',
  ttl: 'expires',
  indexes: { 'city-name': { pk: 'city', sk: 'full_name' } },
}

describeEachStore('adoption of an existing table', tested => {
  let table = ''
  const open = () => connect({ models: { User, Order }, store: tested.store, table, layout })
  let db: Awaited<ReturnType<typeof open>>

  beforeAll(async () => {
    table = await tested.table({
      key: { partition: { name: 'id', type: 'S' }, sort: { name: 'rng', type: 'S' } },
      globalIndexes: {
        'city-name': { partition: { name: 'city', type: 'S' }, sort: { name: 'full_name', type: 'S' } },
      },
      timeToLive: 'expires',
    })
    const rows: Item[] = [
      { id: 'user/ada', rng: 'user', email: 'ada', full_name: 'Ada', city: 'Lyon' },
      { id: 'user/ada', rng: 'order/7', typ: 'order', email: 'ada', number: 7, total: 12.5 },
      { id: 'user/ada', rng: 'note/1', text: 'of something else' },
      { id: 'user/bob', rng: 'user', email: 'bob', full_name: 'Bob', city: 'Lyon', visits: 3 },
    ]
    await tested.store.batchWrite({ writes: rows.map(item => ({ kind: 'put', table, item })) })
    db = await open()
  })
  afterAll(() => db.close())

  const stored = async (id: string, rng: string) =>
    (await tested.store.get({ table, key: { id, rng }, consistent: true })).item

  it('rows of an adopted table are read by key, index and relation', async () => {
    const ada = await db.User.get({ email: 'ada' })
    expect(ada).toEqual({ email: 'ada', name: 'Ada', city: 'Lyon', visits: 0 })
    const { byCity } = db.User.query
    expect((await byCity({ city: 'Lyon' }).all()).map(it => it.name)).toEqual(['Ada', 'Bob'])
    expect(await byCity({ city: 'Lyon', name: { $gt: 'Ada' } }).count()).toBe(1)
    expect((await ada?.orders().all())?.map(it => it.total.toString())).toEqual(['12.5'])
    expect(await db.Order.query.key({ email: 'ada' }).count()).toBe(1)
    expect(db.decodeKey('user/ada', 'order/7')).toMatchObject({ model: 'Order', fields: { email: 'ada', number: 7 } })
  })

  it('rows are written in their existing form, with an added revision', async () => {
    const bob = await db.User.update({ email: 'bob' }, { visits: add(1), city: 'Oslo' })
    expect(bob.visits).toBe(4)
    bob.city = undefined
    await bob.save()
    const item = await stored('user/bob', 'user')
    expect(item).toEqual({
      id: 'user/bob',
      rng: 'user',
      email: 'bob',
      full_name: 'Bob',
      visits: 4,
      rev: expect.any(String),
    })
    await db.User.create({ email: 'eve', name: 'Eve', city: 'Lyon' })
    expect(await stored('user/eve', 'user')).toEqual({
      id: 'user/eve',
      rng: 'user',
      email: 'eve',
      full_name: 'Eve',
      city: 'Lyon',
      visits: 0,
      rev: expect.any(String),
    })
    await expect(db.User.create({ email: 'eve', name: 'Eve' })).rejects.toMatchObject({ code: 'AlreadyExists' })
    await db.transaction(async tx => {
      const ada = await tx.User.get({ email: 'ada' })
      await tx.Order.create({ email: 'ada', number: 8, total: '0.1' })
      await ada?.update({ visits: add(1) })
    })
    expect(await stored('user/ada', 'order/8')).toMatchObject({ typ: 'order', total: 0.1 })
  })

  it.each(['update', 'save', 'put'] as const)(
    'attributes outside the fields that another program wrote during a transaction are kept: %s',
    async how => {
      const row = { id: `user/${how}`, rng: 'user', email: how, full_name: 'Eve', city: 'Rome' }
      const put = (item: Item) => tested.store.write({ kind: 'put', table, item })
      await put({ ...row, theirs: 'before', gone: true })
      await db.transaction(async tx => {
        const eve = await tx.User.get({ email: how })
        await put({ ...row, theirs: 'after', fresh: [1] })
        if (how === 'update') await tx.User.update({ email: how }, { city: 'Oslo', visits: 5 })
        if (how === 'put') await tx.User.put({ email: how, name: 'Eve', city: 'Oslo', visits: 5 })
        if (how === 'save' && eve) await Object.assign(eve, { city: 'Oslo', visits: 5 }).save()
      })
      const others = how === 'put' ? {} : { theirs: 'after' }
      const ours = { ...row, city: 'Oslo', visits: 5, rev: expect.any(String) }
      expect(await stored(row.id, 'user')).toEqual({ ...ours, ...others, fresh: [1] })
      await db.User.delete({ email: how })
    },
  )

  it('values that could be mistaken for another key are refused, as are tenants if a key is a field', async () => {
    const invalid = { code: 'ValidationFailed' }
    // The keys of tenants begin with `T#`. A value may contain `/` only at the end of a key.
    await expect(db.scope({ tenant: 't' }).User.get({ email: 'ada' })).rejects.toMatchObject(invalid)
    const Pair = model('Pair', {
      fields: { left: f.string(), right: f.string() },
      key: { pk: '{left}/{right}', sk: 'pair' },
      encoding: 'raw',
      iterable: false,
    })
    const pairs = await connect({ models: { Pair }, store: tested.store, table, layout })
    await pairs.Pair.create({ left: 'a', right: 'b/c' })
    await expect(pairs.Pair.create({ left: 'a/b', right: 'c' })).rejects.toMatchObject(invalid)
    await expect(pairs.Pair.create({ left: 'T#x#', right: 'c' })).rejects.toMatchObject(invalid)
    expect(await pairs.Pair.get({ left: 'a', right: 'b/c' })).toEqual({ left: 'a', right: 'b/c' })
    expect(() =>
      model('Twice', { fields: { a: f.string(), b: f.string() }, key: { pk: '{a}{b}' }, encoding: 'raw' }),
    ).toThrow(/nothing between/)
  })
})

const Member = model('Member', {
  fields: {
    id: f.string(),
    email: f.string(),
    team: f.string().optional(),
    teamId: f.ref('Team', { onDelete: 'restrict' }).optional(),
    visits: f.counter(),
    version: f.version(),
  },
  key: 'id',
  unique: { email: ['email'] },
  indexes: { byTeam: { on: 'gsi1', pk: 'TEAM#{team}', sk: '{id}' } },
  relations: { of: one('Team', 'teamId') },
})
const Team = model('Team', {
  fields: { teamId: f.string(), name: f.string(), state: f.enum('open', 'shut').default('open') },
  key: { pk: 'TEAM#{teamId}' },
  softDelete: true,
  rules: { permissions: 'http', locks: ['name'] },
})

const Session = model('Session', {
  fields: { token: f.string(), until: f.ttl() },
  key: 'token',
  iterable: { buckets: 12 },
})

describeEachStoreAndMongo('models on a table that has a partition key only', tested => {
  const models = { Member, Team, Session }
  const layout = { pk: 'id_' }
  let table = ''
  const open = () => connect({ models, store: tested.store, table, layout, createTable: true })
  let db: Awaited<ReturnType<typeof open>>
  beforeAll(async () => {
    table = tested.tableName()
    db = await open()
  })
  afterAll(() => db.close())

  const stored = async (id_: string) => (await tested.store.get({ table, key: { id_ }, consistent: true })).item

  it('the table is created without a sort key, and rows have none', async () => {
    expect((await tested.store.describeTable(table))?.key).toEqual({ partition: { name: 'id_', type: 'S' } })
    await db.Team.create({ teamId: 't', name: 'One' })
    await db.Member.create({ id: 'a', email: 'a@x', team: 'red', teamId: 't' })
    expect(await stored('Member#a')).toMatchObject({ id: 'a', visits: 0, gsi1pk: 'TEAM#red', gsi1sk: 'a' })
    expect(await stored('Member#a')).not.toHaveProperty('sk')
    expect(db.decodeKey('Member#a')).toEqual({ model: 'Member', tenant: undefined, fields: { id: 'a' } })
    expect(() => db.decodeKey('Member#a', 'Member')).toThrow('is not the key of a connected model')
    await expect(db.Member.create({ id: 'a', email: 'b@x' })).rejects.toMatchObject({ code: 'AlreadyExists' })
  })

  it('rows are read and changed as on other tables', async () => {
    const [a, none] = await db.Member.getMany([{ id: 'a' }, { id: 'none' }])
    expect([a?.email, none]).toEqual(['a@x', undefined])
    expect((await db.Member.findBy({ email: 'a@x' }))?.id).toBe('a')
    expect((await a?.of())?.name).toBe('One')
    await db.Member.update({ id: 'a' }, { visits: add(2), team: 'blue', email: 'c@x' })
    expect(await db.Member.findBy({ email: 'a@x' })).toBeUndefined()
    await expect(db.Member.create({ id: 'b', email: 'c@x' })).rejects.toMatchObject({ code: 'UniqueViolation' })
    expect((await db.Member.query.byTeam({ team: 'blue' }).all()).map(({ visits }) => visits)).toEqual([2])
    expect(await db.Member.query.key({ id: 'a' }).count()).toBe(1)
    await expect(db.Team.delete({ teamId: 't' })).rejects.toMatchObject({ code: 'RuleViolated' })
    await expect(db.Team.update({ teamId: 't' }, { name: 'Two' })).rejects.toMatchObject({ code: 'RuleViolated' })
    await db.Session.create({ token: 's', until: new Date(Date.now() - 5000) })
    expect(await db.Session.get({ token: 's' })).toBeUndefined()
    expect((await consistency(db as never)).inconsistencies).toEqual([])
  })

  it('many rows are written in a batch, listed page by page from a cursor, and indexed again', async () => {
    await db.batch(batch => {
      for (let n = 0; n < 30; n++) batch.Session.put({ token: `t${n}`, until: new Date(Date.now() + 1e6) })
    })
    const found = new Set<string>()
    let cursor: string | undefined
    do {
      const batches = db.Session.iterate({ batchSize: 2, after: cursor }).batches()
      const { value } = await batches[Symbol.asyncIterator]().next()
      for (const { token } of value?.items ?? []) found.add(token)
      cursor = value?.cursor
    } while (cursor !== undefined)
    expect(found.size).toBe(30)
    for (let n = 0; n < 5; n++) await db.Member.create({ id: `p${n}`, email: `p${n}@x`, team: 'many' })
    const first = await db.Member.query.byTeam({ team: 'many' }, { limit: 2 }).page()
    const second = await db.Member.query.byTeam({ team: 'many' }, { after: first.cursor }).page()
    expect([...first.items, ...second.items].map(({ id }) => id)).toEqual(['p0', 'p1', 'p2', 'p3', 'p4'])
    const again = await connect({ models, store: tested.store, table, layout, strict: true })
    expect(await again.Member.query.byTeam({ team: 'many' }).count()).toBe(5)
    await again.close()
    expect((await db.Member.reindex()).counts).toMatchObject({ written: 0 })
    expect((await db.Session.reindex()).counts).toMatchObject({ written: 0 })
  })

  it('transactions, also repeated ones, and tenants see their own rows', async () => {
    const write = () =>
      db.transaction(
        async tx => {
          const row = await tx.Member.get({ id: 'p0' })
          await row?.update({ visits: add(1) })
          await tx.Member.create({ id: 'q', email: 'q@x', team: 'many' })
          expect((await tx.Member.query.byTeam({ team: 'many' }).all()).length).toBe(6)
        },
        { token: `once-${table}` },
      )
    await write()
    await write()
    expect((await db.Member.get({ id: 'p0' }, { consistent: true }))?.visits).toBe(1)
    const acme = db.scope({ tenant: 'acme' })
    await acme.Member.create({ id: 'p0', email: 'p0@x', team: 'many' })
    expect(await acme.Member.query.byTeam({ team: 'many' }).count()).toBe(1)
    expect((await acme.Member.findBy({ email: 'p0@x' }))?.visits).toBe(0)
    await Promise.all([1, 2, 3].map(() => acme.Member.update({ id: 'p0' }, { visits: add(1) })))
    expect((await acme.Member.get({ id: 'p0' }, { consistent: true }))?.visits).toBe(3)
    expect((await consistency(db as never)).inconsistencies).toEqual([])
  })

  it('an existing table keeps the form of its rows', async () => {
    const theirs = await tested.table({ key: { partition: { name: 'id', type: 'S' } } })
    await tested.store.write({ kind: 'put', table: theirs, item: { id: 'a', name: 'Ada', more: 1 } })
    const Theirs = model('Theirs', {
      fields: { id: f.string(), name: f.string() },
      key: { pk: '{id}' },
      encoding: 'raw',
      type: null,
      iterable: false,
    })
    const adopted = await connect({ models: { Theirs }, store: tested.store, table: theirs, layout: { pk: 'id' } })
    expect(await adopted.Theirs.get({ id: 'a' })).toEqual({ id: 'a', name: 'Ada' })
    await adopted.Theirs.update({ id: 'a' }, { name: 'Eve' })
    const { item } = await tested.store.get({ table: theirs, key: { id: 'a' }, consistent: true })
    expect(item).toEqual({ id: 'a', name: 'Eve', more: 1, _rev: expect.any(String) })
    await adopted.close()
  })

  it("the library's own items are no rows of a model whose partition key is a field alone", async () => {
    const theirs = await tested.table({ key: { partition: { name: 'id', type: 'S' } } })
    const Theirs = model('Theirs', {
      fields: { id: f.string(), name: f.string().optional() },
      key: { pk: '{id}' },
      unique: { name: ['name'] },
      encoding: 'raw',
      type: null,
      iterable: false,
    })
    const adopted = await connect({ models: { Theirs }, store: tested.store, table: theirs, layout: { pk: 'id' } })
    await adopted.Theirs.create({ id: 'a', name: 'Ada' })
    // Besides the row there are its unique marker, the record of parts and the progress of reindex.
    expect((await adopted.Theirs.reindex()).counts).toMatchObject({ rows: 1, unreadable: 0 })
    expect(adopted.decodeKey('a')).toMatchObject({ model: 'Theirs', fields: { id: 'a' } })
    const unknown = '"UNIQUE#Theirs#name#Ada" is not the key of a connected model; pass the sort key too'
    expect(() => adopted.decodeKey('UNIQUE#Theirs#name#Ada')).toThrow(unknown)
    expect((await consistency(adopted as never)).inconsistencies).toEqual([])
    await adopted.close()
  })

  it('a table without a sort key is told from one that has one', async () => {
    const theirs = await tested.table({ key: { partition: { name: 'id', type: 'S' } } })
    const Theirs = model('Theirs', { fields: { id: f.string() }, key: { pk: 'THEIRS#{id}' } })
    const other = connect({ models: { Theirs }, store: tested.store, table: theirs, createTable: true })
    await expect(other).rejects.toThrow('its key is id (S) and not pk (S) sk (S)')
  })

  it('what needs a sort key is refused with the words that name it', async () => {
    const refused = async (part: object, more: object = {}) => {
      const definition = { fields: { id: f.string(), n: f.integer() }, key: { pk: 'X#{id}' }, ...part }
      const X = (model as (name: string, definition: object) => AnyModel)('X', definition)
      await expect(connect({ models: { X }, store: tested.store, table, layout, ...more })).rejects.toThrow(
        'needs a sort key, and the layout names none; add sk to the layout if the table has one',
      )
    }
    await refused({ key: { pk: 'X#{id}', sk: '{n}' } })
    await refused({ rules: { permissions: 'http', audit: true } })
    const X = model('X', { fields: { id: f.string() }, key: { pk: 'X#{id}' } })
    const All = collection('All', { pk: 'X#{id}', many: { all: X } })
    await refused({}, { collections: { All } })
    const Y = model('Y', { fields: { id: f.string() }, key: { pk: 'X#{id}' } })
    const both = connect({ models: { X, Y }, store: tested.store, table, layout })
    await expect(both).rejects.toThrow('could equal a key of X')
  })
})
