/** Upserts: one row for each key, whoever creates it, and every change of every call. */
import { add, connect, type Database, f, model, PartitaError } from 'partita'
import { afterAll, beforeAll, beforeEach, describe, expect, expectTypeOf, it } from 'vitest'
import { memory } from '../../packages/partita/src/embedded/index.js'
import { describeEachStore } from '../stores.js'
import { faultsOf } from './consistency.js'
import { watch } from './watched-store.js'

const Visit = model('Visit', {
  fields: {
    page: f.string(),
    n: f.integer().default(0),
    state: f.enum('new', 'seen').default('new'),
    expires: f.ttl().optional(),
    createdAt: f.createdAt(),
  },
  key: 'page',
  indexes: { byState: { on: 'gsi1', pk: 'STATE#{state}', sk: '{n}' } },
})
const Member = model('Member', {
  fields: { team: f.string(), id: f.string(), email: f.string().optional(), version: f.version() },
  key: { pk: 'TEAM#{team}', sk: 'MEMBER#{id}' },
  unique: { email: ['email'] },
})
const Team = model('Team', { fields: { id: f.string(), name: f.string() }, key: 'id' })
const Note = model('Note', {
  fields: {
    id: f.string(),
    text: f.string(),
    teamId: f.ref('Team', { onDelete: 'restrict' }).optional(),
    deletedAt: f.deletedAt(),
  },
  key: 'id',
  softDelete: true,
  rules: {
    permissions: 'http',
    hooks: { validate: row => (row.text === 'bad' ? [{ path: 'text', message: 'is bad' }] : undefined) },
  },
})
const Secret = model('Secret', {
  fields: { id: f.string(), owner: f.string(), n: f.integer().default(0) },
  key: 'id',
  rules: {
    permissions: {
      conditions: ({ actor }) => ({ owner: String(actor) }),
      enforce: (row, { actor }) => row.owner === actor,
    },
  },
})
const models = { Visit, Member, Team, Note, Secret }
type Models = typeof models

const codeOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    error => (error instanceof PartitaError ? error.code : error),
  )

