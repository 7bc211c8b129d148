/** Many creates in one call: what is returned was written, and what an error says of each row is true. */
import { connect, type Database, f, model, OutcomeUnknownError, PartitaError } from 'partita'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { memory } from '../../packages/partita/src/embedded/index.js'
import { describeEachStore } from '../stores.js'
import { faultsOf } from './consistency.js'
import { watch } from './watched-store.js'

const User = model('User', {
  fields: { id: f.ulid().auto(), email: f.string(), age: f.integer().optional() },
  key: 'id',
  unique: { email: ['email'] },
})
const Page = model('Page', { fields: { id: f.string(), n: f.integer().default(0) }, key: 'id' })
const Team = model('Team', { fields: { id: f.string() }, key: 'id' })
const Task = model('Task', {
  fields: {
    id: f.string(),
    code: f.string().optional(),
    teamId: f.ref('Team', { onDelete: 'restrict' }).optional(),
    deletedAt: f.deletedAt(),
  },
  key: 'id',
  unique: { code: ['code'] },
  softDelete: true,
  rules: {
    permissions: 'http',
    hooks: {
      validate: row => (row.code === 'bad' ? [{ path: 'code', message: 'is bad' }] : undefined),
      postSave: row => {
        if (row.code === 'post') throw new Error('post')
      },
    },
  },
})
const models = { User, Page, Team, Task }

async function errorOf(work: Promise<unknown>): Promise<PartitaError> {
  const error = await work.then(
    () => undefined,
    error => error,
  )
  if (error instanceof PartitaError) return error
  throw new Error('Expected an error', { cause: error })
}
const emails = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => ({ email: `e${from + i}` }))

describeEachStore('createMany', tested => {
  const table = 'many'
  let db: Database<typeof models>
  beforeAll(async () => {
    db = await connect({ models, store: tested.store, table, createTable: true })
  })
  afterAll(async () => {
    expect(await faultsOf({ store: tested.store, table, models })).toEqual([])
    await db.close()
  })

  it('createMany returns the records in the order of the input, with generated keys', async () => {
    const made = await db.User.createMany(emails(0, 40))
    expect(made.map(({ email }) => email)).toEqual(emails(0, 40).map(({ email }) => email))
    const read = await db.User.getMany(
      made.map(({ id }) => ({ id })),
      { consistent: true },
    )
    expect(read.map(row => row && { ...row })).toEqual(made.map(row => ({ ...row })))
    await made[3]?.update({ age: 3 })
    expect(await db.User.createMany([])).toEqual([])
  })

  it('createMany leaves out duplicates of keys and unique values, of rows and of the list', async () => {
    const made = await db.User.createMany([...emails(30, 50), { email: 'e45' }], { skipDuplicates: true })
    expect(made.map(({ email }) => email)).toEqual(emails(40, 50).map(({ email }) => email))
    await db.Page.create({ id: 'b', n: 1 })
    const pages = [{ id: 'a' }, { id: 'b', n: 2 }, { id: 'a', n: 3 }]
    expect((await db.Page.createMany(pages, { skipDuplicates: true })).map(({ id }) => id)).toEqual(['a'])
    expect((await db.Page.get({ id: 'b' }, { consistent: true }))?.n).toBe(1)
  })

  it('createMany creates each row once if calls compete for the same values', async () => {
    const call = () => db.User.createMany(emails(100, 120), { skipDuplicates: true })
    const made = (await Promise.all([call(), call(), call()])).flat()
    expect(made.map(({ email }) => email).sort()).toEqual(emails(100, 120).map(({ email }) => email))
  })

  it('createMany says which rows were created if one is refused', async () => {
    await db.User.create({ email: 'e205' })
    const error = await errorOf(db.User.createMany(emails(200, 240)))
    if (!PartitaError.is(error, 'PartlyCreated')) throw error
    const { index, created, notCreated, unknown, skipped } = error.details
    expect(error.cause).toMatchObject({ code: 'UniqueViolation' })
    expect([index, unknown, skipped]).toEqual([5, [], []])
    expect([...created, ...notCreated].sort((a, b) => a - b)).toEqual(emails(0, 40).map((_, i) => i))
    const found = await Promise.all(emails(200, 240).map(values => db.User.findBy(values, { consistent: true })))
    const stored = found.flatMap((row, i) => (row && i !== 5 ? [i] : []))
    expect(created).toEqual(stored)
  })

  it('createMany counts refs and passes rules', async () => {
    await db.Team.create({ id: 't' })
    const tasks = Array.from({ length: 12 }, (_, i) => ({ id: `r${i}`, code: `c${i}`, teamId: 't' }))
    await db.Task.createMany(tasks)
    expect((await errorOf(db.Team.delete({ id: 't' }))).code).toBe('RuleViolated')
    await db.Task.delete({ id: 'r0' })
    const rows = [{ id: 'r1' }, { id: 's', code: 'c2' }, { id: 'new', code: 'fresh' }]
    expect((await db.Task.createMany(rows, { skipDuplicates: true })).map(({ id }) => id)).toEqual(['new'])
    const bad = await errorOf(db.Task.createMany([{ id: 'x', code: 'bad' }], { skipDuplicates: true }))
    expect(bad).toMatchObject({ code: 'PartlyCreated', cause: { code: 'RuleViolated' }, details: { notCreated: [0] } })
    const deleted = await errorOf(db.Task.createMany([{ id: 'r0' }], { skipDuplicates: true }))
    expect(deleted).toMatchObject({ cause: { code: 'AlreadyExists', details: { isDeleted: true } } })
    const post = await errorOf(db.Task.createMany([{ id: 'post', code: 'post' }]))
    expect(post).toMatchObject({ cause: { code: 'HookFailed' }, details: { created: [0], notCreated: [] } })
    expect(await db.Task.get({ id: 'post' }, { consistent: true })).toBeDefined()
  })

  it('createMany writes with the rest of a transaction, or not at all', async () => {
    await db.User.create({ email: 'e305' })
    const some = [{ id: 'p1' }, { id: 'b' }]
    const failed = db.transaction(async tx => {
      await tx.Page.createMany([{ id: 'tx-0' }])
      await tx.User.createMany(emails(300, 310))
    })
    expect((await errorOf(failed)).code).toBe('UniqueViolation')
    expect(await db.Page.get({ id: 'tx-0' }, { consistent: true })).toBeUndefined()
    const made = await db.transaction(async tx => {
      await tx.Page.get({ id: 'b' })
      // The failing call leaves nothing of itself.
      expect((await errorOf(tx.Page.createMany(some))).code).toBe('AlreadyExists')
      expect(await tx.Page.get({ id: 'p1' })).toBeUndefined()
      const pages = await tx.Page.createMany(some, { skipDuplicates: true })
      return [...pages, ...(await tx.User.createMany(emails(303, 308), { skipDuplicates: true }))]
    })
    expect(made.map(row => ('email' in row ? row.email : row.id))).toEqual(['p1', 'e303', 'e304', 'e306', 'e307'])
    const ruled = db.transaction(tx => tx.Task.createMany([{ id: 'z' }], { skipDuplicates: true }))
    expect((await errorOf(ruled)).code).toBe('ValidationFailed')
    expect((await db.transaction(tx => tx.Task.createMany([{ id: 'z' }])))?.length).toBe(1)
  })
})

