/** Features that users of other libraries request again and again, with the threads in which they do. */
import { add, connect, type Database, f, type Item, model, unset } from 'partita'
import { beforeAll, expect, it } from 'vitest'
import { describeEachStore } from '../stores.js'
import { everyItem, faultsOf } from './consistency.js'
import { operations, type WatchedStore, watch } from './watched-store.js'

const Account = model('Account', {
  fields: {
    id: f.string(),
    name: f.string().default('account'),
    email: f.email().optional(),
    org: f.string().optional(),
    handle: f.string().optional(),
    state: f.enum('open', 'closed').optional(),
    city: f.string().optional(),
    rank: f.integer().optional(),
    logins: f.counter(),
    until: f.ttl().optional(),
  },
  key: { pk: 'ACCOUNT#{id}' },
  unique: { email: ['email'], handle: ['org', 'handle'] },
  indexes: {
    byPlace: { on: 'gsi1', pk: 'STATE#{state}', sk: '{city}#{rank}' },
    byOrg: { on: 'gsi2', pk: 'ORG#{org}', sk: '{id}' },
  },
})
/** Its rows are in the partitions of another model, between the rows of that model. */
const Invoice = model('Invoice', {
  fields: { id: f.string(), org: f.string(), total: f.integer() },
  key: { pk: 'INVOICE#{id}' },
  indexes: { byOrg: { on: 'gsi2', pk: 'ORG#{org}', sk: '{id}' } },
})
const Ledger = model('Ledger', {
  fields: { id: f.string(), revision: f.bigint().default(0n), note: f.string().default('') },
  key: 'id',
})

const models = { Account, Invoice, Ledger }