describeEachStore('upsert', tested => {
  const table = 'upserts'
  let db: Database<Models>
  beforeAll(async () => {
    db = await connect({ models, store: tested.store, table, createTable: true })
  })
  afterAll(async () => {
    expect(await faultsOf({ store: tested.store, table, models })).toEqual([])
    await db.close()
  })

  it('an upsert creates the row that is missing and changes the one that is there', async () => {
    const parts = { create: { n: 1 }, update: { n: add(1), state: 'seen' } } as const
    const made = await db.Visit.upsert({ page: '/a' }, parts)
    expect({ ...made }).toMatchObject({ page: '/a', n: 1, state: 'new' })
    const changed = await db.Visit.upsert({ page: '/a' }, parts)
    expect({ ...changed }).toEqual({ ...made, n: 2, state: 'seen' })
    const [listed] = await db.Visit.query.byState({ state: 'seen' }).all()
    expect(listed?.page).toBe('/a')
    await changed.update({ n: 7 })
    expect((await db.Visit.get({ page: '/a' }, { consistent: true }))?.n).toBe(7)
  })

  it('an upsert without an update returns the row as it is', async () => {
    const made = await db.Visit.upsert({ page: '/got' }, { create: { n: 3 } })
    expect({ ...(await db.Visit.upsert({ page: '/got' }, { create: { n: 4 } })) }).toEqual({ ...made })
  })

  it('an upsert loses no change of concurrent calls', async () => {
    const call = () => db.Visit.upsert({ page: '/race' }, { create: { n: 1 }, update: { n: add(1) } })
    await Promise.all(Array.from({ length: 8 }, call))
    expect((await db.Visit.get({ page: '/race' }, { consistent: true }))?.n).toBe(8)
  })

  it('an upsert loses no change against concurrent deletes', async () => {
    let deleted = 0
    const write = async () => {
      for (let i = 0; i < 10; i++) {
        await db.Visit.upsert({ page: '/gone' }, { create: { n: 1 }, update: { n: add(1) } })
      }
    }
    const clear = async () => {
      for (let i = 0; i < 10; i++) deleted += (await db.Visit.delete({ page: '/gone' }))?.n ?? 0
    }
    await Promise.all([write(), write(), clear()])
    const left = (await db.Visit.get({ page: '/gone' }, { consistent: true }))?.n ?? 0
    expect(deleted + left).toBe(20)
  })

  it('an upsert creates over an expired row', async () => {
    await db.Visit.create({ page: '/old', n: 9, expires: new Date(1000) })
    const made = await db.Visit.upsert({ page: '/old' }, { create: {}, update: { n: add(1) } })
    expect(made.n).toBe(0)
    expect(made.expires).toBeUndefined()
  })

  it('an upsert refuses a unique value of another row, in both parts', async () => {
    await db.Member.create({ team: 't', id: 'holder', email: 'taken' })
    const taken = { email: 'taken' }
    expect(await codeOf(db.Member.upsert({ team: 't', id: 'x' }, { create: taken }))).toBe('UniqueViolation')
    expect(await db.Member.get({ team: 't', id: 'x' }, { consistent: true })).toBeUndefined()
    await db.Member.upsert({ team: 't', id: 'x' }, { create: { email: 'free' } })
    const update = db.Member.upsert({ team: 't', id: 'x' }, { create: {}, update: taken })
    expect(await codeOf(update)).toBe('UniqueViolation')
    const moved = await db.Member.upsert({ team: 't', id: 'x' }, { create: {}, update: { email: 'new' } })
    expect(moved.version).toBe(2)
    expect((await db.Member.findBy({ email: 'new' }, { consistent: true }))?.id).toBe('x')
  })

  it('an upsert writes with the rest of a transaction, or not at all', async () => {
    const parts = { create: { n: 1 }, update: { n: add(1) } }
    await db.transaction(async tx => {
      await Promise.all([tx.Visit.upsert({ page: '/tx' }, parts), tx.Visit.upsert({ page: '/tx' }, parts)])
      expect((await tx.Visit.get({ page: '/tx' }))?.n).toBe(2)
    })
    const failed = db.transaction(async tx => {
      await tx.Visit.upsert({ page: '/tx' }, parts)
      await tx.Visit.upsert({ page: '/tx-2' }, parts)
      throw new Error('stop')
    })
    await expect(failed).rejects.toThrow('stop')
    expect((await db.Visit.get({ page: '/tx' }, { consistent: true }))?.n).toBe(2)
    expect(await db.Visit.get({ page: '/tx-2' }, { consistent: true })).toBeUndefined()
    await Promise.all(
      Array.from({ length: 4 }, () => db.transaction(tx => tx.Visit.upsert({ page: '/tx' }, parts), { attempts: 60 })),
    )
    expect((await db.Visit.get({ page: '/tx' }, { consistent: true }))?.n).toBe(6)
  })

  it('an upsert passes the rules, counts refs, and refuses a soft-deleted row as a create does', async () => {
    await db.Team.create({ id: 'one', name: 'One' })
    const bad = db.Note.upsert({ id: 'n' }, { create: { text: 'bad' } })
    expect(await codeOf(bad)).toBe('RuleViolated')
    await Promise.all(
      ['a', 'b', 'c'].map(text => db.Note.upsert({ id: 'n' }, { create: { text, teamId: 'one' }, update: { text } })),
    )
    expect(await codeOf(db.Note.upsert({ id: 'n' }, { create: { text: 'x' }, update: { text: 'bad' } }))).toBe(
      'RuleViolated',
    )
    expect(await codeOf(db.Team.delete({ id: 'one' }))).toBe('RuleViolated')
    await db.Note.delete({ id: 'n' })
    const again = db.Note.upsert({ id: 'n' }, { create: { text: 'x' }, update: { text: 'y' } })
    await expect(again).rejects.toMatchObject({ code: 'AlreadyExists', details: { isDeleted: true } })
    const seeing = db.scope({ withDeleted: true })
    expect(await codeOf(seeing.Note.upsert({ id: 'n' }, { create: { text: 'x' } }))).toBe('AlreadyExists')
  })

  it('an upsert neither changes nor returns a row that permissions hide', async () => {
    const [ann, bob] = [db.scope({ actor: 'ann' }), db.scope({ actor: 'bob' })]
    const parts = { create: { owner: 'ann' }, update: { n: add(1) } }
    await ann.Secret.upsert({ id: 's' }, parts)
    expect(await codeOf(bob.Secret.upsert({ id: 's' }, parts))).toBe('PermissionDenied')
    expect(await codeOf(bob.Secret.upsert({ id: 's' }, { ...parts, create: { owner: 'bob' } }))).toBe('AlreadyExists')
    expect((await ann.Secret.upsert({ id: 's' }, parts)).n).toBe(1)
  })
})