describe('createMany, in memory', () => {
  const engine = watch(memory())
  let db: Database<typeof models>
  beforeEach(async () => {
    db = await connect({ models, store: engine.store, table: `t${Math.random()}` })
    engine.calls = []
    engine.before = undefined
  })

  it('createMany checks all rows before it writes', async () => {
    const pathsOf = async (rows: unknown, options?: unknown) => {
      const error = await errorOf(db.User.createMany(rows as never, options as never))
      if (!PartitaError.is(error, 'ValidationFailed')) throw error
      return error.details.issues.map(({ path }) => path.join('.'))
    }
    expect(await pathsOf([{ email: 'a' }, { email: 1 }, { email: 'b', age: 'x' }])).toEqual(['1.email', '2.age'])
    expect(await pathsOf([{ email: 'a' }, { email: 'b' }, { email: 'a' }])).toEqual(['2'])
    expect(await pathsOf([null])).toContain('0')
    expect(await pathsOf('rows')).toEqual([''])
    expect(await pathsOf([], { skip: true })).toHaveLength(1)
    expect(await pathsOf([], { skipDuplicates: 1 })).toEqual(['skipDuplicates'])
    expect(engine.calls).toEqual([])
  })

  it('createMany does not say of a row that it was not created if that is unknown', async () => {
    engine.before = call => {
      if (call.operation === 'write' && call.request.kind === 'put' && call.request.item.id === 'lost') {
        throw new OutcomeUnknownError('lost', { operation: 'write' })
      }
    }
    const error = await errorOf(db.Page.createMany([{ id: 'a' }, { id: 'lost' }]))
    expect(error).toMatchObject({
      code: 'PartlyCreated',
      details: { index: 1, created: [0], notCreated: [], unknown: [1] },
    })
  })

  it('createMany keeps tenants apart', async () => {
    const [a, b] = [db.scope({ tenant: 'a' }), db.scope({ tenant: 'b' })]
    await a.User.createMany(emails(0, 3))
    expect(await b.User.createMany(emails(0, 3), { skipDuplicates: true })).toHaveLength(3)
    expect(await a.User.createMany(emails(0, 3), { skipDuplicates: true })).toHaveLength(0)
  })
})
