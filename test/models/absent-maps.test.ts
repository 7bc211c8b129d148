/** Changes of parts of maps and records that the row does not have. */
import { add, append, connect, f, ifNotExists, model, removeFrom, unset } from 'partita'
import { beforeAll, beforeEach, expect, it } from 'vitest'
import { describeEachStore } from '../stores.js'
import { operations, type WatchedStore, watch } from './watched-store.js'

const fields = {
  id: f.string(),
  address: f
    .map({
      city: f.string().optional(),
      geo: f.map({ lat: f.number().optional(), lon: f.number().optional() }).optional(),
      tags: f.set(f.string()).optional(),
      lines: f.list(f.string()).optional(),
    })
    .optional(),
  prefs: f
    .map({ zoom: f.number().optional(), alert: f.map({ by: f.string(), at: f.number().optional() }).optional() })
    .default({ zoom: 1 }),
  counts: f.record(f.number()).optional(),
  days: f.record(f.map({ visits: f.counter(), note: f.string().optional() })).optional(),
  contact: f
    .map({
      email: f.string(),
      phone: f.string(),
      kind: f.string().default('home'),
      since: f.string().default(() => 'now'),
    })
    .optional(),
  short: f.record(f.string()).max(1).optional(),
  list: f.list(f.map({ name: f.string() })).optional(),
  data: f.json().optional(),
  version: f.version(),
}
const User = model('User', { fields, key: 'id' })
const Ruled = model('Ruled', { fields, key: 'id', softDelete: true })

