/** A table that another program created and filled: other attribute names, unescaped keys, rows without type names. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { add, connect, f, type Item, many, model, one } from '../../packages/partita/src/index.js'
import { describeEachStore } from '../stores.js'

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
