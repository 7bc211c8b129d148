/** Errors that a handler can send to its clients: models and key fields, with all stored keys under `physical`. */
import { connect, type Database, f, type Item, model, PartitaError } from 'partita'
import { type Faults, memory } from 'partita/embedded'
import { beforeAll, expect, it } from 'vitest'
import { describeEachStore } from '../stores.js'

const TENANT = 'secret-tenant'
const User = model('User', {
  fields: {
    id: f.string(),
    since: f.date(),
    email: f.string().optional(),
    stock: f.integer().default(0),
    version: f.version(),
    parts: f.map({ lines: f.list(f.integer()).default([]) }).default({ lines: [] }),
  },
  key: { pk: 'USER#{id}', sk: '{since}' },
  unique: { email: ['email'] },
  indexes: { byStock: { on: 'gsi1', pk: 'STOCK#{stock}' } },
})
const Plain = model('Plain', { fields: { id: f.string(), n: f.integer().default(0) }, key: { pk: 'PLAIN#{id}' } })
const models = { User, Plain }
const since = new Date('2020-01-02T03:04:05.000Z')

describeEachStore('errors of models', tested => {
  let table: string
  let db: Database<typeof models>
  const key = { id: 'ada', since }

  beforeAll(async () => {
    table = tested.tableName()
    const root = await connect({ models, store: tested.store, table, createTable: true })
    db = root.scope({ tenant: TENANT }) as typeof root
    await db.User.create({ ...key, email: 'ada@example.com', stock: 2 })
    await db.Plain.create({ id: 'p', n: 1 })
  })

  const failure = async (call: Promise<unknown>): Promise<PartitaError> =>
    call.then(
      () => expect.fail('it was not refused'),
      error => error,
    )

  it('errors name the model, its key fields and the existing row', async () => {
    const refused = {
      AlreadyExists: () => db.User.create(key),
      NotFound: () => db.User.update({ id: 'nobody', since }, { stock: 1 }),
      UniqueViolation: () => db.User.create({ id: 'eve', since, email: 'ada@example.com' }),
      ConditionFailed: () => db.User.update(key, { stock: 1 }, { if: { stock: { $gte: 3 } } }),
    }
    for (const [code, call] of Object.entries(refused)) {
      const error = await failure(call())
      const physical = { table, tenant: TENANT, key: { pk: expect.stringContaining(TENANT), sk: expect.any(String) } }
      expect(error, code).toMatchObject({ code, details: { model: 'User', key: { since }, physical } })
    }
    const condition = (call: Promise<unknown>) =>
      failure(call).then(({ details }) => (details as { item?: unknown }).item)
    expect(await condition(db.User.update(key, { stock: 1 }, { if: { stock: 9 } }))).toMatchObject({ stock: 2, since })
    expect(await condition(db.User.put({ ...key, stock: 1 }, { if: { stock: 9 } }))).toMatchObject({ stock: 2 })
    expect(await condition(db.User.delete(key, { if: { stock: 9 } }))).toMatchObject({ stock: 2 })
    expect(await condition(db.Plain.update({ id: 'p' }, { n: 2 }, { if: { n: 9 } }))).toEqual({ id: 'p', n: 1 })
    expect(await condition(db.Plain.put({ id: 'p', n: 2 }, { if: { n: 9 } }))).toEqual({ id: 'p', n: 1 })
    expect(await condition(db.Plain.delete({ id: 'p' }, { if: { n: 9 } }))).toEqual({ id: 'p', n: 1 })
    expect(await condition(db.Plain.delete({ id: 'none' }, { if: { n: 9 } }))).toBeUndefined()
  })

  it('errors give paths as segments, equal for create, update, if and where', async () => {
    const paths = async (call: Promise<unknown>) =>
      ((await failure(call)).details as { issues: { path: unknown }[] }).issues.map(({ path }) => path)
    const lines = [1.5] as number[]
    expect(await paths(db.User.create({ id: 'x', since, parts: { lines } }))).toEqual([['parts', 'lines', 0]])
    expect(await paths(db.User.update(key, { 'parts.lines[0]': 1.5 } as never))).toEqual([['parts', 'lines', 0]])
    expect(await paths(db.User.update(key, { 'parts.none': 1 } as never))).toEqual([['parts', 'none']])
    const where = { 'parts.lines[0]': 'x' } as never
    expect(await paths(db.User.query.byStock({ stock: 2 }, { where }).all())).toEqual([['where', 'parts', 'lines', 0]])
    expect(await paths(db.User.update(key, { stock: 1 }, { if: where }))).toEqual([['if', 'parts', 'lines', 0]])
  })

  it('errors show the tenant and stored keys only under physical', async () => {
    const stale = await db.User.get(key)
    await db.User.update(key, { stock: 3 })
    await spoil()
    const errors = await Promise.all(
      [
        db.User.create(key),
        db.User.update({ id: 'nobody', since }, { stock: 1 }),
        db.User.create({ id: 'eve', since, email: 'ada@example.com' }),
        db.User.put({ id: 'eve', since, email: 'ada@example.com' }),
        db.User.update(key, { stock: 1 }, { if: { stock: 9 } }),
        db.User.delete(key, { if: { stock: 9 } }),
        Object.assign(stale as object, { stock: 7 }) && (stale?.save() as Promise<unknown>),
        db.Plain.get({ id: 'bad' }),
        db.Plain.query.key({ id: 'bad' }, { strict: true }).all(),
        db.Plain.create({ id: 'x', n: 'no' as never }),
        db.Plain.get({} as never),
        db.Plain.create({ id: 'x'.repeat(3000) }),
        db.User.query.byStock({ stock: 1 }, { after: 'forged' }).page(),
        db.transaction(tx => tx.User.create(key)),
        db.transaction(tx => tx.User.update(key, { stock: 1 }, { if: { stock: 9 } })),
        db.transaction(tx => tx.User.create({ id: 'eve', since, email: 'ada@example.com' })),
      ].map(failure),
    )
    expect(new Set(errors.map(({ code }) => code))).toEqual(
      new Set([
        ...['AlreadyExists', 'NotFound', 'UniqueViolation', 'ConditionFailed', 'Conflict', 'Unreadable'],
        ...['ValidationFailed', 'LimitExceeded', 'InvalidCursor'],
      ]),
    )
    for (const error of errors) expectNothingPhysical(error)
  })

  async function spoil(): Promise<void> {
    await db.Plain.put({ id: 'bad', n: 1 })
    const stored = { pk: `T#${TENANT}#PLAIN#bad`, sk: 'Plain' }
    const { item } = await tested.store.get({ table, key: stored, consistent: true })
    await tested.store.write({ kind: 'put', table, item: { ...(item as Item), n: 'bad' } })
  }
})

it('errors of throttling and conflicts show neither the tenant nor a stored key', async () => {
  type Call = (db: Database<typeof models>) => Promise<unknown>
  const calls: readonly [Faults, Call][] = [
    [{ throttle: 1 }, db => db.Plain.get({ id: 'a' })],
    [{ throttle: 1 }, db => db.Plain.create({ id: 'a' })],
    [{ conflict: 1 }, db => db.transaction(tx => tx.Plain.create({ id: 'a' }), { attempts: 2 })],
  ]
  for (const [faults, call] of calls) {
    const store = memory({ faults })
    const root = await connect({ models, store })
    const error = await call(root.scope({ tenant: TENANT }) as typeof root).catch(it => it)
    expect(error).toBeInstanceOf(PartitaError)
    expectNothingPhysical(error as PartitaError)
    await store.close()
  }
})

function expectNothingPhysical(error: PartitaError): void {
  const { physical: _, ...details } = error.details as { physical?: unknown }
  const shown = `${error.message} ${JSON.stringify(details)}`
  expect(shown, error.code).not.toContain(TENANT)
  expect(shown, error.code).not.toContain('T#')
  expect(JSON.stringify(details), error.code).not.toContain('"pk"')
}
