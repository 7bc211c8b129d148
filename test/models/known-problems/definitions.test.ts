/** Connecting and relating models: mistakes are reported immediately, and every shape of relation works. */
import { collection, connect, type Database, f, many, model, one, through } from 'partita'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { knownProblems } from '../../known-problems/known-problems.js'
import { describeEachStore } from '../../stores.js'
import { operations, type WatchedStore, watch } from '../watched-store.js'

const Person = model('Person', {
  fields: {
    personId: f.string(),
    name: f.string().default('it\'s "quoted" \\ `#{x}` \n'),
    managerId: f.ref('Person').optional(),
  },
  key: { pk: 'PERSON#{personId}' },
  indexes: { byManager: { on: 'gsi1', pk: 'MANAGER#{managerId}', sk: '{personId}' } },
  relations: {
    manager: one('Person', 'managerId'),
    reports: many('Person', 'byManager', { managerId: 'personId' }),
    written: many('Doc', 'byWriter', { writerId: 'personId' }),
    checked: many('Doc', 'byChecker', { checkerId: 'personId' }),
    follows: through('Person', 'Follow', 'key', { fields: { fromId: 'personId' }, to: 'followed' }),
    followers: through('Person', 'Follow', 'byFollowed', { fields: { toId: 'personId' }, to: 'follower' }),
  },
})
/** Has two relations to one model, which has two back. */
const Doc = model('Doc', {
  fields: { docId: f.string(), writerId: f.ref('Person'), checkerId: f.ref('Person').optional(), title: f.string() },
  key: 'docId',
  indexes: {
    byWriter: { on: 'gsi1', pk: 'WRITER#{writerId}', sk: '{docId}' },
    byChecker: { on: 'gsi2', pk: 'CHECKER#{checkerId}', sk: '{docId}' },
  },
  relations: { writer: one('Person', 'writerId'), checker: one('Person', 'checkerId') },
})
/** A model of pairs of one model with itself. */
const Follow = model('Follow', {
  fields: { fromId: f.ref('Person'), toId: f.ref('Person') },
  key: { pk: 'FOLLOW#{fromId}', sk: 'FOLLOW#{toId}' },
  indexes: { byFollowed: { on: 'gsi1', pk: 'FOLLOWED#{toId}', sk: '{fromId}' } },
  relations: { follower: one('Person', 'fromId'), followed: one('Person', 'toId') },
})
const Plan = model('Plan', {
  fields: { region: f.string(), code: f.string(), name: f.string() },
  key: { pk: 'PLAN#{region}', sk: 'PLAN#{code}' },
})
/** Refers to a model with two key fields. */
const Order = model('Order', {
  fields: { orderId: f.string(), region: f.string(), planCode: f.string().optional() },
  key: 'orderId',
  relations: { plan: one('Plan', { region: 'region', code: 'planCode' }) },
})

const models = { Person, Doc, Follow, Plan, Order }