describeEachStore('parts of absent maps', tested => {
  const open = (store = tested.store) => connect({ models: { User, Ruled }, store, table, createTable: true })
  let watched: WatchedStore
  let db: Awaited<ReturnType<typeof open>>
  let table: string
  let key = { id: '' }
  let rows = 0
  beforeAll(async () => {
    table = tested.tableName()
    watched = watch(tested.store)
    db = await open(watched.store)
  })
  beforeEach(async () => {
    key = { id: `u${++rows}` }
    await db.User.create(key)
    watched.calls = []
  })
  type Changes = Parameters<typeof db.User.update>[1]

  /** The row after an update: the same by a write alone, in a transaction, by a record, and of a model with rules. */
  async function updated(changes: Changes): Promise<object> {
    const { version, id, prefs, ...alone } = await db.User.update(key, changes)
    const other = { id: `${key.id} other` }
    await db.User.create(other)
    await db.Ruled.create(key)
    const inTransaction = await db.transaction(tx => tx.User.update(other, changes))
    expect({ ...inTransaction }).toEqual({ ...alone, id: other.id, prefs, version })
    await db.User.put(other)
    const record = await db.User.get(other, { consistent: true })
    expect({ ...(await record?.update(changes)) }).toMatchObject(alone)
    expect({ ...(await db.Ruled.update(key, changes)) }).toMatchObject(alone)
    expect({ ...(await db.User.get(key, { consistent: true })) }).toEqual({ ...alone, id, prefs, version })
    return alone
  }

  it('an update makes the map or record', async () => {
    expect(await updated({ 'address.city': 'Lyon', 'counts.monday': add(1) })).toEqual({
      address: { city: 'Lyon', tags: new Set() },
      counts: { monday: 1 },
    })
  })

  it('an update makes maps at any depth, and one map for several paths', async () => {
    const changes = {
      'address.geo.lat': 1,
      'address.geo.lon': 2,
      'address.tags': add('home'),
      'address.lines': append('1 Road'),
      'address.city': ifNotExists('Lyon'),
      'days.monday.visits': add(2),
      'data.a.b': [1],
    }
    expect(await updated(changes)).toEqual({
      address: { city: 'Lyon', geo: { lat: 1, lon: 2 }, tags: new Set(['home']), lines: ['1 Road'] },
      days: { monday: { visits: 2 } },
      data: { a: { b: [1] } },
    })
  })

  it('an update makes an entry of a record that is there, and keeps the others', async () => {
    await db.User.update(key, { days: { monday: { visits: 1, note: 'rain' } } })
    const { days } = await db.User.update(key, { 'days.tuesday.visits': add(1), 'days.monday.visits': add(1) })
    expect(days).toEqual({ monday: { visits: 2, note: 'rain' }, tuesday: { visits: 1 } })
  })

  it('a new map has the defaults of its members', async () => {
    expect(await updated({ 'contact.email': 'a@b.example', 'contact.phone': '1' })).toEqual({
      contact: { email: 'a@b.example', phone: '1', kind: 'home', since: 'now' },
    })
  })

  it('an update sends one write if the map is there, and a second one if it is not', async () => {
    await db.User.update(key, { 'address.city': 'Lyon' })
    expect(operations(watched)).toEqual(['write', 'write'])
    watched.calls = []
    await db.User.update(key, { 'address.city': 'Paris', 'address.geo': { lat: 1 } })
    expect(operations(watched)).toEqual(['write'])
  })

  it('a removal from an absent map changes nothing', async () => {
    const changes = {
      'address.city': unset(),
      'address.geo.lat': null,
      'address.tags': removeFrom('home'),
      'counts.monday': unset(),
      'list[0]': unset(),
    }
    expect(await updated(changes)).toEqual({})
    const { address } = await db.User.update(key, { 'address.city': unset(), 'address.geo.lat': 1 })
    expect(address).toEqual({ geo: { lat: 1 }, tags: new Set() })
  })

  it('an empty set makes the map, since it is not a removal', async () => {
    expect(await updated({ 'address.tags': new Set() })).toEqual({ address: { tags: new Set() } })
  })

  it('a map without its required members is refused, and the error names them', async () => {
    await expect(db.User.update(key, { 'contact.kind': 'work' })).rejects.toThrow(
      'contact: is absent, and the update would make it without email, phone; set these too, or the whole',
    )
    const inTransaction = db.transaction(tx => tx.User.update(key, { 'contact.email': 'a@b.example' }))
    await expect(inTransaction).rejects.toMatchObject({
      details: { issues: [{ path: ['contact'], message: expect.stringContaining('without phone') }] },
    })
    expect(await db.User.get(key, { consistent: true })).toMatchObject({ version: 1 })
  })

  it('a map without its required members is refused in an older row without the map around it', async () => {
    const Older = model('User', { fields: { id: f.string() }, key: 'id' })
    const older = await connect({ models: { User: Older }, store: tested.store, table })
    await older.User.put(key)
    await expect(db.User.update(key, { 'prefs.alert.at': 1 })).rejects.toThrow('prefs.alert: is absent')
    expect((await db.User.update(key, { 'prefs.alert.by': 'mail' })).prefs).toEqual({ zoom: 1, alert: { by: 'mail' } })
  })

  it('a new record that breaks the checks of its field is refused', async () => {
    await expect(db.User.update(key, { 'short.a': 'x', 'short.b': 'y' })).rejects.toThrow('short: has a length of 2')
    expect((await db.User.update(key, { 'short.a': 'x' })).short).toEqual({ a: 'x' })
  })

  it('an element of an absent list is refused', async () => {
    const refused = 'list: is not in the item, but the update changes a part of it; it must already be a list'
    await expect(db.User.update(key, { 'list[0].name': 'x' })).rejects.toThrow(refused)
    await expect(db.transaction(tx => tx.User.update(key, { 'list[0].name': 'x' }))).rejects.toThrow(refused)
  })

  it('an absent row and a condition that does not hold are refused', async () => {
    const changes = { 'address.city': 'Lyon' }
    await expect(db.User.update({ id: 'nobody' }, changes)).rejects.toMatchObject({ code: 'NotFound' })
    const options = { if: { version: 7 } }
    await expect(db.User.update(key, changes, options)).rejects.toMatchObject({ code: 'ConditionFailed' })
  })

  it('no change is lost of writers that all find the map absent', async () => {
    const writers = ['a', 'b', 'c', 'd', 'e', 'f'].map(async name => {
      const changes: Changes = { 'counts.all': add(1) }
      const own = Object.fromEntries([[`counts.${name}`, 1] as const, [`days.${name}.visits`, add(1)] as const])
      await db.User.update(key, Object.assign(changes, own))
    })
    await Promise.all(writers)
    const { counts, days } = (await db.User.get(key, { consistent: true })) ?? {}
    expect(counts).toEqual({ a: 1, all: 6, b: 1, c: 1, d: 1, e: 1, f: 1 })
    expect(Object.keys(days ?? {}).sort()).toEqual(['a', 'b', 'c', 'd', 'e', 'f'])
  })

  it('a map that another writer made in the meantime is kept', async () => {
    let writes = 0
    watched.before = async ({ operation }) => {
      if (operation !== 'write' || ++writes !== 2) return
      watched.before = undefined
      await db.User.update(key, { address: { city: 'Lyon', tags: new Set(['home']) } })
    }
    const { address } = await db.User.update(key, { 'address.geo.lat': 1 })
    expect(address).toEqual({ city: 'Lyon', tags: new Set(['home']), geo: { lat: 1 } })
  })
})
