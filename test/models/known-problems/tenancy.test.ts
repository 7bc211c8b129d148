/** Tenants: always separate, always required, and never circumvented. */
import { add, collection, connect, type Database, f, many, model, one, type Scope } from 'partita'
import { beforeAll, expect, it } from 'vitest'
import { knownProblems } from '../../known-problems/known-problems.js'
import { describeEachStore } from '../../stores.js'
import { everyItem } from '../consistency.js'
import { pause } from '../watched-store.js'

const User = model('User', {
  fields: {
    userId: f.string(),
    name: f.string(),
    email: f.email().optional(),
    team: f.string().default('red'),
    visits: f.counter(),
  },
  key: { pk: 'USER#{userId}' },
  unique: { email: ['email'] },
  indexes: { byTeam: { on: 'gsi1', pk: 'TEAM#{team}', sk: '{userId}' } },
  relations: { posts: many('Post', 'key') },
})
const Post = model('Post', {
  fields: { userId: f.ref('User'), postId: f.string(), title: f.string() },
  key: { pk: 'USER#{userId}', sk: 'POST#{postId}' },
  relations: { author: one('User', 'userId') },
})
/** All its rows are in one partition. */
const Setting = model('Setting', {
  fields: { name: f.string(), value: f.string() },
  key: { pk: 'SETTINGS', sk: '{name}' },
})
const UserPage = collection('UserPage', { pk: 'USER#{userId}', one: { user: User }, many: { posts: Post } })

const models = { User, Post, Setting }
const collections = { UserPage }
type Db = Scope<typeof models, typeof collections>
const failsWith = (code: string) => expect.objectContaining({ code })

