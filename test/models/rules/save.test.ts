/** What a save of a model with rules checks, in which order its hooks run, and what it reports. */
import { connect, f, model, PartitaError, RuleViolationError } from 'partita'
import { beforeAll, beforeEach, expect, it } from 'vitest'
import { describeEachStore } from '../../stores.js'

const calls: string[] = []
let onPostSave: (() => void) | undefined

const Order = model('Order', {
  fields: {
    id: f.string(),
    customerId: f.string().optional(),
    total: f.integer(),
    discount: f.integer().optional(),
    address: f.map({ country: f.string(), city: f.string() }).optional(),
    lines: f
      .list(f.map({ _id: f.string(), sku: f.string(), size: f.string().optional(), deletedAt: f.date().optional() }))
      .default([]),
    version: f.version(),
  },
  key: 'id',
  rules: {
    permissions: 'http',
    locks: ['customerId', 'address.country', 'lines.sku'],
    uniqueWithin: { lines: [['_id'], ['sku', 'size']] },
    hooks: {
      preProcess(row, { operation }) {
        calls.push(`preProcess ${operation}`)
        if (row.total > 100) row.discount = 10
      },
      validate(row, { changed }) {
        calls.push(`validate ${changed.join()}`)
        return row.total < 0 ? [{ path: 'total', message: 'is negative' }] : undefined
      },
      async preSave(row, { original }) {
        calls.push(`preSave ${original?.total ?? 'new'} ${row.total}`)
        ;(row as { total: number }).total = 77
      },
      async postSave(row) {
        calls.push(`postSave ${row.total}`)
        onPostSave?.()
      },
      preDelete: row => void calls.push(`preDelete ${row.id}`),
      postDelete: row => void calls.push(`postDelete ${row.id}`),
    },
  },
})