describeEachStore('definitions', tested => {
  const { absent, allAccountedFor } = knownProblems('dynamo-bao', import.meta.url)
  const printed = (['log', 'info', 'warn', 'error', 'debug'] as const).map(name =>
    vi.spyOn(console, name).mockImplementation(() => {}),
  )
  let seen: WatchedStore
  let table: string
  let db: Database<typeof models>

  beforeAll(async () => {
    seen = watch(tested.store)
    table = tested.tableName()
    db = await connect({ models, store: seen.store, table, createTable: true })
    await db.batch(batch => {
      batch.Person.put({ personId: 'a', name: 'Ada' })
      for (const personId of ['b', 'c', 'd'])
        batch.Person.put({ personId, name: personId.toUpperCase(), managerId: 'a' })
      batch.Doc.put({ docId: '1', writerId: 'b', checkerId: 'c', title: 'One' })
      batch.Doc.put({ docId: '2', writerId: 'b', checkerId: 'gone', title: 'Two' })
      batch.Doc.put({ docId: '3', writerId: 'c', title: 'Three' })
      for (const [fromId, toId] of [
        ['b', 'a'],
        ['b', 'c'],
        ['b', 'd'],
        ['c', 'a'],
        ['b', 'gone'],
      ] as const)
        batch.Follow.put({ fromId, toId })
      batch.Plan.put({ region: 'eu', code: 'pro', name: 'Pro' })
      batch.Order.put({ orderId: '1', region: 'eu', planCode: 'pro' })
      batch.Order.put({ orderId: '2', region: 'eu' })
    })
  })
  afterAll(() => {
    for (const spy of printed) spy.mockRestore()
  })

  const person = async (personId: string) => {
    const row = await db.Person.get({ personId })
    if (!row) throw new Error(`There is no ${personId}`)
    return row
  }
  const names = async (rows: Promise<readonly { name: string }[]>) => (await rows).map(it => it.name)

  absent([56], 'invalid definitions are refused by connect, and databases on two tables stay separate', async () => {
    const fields = { id: f.string(), name: f.string().default('') }
    const Fine = model('Fine', { fields, key: 'id' })
    const invalid = { code: 'ValidationFailed' }
    await expect(connect({ models: { Wrong: Fine } as never, store: seen.store, table })).rejects.toMatchObject(invalid)
    await expect(connect({ models: { Fine: {} } as never, store: seen.store, table })).rejects.toMatchObject(invalid)
    await expect(connect({ store: seen.store, table } as never)).rejects.toMatchObject(invalid)
    await expect(connect({ models: { Fine }, store: seen.store, tabel: table } as never)).rejects.toMatchObject(invalid)
    await expect(connect({ models: { Fine }, store: 'nonsense:', table })).rejects.toMatchObject(invalid)

    const [one, two] = await Promise.all(
      [table, tested.tableName()].map(name =>
        connect({ models: { Fine }, store: seen.store, table: name, createTable: true }),
      ),
    )
    await one?.Fine.create({ id: 'x', name: 'one' })
    await two?.Fine.create({ id: 'x', name: 'two' })
    expect([(await one?.Fine.get({ id: 'x' }))?.name, (await two?.Fine.get({ id: 'x' }))?.name]).toEqual(['one', 'two'])
    await expect(one?.Fine.update({ id: 'x' }, {})).rejects.toMatchObject(invalid)
    // A change with only undefined values writes nothing. The row must still exist and satisfy `if`.
    const nothing = { name: undefined }
    const before = (await seen.store.scan({ table, consistent: true })).items
    expect((await one?.Fine.update({ id: 'x' }, nothing, { if: { name: 'one' } }))?.name).toBe('one')
    expect((await seen.store.scan({ table, consistent: true })).items).toEqual(before)
    await expect(one?.Fine.update({ id: 'y' }, nothing)).rejects.toMatchObject({ code: 'NotFound' })
    const others = one?.Fine.update({ id: 'x' }, nothing, { if: { name: 'two' } })
    await expect(others).rejects.toMatchObject({ code: 'ConditionFailed' })
    // Closing a database does not close a store that the program passed.
    await two?.close()
    expect((await one?.Fine.get({ id: 'x' }))?.name).toBe('one')
  })

  absent([58], 'models relate to themselves, to each other, twice to one model, and through pairs', async () => {
    const [ada, b, c] = [await person('a'), await person('b'), await person('c')]
    expect((await b.manager())?.name).toBe('Ada')
    expect(await ada.manager()).toBe(undefined)
    expect(await names(ada.reports().all())).toEqual(['B', 'C', 'D'])
    expect(await names(ada.reports({ order: 'desc', limit: 1 }).all())).toEqual(['D'])
    expect((await b.written().all()).map(it => it.title)).toEqual(['One', 'Two'])
    expect((await c.checked().all()).map(it => it.title)).toEqual(['One'])
    expect((await c.written({ where: { title: { $ne: 'Three' } } }).all()).map(it => it.title)).toEqual([])
    expect(await b.written().count()).toBe(2)
    expect(await names(b.follows().all())).toEqual(['Ada', 'C', 'D'])
    expect(await names(ada.followers().all())).toEqual(['B', 'C'])
    const page = await b.follows({ limit: 2 }).page()
    expect(page.items.map(it => it.name)).toEqual(['Ada', 'C'])
    const rest = await b.follows({ limit: 2, after: page.cursor as string }).page()
    expect(rest.items.map(it => it.name)).toEqual(['D'])
    expect(await names(b.follows({ order: 'desc' }).all())).toEqual(['D', 'C', 'Ada'])

    const doc = await db.Doc.get({ docId: '2' }, { with: { writer: { with: { manager: true } }, checker: true } })
    expect([doc?.writer?.manager?.name, doc?.checker]).toEqual(['Ada', undefined])
    seen.calls = []
    const loaded = await db.Person.getMany([{ personId: 'b' }, { personId: 'nobody' }, { personId: 'a' }], {
      with: { follows: true, reports: { limit: 2, order: 'desc' }, written: { where: { title: 'Two' } } },
    })
    expect(loaded.map(it => it?.follows.map(one => one.name))).toEqual([['Ada', 'C', 'D'], undefined, []])
    expect(loaded.map(it => it?.reports.map(one => one.name))).toEqual([[], undefined, ['D', 'C']])
    expect(loaded[0]?.written.map(it => it.title)).toEqual(['Two'])
    expect(operations(seen).filter(it => it === 'batchGet').length).toBeLessThanOrEqual(2)

    expect((await (await db.Order.get({ orderId: '1' }))?.plan())?.name).toBe('Pro')
    expect(await (await db.Order.get({ orderId: '2' }))?.plan()).toBe(undefined)
    const { Mirror } = {
      Mirror: model('Mirror', {
        fields: { id: f.string(), fromId: f.ref('Mirror') },
        key: 'id',
        relations: { others: through('Person', 'Follow', 'key', { fields: { fromId: 'fromId' } }) },
      }),
    }
    // The pairs have two relations to the target, so the definition must choose one.
    const unclear = connect({ models: { ...models, Mirror }, store: seen.store, table })
    await expect(unclear).rejects.toThrow('others')
    expect((await db.Person.create({ personId: 'quoted' })).name).toBe('it\'s "quoted" \\ `#{x}` \n')
  })

  it('unknown relations and options are refused at any depth, and so are collections of models that are not connected', async () => {
    const wrong: [string, object][] = [
      ['nobody', { with: { nobody: true } }],
      ['nobody', { with: { writer: { with: { nobody: true } } } }],
      ['nobody', { with: { writer: { with: { written: { where: { nobody: 1 } } } } } }],
      ['orders', { with: { writer: { orders: 'desc' } } }],
      ['where', { with: { writer: { where: { name: 'x' } } } }],
      ['with', { with: { writer: true }, select: ['title'] }],
      ['limit', { with: { writer: { with: { reports: { limit: 0 } } } } }],
    ]
    for (const [what, options] of wrong) {
      const error = await db.Doc.get({ docId: '1' }, options).catch(it => it)
      expect(error, JSON.stringify(options)).toMatchObject({ code: 'ValidationFailed' })
      expect(error.message).toContain(what)
    }
    const Pages = collection('Pages', { pk: 'WRITER#{writerId}', on: 'gsi1', many: { docs: Doc } })
    for (const collections of [{ Wrong: Pages }, { Doc: Pages }, { close: Pages }]) {
      await expect(connect({ models, collections, store: seen.store, table } as never)).rejects.toMatchObject({
        code: 'ValidationFailed',
      })
    }
    const collections = { Pages }
    await expect(connect({ models: { Plan }, collections, store: seen.store, table })).rejects.toThrow('Doc')
    const paged = await connect({ models, collections, store: seen.store, table })
    expect((await paged.Pages.get({ writerId: 'b' }))?.docs.map(it => it.docId)).toEqual(['1', '2'])
  })

  it('a relation follows the current value of its field', async () => {
    const doc = await db.Doc.get({ docId: '3' })
    if (!doc) throw new Error('There is no document')
    expect((await doc.writer())?.name).toBe('C')
    doc.writerId = 'd'
    expect((await doc.writer())?.name).toBe('D')
    await doc.save()
    expect((await (await person('d')).written().all()).map(it => it.docId)).toEqual(['3'])
    expect(await (await person('c')).written().count()).toBe(0)
  })

  it('a row with loaded relations can be serialised and saved, and the relations are not stored', async () => {
    const doc = await db.Doc.get({ docId: '1' }, { with: { writer: true } })
    expect(JSON.parse(JSON.stringify(doc))).toMatchObject({ docId: '1', title: 'One' })
    if (doc) doc.title = 'Changed'
    await doc?.save()
    const { item } = await tested.store.get({ table, key: { pk: 'Doc#1', sk: 'Doc' } })
    expect(item).toMatchObject({ title: 'Changed' })
    expect(item).not.toHaveProperty('writer')
  })

  it('listeners receive one event for each operation, until they are removed', async () => {
    const events: unknown[] = []
    const end = db.on('operation', ({ operation, model, actor, tenant, duration, retries, capacity }) => {
      expect(duration).toBeGreaterThanOrEqual(0)
      events.push([operation, model, actor, tenant, retries, capacity.read > 0])
    })
    await db.run({ actor: 'me', tenant: 'acme' }, scope => scope.Person.get({ personId: 'a' }))
    await db.Person.get({ personId: 'a' })
    end()
    await db.Person.get({ personId: 'a' })
    expect(events).toEqual([
      ['get', 'Person', 'me', 'acme', 0, true],
      ['get', 'Person', undefined, undefined, 0, true],
    ])
  })

  absent([61], 'nothing is printed to the console', () => {
    for (const spy of printed) expect(spy).not.toHaveBeenCalled()
  })

  allAccountedFor()
})