describeEachStore('frequent requests of users', tested => {
  let seen: WatchedStore
  let table: string
  let now = Math.floor(Date.now() / 1000) * 1000
  let db: Database<typeof models>
  let ids = 0

  beforeAll(async () => {
    seen = watch(tested.store)
    table = tested.tableName()
    db = await connect({ models, store: seen.store, table, createTable: true, clock: () => now })
  })

  const fresh = () => `a${++ids}`
  const taken = (constraint: string) =>
    expect.objectContaining({ code: 'UniqueViolation', details: expect.objectContaining({ constraint }) })
  async function stored(id: string): Promise<Item> {
    const { item } = await tested.store.get({ table, key: { pk: `ACCOUNT#${id}`, sk: 'Account' }, consistent: true })
    return item ?? {}
  }
  const markersOf = async (id: string) =>
    (await everyItem({ store: tested.store, table })).filter(
      it => (it.owner as Item | undefined)?.pk === `ACCOUNT#${id}`,
    )

  // 1: unique constraints that stay consistent

  it('an update of a row with unique fields needs no read [onetable#129]', async () => {
    const row = await db.Account.create({ id: fresh(), email: 'one29@example.com' })
    seen.calls = []
    row.email = 'other29@example.com'
    await row.save()
    expect(operations(seen)).toEqual(['transactWrite'])
    seen.calls = []
    await db.Account.update({ id: row.id }, { name: 'x', logins: add(1) })
    expect(operations(seen)).toEqual(['write'])
  })

  it('put() writes a row whether or not it exists, with its unique values [onetable#323]', async () => {
    const id = fresh()
    for (const email of ['first323@example.com', 'second323@example.com', 'second323@example.com']) {
      await db.Account.put({ id, email })
      expect(await db.Account.findBy({ email })).toMatchObject({ id })
      expect(await markersOf(id)).toHaveLength(1)
    }
  })

  it('a value is unique within another field, and a refused row leaves nothing behind [onetable#528]', async () => {
    const [id, other] = [fresh(), fresh()]
    await db.Account.create({ id, org: 'x', handle: 'ada' })
    await db.Account.create({ id: fresh(), org: 'y', handle: 'ada' })
    const refused = db.Account.create({ id: other, org: 'x', handle: 'ada', email: 'five28@example.com' })
    await expect(refused).rejects.toEqual(taken('handle'))
    expect(await stored(other)).toEqual({})
    expect(await markersOf(other)).toEqual([])
    await db.Account.create({ id: other, org: 'x', handle: 'bob', email: 'five28@example.com' })
    await expect(db.Account.update({ id: other }, { handle: 'ada' })).rejects.toEqual(taken('handle'))
    expect(await db.Account.findBy({ org: 'x', handle: 'bob' })).toMatchObject({ id: other })
  })

  it('updates in a transaction return complete rows [onetable#245]', async () => {
    const id = fresh()
    const made = await db.Account.create({ id, org: 'z', state: 'open' })
    const changed = await db.transaction(async tx => {
      await expect(tx.Account.create({ id: fresh(), email: 'a' })).rejects.toMatchObject({ code: 'ValidationFailed' })
      return await tx.Account.update({ id }, { email: 'two45@example.com', logins: add(2) })
    })
    const expected = { ...made, email: 'two45@example.com', logins: 2 }
    expect({ ...changed }).toEqual(expected)
    expect({ ...(await db.Account.get({ id })) }).toEqual(expected)
    const violated = db.transaction(
      async tx => void (await tx.Account.create({ id: fresh(), email: 'two45@example.com' })),
    )
    await expect(violated).rejects.toEqual(taken('email'))
  })

  it('a transaction moves a unique value from one row to another', async () => {
    const [from, to] = [fresh(), fresh()]
    await db.Account.create({ id: from, email: 'handed@example.com' })
    await db.transaction(async tx => {
      await tx.Account.update({ id: from }, { email: 'left@example.com' })
      await tx.Account.create({ id: to, email: 'handed@example.com' })
      expect(await tx.Account.findBy({ email: 'handed@example.com' })).toMatchObject({ id: to })
    })
    expect(await db.Account.findBy({ email: 'handed@example.com' })).toMatchObject({ id: to })
    expect(await db.Account.findBy({ email: 'left@example.com' })).toMatchObject({ id: from })
    await db.transaction(async tx => {
      await tx.Account.delete({ id: to })
      await tx.Account.update({ id: from }, { email: 'handed@example.com' })
    })
    expect(await db.Account.findBy({ email: 'left@example.com' })).toBe(undefined)
  })

  it('a row without a unique value can be cleared, changed and deleted [onetable#317]', async () => {
    const id = fresh()
    const row = await db.Account.create({ id })
    await db.Account.update({ id }, { email: null, org: unset() })
    await db.Account.update({ id }, { email: 'three17@example.com' })
    await db.Account.update({ id }, { email: null })
    await db.Account.update({ id }, { email: null })
    expect(await markersOf(id)).toEqual([])
    await row.delete()
    await db.Account.create({ id: fresh(), email: 'three17@example.com' })
  })

  it('a transaction sends its writes only at its end [onetable#134]', async () => {
    const id = fresh()
    await db.transaction(async tx => {
      seen.calls = []
      await tx.Account.create({ id, email: 'one34@example.com' })
      await tx.Account.update({ id }, { name: 'x' })
      expect(operations(seen).filter(it => it !== 'get')).toEqual([])
      expect(await stored(id)).toEqual({})
    })
    expect(operations(seen).filter(it => it === 'transactWrite')).toHaveLength(1)
    expect(await stored(id)).toMatchObject({ name: 'x' })
  })

  it('undefined is never written into a key [onetable PR #104]', async () => {
    const id = fresh()
    await db.Account.create({ id, org: undefined, handle: 'x', state: 'open', city: undefined })
    expect(JSON.stringify([await stored(id), await markersOf(id)])).not.toMatch(/undefined|null/)
    expect(await markersOf(id)).toEqual([])
  })

  // 2, 3: index keys of partial updates, and the rows of an index

  it('a composite index key follows every change of its fields [onetable#301, toolbox#1138, electrodb#286]', async () => {
    const id = fresh()
    const row = await db.Account.create({ id, state: 'open', city: 'Lyon', rank: 1 })
    const placed = async (state: 'open' | 'closed', city: string, rank: number) => {
      const found = await db.Account.query.byPlace({ state, city, rank }).all()
      expect(found.filter(it => it.id === id)).toHaveLength(1)
      expect(await faultsOf({ store: tested.store, table, models, now })).toEqual([])
    }
    await db.Account.update({ id }, { city: 'Oslo' })
    await placed('open', 'Oslo', 1)
    await db.Account.update({ id }, { rank: add(4) })
    await placed('open', 'Oslo', 5)
    // From a record with stale values of the other fields.
    row.state = 'closed'
    await row.save()
    await placed('closed', 'Oslo', 5)
    await Promise.all([
      db.Account.update({ id }, { state: 'open' }),
      db.Account.update({ id }, { city: 'Rome' }),
      db.Account.update({ id }, { rank: 9 }),
    ])
    await placed('open', 'Rome', 9)
    await db.transaction(async tx => {
      await tx.Account.update({ id }, { city: 'Bern' })
      await tx.Account.update({ id }, { rank: add(1) })
    })
    await placed('open', 'Bern', 10)
  })

  it('rows enter and leave an index as their fields are set and cleared [electrodb#366, #479, #481, #538]', async () => {
    const id = fresh()
    const isListed = async () => (await stored(id)).gsi1pk !== undefined
    await db.Account.create({ id, state: 'open', city: 'Lyon' })
    expect(await isListed()).toBe(false)
    await db.Account.update({ id }, { rank: 1 })
    expect(await isListed()).toBe(true)
    const failing = db.Account.update({ id }, { state: null }, { if: { name: 'other' } })
    await expect(failing).rejects.toMatchObject({ code: 'ConditionFailed' })
    expect(await isListed()).toBe(true)
    await db.Account.update({ id }, { state: null, city: 'Oslo' })
    expect([await isListed(), (await stored(id)).gsi1sk]).toEqual([false, undefined])
    // Changes of the other fields do not add the row to the index.
    await db.Account.update({ id }, { rank: 2 })
    expect(await isListed()).toBe(false)
    await db.Account.update({ id }, { state: 'closed' })
    expect(await db.Account.query.byPlace({ state: 'closed', city: 'Oslo', rank: 2 }).count()).toBe(1)
    await db.Account.put({ id, city: 'Oslo', rank: 2 })
    expect(await isListed()).toBe(false)
  })

  // 4: limits and filters

  it('a query of a shared partition returns one model, and as many rows as its limit [toolbox#400, electrodb#574, #577]', async () => {
    const org = fresh()
    for (let i = 0; i < 6; i++) {
      await db.Account.create({ id: `${org}-${i}-a`, org, name: i % 2 ? 'odd' : 'even' })
      await db.Invoice.create({ id: `${org}-${i}-b`, org, total: i })
    }
    const { byOrg } = db.Invoice.query
    expect((await byOrg({ org }).all()).map(it => it.total)).toEqual([0, 1, 2, 3, 4, 5])
    const page = await byOrg({ org }, { limit: 4 }).page()
    expect(page.items.map(it => it.total)).toEqual([0, 1, 2, 3])
    expect((await byOrg({ org }, { limit: 4, after: page.cursor as string }).page()).items.map(it => it.total)).toEqual(
      [4, 5],
    )
    expect(await byOrg({ org }, { pageSize: 1 }).count()).toBe(6)
    expect(await db.Account.query.byOrg({ org }, { where: { name: 'odd' }, pageSize: 2 }).count()).toBe(3)
    const odd = await db.Account.query.byOrg({ org }, { where: { name: 'odd' }, limit: 2, pageSize: 1 }).page()
    expect([odd.items.length, odd.stopped]).toEqual([2, 'limit'])
    expect((await byOrg({ org }, { order: 'desc' }).first())?.total).toBe(5)
  })

  // 6: batches

  it('many keys are read in order, over several requests [electrodb#421, onetable#236]', async () => {
    await db.batch(batch => {
      for (let i = 0; i < 120; i += 2) batch.Ledger.put({ id: `six-${i}`, note: String(i) })
    })
    const keys = Array.from({ length: 120 }, (_, i) => ({ id: `six-${119 - i}` }))
    const found = await db.Ledger.getMany(keys)
    expect(found.map(it => it?.note)).toEqual(keys.map((_, i) => (i % 2 ? String(119 - i) : undefined)))
  })

  // 8: numbers

  it('numbers beyond 2^53 are added to, and conditions compare them exactly [electrodb#386, #467]', async () => {
    const key = { id: fresh() }
    const revision = 2n ** 63n
    const row = await db.Ledger.create({ ...key, revision })
    expect(row.revision).toBe(revision)
    const next = await db.Ledger.update(key, { revision: add(1n) }, { if: { revision } })
    expect(next.revision).toBe(revision + 1n)
    const late = db.Ledger.update(key, { revision: add(1n) }, { if: { revision } })
    await expect(late).rejects.toMatchObject({ code: 'ConditionFailed' })
    expect((await db.Ledger.update(key, { revision: add(1) }, { if: { revision: { $gt: revision } } })).revision).toBe(
      revision + 2n,
    )
    await row.reload()
    row.revision += 10n ** 20n
    await row.save()
    expect((await db.Ledger.get(key))?.revision).toBe(revision + 2n + 10n ** 20n)
    await db.Ledger.update(key, { revision: 5 })
    expect((await db.Ledger.get(key))?.revision).toBe(5n)
  })

  // 9: why something failed

  it('the error of a transaction names the write that failed, and the reason [onetable#275, electrodb#391]', async () => {
    const [id, other] = [fresh(), fresh()]
    await db.Account.create({ id, email: 'nine@example.com' })
    await db.Ledger.create({ id: other, note: 'as it was' })
    const failure = async (fail: (tx: Parameters<Parameters<typeof db.transaction>[0]>[0]) => Promise<unknown>) =>
      await db
        .transaction(async tx => {
          await tx.Invoice.create({ id: fresh(), org: 'x', total: 1 })
          await fail(tx)
        })
        .catch(error => error)
    expect(await failure(tx => tx.Account.create({ id }))).toMatchObject({
      code: 'AlreadyExists',
      message: expect.stringContaining(id),
      details: { model: 'Account', key: { id } },
    })
    expect(await failure(tx => tx.Ledger.update({ id: other }, { note: 'x' }, { if: { note: 'y' } }))).toMatchObject({
      code: 'ConditionFailed',
      details: { model: 'Ledger', key: { id: other } },
    })
    expect(await failure(tx => tx.Account.create({ id: fresh(), email: 'nine@example.com' }))).toMatchObject({
      code: 'UniqueViolation',
      details: { model: 'Account', constraint: 'email', fields: ['email'] },
    })
    expect(await failure(tx => tx.Ledger.update({ id: 'nobody' }, { note: 'x' }))).toMatchObject({
      code: 'NotFound',
      message: expect.stringContaining('nobody'),
    })
    const single = await db.Ledger.update({ id: other }, { note: 'x' }, { if: { note: 'y' } }).catch(error => error)
    expect(single).toMatchObject({ code: 'ConditionFailed', details: { key: { id: other } } })
  })

  // 10: schema evolution

  it('rows from before a field, an index or a constraint are read and written [toolbox#1242, electrodb#188]', async () => {
    const Before = model('Page', {
      fields: { id: f.string(), title: f.string(), old: f.string().optional() },
      key: { pk: 'PAGE#{id}' },
      iterable: false,
    })
    const After = model('Page', {
      fields: {
        id: f.string(),
        title: f.string(),
        lang: f.string().default('en'),
        tags: f.set(f.string()).default([]),
        views: f.counter(),
        owner: f.string().optional(),
        version: f.version(),
        slug: f.string().optional(),
      },
      key: { pk: 'PAGE#{id}' },
      unique: { slug: ['slug'], title: ['title'] },
      indexes: { byLang: { on: 'gsi1', pk: 'LANG#{lang}', sk: '{title}' } },
    })
    const before = await connect({ models: { Page: Before }, store: seen.store, table })
    const after = await connect({ models: { Page: After }, store: seen.store, table })
    for (const id of ['p1', 'p2', 'p3']) await before.Page.create({ id, title: id, old: 'kept' })
    for (const id of ['same', 'again', 'more']) await before.Page.create({ id, title: 'same' })

    const row = await after.Page.get({ id: 'p1' })
    expect({ ...row }).toMatchObject({ id: 'p1', title: 'p1', lang: 'en', tags: new Set(), views: 0 })
    expect(await after.Page.getMany([{ id: 'p2' }])).toMatchObject([{ lang: 'en' }])
    if (row) row.slug = 'first'
    await row?.save()
    await row?.update({ views: add(1), tags: add('x') })
    expect(await after.Page.findBy({ slug: 'first' })).toMatchObject({ id: 'p1', views: 1, tags: new Set(['x']) })
    // No row claimed its value of the new constraint. It can still be changed and deleted.
    expect((await after.Page.update({ id: 'p2' }, { title: 'renamed' })).title).toBe('renamed')
    expect(await after.Page.findBy({ title: 'renamed' })).toMatchObject({ id: 'p2' })
    expect(await after.Page.delete({ id: 'p3' })).toMatchObject({ id: 'p3' })
    // The same holds for rows with equal values, of which only one has the marker.
    await after.Page.put({ id: 'same', title: 'same' })
    await after.Page.update({ id: 'again' }, { title: 'another' })
    await after.Page.delete({ id: 'more' })
    expect(await after.Page.findBy({ title: 'same' })).toMatchObject({ id: 'same' })
    // Overwriting a row adds it to the new index, constraint and iteration.
    await after.Page.put({ id: 'p1', title: 'p1' })
    expect((await after.Page.query.byLang({ lang: 'en' }).all()).map(it => it.id)).toContain('p1')
    expect(await after.Page.findBy({ title: 'p1' })).toMatchObject({ id: 'p1' })
    const walked = []
    for await (const page of after.Page.iterate()) walked.push(page.id)
    expect(walked).toContain('p1')
    // Attributes that the new model does not define are kept.
    const { item } = await tested.store.get({ table, key: { pk: 'PAGE#p2', sk: 'Page' } })
    expect(item).toMatchObject({ old: 'kept', title: 'renamed' })
    expect(await before.Page.get({ id: 'p2' })).toMatchObject({ old: 'kept' })
  })

  it('an existing table is adopted with its own attribute names [toolbox#1042, electrodb PR #457]', async () => {
    const layout = {
      pk: 'PK',
      sk: 'SK',
      type: 'entity',
      revision: 'rev',
      ttl: 'expires',
      indexes: { GSI1: { pk: 'GSI1PK', sk: 'GSI1SK' } },
      iteration: { index: 'Walk', pk: 'WalkPK', sk: 'WalkSK' },
    }
    const Song = model('Song', {
      fields: {
        artist: f.string(),
        title: f.string(),
        year: f.integer().attribute('Year').optional(),
        end: f.ttl().optional(),
      },
      key: { pk: 'ARTIST#{artist}#SONGS', sk: 'SONG#{title}' },
      indexes: { byTitle: { on: 'GSI1', pk: 'TITLE#{title}', sk: '{artist}' } },
      type: null,
      encoding: 'raw',
      iterable: false,
    })
    const name = tested.tableName()
    const adopted = await connect({ models: { Song }, store: seen.store, table: name, layout, createTable: true })
    const item = {
      PK: 'ARTIST#Nina Simone#SONGS',
      SK: 'SONG#Sinnerman',
      artist: 'Nina Simone',
      title: 'Sinnerman',
      Year: 1965,
    }
    await tested.store.write({ kind: 'put', table: name, item })
    const key = { artist: 'Nina Simone', title: 'Sinnerman' }
    const row = await adopted.Song.get(key)
    expect({ ...row }).toEqual({ ...key, year: 1965 })
    expect(await adopted.Song.query.key({ artist: 'Nina Simone', title: { $beginsWith: 'Sinner' } }).count()).toBe(1)
    if (row) row.year = 1966
    await row?.save()
    await adopted.Song.create({ artist: 'Nina Simone', title: 'Feeling Good', end: new Date(now + 9_000_000) })
    const written = await tested.store.get({ table: name, key: { PK: item.PK, SK: 'SONG#Feeling Good' } })
    expect(written.item).toMatchObject({
      GSI1PK: 'TITLE#Feeling Good',
      GSI1SK: 'Nina Simone',
      expires: (now + 9_000_000) / 1000,
    })
    expect(written.item).not.toHaveProperty('entity')
    expect((await adopted.Song.query.byTitle({ title: 'Feeling Good' }).first())?.artist).toBe('Nina Simone')
    // Raw values are not escaped, so a value that contains the text after it in the template is refused.
    await expect(adopted.Song.create({ artist: 'a#SONGS', title: 'b' })).rejects.toMatchObject({
      code: 'ValidationFailed',
    })
  })

  // 11: streams

  it('every stored item has a type that a reader of the stream recognises [onetable PR #400]', async () => {
    const id = fresh()
    await db.Account.create({ id, email: 'eleven@example.com' })
    const items = await everyItem({ store: tested.store, table })
    const kinds = new Set(items.map(it => it._type))
    expect(
      [...kinds].filter(kind => !['Account', 'Invoice', 'Ledger', 'Page', 'UNIQUE'].includes(String(kind))),
    ).toEqual([])
    expect(db.decodeKey(`ACCOUNT#${id}`, 'Account')).toEqual({ model: 'Account', tenant: undefined, fields: { id } })
  })

  // 12: time to live

  it('a time to live is stored in seconds by every kind of write [onetable#233, #357]', async () => {
    const id = fresh()
    const row = await db.Account.create({ id, email: 'twelve@example.com', until: new Date(now + 1999) })
    const seconds = now / 1000
    expect((await stored(id)).ttl).toBe(seconds + 1)
    await db.Account.update({ id }, { until: new Date(now + 60_000) })
    expect((await stored(id)).ttl).toBe(seconds + 60)
    await row.reload()
    row.until = new Date(now + 90_000)
    await row.save()
    expect((await stored(id)).ttl).toBe(seconds + 90)
    expect((await markersOf(id))[0]?.ttl).toBe(seconds + 90)
    expect((await db.Account.get({ id }))?.until).toEqual(new Date(now + 90_000))
    for (const where of [{ until: new Date(now + 90_000) }, { until: { $lt: new Date(now + 91_000) } }]) {
      expect(await db.Account.query.key({ id }, { where }).count(), JSON.stringify(where)).toBe(1)
    }
    now += 91_000
    expect(await db.Account.findBy({ email: 'twelve@example.com' })).toBe(undefined)
    now -= 91_000
    await db.Account.update({ id }, { until: null })
    expect(await stored(id)).not.toHaveProperty('ttl')
    expect((await markersOf(id))[0]).not.toHaveProperty('ttl')
  })

  // 14: tenancy

  it('the tenant is part of every key that is written [dynamoose#279, electrodb#543]', async () => {
    const id = fresh()
    await db.run({ tenant: 'acme' }, async scope => {
      await scope.Account.create({ id, email: 'fourteen@example.com', org: 'x', state: 'open', city: 'x', rank: 1 })
    })
    const items = (await everyItem({ store: tested.store, table })).filter(it =>
      JSON.stringify(it).includes(`ACCOUNT#${id}`),
    )
    expect(items).toHaveLength(2)
    for (const item of items) {
      for (const name of ['pk', 'gsi1pk', 'gsi2pk', '_iter_pk']) if (item[name]) expect(item[name]).toMatch(/^T#acme#/)
    }
    expect(await db.Account.get({ id })).toBe(undefined)
    expect(await db.Account.findBy({ email: 'fourteen@example.com' })).toBe(undefined)
  })

  // 15: limits

  it('rows that are too large are refused [pydynox#40, boostercloud#605]', async () => {
    const row = await db.Ledger.create({ id: fresh() })
    const huge = 'x'.repeat(400 * 1024)
    await expect(db.Ledger.create({ id: fresh(), note: huge })).rejects.toMatchObject({ code: 'LimitExceeded' })
    await expect(db.Ledger.put({ id: fresh(), note: huge })).rejects.toMatchObject({ code: 'LimitExceeded' })
    row.note = huge
    await expect(row.save()).rejects.toMatchObject({ code: 'LimitExceeded' })
    expect(await db.Ledger.get({ id: row.id })).toMatchObject({ note: '' })
  })

  it('the rows of a model are spread over several partitions for iteration [toolbox#86, typedorm#375]', async () => {
    const items = (await everyItem({ store: tested.store, table })).filter(it => it._type === 'Ledger')
    const counts = new Map<unknown, number>()
    for (const { _iter_pk } of items) counts.set(_iter_pk, (counts.get(_iter_pk) ?? 0) + 1)
    expect(counts.size).toBe(10)
    expect(Math.max(...counts.values())).toBeLessThan(items.length / 3)
  })
})