describeEachStore('tenants', tested => {
  const { absent, allAccountedFor } = knownProblems('dynamo-bao', import.meta.url)
  let table: string
  let db: Database<typeof models, typeof collections>
  let ids = 0

  const open = (cursorSecret?: string) =>
    connect({ models, collections, store: tested.store, table, tenancy: 'required', createTable: true, cursorSecret })
  beforeAll(async () => {
    table = tested.tableName()
    db = await open()
  })

  const fresh = () => `id${++ids}`
  const inTenant = <T>(tenant: string, work: (scope: Db) => Promise<T>) => db.run({ tenant }, work)

  absent([20], 'concurrent reads of several tenants return the rows of their own tenant', async () => {
    const userId = fresh()
    const tenants = ['acme', 'globex']
    for (const tenant of tenants) await inTenant(tenant, scope => scope.User.create({ userId, name: tenant }))
    const read = (tenant: string) =>
      db.run({ tenant, loader: true }, async () => {
        await pause(1)
        return (await db.User.get({ userId }))?.name
      })
    expect(await Promise.all([...tenants, ...tenants].map(read))).toEqual([...tenants, ...tenants])
    // In one scope with a loader, with the other scopes inside it.
    await db.run({ tenant: 'acme', loader: true }, async acme => {
      const globex = db.scope({ tenant: 'globex', loader: true })
      const users = [acme.User, globex.User, acme.User, globex.User]
      const names = await Promise.all(users.map(async repository => (await repository.get({ userId }))?.name))
      expect(names).toEqual([...tenants, ...tenants])
      expect(await read('globex')).toBe('globex')
      await globex.User.update({ userId }, { name: 'changed' })
      expect((await db.User.get({ userId }))?.name).toBe('acme')
      expect([acme.tenant, globex.tenant]).toEqual(tenants)
    })
  })

  absent([21], 'tenants are separate in models with one partition, and find their own rows', async () => {
    for (const tenant of ['acme', 'globex']) {
      await inTenant(tenant, scope => scope.Setting.create({ name: 'colour', value: tenant }))
    }
    const listed = await inTenant('acme', scope => scope.Setting.query.key({}).all())
    expect(listed.map(it => it.value)).toEqual(['acme'])
    const found = await inTenant('globex', scope => scope.Setting.query.key({ name: { $beginsWith: 'col' } }).all())
    expect(found.map(it => it.value)).toEqual(['globex'])
    expect(await inTenant('acme', scope => scope.Setting.delete({ name: 'colour' }))).toMatchObject({ value: 'acme' })
    expect(await inTenant('globex', scope => scope.Setting.get({ name: 'colour' }))).toMatchObject({ value: 'globex' })
  })

  absent([22], 'every call outside a tenant is refused', async () => {
    await inTenant('acme', scope => scope.User.create({ userId: 'last', name: 'used last' }))
    const key = { userId: 'last' }
    const user = { ...key, name: 'x' }
    const calls: Record<string, (scope: Db) => unknown> = {
      create: it => it.User.create(user),
      put: it => it.User.put(user),
      get: it => it.User.get(key),
      getMany: it => it.User.getMany([key]),
      findBy: it => it.User.findBy({ email: 'a@example.com' }),
      update: it => it.User.update(key, { visits: add(1) }),
      delete: it => it.User.delete(key),
      page: it => it.User.query.byTeam({ team: 'red' }).page(),
      all: it => it.User.query.key(key).all(),
      first: it => it.User.query.byTeam({ team: 'red' }).first(),
      count: it => it.User.query.byTeam({ team: 'red' }).count(),
      explain: it => it.User.query.byTeam({ team: 'red' }).explain(),
      walk: it => it.User.query.byTeam({ team: 'red' })[Symbol.asyncIterator]().next(),
      iterate: it => it.User.iterate()[Symbol.asyncIterator]().next(),
      batches: it => it.User.iterate().batches()[Symbol.asyncIterator]().next(),
      batch: it => it.batch(batch => batch.Setting.put({ name: 'x', value: 'x' })),
      transaction: it => it.transaction(async tx => await tx.User.get(key)),
      collection: it => it.UserPage.get(key),
    }
    const scope = db.scope({ loader: true, actor: 'nobody' })
    for (const [name, call] of Object.entries(calls)) {
      for (const it of [db, scope]) {
        await expect((async () => await call(it))(), name).rejects.toEqual(failsWith('TenantRequired'))
      }
      await expect(inTenant('acme', async it => await call(it)).catch(error => error.code)).resolves.not.toBe(
        'TenantRequired',
      )
    }
    for (const tenant of [undefined, '', null, 5]) {
      const options = { tenant } as unknown as { tenant: string }
      await expect((async () => await db.run(options, async () => 'ran'))()).rejects.toEqual(
        failsWith('ValidationFailed'),
      )
      expect(() => db.scope(options)).toThrow(failsWith('ValidationFailed'))
    }
  })

  absent([23], 'a new tenant can use every kind of call without setup', async () => {
    await inTenant('brand new', async scope => {
      const row = await scope.User.create({ userId: 'u', name: 'Ada', email: 'ada@example.com' })
      await scope.Post.create({ userId: 'u', postId: 'p', title: 'Notes' })
      await expect(scope.User.create({ userId: 'v', name: 'B', email: 'ada@example.com' })).rejects.toEqual(
        failsWith('UniqueViolation'),
      )
      expect(await scope.User.findBy({ email: 'ada@example.com' })).toMatchObject({ userId: 'u' })
      expect((await row.posts().all()).map(it => it.title)).toEqual(['Notes'])
      expect((await scope.Post.get({ userId: 'u', postId: 'p' }, { with: { author: true } }))?.author?.name).toBe('Ada')
      expect((await scope.UserPage.get({ userId: 'u' }))?.posts).toHaveLength(1)
      const walked = []
      for await (const user of scope.User.iterate()) walked.push(user.userId)
      expect(walked).toEqual(['u'])
      row.email = 'new@example.com'
      await row.save()
      expect(await scope.User.findBy({ email: 'ada@example.com' })).toBe(undefined)
      await row.delete()
    })
  })

  absent([24], 'tenants are separate whatever characters their names contain', async () => {
    const names = [
      'a',
      'a#',
      '#a',
      'a#USER',
      'T#a',
      'a%23',
      '%23',
      ' ',
      '[x]',
      'a/b',
      'UNIQUE',
      'é',
      '\u0000',
      '😀',
      'a'.repeat(60),
    ]
    const userId = fresh()
    const email = `${userId}@example.com`
    await Promise.all(
      names.map(name => inTenant(name, scope => scope.User.create({ userId, name, email, team: 'every' }))),
    )
    await Promise.all(
      names.map(name =>
        inTenant(name, async scope => {
          expect((await db.User.get({ userId }))?.name).toBe(name)
          expect((await scope.User.findBy({ email }))?.name).toBe(name)
          expect((await db.User.query.byTeam({ team: 'every' }).all()).map(it => it.name)).toEqual([name])
          const walked = []
          for await (const user of scope.User.iterate()) walked.push(user.name)
          expect(walked).toEqual([name])
          expect((await scope.UserPage.get({ userId }))?.user.name).toBe(name)
        }),
      ),
    )
    const items = (await everyItem({ store: tested.store, table })).filter(it => it.email === email)
    const prefixes = new Set(items.map(it => /^T#[^#]+#/.exec(String(it.pk))?.[0]))
    expect(prefixes.size).toBe(names.length)
    expect(prefixes.has(undefined)).toBe(false)
    for (const item of items) {
      const { model: kind, tenant, fields } = db.decodeKey(String(item.pk), String(item.sk))
      expect([kind, tenant, fields]).toEqual(['User', item.name, { userId }])
      const prefix = /^T#[^#]+#/.exec(String(item.pk))?.[0] as string
      for (const name of ['gsi1pk', '_iter_pk']) expect(String(item[name]).startsWith(prefix)).toBe(true)
    }
  })

  absent([25], 'a cursor is accepted only by the tenant and the query that returned it', async () => {
    const team = fresh()
    for (const tenant of ['acme', 'globex']) {
      await inTenant(tenant, async scope => {
        for (const i of [1, 2, 3]) await scope.User.create({ userId: `${team}-${i}`, name: tenant, team })
      })
    }
    const page = (after?: string, it: Db = db) => it.User.query.byTeam({ team }, { limit: 1, after }).page()
    await inTenant('acme', async scope => {
      const { cursor } = await page()
      const forged: [string, () => Promise<unknown>][] = [
        ['another tenant', () => inTenant('globex', () => page(cursor))],
        ['another partition', () => scope.User.query.byTeam({ team: 'red' }, { after: cursor }).page()],
        ['another order', () => scope.User.query.byTeam({ team }, { after: cursor, order: 'desc' }).page()],
        ['another filter', () => scope.User.query.byTeam({ team }, { after: cursor, where: { name: 'x' } }).page()],
        ['a range', () => scope.User.query.byTeam({ team, userId: { $gt: 'a' } }, { after: cursor }).page()],
        ['the key', () => scope.User.query.key({ userId: team }, { after: cursor }).all()],
        ['another model', () => scope.Post.query.key({ userId: team }, { after: cursor }).first()],
        ['an iteration', () => scope.User.iterate({ after: cursor }).batches()[Symbol.asyncIterator]().next()],
        ['a cut one', () => page(cursor?.slice(0, -3))],
        ['one with more', () => page(`${cursor}AAAA`)],
        ['another letter', () => page(`${cursor?.[0] === 'A' ? 'B' : 'A'}${cursor?.slice(1)}`)],
        ['nonsense', () => page('nonsense')],
        ['nothing', () => page('')],
      ]
      for (const [what, read] of forged) await expect(read(), what).rejects.toEqual(failsWith('InvalidCursor'))
      expect((await page(cursor)).items.map(it => it.userId)).toEqual([`${team}-2`])
    })

    const [signed, other] = [await open('secret of ours'), await open('secret of theirs')]
    const scope = signed.scope({ tenant: 'acme' })
    const { cursor } = await page(undefined, scope)
    expect((await page(cursor, scope)).items).toHaveLength(1)
    const theirs = other.scope({ tenant: 'acme' })
    await expect(page(cursor, theirs)).rejects.toEqual(failsWith('InvalidCursor'))
    const unsigned = await inTenant('acme', () => page())
    await expect(page(unsigned.cursor, scope)).rejects.toEqual(failsWith('InvalidCursor'))

    // Cursors of iterations are bound to their tenant too.
    const first = await inTenant('acme', async it => {
      for await (const batch of it.User.iterate({ batchSize: 1 }).batches()) return batch.cursor
      return undefined
    })
    expect(first).toBeTypeOf('string')
    const strange = inTenant('globex', it => it.User.iterate({ after: first }).batches()[Symbol.asyncIterator]().next())
    await expect(strange).rejects.toEqual(failsWith('InvalidCursor'))
  })

  it('the outer tenant returns when an inner scope ends, also by an error', async () => {
    await inTenant('acme', async () => {
      await expect(inTenant('globex', async () => Promise.reject(new Error('inner')))).rejects.toThrow('inner')
      await inTenant('globex', async scope => expect(scope.tenant).toBe('globex'))
      await db.Setting.put({ name: 'outer', value: 'acme' })
      // An inner scope without a tenant inherits the tenant.
      await db.run({ loader: true }, async scope => {
        expect(scope.tenant).toBe('acme')
        expect(await scope.Setting.get({ name: 'outer' })).toMatchObject({ value: 'acme' })
      })
    })
    expect(await inTenant('globex', scope => scope.Setting.get({ name: 'outer' }))).toBe(undefined)
  })

  it('a record keeps its tenant wherever it is saved', async () => {
    const userId = fresh()
    const row = await inTenant('acme', scope => scope.User.create({ userId, name: 'acme' }))
    await inTenant('globex', async scope => {
      await scope.User.create({ userId, name: 'globex' })
      row.name = 'changed'
      await row.save()
      expect((await scope.User.get({ userId }))?.name).toBe('globex')
    })
    expect((await inTenant('acme', scope => scope.User.get({ userId })))?.name).toBe('changed')
  })

  allAccountedFor()
})
