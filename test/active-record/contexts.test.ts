/** Problems of DynamoBao with batches, caches and tenants, which classes of active records do not have. */
import { ThrottledError } from 'partita'
import { getBatchContextCapacity, initModels, runWithBatchContext, TenantContext } from 'partita/active-record'
import { afterEach, expect, it } from 'vitest'
import { knownProblems } from '../known-problems/known-problems.js'
import { operations, pause } from '../models/watched-store.js'
import { describeEachStore } from '../stores.js'
import { connectedClasses, makeClasses, SIMILAR_STORES } from './classes.js'

describeEachStore(
  'batch contexts',
  tested => {
    const { absent, allAccountedFor } = knownProblems('dynamo-bao-records', import.meta.url)
    const made = connectedClasses(tested)
    const { User, Profile, Seat, Post, Setting, fresh } = made
    afterEach(() => {
      made.seen.before = undefined
      TenantContext.reset()
    })

    const addUser = async (name = 'Ada') => (await User.create({ userId: fresh(), name })).userId
    const nameOf = async (id: string, options?: object) => {
      const user = await User.find(id, options)
      return user.exists() ? user.name : undefined
    }

    absent([1], 'reads that are issued while a batch is in flight find their rows', async () => {
      const [first, second] = [await addUser('first'), await addUser('second')]
      await runWithBatchContext(async () => {
        let late: Promise<string | undefined> | undefined
        made.seen.before = () => {
          late ??= nameOf(second)
          return pause(20)
        }
        expect([await nameOf(first), await late]).toEqual(['first', 'second'])
      })
    })

    absent([2], 'rows of two models with the same id are never confused', async () => {
      const userId = await addUser()
      await Profile.create({ userId, motto: 'onward' })
      await runWithBatchContext(async () => {
        const [user, profile] = await Promise.all([User.find(userId), Profile.find(userId)])
        expect([user, profile]).toMatchObject([{ name: 'Ada' }, { motto: 'onward' }])
        expect(profile).toBeInstanceOf(Profile)
      })
    })

    absent([3], 'reads see the writes of their context', async () => {
      const userId = await addUser()
      await runWithBatchContext(async () => {
        expect(await nameOf(userId)).toBe('Ada')
        await User.update(userId, { name: 'Eve', email: `${userId}@example.com` })
        expect(await nameOf(userId)).toBe('Eve')
        expect(await User.findByUniqueConstraint('uniqueEmail', `${userId}@example.com`)).toMatchObject({ name: 'Eve' })
        await User.delete(userId)
        expect(await nameOf(userId)).toBe(undefined)
        await User.create({ userId, name: 'Bob', email: `${userId}@example.com` })
        expect(await nameOf(userId)).toBe('Bob')
      })
    })

    absent([4], 'a read that bypasses the cache reads the row', async () => {
      const userId = await addUser()
      await runWithBatchContext(async () => {
        expect(await nameOf(userId)).toBe('Ada')
        const db = await made.manager.database<typeof made.models>()
        await db.User.update({ userId }, { name: 'Eve' })
        expect(await nameOf(userId)).toBe('Ada')
        expect(await nameOf(userId, { bypassCache: true })).toBe('Eve')
      })
    })

    absent([5], 'a throttled read fails, and its row is never reported as missing', async () => {
      const ids = [await addUser(), await addUser()]
      await runWithBatchContext(async () => {
        made.seen.before = () => {
          throw new ThrottledError('Not now', { done: 0, undone: 2, undoneKeys: [] })
        }
        for (const read of ids.map(id => User.find(id))) await expect(read).rejects.toThrow(ThrottledError)
        await expect(User.batchFind(ids)).rejects.toThrow(ThrottledError)
        made.seen.before = undefined
        expect(Object.keys((await User.batchFind(ids)).items)).toEqual(ids)
      })
    })

    absent([6], 'rows with several key fields are read in a batch, and an impossible id fails alone', async () => {
      const seat = await Seat.create({ hall: fresh(), seat: 1, guest: 'Ada' })
      await runWithBatchContext(async () => {
        const [byKey, byId, wrong, missing] = await Promise.allSettled([
          Seat.find({ hall: seat.hall, seat: 1 }),
          Seat.find(seat.getPrimaryId()),
          Seat.find('no such id'),
          Seat.find({ hall: seat.hall, seat: 2 }),
        ])
        expect([byKey, byId]).toMatchObject([{ value: { guest: 'Ada' } }, { value: { guest: 'Ada' } }])
        expect(wrong).toMatchObject({ reason: { code: 'ValidationFailed' } })
        expect(missing.status === 'fulfilled' && missing.value.exists()).toBe(false)
      })
    })

    absent([20], 'tenants that read the same id in one batch receive their own rows', async () => {
      const userId = fresh()
      const tenants = ['acme', 'globex']
      const asTenants = <T>(run: (tenant: string) => Promise<T>) =>
        Promise.all(tenants.map(tenant => TenantContext.runWithTenant(tenant, () => run(tenant))))
      await asTenants(tenant => User.create({ userId, name: tenant, email: `${userId}@example.com` }))
      await runWithBatchContext(async () => {
        expect(await asTenants(() => nameOf(userId))).toEqual(tenants)
        expect(await asTenants(() => nameOf(userId))).toEqual(tenants)
        expect(await nameOf(userId)).toBe(undefined)
      })
    })

    absent([21], 'tenants are separate in models with one partition, and find their own rows', async () => {
      const name = fresh()
      for (const tenant of ['acme', 'globex']) {
        await TenantContext.withTenant(tenant, () => Setting.create({ name, value: tenant }))
      }
      const values = await TenantContext.withTenant('globex', async () =>
        (await Setting.queryByPrimaryKey(undefined, { name })).items.map(({ value }) => value),
      )
      expect(values).toEqual(['globex'])
      expect((await Setting.find(name)).exists()).toBe(false)
    })

    absent(
      [22],
      'with tenancy enabled, no call without a tenant reads or writes, whoever connected the classes',
      async () => {
        const { User: Own, classes } = makeClasses()
        const config = { store: 'memory:', models: classes, tenancy: { enabled: true } }
        const manager = TenantContext.runWithTenant('acme', () => initModels(config))
        const required = expect.objectContaining({ code: 'TenantRequired' })
        await expect(Own.create({ userId: 'ada', name: 'Ada' })).rejects.toEqual(required)
        await TenantContext.runWithTenant('acme', () => Own.create({ userId: 'ada', name: 'Ada' }))
        await expect(Own.find('ada')).rejects.toEqual(required)
        await expect(Own.queryByPrimaryKey('ada')).rejects.toEqual(required)
        await expect(Own.iterateAll().next()).rejects.toEqual(required)
        await manager.close()
      },
    )

    absent([23], 'a tenant that was never announced has unique constraints, relations and iteration', async () => {
      await TenantContext.runWithTenant(fresh(), async () => {
        const user = await User.create({ userId: 'same', name: 'Ada', email: 'same@example.com' })
        await expect(User.create({ userId: 'other', name: 'Eve', email: 'same@example.com' })).rejects.toThrow(
          /same email/,
        )
        const post = await Post.create({ postId: 'same', userId: user, title: 'Notes' })
        expect(await post.getOrLoadRelatedField('userId')).toMatchObject({ name: 'Ada' })
        const names: string[] = []
        for await (const batch of User.iterateAll()) names.push(...batch.map(({ name }) => name))
        expect(names).toEqual(['Ada'])
      })
    })

    it('a record belongs to the tenant that it was read in, whichever tenant saves, deletes or follows it', async () => {
      const [userId, postId] = [fresh(), fresh()]
      const of = (tenant: string) =>
        TenantContext.runWithTenant(tenant, async () => {
          const user = await User.create({ userId, name: tenant })
          return { user, post: await Post.create({ postId, userId, title: tenant }) }
        })
      const [acme] = [await of('acme'), await of('globex')]
      const nameIn = (tenant: string) => TenantContext.runWithTenant(tenant, () => nameOf(userId))
      await TenantContext.runWithTenant('globex', async () => {
        acme.user.name = 'changed'
        await acme.user.save()
        expect(await acme.post.getOrLoadRelatedField('userId')).toMatchObject({ name: 'changed' })
        expect(await nameOf(userId)).toBe('globex')
        await acme.user.delete()
      })
      expect([await nameIn('acme'), await nameIn('globex')]).toEqual([undefined, 'globex'])
      TenantContext.setCurrentTenant('process')
      const outside = await TenantContext.runWithTenant('globex', () => User.find(userId))
      if (!outside.exists()) throw new Error('The row is missing')
      await outside.delete()
      expect(await nameIn('globex')).toBe(undefined)
    })

    absent([24], 'names of tenants never reach into another tenant, and a process has one tenant at most', async () => {
      const userId = fresh()
      await TenantContext.runWithTenant('a', () => User.create({ userId: `u#${userId}`, name: 'Ada' }))
      for (const tenant of ['a#u', 'a]', '[a', 'A', 'a%', 'T#a']) {
        await TenantContext.runWithTenant(tenant, async () => {
          expect((await User.find(userId)).exists() || (await User.find(`u#${userId}`)).exists(), tenant).toBe(false)
        })
      }
      expect(() => TenantContext.runWithTenant('', () => 1)).toThrow(/non-empty/)
      TenantContext.setCurrentTenant('a')
      expect(() => TenantContext.setCurrentTenant('b')).toThrow(/runWithTenant/)
      expect(TenantContext.runWithTenant('c', () => TenantContext.getCurrentTenant())).toBe('c')
    })

    absent([25], 'a cursor holds no readable keys of another tenant and is of use in its own query only', async () => {
      const userId = fresh()
      const cursorOf = (tenant: string) =>
        TenantContext.runWithTenant(tenant, async () => {
          for (const n of ['1', '2', '3']) await Post.create({ postId: `${userId}-${n}`, userId, title: n })
          return (await Post.queryByIndex('postsForUser', userId, null, { limit: 1 })).lastEvaluatedKey as string
        })
      const cursor = await cursorOf('acme')
      await cursorOf('globex')
      const next = (tenant: string, startKey: string, id = userId) =>
        TenantContext.runWithTenant(tenant, () => Post.queryByIndex('postsForUser', id, null, { startKey }))
      expect((await next('acme', cursor)).items).toHaveLength(2)
      for (const wrong of [
        next('globex', cursor),
        next('acme', cursor, 'other'),
        next('acme', `${cursor.slice(0, -2)}AA`),
      ]) {
        await expect(wrong).rejects.toMatchObject({ code: 'InvalidCursor' })
      }
    })

    absent([45], 'related records of many rows are loaded in one batch, with and without a context', async () => {
      const [author, editor] = [await addUser('author'), await addUser('editor')]
      for (const n of [1, 2, 3])
        await Post.create({ postId: `${author}-${n}`, userId: author, editorId: editor, title: 't' })
      const load = async () => {
        made.seen.calls = []
        const options = { loadRelated: true } as const
        const { items } = await Post.queryByIndex('postsForUser', author, null, options)
        const names = items.map(post => (post.getRelated('editorId') as unknown as { name: string }).name)
        expect(names).toEqual(['editor', 'editor', 'editor'])
        expect(operations(made.seen).length).toBeLessThanOrEqual(2)
        return items
      }
      await load()
      const items = await runWithBatchContext(load)
      expect(items[0]?.getNumericConsumedCapacity('total', true)).toBeGreaterThan(0)
    })

    absent([50], 'any number of concurrent reads is batched at once, and each row is read once', async () => {
      const seats = Array.from({ length: 120 }, (_, seat) => ({ hall: 'fifty', seat }))
      const db = await made.manager.database<typeof made.models>()
      await db.batch(batch => {
        for (const seat of seats) batch.Seat.put(seat)
      })
      await runWithBatchContext(async () => {
        made.seen.calls = []
        const found = await Promise.all([...seats, ...seats].map(seat => Seat.find(seat, { batchDelay: 10_000 })))
        expect(found.every(it => it.exists())).toBe(true)
        const keys = made.seen.calls.flatMap(call => (call.operation === 'batchGet' ? call.request.gets : []))
        expect(keys).toHaveLength(120)
      })
    })

    it('a record from outside of a context that is saved in it changes what the context reads', async () => {
      const [userId, gone] = [await addUser(), await addUser()]
      const user = await User.find(userId)
      if (!user.exists()) throw new Error('The row is missing')
      await runWithBatchContext(async () => {
        expect([await nameOf(userId), await nameOf(gone)]).toEqual(['Ada', 'Ada'])
        user.name = 'Eve'
        await user.save()
        expect(await nameOf(userId)).toBe('Eve')
        user.name = 'Bob'
        await Promise.all([user.save(), User.delete(gone)])
        expect([await nameOf(userId), await nameOf(gone)]).toEqual(['Bob', undefined])
      })
    })

    it('a context counts its own capacity, and reads of cached rows are free', async () => {
      const userId = await addUser()
      expect(getBatchContextCapacity()).toEqual({ read: 0, write: 0 })
      await runWithBatchContext(async () => {
        await Promise.all([User.find(userId), User.find(userId), User.find('nobody')])
        const { read } = getBatchContextCapacity()
        expect(read).toBeGreaterThan(0)
        await User.find(userId)
        await runWithBatchContext(() => User.find(userId))
        expect(getBatchContextCapacity().read).toBe(read)
        await User.update(userId, { name: 'Eve' })
        expect(getBatchContextCapacity().write).toBeGreaterThan(0)
      })
    })

    it('concurrent contexts do not share rows or capacity', async () => {
      const userId = await addUser()
      const read = () =>
        runWithBatchContext(async () => {
          await User.find(userId)
          return getBatchContextCapacity().read
        })
      const units = await Promise.all([read(), read(), read()])
      expect(new Set(units).size).toBe(1)
      expect(units[0]).toBeGreaterThan(0)
    })

    allAccountedFor()
  },
  SIMILAR_STORES,
)