describe('upsert, in memory', () => {
  const engine = watch(memory())
  let db: Database<Models>
  beforeEach(async () => {
    db = await connect({ models, store: engine.store, table: `t${Math.random()}` })
    engine.calls = []
    engine.before = undefined
  })
  const sent = () => engine.calls.map(({ operation }) => operation)

  it('an upsert sends one request for a row that is there, and two for one that is missing', async () => {
    const parts = { create: {}, update: { state: 'seen' } } as const
    await db.Visit.upsert({ page: '/' }, { ...parts, update: { expires: new Date(2e12) } })
    expect(sent()).toEqual(['write', 'write'])
    engine.calls = []
    await db.Visit.upsert({ page: '/' }, { create: {}, update: { expires: new Date(3e12) } })
    expect(sent()).toEqual(['write'])
  })

  it('an upsert starts again if other writers create and delete the row in between', async () => {
    const other = { page: '/busy' }
    let rounds = 2
    let isInner = false
    engine.before = async call => {
      if (isInner || rounds === 0 || call.operation !== 'write') return
      isInner = true
      if (call.request.kind === 'put') {
        rounds--
        await db.Visit.put({ ...other, n: 5 })
      } else await db.Visit.delete(other)
      isInner = false
    }
    const upserted = await db.Visit.upsert(other, { create: { n: 1 }, update: { n: add(1) } })
    expect([rounds, upserted.n]).toEqual([0, 6])
  })

  it('an upsert checks both parts before it writes', async () => {
    const key = { page: '/' }
    const issuesOf = (work: Promise<unknown>) =>
      work.then(
        () => undefined,
        error => error.details.issues.map(({ path }: { readonly path: readonly string[] }) => path.join('.')),
      )
    const upsert = db.Visit.upsert.bind(db.Visit) as (...given: unknown[]) => Promise<unknown>
    expect(await issuesOf(upsert(key, { create: { n: 'x' } }))).toEqual(['create.n'])
    expect(await issuesOf(upsert(key, { create: {}, update: { n: 'x' } }))).toEqual(['update.n'])
    expect(await issuesOf(upsert(key, { create: { page: '/' } }))).toEqual(['create.page'])
    expect(await issuesOf(upsert(key, { create: {}, update: { page: '/b' } }))).toEqual(['update.page'])
    expect(await issuesOf(upsert(key, { create: {}, update: undefined }))).toEqual(['update'])
    expect(await issuesOf(upsert(key, { update: { n: 1 } }))).toEqual(['create'])
    expect(await issuesOf(upsert(key, undefined))).toEqual([''])
    expect(await issuesOf(upsert({}, { create: {} }))).toEqual(['page'])
    expect(await codeOf(upsert(key, { create: {}, where: {} }))).toBe('ValidationFailed')
    expect(await codeOf(upsert(key, { create: {} }, { if: {} }))).toBe('ValidationFailed')
    expect(await codeOf(upsert(key, { create: JSON.parse('{"__proto__":1}') }))).toBe('ValidationFailed')
    expect(engine.calls).toEqual([])
  })

  it('an upsert keeps tenants apart', async () => {
    const parts = { create: { n: 1 }, update: { n: add(1) } }
    const [a, b] = [db.scope({ tenant: 'a' }), db.scope({ tenant: 'b' })]
    for (const tenant of [a, a, b]) await tenant.Visit.upsert({ page: '/' }, parts)
    expect((await a.Visit.get({ page: '/' }))?.n).toBe(2)
    expect((await b.Visit.get({ page: '/' }))?.n).toBe(1)
  })

  it('the types say what each part takes', () => {
    type Parts = Parameters<typeof db.Member.upsert>[1]
    expectTypeOf<keyof Parts['create']>().toEqualTypeOf<'email' | 'version'>()
    // @ts-expect-error The name of a note is not a field.
    void (() => db.Note.upsert({ id: 'n' }, { create: { text: 'x', name: 'y' } }))
    // @ts-expect-error `create` lacks a required field.
    void (() => db.Note.upsert({ id: 'n' }, { create: {} }))
  })
})
