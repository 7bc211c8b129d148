/** Tenants in one table: each is isolated, whatever its name and its rows. */
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { memory } from '../../packages/partita/src/embedded/index.js'
import { add } from '../../packages/partita/src/model/index.js'
import type { ScopeOptions } from '../../packages/partita/src/model/types/database.js'
import type { Store } from '../../packages/partita/src/store/store.js'
import { seed, seeded } from '../seeded.js'
import { failure } from '../store-contract/fixtures.js'
import { describeEachStore } from '../stores.js'
import { everyItem, faultsOf } from './consistency.js'
import { ending } from './ending.js'
import { hostileText } from './hostile.js'
import { collect, commands, plain } from './tenants/commands.js'
import { models, type Options, open, type Tenants } from './tenants/models.js'
import { World } from './tenants/world.js'

const random = seeded(seed)

type Mode = 'handle' | 'given' | 'ambient' | 'inside another'

interface Participant {
  readonly mode: Mode
  readonly loader: boolean
  readonly steps: readonly (readonly [command: string, a: number, b: number, c: number])[]
}

const participants = (length: number): fc.Arbitrary<Participant> =>
  fc.record({
    mode: fc.constantFrom<Mode>('handle', 'given', 'ambient', 'inside another'),
    loader: fc.boolean(),
    steps: fc.array(fc.tuple(fc.constantFrom(...Object.keys(commands)), fc.nat(7), fc.nat(7), fc.nat(7)), {
      minLength: length / 2,
      maxLength: length,
      size: 'max',
    }),
  })

const tenantName = fc.oneof(
  hostileText({ minLength: 1 }),
  fc.constantFrom(
    'x',
    'X',
    'x#',
    'x%23',
    'T#x',
    'T#x#USER',
    'UNIQUE',
    'Person#x',
    ' ',
    'é',
    'e\u0301',
    'x'.repeat(400),
  ),
)
/** An empty name means no tenant. */
const tenantNames = fc.uniqueArray(fc.oneof({ weight: 6, arbitrary: tenantName }, fc.constant('')), {
  minLength: 2,
  maxLength: 4,
})

describeEachStore('tenants', tested => {
  const isFast = tested.name === 'memory'
  const [numRuns, length] = isFast ? [25, 40] : [2, 30]

  it('tenants do not affect each other, whatever they do at the same time', async () => {
    const each = fc.array(participants(length), { minLength: 4, maxLength: 4, size: 'max' })
    const property = fc.asyncProperty(tenantNames, each, async (names, parts) => {
      const table = tested.tableName()
      const { store } = tested
      const db = await open(store, table)
      const worlds = new Map(names.map(name => [name || undefined, new World()]))
      const live = async (name: string, { mode, loader, steps }: Participant) => {
        const world = worlds.get(name || undefined) as World
        const options: ScopeOptions = { ...(name && { tenant: name }), loader }
        const act = async (scope: Tenants) => {
          for (const [command, a, b, c] of steps) await commands[command]?.(scope, world, a, b, c)
        }
        if (mode === 'given') await db.run(options, act)
        else if (mode === 'ambient') await db.run(options, () => act(db))
        else if (mode === 'handle' || !name) await act(db.scope(options))
        else await db.run({ tenant: `not ${name}`.slice(0, 300) }, () => db.run(options, act))
      }
      await Promise.all(names.map((name, i) => live(name, parts[i] as Participant)))

      expect(await faultsOf({ store, table, models })).toEqual([])
      const items = (await everyItem({ store, table })).filter(it => it._type !== 'UNIQUE')
      const counts = new Map<string | undefined, number>()
      for (const { pk, sk } of items) {
        const { tenant } = db.decodeKey(String(pk), String(sk))
        counts.set(tenant, (counts.get(tenant) ?? 0) + 1)
      }
      for (const [name, world] of worlds) expect(counts.get(name) ?? 0).toBe(world.size())
      expect(items.length).toBe([...counts.values()].reduce((sum, it) => sum + it, 0))
    })
    await fc.assert(property, { numRuns, endOnFailure: !isFast })
  })
})

