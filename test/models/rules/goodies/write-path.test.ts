/** The one write path and its hooks. Numbers refer to test/known-problems/goodies.md. */
import { connect, f, type HookContext, model } from 'partita'
import { beforeAll, beforeEach, expect } from 'vitest'
import { knownProblems } from '../../../known-problems/known-problems.js'
import { describeEachEngine } from '../engines.js'
import { codeOf, violationsOf } from './observe.js'

const { holds, allAccountedFor } = knownProblems('goodies', import.meta.url)

const calls: string[] = []
/** Runs in a hook of the named kind. */
let during: Record<string, ((row: object, context: HookContext) => unknown) | undefined> = {}
const hook =
  (name: string) =>
  async (row: object, context: HookContext): Promise<void> => {
    calls.push(name)
    await during[name]?.(row, context)
  }

const Order = model('Order', {
  fields: {
    id: f.string(),
    total: f.integer(),
    coupon: f.string().optional(),
    customerId: f.string().optional(),
    tags: f.list(f.string()).default([]),
    version: f.version(),
  },
  key: 'id',
  softDelete: true,
  rules: {
    permissions: {
      enforce(_, { operation }) {
        calls.push(`enforce ${operation}`)
        return true
      },
    },
    locks: ['customerId'],
    references: { coupon: 'Coupon._id' },
    hooks: {
      preProcess: hook('preProcess'),
      async validate(order, context) {
        await hook('validate')(order, context)
        return order.total < 0 ? [{ path: 'total', message: 'is negative' }] : undefined
      },
      preSave: hook('preSave'),
      postSave: hook('postSave'),
      preDelete: hook('preDelete'),
      postDelete: hook('postDelete'),
    },
  },
})
const Coupon = model('Coupon', { fields: { id: f.string() }, key: 'id' })

