/** Defaults of values that old rows lack: conditions and updates use the same value as reads. */
import { add, append, connect, f, ifNotExists, model, prepend, removeFrom } from 'partita'
import { beforeAll, expect, it } from 'vitest'
import { describeEachStore } from '../stores.js'

const indexes = { all: { on: 'gsi1', pk: 'ALL', sk: '{id}' } } as const
const Older = model('User', { fields: { id: f.string(), bio: f.string().optional() }, key: 'id', indexes })
const Newer = model('User', {
  fields: {
    id: f.string(),
    bio: f.string().optional(),
    role: f.enum('user', 'admin').default('user'),
    credits: f.integer().default(10),
    logins: f.counter(),
    tags: f.list(f.string()).default(['new']),
    groups: f.set(f.string()).default(['all']),
    marks: f.set(f.string()).optional(),
    prefs: f
      .map({ theme: f.string().default('dark'), zoom: f.number().optional(), fonts: f.set(f.string()).optional() })
      .default({ zoom: 1 }),
    place: f.map({ zip: f.string().default('none') }).optional(),
    steps: f.list(f.map({ name: f.string(), done: f.boolean().default(false), by: f.set(f.string()) })).default([]),
    counts: f.record(f.number()).default({}),
  },
  key: 'id',
  indexes,
})

