/** `save()` writes the changes of the program, member by member, and keeps members that it does not know. */
import { add, append, connect, f, model, removeFrom } from 'partita'
import { beforeAll, expect, it } from 'vitest'
import { describeEachStore } from '../stores.js'

let nonce = 0
const secret = f.string().transform({
  encode: (text: string) => `${nonce++}|${text}`,
  decode: stored => stored.slice(stored.indexOf('|') + 1),
})
const fields = {
  id: f.string(),
  name: f.string(),
  secret,
  address: f.map({ city: f.string(), street: f.string(), visits: f.counter(), tags: f.set(f.string()) }),
  counts: f.record(f.number()).default({}),
  log: f.list(f.string()),
  items: f.list(f.map({ sku: f.string(), amount: f.number().default(1) })),
  extra: f.json().optional(),
}
const Older = model('Order', { fields, key: 'id' })
const Newer = model('Order', {
  fields: {
    ...fields,
    address: f.map({
      city: f.string(),
      street: f.string(),
      visits: f.counter(),
      tags: f.set(f.string()),
      note: f.string().optional(),
    }),
    items: f.list(f.map({ sku: f.string(), amount: f.number().default(1), note: f.string().optional() })),
  },
  key: 'id',
})

describeEachStore('save()', tested => {
  const open = () => connect({ models: { Order: Older }, store: tested.store, table, createTable: true })
  const openNewer = () => connect({ models: { Order: Newer }, store: tested.store, table })
  let db: Awaited<ReturnType<typeof open>>
  let newer: Awaited<ReturnType<typeof openNewer>>
  let table: string
  let rows = 0
  beforeAll(async () => {
    table = tested.tableName()
    db = await open()
    newer = await openNewer()
  })

  async function two() {
    const id = `o${++rows}`
    const address = { city: 'x', street: 'x', tags: [], note: 'ring twice' }
    const items = [
      { sku: 'a', note: 'gift' },
      { sku: 'b', note: 'fragile' },
      { sku: 'c', note: 'heavy' },
    ]
    await newer.Order.create({ id, name: 'n', secret: 's', address, log: ['0'], items, extra: { a: { b: 1 }, c: 1 } })
    const [one, other] = await Promise.all([db.Order.get({ id }), db.Order.get({ id })])
    if (!one || !other) throw new Error('The row was just written')
    return { id, one, other, now: async () => (await newer.Order.get({ id }, { consistent: true }))! }
  }

  it('changes of two records to one map, record or JSON field are merged, at any depth', async () => {
    const { one, other, now } = await two()
    one.address.city = 'Lyon'
    one.address.visits += 2
    one.address.tags.add('p')
    one.counts.a = 1
    one.extra = { a: { b: 1, d: 2 }, c: 1 }
    other.address.street = 'Rue'
    other.address.visits += 3
    other.address.tags.add('q')
    other.counts.b = 2
    other.extra = { a: { b: 1 } }
    await one.save()
    await other.save()
    const { address, counts, extra } = await now()
    expect(address).toEqual({ city: 'Lyon', street: 'Rue', visits: 5, tags: new Set('pq'), note: 'ring twice' })
    expect([counts, extra]).toEqual([{ a: 1, b: 2 }, { a: { b: 1, d: 2 } }])
    expect(other.address.city).toBe('Lyon')
  })

  it('a field that the program did not change is not written, whatever its stored form', async () => {
    const { id, one, now } = await two()
    await newer.Order.update({ id }, { secret: 'another', 'address.note': 'ring once', items: append({ sku: 'd' }) })
    one.name = 'm'
    await one.save()
    const after = await now()
    expect([after.name, after.secret, after.address.note, after.items.length]).toEqual(['m', 'another', 'ring once', 4])
  })

  it('unknown members of list elements are kept if the list is written', async () => {
    const { one, now } = await two()
    one.items.shift()
    one.items.reverse()
    const [first] = one.items
    if (first) first.amount = 7
    await one.save()
    expect((await now()).items).toEqual([
      { sku: 'c', amount: 7, note: 'heavy' },
      { sku: 'b', amount: 1, note: 'fragile' },
    ])
  })

  it('unknown members are kept if an element is moved and all of its known members change', async () => {
    const { one, now } = await two()
    const [, second, third] = one.items
    if (!second || !third) throw new Error('The row has three items')
    Object.assign(third, { sku: 'z', amount: 9 })
    Object.assign(second, { sku: 'y', amount: 8 })
    one.items = [third, second]
    await one.save()
    expect((await now()).items).toEqual([
      { sku: 'z', amount: 9, note: 'heavy' },
      { sku: 'y', amount: 8, note: 'fragile' },
    ])
  })

  it('sets in lists and records are kept if they are or become empty', async () => {
    const Group = model('Group', {
      fields: { id: f.string(), teams: f.list(f.set(f.string())), roles: f.record(f.set(f.string())) },
      key: 'id',
    })
    const groups = await connect({ models: { Group }, store: tested.store, table })
    const id = 'g'
    const stored = async () => ({ ...(await groups.Group.get({ id }, { consistent: true })) })
    await groups.Group.create({ id, teams: [[], ['a']], roles: { ann: [], bob: ['x'] } })
    expect(await stored()).toEqual({
      id,
      teams: [new Set(), new Set(['a'])],
      roles: { ann: new Set(), bob: new Set('x') },
    })
    const found = await groups.Group.update({ id }, { 'roles.ann': add('y'), 'roles.bob': removeFrom('x') })
    found.teams[1]?.clear()
    await found.save()
    expect(await stored()).toEqual({ id, teams: [new Set(), new Set()], roles: { ann: new Set('y'), bob: new Set() } })
    found.roles.ann?.clear()
    found.roles.bob?.add('z')
    delete found.roles.bob
    found.roles.cy = new Set()
    await found.save()
    await groups.Group.update({ id }, { 'teams[0]': ['b'], 'teams[1]': [] })
    expect(await stored()).toEqual({ id, teams: [new Set('b'), new Set()], roles: { ann: new Set(), cy: new Set() } })
  })

  it('entries of a record are removed even if their kind has a default', async () => {
    const fields = { id: f.string(), votes: f.record(f.counter()), notes: f.record(f.string().default('none')) }
    const Poll = model('Poll', { fields, key: 'id' })
    const polls = await connect({ models: { Poll }, store: tested.store, table })
    const poll = await polls.Poll.create({ id: 'p', votes: { a: 3, b: 1 }, notes: { a: 'x', b: 'y' } })
    delete poll.votes.a
    delete poll.notes.a
    await poll.save()
    expect({ ...(await polls.Poll.get({ id: 'p' }, { consistent: true })) }).toEqual({
      id: 'p',
      votes: { b: 1 },
      notes: { b: 'y' },
    })
  })

  it('appends of two records are merged, and a change of positions in a changed list is refused', async () => {
    const { one, other, now } = await two()
    one.log.push('1')
    other.log.push('2')
    await one.save()
    await other.save()
    expect((await now()).log).toEqual(['0', '1', '2'])
    await one.reload()
    await other.reload()
    one.log.push('3')
    await one.save()
    other.log[0] = 'zero'
    await expect(other.save()).rejects.toMatchObject({ code: 'Conflict' })
    expect((await now()).log).toEqual(['0', '1', '2', '3'])
  })

  it('a write into a map that is gone is refused, and changes during a save are kept', async () => {
    const { id, one, other } = await two()
    one.extra = { a: { b: 2 }, c: 1 }
    await db.Order.update({ id }, { extra: null })
    await expect(one.save()).rejects.toMatchObject({ code: 'Conflict' })
    other.address.city = 'Lyon'
    const saving = other.save()
    other.address.street = 'Rue'
    await newer.Order.update({ id }, { 'address.note': 'x' })
    await saving
    await other.save()
    expect((await db.Order.get({ id }, { consistent: true }))?.address).toMatchObject({ city: 'Lyon', street: 'Rue' })
  })

  it('a record with more changed entries than one update can hold is saved', async () => {
    const { one, other, now } = await two()
    for (let i = 0; i < 400; i++) one.counts[`entry number ${i}`] = i
    other.counts.other = 1
    await other.save()
    await one.save()
    const { counts } = await now()
    expect([Object.keys(counts).length, counts.other, counts['entry number 399']]).toEqual([401, 1, 399])
  })

  it('records of a transaction are saved in the same way', async () => {
    const { id, other, now } = await two()
    await db.transaction(async tx => {
      const row = await tx.Order.get({ id })
      if (!row) throw new Error('The row was just written')
      row.address.city = 'Lyon'
      row.items[1]!.amount = 3
      row.log.push('1')
      await row.save()
    })
    other.address.street = 'Rue'
    await other.save()
    const { address, items, log } = await now()
    expect([address.city, address.street, address.note, log]).toEqual(['Lyon', 'Rue', 'ring twice', ['0', '1']])
    expect(items[1]).toEqual({ sku: 'b', amount: 3, note: 'fragile' })
  })

  it('counters stay within the safe integers at both ends', async () => {
    const { id, now } = await two()
    await db.Order.update({ id }, { 'address.visits': add(Number.MIN_SAFE_INTEGER) })
    const below = db.Order.update({ id }, { 'address.visits': add(-1) })
    await expect(below).rejects.toMatchObject({ details: { issues: [{ path: ['address', 'visits'] }] } })
    await db.Order.update({ id }, { 'address.visits': add(1) })
    expect((await now()).address.visits).toBe(Number.MIN_SAFE_INTEGER + 1)
    const inTransaction = db.transaction(tx => tx.Order.update({ id }, { 'address.visits': add(-2) }))
    await expect(inTransaction).rejects.toMatchObject({ code: 'ValidationFailed' })
  })

  it('a save with a condition writes only if the stored row meets it', async () => {
    const { one, other } = await two()
    other.name = 'y'
    await other.save()
    one.log.push('1')
    await expect(one.save({ if: { name: 'x' } })).rejects.toMatchObject({ code: 'ConditionFailed' })
    expect((await db.Order.get({ id: one.id }))?.log).toEqual(['0'])
    await one.save({ if: { name: 'y', log: { $size: 1 } } })
    expect((await db.Order.get({ id: one.id }))?.log).toEqual(['0', '1'])
    await expect(one.save({ if: { nothing: 1 } } as object)).rejects.toMatchObject({ code: 'ValidationFailed' })
  })
})