describe('a tenant', () => {
  let store: Store
  beforeAll(() => {
    store = memory()
  })
  afterAll(() => store.close())
  let tables = 0
  const fresh = (more: Options = {}) => open(store, `tenant-${++tables}`, more)

  it.each([undefined, 'a secret of at least 32 characters, or so'])(
    'a cursor of another tenant is refused, with the secret %s',
    async cursorSecret => {
      const db = await fresh(cursorSecret === undefined ? {} : { cursorSecret })
      const [a, b] = [db.scope({ tenant: 'a' }), db.scope({ tenant: 'b' })]
      for (const scope of [a, b, db]) {
        for (let i = 0; i < 5; i++) {
          await scope.Person.create({ personId: `p${i}`, email: `p${i}`, team: 't' })
          await scope.Post.create({ board: 'b', postId: `${i}`, personId: 'p1', text: '' })
        }
      }
      const ofIndex = await a.Person.query.byTeam({ team: 't' }, { limit: 2 }).page()
      const ofKey = await a.Post.query.key({ board: 'b' }, { limit: 2 }).page()
      let ofWalk: string | undefined
      for await (const batch of a.Person.iterate({ batchSize: 1 }).batches()) {
        ofWalk = batch.cursor
        break
      }
      expect([ofIndex.cursor, ofKey.cursor, ofWalk].every(it => typeof it === 'string')).toBe(true)
      for (const other of [b, db]) {
        const calls = [
          () => other.Person.query.byTeam({ team: 't' }, { limit: 2, after: ofIndex.cursor }).page(),
          () => other.Post.query.key({ board: 'b' }, { limit: 2, after: ofKey.cursor }).all(),
          () => collect(other.Person.iterate({ batchSize: 1, after: ofWalk })),
        ]
        for (const call of calls) expect((await failure(call())).code).toBe('InvalidCursor')
      }
      const next = await a.Person.query.byTeam({ team: 't' }, { limit: 2, after: ofIndex.cursor }).page()
      expect(next.items.map(it => it.personId)).toEqual(['p2', 'p3'])
    },
  )

  it('a tenant must have a valid name', async () => {
    const db = await fresh()
    const names = ['', undefined, null, 0, 5, {}, ['a'], '\ud800']
    for (const name of names) {
      const options = { tenant: name } as unknown as ScopeOptions
      const isRefused = expect.objectContaining({ code: 'ValidationFailed' })
      expect(() => db.scope(options), String(name)).toThrow(isRefused)
      let isRun = false
      await expect((async () => db.run(options, async () => void (isRun = true)))(), String(name)).rejects.toEqual(
        isRefused,
      )
      expect(isRun).toBe(false)
    }
  })

  it('a tenant name that is too long is refused and never truncated', async () => {
    const db = await fresh()
    const long = 'x'.repeat(2100)
    const error = await failure((async () => db.scope({ tenant: long }).Tag.put({ tagId: 'a', label: '' }))())
    expect(['LimitExceeded', 'ValidationFailed']).toContain(error.code)
    expect(await everyItem({ store, table: `tenant-${tables}` })).toEqual([])
  })

  it('every call requires a tenant if tenancy is required', async () => {
    const db = await fresh({ tenancy: 'required' })
    const key = { personId: 'x' }
    const row = { personId: 'x', email: 'x' }
    const calls = (scope: Tenants): (() => Promise<unknown>)[] => [
      async () => scope.Person.create(row),
      async () => scope.Person.put(row),
      async () => scope.Person.get(key),
      async () => scope.Person.getMany([key]),
      async () => scope.Person.findBy({ email: 'x' }),
      async () => scope.Person.update(key, { points: add(1) }),
      async () => scope.Person.delete(key),
      async () => scope.Person.query.byTeam({ team: 'x' }).page(),
      async () => scope.Person.query.byTeam({ team: 'x' }).all(),
      async () => scope.Person.query.byTeam({ team: 'x' }).first(),
      async () => scope.Person.query.byTeam({ team: 'x' }).count(),
      async () => collect(scope.Person.query.byTeam({ team: 'x' })),
      async () => collect(scope.Post.query.key({ board: 'x' })),
      async () => collect(scope.Person.iterate()),
      async () => collect(scope.Person.iterate().batches()),
      async () => scope.batch(batch => batch.Tag.put({ tagId: 'x', label: '' })),
      async () => scope.transaction(tx => tx.Person.get(key)),
      async () => scope.transaction(async tx => void (await tx.Person.create(row))),
      async () => scope.BoardDetails.get({ board: 'x' }),
    ]
    for (const scope of [db, db.scope({ actor: 'someone' }), db.scope({ loader: true })]) {
      for (const call of calls(scope)) expect((await failure(call())).code, String(call)).toBe('TenantRequired')
    }
    for (const call of calls(db)) {
      const inside = db.run({ actor: 'someone' }, call)
      expect((await failure(inside)).code, String(call)).toBe('TenantRequired')
    }
    expect(await everyItem({ store, table: `tenant-${tables}` })).toEqual([])
    await db.run({ tenant: 'x' }, async scope => {
      for (const call of calls(scope).slice(2)) expect((await ending(call())) ?? {}).toBeDefined()
      expect(plain(await db.Person.get(key))).toEqual({ ...row, points: 0 })
    })
    expect((await failure((async () => db.Person.get(key))())).code).toBe('TenantRequired')
  })

  it('records, queries and handles keep their tenant wherever they are used', async () => {
    const db = await fresh()
    for (const tenant of ['a', 'b']) {
      const scope = db.scope({ tenant })
      await scope.Person.create({ personId: 'p', email: `${tenant}@x`, team: 't' })
      await scope.Post.create({ board: 'b', postId: '1', personId: 'p', text: tenant })
    }
    const [record, query, walk] = await db.run({ tenant: 'a' }, async scope => [
      await scope.Person.get({ personId: 'p' }),
      scope.Person.query.byTeam({ team: 't' }),
      scope.Person.iterate(),
    ])
    if (!record) throw new Error('The row is gone')
    const handle = db.scope({ tenant: 'a' })
    await db.run({ tenant: 'b' }, async () => {
      expect((await query.all()).map(it => it.email)).toEqual(['a@x'])
      expect((await collect(walk)).map(it => it.email)).toEqual(['a@x'])
      expect((await record.posts().all()).map(it => it.text)).toEqual(['a'])
      expect((await handle.Person.get({ personId: 'p' }))?.email).toBe('a@x')
      record.points = 7
      await record.save()
      await record.update({ team: 'u' })
      expect((await record.reload()).points).toBe(7)
    })
    expect(plain(await db.scope({ tenant: 'b' }).Person.get({ personId: 'p' }))).toEqual({
      personId: 'p',
      email: 'b@x',
      team: 't',
      points: 0,
    })
    await db.run({ tenant: 'b' }, () => record.delete())
    expect(await handle.Person.get({ personId: 'p' })).toBeUndefined()
    expect((await db.scope({ tenant: 'b' }).Person.get({ personId: 'p' }))?.email).toBe('b@x')
    expect(await faultsOf({ store, table: `tenant-${tables}`, models })).toEqual([])
  })

  it('inner scopes inherit the tenant, and a scope of another tenant has a separate cache', async () => {
    const db = await fresh()
    for (const tenant of ['a', 'b']) await db.scope({ tenant }).Tag.put({ tagId: 't', label: tenant })
    const label = async () => (await db.Tag.get({ tagId: 't' }))?.label
    await db.run({ tenant: 'a', loader: true }, async () => {
      expect(await label()).toBe('a')
      await db.run({ actor: 'someone' }, async scope => {
        expect(scope.tenant).toBe('a')
        expect(await label()).toBe('a')
      })
      await db.run({ tenant: 'b', loader: true }, async () => {
        expect(await label()).toBe('b')
        await db.Tag.put({ tagId: 't', label: 'b2' })
        expect(await label()).toBe('b2')
      })
      expect(await label()).toBe('a')
      const both = await Promise.all([label(), db.run({ tenant: 'b', loader: true }, label), label()])
      expect(both).toEqual(['a', 'b2', 'a'])
    })
    expect(await label()).toBeUndefined()
  })

  it('concurrent scopes keep their tenants across timers and promises', async () => {
    const db = await fresh()
    const tenants = Array.from({ length: 20 }, (_, i) => `t${i}`)
    const ticks = () => new Promise<void>(resolve => (random() < 0.5 ? setImmediate(resolve) : setTimeout(resolve, 1)))
    await Promise.all(
      tenants.map(tenant =>
        db.run({ tenant, loader: random() < 0.5 }, async () => {
          await db.Tag.put({ tagId: 'same', label: tenant })
          for (let i = 0; i < 10; i++) {
            await ticks()
            expect((await db.Tag.get({ tagId: 'same' }))?.label).toBe(tenant)
            await Promise.all([ticks(), db.Tag.update({ tagId: 'same' }, { label: tenant })])
          }
        }),
      ),
    )
    const table = `tenant-${tables}`
    expect((await everyItem({ store, table })).length).toBe(tenants.length)
  })
})