describeEachStore('defaults', tested => {
  const open = () => connect({ models: { User: Newer }, store: tested.store, table, createTable: true })
  const openOlder = () => connect({ models: { User: Older }, store: tested.store, table })
  let db: Awaited<ReturnType<typeof open>>
  let older: Awaited<ReturnType<typeof openOlder>>
  let table: string
  let rows = 0
  beforeAll(async () => {
    table = tested.tableName()
    db = await open()
    older = await openOlder()
  })
  async function oldRow(): Promise<{ id: string }> {
    const key = { id: `u${++rows}` }
    await older.User.create(key)
    return key
  }

  it('conditions with every operator treat a missing value as its default', async () => {
    const key = await oldRow()
    type Filter = NonNullable<NonNullable<Parameters<typeof db.User.query.all>[1]>['where']>
    const met: Filter[] = [
      { role: 'user' },
      { role: { $ne: 'admin' } },
      { role: { $in: ['user'], $beginsWith: 'user', $exists: true, $type: 'S' } },
      { credits: { $gt: 9, $lt: 11 }, logins: 0 },
      { credits: { $between: [10, 10] } },
      { tags: { $contains: 'new', $size: 1 } },
      { groups: { $contains: 'all' }, marks: { $size: 0, $eq: new Set<string>() } },
      { 'prefs.theme': 'dark', 'prefs.zoom': 1 },
      { 'prefs.fonts': { $exists: true, $size: 0, $eq: new Set(), $in: [new Set()] } },
      { 'place.zip': { $exists: false }, bio: { $exists: false } },
      { $not: { role: 'admin' } },
    ]
    for (const where of met) {
      const about = JSON.stringify(where)
      const found = async (filter: Filter) => (await db.User.query.all({ id: key.id }, { where: filter }).all()).length
      expect([await found(where), await found({ $not: where })], about).toEqual([1, 0])
      await db.User.update(key, { bio: undefined }, { if: where })
      await expect(db.User.update(key, { bio: undefined }, { if: { $not: where } }), about).rejects.toMatchObject({
        code: 'ConditionFailed',
      })
      const inTransaction = db.transaction(tx => tx.User.delete(key, { if: { $not: where } }))
      await expect(inTransaction, about).rejects.toMatchObject({ code: 'ConditionFailed' })
    }
    expect(await db.User.query.all({ id: key.id }, { where: { role: { $exists: false } } }).count()).toBe(0)
    // An absent row has no defaults.
    const put = db.User.put({ id: 'absent' }, { if: { role: 'user' } })
    await expect(put).rejects.toMatchObject({ code: 'ConditionFailed' })
  })

  it('conditions on whole maps and lists include the defaults inside them', async () => {
    const Bare = model('User', {
      fields: {
        id: f.string(),
        place: f.map({}).optional(),
        prefs: f.map({ zoom: f.number() }).optional(),
        steps: f.list(f.map({ name: f.string() })),
      },
      key: 'id',
      indexes,
    })
    const bare = await connect({ models: { User: Bare }, store: tested.store, table })
    const id = `u${++rows}`
    await bare.User.create({ id, place: {}, prefs: { zoom: 2 }, steps: [{ name: 'sow' }] })
    const row = await db.User.get({ id }, { consistent: true })
    type Filter = NonNullable<NonNullable<Parameters<typeof db.User.query.all>[1]>['where']>
    const met: Filter[] = [
      { place: { $eq: { zip: 'none' } } },
      { prefs: { $eq: row!.prefs }, steps: { $eq: row!.steps } },
      { prefs: { $in: [{ theme: 'light', fonts: new Set() }, row!.prefs] } },
      { 'steps[0]': { $eq: { name: 'sow', done: false, by: new Set() } } },
      { steps: { $ne: [] }, prefs: { $ne: { theme: 'dark', zoom: 3, fonts: new Set() } } },
    ]
    for (const where of met) {
      const found = async (filter: Filter) => (await db.User.query.all({ id }, { where: filter }).all()).length
      expect([await found(where), await found({ $not: where })], JSON.stringify(where)).toEqual([1, 0])
    }
  })

  it('update operators and paths start from the default, alone and in a transaction', async () => {
    const check = async (changes: Parameters<typeof db.User.update>[1], expected: object) => {
      const [one, other] = [await oldRow(), await oldRow()]
      expect(await db.User.update(one, changes)).toMatchObject(expected)
      await db.transaction(tx => tx.User.update(other, changes))
      for (const key of [one, other]) expect(await db.User.get(key, { consistent: true })).toMatchObject(expected)
      // The second update starts from the stored value.
      await db.User.update(one, changes)
    }
    await check({ credits: add(1), logins: add(2) }, { credits: 11, logins: 2 })
    await check({ tags: append('x') }, { tags: ['new', 'x'] })
    await check({ tags: prepend('x') }, { tags: ['x', 'new'] })
    await check({ groups: add('x') }, { groups: new Set(['all', 'x']) })
    await check({ groups: removeFrom('all') }, { groups: new Set() })
    await check({ role: ifNotExists('admin' as const) }, { role: 'user' })
    await check({ 'counts.a': add(1) }, { counts: { a: 1 } })
    await check({ 'prefs.theme': 'light' }, { prefs: { theme: 'light', zoom: 1 } })
    const key = await oldRow()
    const row = await db.User.get(key)
    row?.groups.clear()
    if (row) row.prefs.zoom = 2
    await row?.save()
    expect(await db.User.get(key)).toMatchObject({ groups: new Set(), prefs: { theme: 'dark', zoom: 2 } })
  })

  it('concurrent updates that start from the same default lose nothing', async () => {
    const key = await oldRow()
    await Promise.all(
      Array.from({ length: 8 }, (_, i) =>
        db.User.update(key, { credits: add(1), 'counts.n': add(1), groups: add(`g${i}`), tags: append('x') }),
      ),
    )
    const { credits, counts, groups, tags } = (await db.User.get(key, { consistent: true }))!
    expect([credits, counts.n, groups.size, tags.length]).toEqual([18, 8, 9, 9])
  })

  it('conditions and updates treat NULL in an optional field as missing', async () => {
    const key = await oldRow()
    const { item } = await tested.store.get({ table, key: { pk: `User#${key.id}`, sk: 'User' } })
    await tested.store.write({ kind: 'put', table, item: { ...item, bio: null } })
    const count = (where: { bio: { $exists: boolean } }) => db.User.query.all({ id: key.id }, { where }).count()
    expect([await count({ bio: { $exists: false } }), await count({ bio: { $exists: true } })]).toEqual([1, 0])
    expect((await db.User.update(key, { bio: ifNotExists('x') })).bio).toBe('x')
  })
})