it('with a required batch context, reads, writes, queries and iterations outside of one are rejected', async () => {
  const { User, classes } = makeClasses()
  const manager = initModels({
    store: 'memory:',
    models: classes,
    batchContext: { requireBatchContext: true },
  })
  const needsContext = /needs a batch context/
  await expect(User.find('ada')).rejects.toThrow(needsContext)
  await expect(User.create({ userId: 'ada', name: 'Ada' })).rejects.toThrow(needsContext)
  await expect(User.queryByPrimaryKey('ada')).rejects.toThrow(needsContext)
  expect(() => User.iterateAll()).toThrow(needsContext)
  await runWithBatchContext(() => User.create({ userId: 'ada', name: 'Ada' }))
  expect(User.isInsideBatchContext()).toBe(false)
  await manager.close()
})

it('resolvers find the tenant where no other is set, in their order', async () => {
  try {
    TenantContext.addResolver(() => null)
    TenantContext.addResolver(() => 'resolved')
    expect(TenantContext.getCurrentTenant()).toBe('resolved')
    expect(TenantContext.withTenant('inner', () => TenantContext.getCurrentTenant())).toBe('inner')
    TenantContext.setCurrentTenant('process')
    expect(TenantContext.getCurrentTenant()).toBe('process')
    expect(() => TenantContext.addResolver('acme' as never)).toThrow(/takes a function/)
  } finally {
    TenantContext.reset()
  }
  expect(TenantContext.getCurrentTenant()).toBe(null)
  expect(() => TenantContext.validateTenantRequired({ tenancy: { enabled: true } })).toThrow(/no tenant/)
})
