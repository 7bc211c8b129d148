/** Models in several databases: one transaction spans those of one store, and none spans stores. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import {
  collection,
  connect,
  f,
  inherit,
  many,
  model,
  type OperationEvent,
  one,
} from '../../packages/partita/src/index.js'
import type { Store } from '../../packages/partita/src/store/store.js'
import { describeEachStore } from '../stores.js'

// The keys of User and Account, and their indexes, are the same texts in two tables.
const User = model('User', {
  fields: { id: f.string(), email: f.string(), n: f.integer().default(0) },
  key: { pk: 'U#{id}', sk: 'ROW' },
  unique: { email: ['email'] },
  indexes: { byEmail: { on: 'gsi1', pk: 'E#{email}' } },
  relations: { account: one('Account', 'id'), bills: many('Bill', 'byUser', { userId: 'id' }) },
})
const Account = model('Account', {
  database: 'secondary',
  fields: { id: f.string(), email: f.string(), n: f.integer().default(0) },
  key: { pk: 'U#{id}', sk: 'ROW' },
  unique: { email: ['email'] },
  indexes: { byEmail: { on: 'gsi1', pk: 'E#{email}' } },
  type: 'User',
})
const Bill = model('Bill', {
  database: 'elsewhere',
  fields: { id: f.string(), userId: f.string(), n: f.integer().default(0) },
  key: { pk: 'U#{id}', sk: 'ROW' },
  indexes: { byUser: { on: 'gsi1', pk: 'U#{userId}' } },
  relations: { user: one('User', 'userId') },
})
const models = { User, Account, Bill }

describeEachStore('several databases', tested => {
  let other: Store
  let primary: string
  let secondary: string
  // On a server both stores see the same tables.
  let far: string
  const connected = async (listener?: (event: OperationEvent) => void) => {
    const db = await connect({
      models,
      databases: [
        { id: 'primary', type: 'store', connectionDetails: { store: tested.store, table: primary } },
        { id: 'secondary', type: 'store', connectionDetails: { reuseId: 'primary', table: secondary } },
        { id: 'elsewhere', type: 'store', connectionDetails: { store: other, table: far } },
      ],
      createTable: true,
    })
    if (listener) db.on('operation', listener)
    return db
  }
  let db: Awaited<ReturnType<typeof connected>>

  beforeAll(async () => {
    other = await tested.open()
    primary = tested.tableName()
    secondary = tested.tableName()
    far = tested.tableName()
    db = await connected()
  })
  afterAll(async () => {
    await db.close()
    await other.close()
  })

  it('rows of equal keys in different tables stay apart', async () => {
    await db.User.create({ id: 'same', email: 'same@x' })
    await db.Account.create({ id: 'same', email: 'same@x', n: 2 })
    expect(await db.User.get({ id: 'same' }, { consistent: true })).toMatchObject({ n: 0 })
    expect(await db.Account.get({ id: 'same' }, { consistent: true })).toMatchObject({ n: 2 })
    expect(await db.Account.findBy({ email: 'same@x' })).toMatchObject({ id: 'same', n: 2 })
    expect(await db.Account.query.key({ id: 'same' }).all()).toHaveLength(1)
    expect(db.decodeKey('U#same', 'ROW')).toMatchObject({ model: 'User' })
    expect(db.decodeKey('U#same', 'ROW', 'secondary')).toMatchObject({ model: 'Account' })
    expect(() => db.decodeKey('U#same', 'ROW', 'nowhere')).toThrow(/is not the key of a connected model/)
  })

  it('the cache of a loader keeps rows of equal keys in different databases apart', async () => {
    await db.User.put({ id: 'cached', email: 'cached@x', n: 1 })
    await db.Account.put({ id: 'cached', email: 'cached@x', n: 2 })
    await db.run({ loader: true }, async () => {
      const key = { id: 'cached' }
      const rows = await Promise.all([db.User.get(key), db.Account.get(key), db.Bill.get(key)])
      expect(rows.map(row => row?.n)).toEqual([1, 2, undefined])
      await db.Account.put({ id: 'cached', email: 'cached@x', n: 3 })
      expect([(await db.User.get(key))?.n, (await db.Account.get(key))?.n]).toEqual([1, 3])
    })
  })

  it('writes rows of two databases of one store in one transaction, or neither', async () => {
    const pair = (id: string, fails: boolean) =>
      db.transaction(async tx => {
        await tx.User.create({ id, email: `${id}@x` })
        await tx.Account.create({ id, email: `${id}@x`, n: 1 })
        expect(await tx.User.get({ id })).toMatchObject({ n: 0 })
        expect(await tx.Account.get({ id })).toMatchObject({ n: 1 })
        if (fails) throw new Error('changed my mind')
      })
    await pair('t1', false)
    await expect(pair('t2', true)).rejects.toThrow('changed my mind')
    await expect(pair('t1', false)).rejects.toMatchObject({ code: 'AlreadyExists' })
    for (const [id, there] of [
      ['t1', true],
      ['t2', false],
    ] as const) {
      expect((await db.User.get({ id }, { consistent: true })) !== undefined).toBe(there)
      expect((await db.Account.get({ id }, { consistent: true })) !== undefined).toBe(there)
    }
  })

  it('rolls both databases back if the commit is refused by one of them', async () => {
    await db.Account.create({ id: 'owner', email: 'taken@x' })
    const both = db.transaction(async tx => {
      await tx.User.create({ id: 'half', email: 'taken@x' })
      await tx.Account.create({ id: 'half', email: 'taken@x' })
    })
    await expect(both).rejects.toMatchObject({ code: 'UniqueViolation', details: { model: 'Account' } })
    expect(await db.User.get({ id: 'half' }, { consistent: true })).toBeUndefined()
    expect(await db.User.findBy({ email: 'taken@x' })).toBeUndefined()
  })

  it('moves amounts between two databases without losing any, while transfers run at once', async () => {
    await db.User.put({ id: 'sum', email: 'sum@x', n: 0 })
    await db.Account.put({ id: 'sum', email: 'sum@x', n: 30 })
    const transfer = () =>
      db.transaction(
        async tx => {
          const [to, from] = await Promise.all([tx.User.get({ id: 'sum' }), tx.Account.get({ id: 'sum' })])
          await tx.User.update({ id: 'sum' }, { n: (to?.n ?? 0) + 1 })
          await tx.Account.update({ id: 'sum' }, { n: (from?.n ?? 0) - 1 })
        },
        { attempts: 60 },
      )
    await Promise.all(Array.from({ length: 10 }, transfer))
    const key = { id: 'sum' }
    expect([
      (await db.User.get(key, { consistent: true }))?.n,
      (await db.Account.get(key, { consistent: true }))?.n,
    ]).toEqual([10, 20])
  })

  const refusal = {
    code: 'ValidationFailed',
    message: expect.stringMatching(/Bill is in the database elsewhere, and the transaction began with User in primary/),
  }

  it('a transaction across stores is refused before any write', async () => {
    const events: OperationEvent[] = []
    const seen = await connected(event => void events.push(event))
    const across = (use: (tx: Parameters<Parameters<typeof seen.transaction>[0]>[0]) => Promise<unknown>) =>
      seen.transaction(async tx => {
        await tx.User.create({ id: 'across', email: 'across@x' })
        await use(tx)
      })
    await expect(across(tx => tx.Bill.create({ id: 'b', userId: 'across' }))).rejects.toMatchObject(refusal)
    await expect(across(tx => tx.Bill.put({ id: 'b', userId: 'across' }))).rejects.toMatchObject(refusal)
    await expect(across(tx => tx.Bill.update({ id: 'b' }, { n: 1 }))).rejects.toMatchObject(refusal)
    await expect(across(tx => tx.Bill.delete({ id: 'b' }))).rejects.toMatchObject(refusal)
    await expect(across(tx => tx.Bill.get({ id: 'b' }))).rejects.toMatchObject(refusal)
    await expect(across(tx => tx.Bill.getMany([{ id: 'b' }, { id: 'c' }]))).rejects.toMatchObject(refusal)
    await expect(across(tx => tx.Bill.query.byUser({ userId: 'across' }).all())).rejects.toMatchObject(refusal)
    expect(events.filter(({ operation }) => /write/i.test(operation))).toEqual([])
    expect(await db.User.get({ id: 'across' }, { consistent: true })).toBeUndefined()
    await seen.close()
  })

  it('a transaction may read another store through db.outside', async () => {
    await db.Bill.put({ id: 'read', userId: 'outside', n: 7 })
    await db.transaction(async tx => {
      const bill = await db.outside(() => db.Bill.get({ id: 'read' }, { consistent: true }))
      await tx.User.create({ id: 'outside', email: 'outside@x', n: bill?.n as number })
    })
    expect(await db.User.get({ id: 'outside' }, { consistent: true })).toMatchObject({ n: 7 })
  })

  it('a transaction can run in any of the stores, and runs once for each token', async () => {
    let runs = 0
    const bill = () =>
      db.transaction(
        async tx => {
          runs++
          await tx.Bill.create({ id: 'once', userId: 'u' })
        },
        { token: 'bill-once' },
      )
    await bill()
    await bill()
    const account = (id: string) =>
      db.transaction(
        async tx => {
          runs++
          await tx.Account.create({ id, email: `${id}@x` })
        },
        { token: 'account-once' },
      )
    await account('k1')
    await account('k2')
    expect(runs).toBe(2)
    expect(await db.Account.get({ id: 'k2' }, { consistent: true })).toBeUndefined()
  })

  it('follows relations into other databases, of the same store and of others', async () => {
    await db.User.put({ id: 'rel', email: 'rel@x' })
    await db.Account.put({ id: 'rel', email: 'rel@x', n: 5 })
    await db.Bill.put({ id: 'rel1', userId: 'rel' })
    await db.Bill.put({ id: 'rel2', userId: 'rel' })
    await expect
      .poll(async () => {
        const user = await db.User.get({ id: 'rel' }, { with: { account: true, bills: { with: { user: true } } } })
        return user && [user.account?.n, user.bills.map(bill => [bill.id, bill.user?.id])]
      })
      .toEqual([
        5,
        [
          ['rel1', 'rel'],
          ['rel2', 'rel'],
        ],
      ])
    const bill = await db.Bill.get({ id: 'rel1' })
    expect(await bill?.user()).toMatchObject({ email: 'rel@x' })
    expect(await (await bill?.user())?.bills().count()).toBe(2)
  })

  it('writes batches to all databases', async () => {
    const Plain = model('Plain', { fields: { id: f.string() }, key: 'id' })
    const Far = model('Far', { fields: { id: f.string() }, key: 'id', database: 'elsewhere' })
    const plain = await connect({
      models: { Plain, Far },
      databases: [
        { id: 'primary', type: 'store', connectionDetails: { store: tested.store, table: primary } },
        { id: 'elsewhere', type: 'store', connectionDetails: { store: other, table: far } },
      ],
    })
    const ids = Array.from({ length: 30 }, (_, i) => `batch${i}`)
    const { capacity } = await plain.batch(batch => {
      for (const id of ids) {
        batch.Plain.put({ id })
        batch.Far.put({ id })
      }
    })
    expect(capacity.write).toBeGreaterThanOrEqual(60)
    const keys = ids.map(id => ({ id }))
    expect((await plain.Plain.getMany(keys, { consistent: true })).filter(Boolean)).toHaveLength(30)
    expect((await plain.Far.getMany(keys, { consistent: true })).filter(Boolean)).toHaveLength(30)
    await plain.close()
  })

  it('iterate and reindex visit only the rows of the database of their model', async () => {
    const ids = async (rows: AsyncIterable<{ id: string }>) => {
      const found: string[] = []
      for await (const { id } of rows) found.push(id)
      return found.sort()
    }
    for (const id of ['i1', 'i2']) {
      await db.run({ tenant: 'iterated' }, async () => {
        await db.Account.put({ id, email: `${id}@x` })
        await db.Bill.put({ id: `b${id}`, userId: id })
      })
    }
    const scope = db.scope({ tenant: 'iterated' })
    await expect.poll(() => ids(scope.Account.iterate())).toEqual(['i1', 'i2'])
    await expect.poll(() => ids(scope.Bill.iterate())).toEqual(['bi1', 'bi2'])
    expect(await ids(scope.User.iterate())).toEqual([])

    const counts = await Promise.all([db.User.reindex(), db.Account.reindex(), db.Bill.reindex()])
    for (const { incomplete, duplicates } of counts) expect([incomplete, duplicates]).toEqual([[], []])
    const own = counts.map(({ counts: { rows } }) => rows)
    expect(own.every(rows => rows > 0)).toBe(true)
  })

  it('reindexes rows of a second database that lack an index', async () => {
    const table = tested.tableName()
    const first = tested.tableName()
    const databases = [
      { id: 'first', type: 'store', connectionDetails: { store: tested.store, table: first } },
      { id: 'second', type: 'store', connectionDetails: { reuseId: 'first', table } },
    ] as const
    const fields = { id: f.string(), name: f.string() }
    const Old = model('Thing', { fields, key: 'id', database: 'second' })
    const New = model('Thing', {
      fields,
      key: 'id',
      database: 'second',
      indexes: { byName: { on: 'gsi1', pk: 'N#{name}' } },
      unique: { name: ['name'] },
    })
    const before = await connect({ models: { Thing: Old }, databases, createTable: true })
    await before.Thing.create({ id: 'a', name: 'ada' })
    await before.close()
    const after = await connect({ models: { Thing: New }, databases, createTable: true })
    const parts: string[] = []
    after.on('warning', event => void (event.kind === 'incomplete' && parts.push(event.part)))
    expect(parts.sort()).toEqual(['index', 'unique'])
    expect(await after.Thing.reindex()).toMatchObject({ incomplete: [], counts: { rows: 1, written: 1 } })
    expect(await after.Thing.findBy({ name: 'ada' })).toMatchObject({ id: 'a' })
    await expect.poll(() => after.Thing.query.byName({ name: 'ada' }).count()).toBe(1)
    await after.close()
    // A database without models has no table.
    expect(await tested.store.describeTable(first)).toBeUndefined()
  })

  it('reads a collection in a second database, and refuses one across databases', async () => {
    const Head = model('Head', { database: 'secondary', fields: { id: f.string() }, key: { pk: 'C#{id}', sk: 'HEAD' } })
    const Part = model('Part', {
      database: 'secondary',
      fields: { id: f.string(), no: f.string() },
      key: { pk: 'C#{id}', sk: 'PART#{no}' },
    })
    const Apart = model('Apart', {
      fields: { id: f.string(), no: f.string() },
      key: { pk: 'C#{id}', sk: 'APART#{no}' },
    })
    const databases = [
      { id: 'primary', type: 'store', connectionDetails: { store: tested.store, table: primary } },
      { id: 'secondary', type: 'store', connectionDetails: { reuseId: 'primary', table: secondary } },
    ] as const
    const Whole = collection('Whole', { pk: 'C#{id}', one: { head: Head }, many: { parts: Part } })
    const whole = await connect({ models: { Head, Part }, collections: { Whole }, databases })
    await whole.Head.create({ id: 'c' })
    await whole.Part.create({ id: 'c', no: '1' })
    expect(await whole.Whole.get({ id: 'c' }, { consistent: true })).toMatchObject({
      head: { id: 'c' },
      parts: [{ no: '1' }],
    })
    await whole.close()
    const Mixed = collection('Mixed', { pk: 'C#{id}', one: { head: Head }, many: { parts: Apart } })
    await expect(connect({ models: { Head, Apart }, collections: { Mixed }, databases })).rejects.toMatchObject({
      code: 'ValidationFailed',
      message: expect.stringContaining('Apart is in another database than Head'),
    })
  })

  it('checks references into another store, and refuses guards and inherited permissions across stores', async () => {
    const databases = [
      { id: 'primary', type: 'store', connectionDetails: { store: tested.store, table: primary } },
      { id: 'secondary', type: 'store', connectionDetails: { reuseId: 'primary', table: secondary } },
      { id: 'elsewhere', type: 'store', connectionDetails: { store: other, table: far } },
    ] as const
    const project = (database: string) =>
      model('Project', { database, fields: { id: f.string() }, key: 'id', rules: { permissions: 'http' } })
    const Checked = model('Task', {
      fields: { id: f.string(), projectId: f.string() },
      key: 'id',
      rules: { permissions: 'http', references: { projectId: 'Project.id' } },
    })
    const checked = await connect({ models: { Project: project('elsewhere'), Task: Checked }, databases })
    await checked.Project.create({ id: 'p1' })
    await checked.Task.create({ id: 'x', projectId: 'p1' })
    await expect(checked.Task.create({ id: 'y', projectId: 'p2' })).rejects.toMatchObject({ code: 'RuleViolated' })
    await checked.close()

    const Guarded = model('Task', {
      fields: { id: f.string(), projectId: f.ref('Project', { guard: true }) },
      key: 'id',
      rules: { permissions: inherit('projectId') },
    })
    const refused = connect({ models: { Project: project('elsewhere'), Task: Guarded }, databases })
    await expect(refused).rejects.toMatchObject({
      code: 'ValidationFailed',
      details: {
        issues: [{ path: ['Task', 'rules', 'permissions', 'inherit'] }, { path: ['Task', 'fields', 'projectId'] }],
      },
    })
    // In the same store they are part of one transaction.
    const near = await connect({ models: { Project: project('secondary'), Task: Guarded }, databases })
    const system = near.scope({ system: 'test' })
    await system.Project.create({ id: 'near' })
    await system.Task.create({ id: 'z', projectId: 'near' })
    await expect(system.Task.create({ id: 'w', projectId: 'far' })).rejects.toMatchObject({ code: 'RuleViolated' })
    await near.close()
  })

  it('a guarded ref prevents a child in one database once its parent in another has been deleted', async () => {
    const Parent = model('Parent', { fields: { id: f.string() }, key: 'id', rules: { permissions: 'http' } })
    const Child = model('Child', {
      database: 'secondary',
      fields: { id: f.string(), parentId: f.ref('Parent', { guard: true }) },
      key: 'id',
    })
    const family = await connect({
      models: { Parent, Child },
      databases: [
        { id: 'primary', type: 'store', connectionDetails: { store: tested.store, table: primary } },
        { id: 'secondary', type: 'store', connectionDetails: { reuseId: 'primary', table: secondary } },
      ],
    })
    for (let round = 0; round < 40; round++) {
      const id = `round${round}`
      await family.Parent.create({ id })
      const outcomes = await Promise.allSettled([
        family.Child.create({ id, parentId: id }),
        family.Parent.delete({ id }),
      ])
      const [parent, child] = await Promise.all([
        family.Parent.get({ id }, { consistent: true }),
        family.Child.get({ id }, { consistent: true }),
      ])
      // A delete does not look for children, so it may follow the create; a create never follows the delete.
      expect(parent).toBeUndefined()
      expect(child !== undefined).toBe(outcomes[0].status === 'fulfilled')
      await expect(family.Child.create({ id: `late${round}`, parentId: id })).rejects.toMatchObject({
        code: 'RuleViolated',
      })
    }
    await family.close()
  })

  it('connect refuses a model of a database that is not listed', async () => {
    const databases = [{ id: 'primary', type: 'store', connectionDetails: { store: tested.store } }] as const
    const issues = [
      { path: ['Account', 'database'], message: 'is "secondary", which is not a database; there are primary' },
    ]
    // @ts-expect-error Account.database: secondary is not the id of a database.
    await expect(connect({ models: { Account }, databases })).rejects.toMatchObject({ details: { issues } })
    await expect(connect({ models: { Account }, store: tested.store })).rejects.toThrow(/connect has no databases/)
    // @ts-expect-error The same.
    await expect(connect({ models: { Account }, databases, table: 'x' })).rejects.toThrow(/table: cannot be combined/)
  })
})