describeEachEngine('The write path', tested => {
  const open = async () => {
    const db = await connect({
      models: { Order, Coupon },
      store: tested.store,
      table: tested.tableName(),
      createTable: true,
    })
    return Object.assign(db.scope({ actor: 'ann' }), { close: () => db.close() })
  }
  let db: Awaited<ReturnType<typeof open>>
  let ids = 0
  const id = () => `o${++ids}`
  const stored = (key: { id: string }) => db.Order.get(key, { consistent: true })
  beforeAll(async () => {
    db = await open()
    await db.Coupon.create({ id: 'SPRING' })
  })
  beforeEach(() => {
    calls.length = 0
    during = {}
  })

  holds([52], 'every kind of write passes the pipeline, and a batch, which cannot, is refused', async () => {
    const key = { id: id() }
    const order = await db.Order.create({ ...key, total: 1 })
    await db.Order.put({ ...key, total: 2 })
    await db.Order.update(key, { total: 3 })
    await order.reload()
    order.total = 4
    await order.save()
    await order.update({ total: 5 })
    await db.transaction(tx => tx.Order.update(key, { total: 6 }))
    expect(calls.filter(call => call === 'validate')).toHaveLength(6)
    expect(calls.filter(call => call === 'postSave')).toHaveLength(6)
    expect(await codeOf(db.batch(batch => batch.Order.put({ ...key, total: 7 })))).toBe('ValidationFailed')
    expect(await codeOf(db.batch(batch => batch.Order.delete(key)))).toBe('ValidationFailed')
    expect(await stored(key)).toMatchObject({ total: 6, version: 6 })
  })

  holds(
    [53],
    'a save asks for permission, prepares, asks again, validates, and runs the hooks around the commit',
    async () => {
      const key = { id: id() }
      await db.Order.create({ ...key, total: 1 })
      expect(calls.splice(0)).toEqual(['preProcess', 'enforce create', 'validate', 'preSave', 'postSave'])
      await db.Order.update(key, { total: 2 })
      expect(calls).toEqual(['enforce update', 'preProcess', 'enforce update', 'validate', 'preSave', 'postSave'])
    },
  )

  holds([54], 'constraints and permissions see the values that preProcess leaves', async () => {
    during.preProcess = order => Object.assign(order, { coupon: 'AUTUMN' })
    expect(await violationsOf(db.Order.create({ id: id(), total: 1, coupon: 'SPRING' }))).toEqual(['references coupon'])
    during.preProcess = order => Object.assign(order, { coupon: 'SPRING', total: -1 })
    expect(await violationsOf(db.Order.create({ id: id(), total: 1, coupon: 'AUTUMN' }))).toEqual(['validate total'])
  })

  holds([55], 'what preSave and postSave change is ignored', async () => {
    const change = (order: object) => {
      Object.assign(order, { total: 99 })
      ;(order as { tags: string[] }).tags.push('late')
    }
    during = { preSave: change, postSave: change }
    const key = { id: id() }
    const order = await db.Order.create({ ...key, total: 1, tags: ['a'] })
    expect(order).toMatchObject({ total: 1, tags: ['a'] })
    expect(await stored(key)).toMatchObject({ total: 1, tags: ['a'] })
  })

  holds([56], 'a delete asks for permission and runs its hooks, without validation', async () => {
    const key = { id: id() }
    await db.Order.create({ ...key, total: 1 })
    calls.length = 0
    during.preDelete = async () => expect(await db.outside(() => stored(key))).toBeDefined()
    during.postDelete = async () => expect(await stored(key)).toBeUndefined()
    await db.Order.delete(key)
    expect(calls).toEqual(['enforce delete', 'preDelete', 'postDelete'])
  })

  holds([57], 'an error in a hook before the commit leaves everything as it was', async () => {
    const key = { id: id() }
    await db.Order.create({ ...key, total: 1 })
    for (const name of ['preProcess', 'validate', 'preSave']) {
      during = {
        [name]: () => {
          throw new Error(`${name} failed`)
        },
      }
      await expect(db.Order.update(key, { total: 2 })).rejects.toThrow(`${name} failed`)
      await expect(db.Order.create({ id: 'never', total: 2 })).rejects.toThrow(`${name} failed`)
    }
    during = {
      preDelete: () => {
        throw new Error('preDelete failed')
      },
    }
    await expect(db.Order.delete(key)).rejects.toThrow('preDelete failed')
    expect(await stored(key)).toMatchObject({ total: 1, version: 1 })
    expect(await stored({ id: 'never' })).toBeUndefined()
  })

  holds([58], 'an error after the commit has a code of its own, and the write stays', async () => {
    const fail = () => {
      throw new Error('no mail today')
    }
    during = { postSave: fail, postDelete: fail }
    const key = { id: id() }
    expect(await codeOf(db.Order.create({ ...key, total: 1 }))).toBe('HookFailed')
    expect(await stored(key)).toMatchObject({ total: 1 })
    expect(await codeOf(db.Order.delete(key))).toBe('HookFailed')
    expect(await stored(key)).toBeUndefined()
  })

  holds([59], 'when a transaction is retried, preSave runs once for a save, and the row is built again', async () => {
    const key = { id: id() }
    await db.Order.create({ ...key, total: 1 })
    calls.length = 0
    let runs = 0
    // Another program writes the row between preSave and the commit.
    during.preSave = async () => {
      during.preSave = undefined
      await db.outside(() => db.Order.update(key, { total: 50 }))
    }
    await db.transaction(async tx => {
      runs++
      const order = await tx.Order.get(key)
      if (!order) throw new Error('It is missing')
      order.total += 1
      await order.save()
    })
    expect(runs).toBe(2)
    expect(await stored(key)).toMatchObject({ total: 51, version: 3 })
    // One of each is of the other program.
    expect(calls.filter(call => /Save/.test(call))).toEqual(['preSave', 'preSave', 'postSave', 'postSave'])
  })

  holds([60], 'postSave runs after the commit and can read the row; preSave runs before', async () => {
    const key = { id: id() }
    let atPreSave: unknown = 'not called'
    let atPostSave: unknown
    during.preSave = async () => {
      atPreSave = await stored(key)
    }
    during.postSave = async () => {
      atPostSave = (await stored(key))?.total
    }
    await db.transaction(async tx => {
      await tx.Order.create({ ...key, total: 5 })
      calls.push('the function ends')
    })
    expect([atPreSave, atPostSave]).toEqual([undefined, 5])
    expect(calls.slice(-3)).toEqual(['the function ends', 'preSave', 'postSave'])
  })

  holds([61], 'hooks know the operation, the row before, the changed fields, the actor and the tenant', async () => {
    const seen: object[] = []
    during.preSave = (_, { operation, original, changed, actor, tenant, model: name }) => {
      seen.push({ operation, before: (original as { total: number } | undefined)?.total, changed, actor, tenant, name })
    }
    const acting = db.scope({ actor: 'ben', tenant: 'acme' })
    const key = { id: id() }
    await acting.Order.create({ ...key, total: 1 })
    await acting.Order.update(key, { total: 2 })
    await acting.Order.delete(key)
    await acting.Order.restore(key)
    const common = { actor: 'ben', tenant: 'acme', name: 'Order' }
    expect(seen).toMatchObject([
      { ...common, operation: 'create', before: undefined },
      { ...common, operation: 'update', before: 1, changed: ['total', 'version'] },
      { ...common, operation: 'restore', before: 2 },
    ])
  })

  holds([62], 'in a transaction the hooks run for each row, in the order of the writes', async () => {
    const totals: number[] = []
    during.postSave = order => totals.push((order as { total: number }).total)
    await db.transaction(async tx => {
      for (const total of [3, 1, 2]) await tx.Order.create({ id: id(), total })
    })
    expect(totals).toEqual([3, 1, 2])
    expect(calls.slice(-6)).toEqual(['preSave', 'preSave', 'preSave', 'postSave', 'postSave', 'postSave'])
  })
})

allAccountedFor()