describeEachStore('A save of a model with rules', tested => {
  const open = () => connect({ models: { Order }, store: tested.store, table: tested.tableName(), createTable: true })
  let db: Awaited<ReturnType<typeof open>>
  let ids = 0
  const next = () => `o${++ids}`
  beforeAll(async () => {
    db = await open()
  })
  beforeEach(() => {
    calls.length = 0
    onPostSave = undefined
  })

  const violations = async (write: Promise<unknown>) => {
    const error = await write.then(
      () => undefined,
      thrown => thrown,
    )
    if (!PartitaError.is(error, 'RuleViolated')) throw error ?? new Error('The write succeeded')
    expect(error).toBeInstanceOf(RuleViolationError)
    return error.details.violations.map(({ rule, path, value }) => [rule, path.join('.'), value])
  }

  it('the hooks run in their order, once each, with copies after validation', async () => {
    const id = next()
    const order = await db.Order.create({ id, total: 150 })
    expect(calls).toEqual([
      'preProcess create',
      'validate id,total,discount,lines,version',
      'preSave new 150',
      'postSave 150',
    ])
    expect(order).toMatchObject({ total: 150, discount: 10, version: 1 })
    calls.length = 0
    order.total = 20
    await order.save()
    expect(calls).toEqual(['preProcess update', 'validate total,version', 'preSave 150 20', 'postSave 20'])
    expect(await db.Order.get({ id })).toMatchObject({ total: 20, discount: 10, version: 2 })
    calls.length = 0
    await db.Order.delete({ id })
    expect(calls).toEqual([`preDelete ${id}`, `postDelete ${id}`])
    expect(await db.Order.get({ id })).toBeUndefined()
  })

  it('all violations of all rules are reported at once, and nothing is stored', async () => {
    const id = next()
    await db.Order.create({
      id,
      customerId: 'c1',
      total: 1,
      address: { country: 'CH', city: 'Bern' },
      lines: [{ _id: '1', sku: 'a', size: 'S' }],
    })
    const broken = db.Order.update(
      { id },
      {
        customerId: 'c2',
        total: -1,
        address: { country: 'DE', city: 'Bonn' },
        lines: [
          { _id: '1', sku: 'b', size: 'S' },
          { _id: '2', sku: 'b', size: 'S' },
          { _id: '2', sku: 'c' },
        ],
      },
    )
    expect((await violations(broken)).sort()).toEqual([
      ['locks', 'address.country', 'DE'],
      ['locks', 'customerId', 'c2'],
      ['locks', 'lines.0.sku', 'b'],
      ['uniqueWithin', 'lines.1', ['b', 'S']],
      ['uniqueWithin', 'lines.2', '2'],
      ['validate', 'total', -1],
    ])
    expect(await db.Order.get({ id })).toMatchObject({ customerId: 'c1', total: 1, version: 1 })
    expect(calls.filter(call => call.startsWith('preSave'))).toHaveLength(1)
  })

  it('a locked value can be set once, and elements are compared by _id', async () => {
    const id = next()
    const order = await db.Order.create({ id, total: 1, lines: [{ _id: '1', sku: 'a' }] })
    order.customerId = 'c1'
    order.lines.unshift({ _id: '2', sku: 'b', size: undefined, deletedAt: undefined })
    await order.save()
    await order.update({ customerId: 'c1', total: 2 })
    const { lines } = order
    expect(lines.map(({ _id }) => _id)).toEqual(['2', '1'])
    order.lines = [{ _id: '1', sku: 'x', size: undefined, deletedAt: undefined }, ...lines.slice(0, 1)]
    expect(await violations(order.save())).toEqual([['locks', 'lines.0.sku', 'x']])
    // The record keeps the program's changes, as after any failed save.
    expect(order.lines[0]?.sku).toBe('x')
    await order.reload()
    expect(order.lines[0]?.sku).toBe('b')
  })

  it('elements that are soft-deleted or lack a part of the key are not compared', async () => {
    const deletedAt = new Date('2026-01-01T00:00:00Z')
    const lines = [
      { _id: '1', sku: 'a', size: 'S', deletedAt },
      { _id: '2', sku: 'a', size: 'S' },
      { _id: '3', sku: 'b' },
      { _id: '4', sku: 'b' },
    ]
    expect((await db.Order.create({ id: next(), total: 1, lines })).lines).toHaveLength(4)
  })

  it('a put of an existing row is checked as an update', async () => {
    const id = next()
    await db.Order.put({ id, customerId: 'c1', total: 1 })
    expect(await violations(db.Order.put({ id, customerId: 'c2', total: 1 }))).toEqual([['locks', 'customerId', 'c2']])
    expect(await db.Order.put({ id, customerId: 'c1', total: 5 })).toMatchObject({ total: 5, version: 2 })
    expect(calls.filter(call => call.startsWith('preSave'))).toEqual(['preSave new 1', 'preSave 1 5'])
  })

  it('preSave runs before the commit of a transaction and postSave after it', async () => {
    const id = next()
    await db.transaction(async tx => {
      await tx.Order.create({ id, total: 1 })
      calls.push('function ends')
    })
    expect(calls.slice(-3)).toEqual(['function ends', 'preSave new 1', 'postSave 1'])
    calls.length = 0
    const failing = db.transaction(async tx => {
      await tx.Order.update({ id }, { total: 2 })
      throw new Error('changed its mind')
    })
    await expect(failing).rejects.toThrow('changed its mind')
    expect(calls.filter(call => /Save/.test(call))).toEqual([])
  })

  it('preSave runs once when a transaction is retried', async () => {
    const id = next()
    await db.Order.create({ id, total: 1 })
    calls.length = 0
    let runs = 0
    await db.transaction(async tx => {
      const order = await tx.Order.get({ id })
      await tx.Order.update({ id }, { total: (order?.total ?? 0) + 1 })
      if (++runs === 1) await db.outside(() => db.Order.update({ id }, { total: 50 }))
    })
    expect(runs).toBe(2)
    expect(calls.filter(call => /Save/.test(call))).toEqual([
      'preSave 1 50',
      'postSave 50',
      'preSave 50 51',
      'postSave 51',
    ])
  })

  it('a failing postSave is reported as HookFailed, and the row is stored', async () => {
    const id = next()
    onPostSave = () => {
      throw new Error('mail server is down')
    }
    await expect(db.Order.create({ id, total: 3 })).rejects.toMatchObject({
      code: 'HookFailed',
      details: { model: 'Order', key: { id }, hook: 'postSave' },
      cause: { message: 'mail server is down' },
    })
    expect(await db.Order.get({ id })).toMatchObject({ total: 3 })
  })

  it('parts of a list stay unique when several writers append at once', async () => {
    const id = next()
    await db.Order.create({ id, total: 1 })
    const appendOne = async () => {
      for (;;) {
        const order = await db.Order.get({ id })
        order?.lines.push({ _id: 'same', sku: 'a', size: undefined, deletedAt: undefined })
        try {
          await order?.save()
          return 'saved'
        } catch (error) {
          if (PartitaError.is(error, 'RuleViolated')) return 'refused'
          if (!PartitaError.is(error, 'Conflict')) throw error
        }
      }
    }
    const results = await Promise.all([appendOne(), appendOne(), appendOne()])
    expect(results.sort()).toEqual(['refused', 'refused', 'saved'])
    expect((await db.Order.get({ id }))?.lines).toHaveLength(1)
  })

  it('only one of several concurrent writers sets a locked value', async () => {
    const id = next()
    await db.Order.create({ id, total: 1 })
    const set = (customerId: string) =>
      db.Order.update({ id }, { customerId }).then(
        () => customerId,
        error => (PartitaError.is(error, 'RuleViolated') ? 'refused' : Promise.reject(error)),
      )
    const results = await Promise.all(['a', 'b', 'c', 'd'].map(set))
    expect(results.filter(result => result === 'refused')).toHaveLength(3)
    expect((await db.Order.get({ id }))?.customerId).toBe(results.find(result => result !== 'refused'))
  })

  it('a batch, which would bypass the rules, is refused', async () => {
    await expect(db.batch(batch => batch.Order.put({ id: next(), total: 1 }))).rejects.toThrow(/bypass/)
  })
})
