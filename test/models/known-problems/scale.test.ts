/** Many rows: iterated by bucket, written in batches and transactions, and cheap to read. */
import { add, connect, type Database, f, model, type OperationEvent } from 'partita'
import { beforeAll, expect, it } from 'vitest'
import { knownProblems } from '../../known-problems/known-problems.js'
import { describeEachStore } from '../../stores.js'
import { everyItem } from '../consistency.js'
import { type WatchedStore, watch } from '../watched-store.js'

/** The number of calls of each function of the fields. */
const calls = { default: 0, check: 0, encode: 0, decode: 0 }

const Row = model('Row', {
  fields: { id: f.string(), n: f.integer(), count: f.counter() },
  key: { pk: 'ROW#{id}' },
  indexes: { byNumber: { on: 'gsi1', pk: 'ROWS', sk: '{n}' } },
})
const Few = model('Few', { fields: { id: f.string() }, key: { pk: 'FEW#{id}' }, iterable: false })
const Costly = model('Costly', {
  fields: {
    id: f.string(),
    made: f.integer().default(() => ++calls.default),
    checked: f
      .string()
      .validate(() => ++calls.check > 0)
      .default('x'),
    turned: f
      .string()
      .transform<number>({
        encode: it => {
          calls.encode++
          return String(it)
        },
        decode: it => {
          calls.decode++
          return Number(it)
        },
      })
      .default(5),
  },
  key: { pk: 'COSTLY#{id}' },
})

const models = { Row, Few, Costly }
const COUNT = 40
const ids = Array.from({ length: COUNT }, (_, i) => `r${String(i).padStart(3, '0')}`)

describeEachStore('many rows', tested => {
  const { absent, allAccountedFor } = knownProblems('dynamo-bao', import.meta.url)
  let seen: WatchedStore
  let table: string
  let db: Database<typeof models>

  beforeAll(async () => {
    seen = watch(tested.store)
    table = tested.tableName()
    db = await connect({ models, store: seen.store, table, createTable: true })
    await db.batch(batch => {
      for (const [n, id] of ids.entries()) batch.Row.put({ id, n })
    })
  })

  async function walk(options: Parameters<typeof db.Row.iterate>[0] = {}, from: Pick<typeof db, 'Row'> = db) {
    const found: string[] = []
    for await (const row of from.Row.iterate(options)) found.push(row.id)
    return found.sort()
  }

  absent([46], 'an iteration returns all rows, holds one batch in memory and reports its capacity', async () => {
    for (const options of [{}, { batchSize: 7 }, { parallel: 4, batchSize: 3 }, { parallel: 100 }]) {
      expect(await walk(options), JSON.stringify(options)).toEqual(ids)
    }
    expect(await walk({ where: { n: { $lt: 3 } } })).toEqual(ids.slice(0, 3))
    seen.calls = []
    for await (const row of db.Row.iterate({ batchSize: 2 })) if (row.n >= 0) break
    const read = seen.calls.flatMap(it => (it.operation === 'batchGet' ? it.request.gets : []))
    expect(read.length).toBeLessThanOrEqual(4)

    const events: OperationEvent[] = []
    const end = db.on('operation', event => void events.push(event))
    await db.run({ loader: true }, async scope => {
      expect(await walk({ batchSize: 10 }, scope)).toEqual(ids)
      const total = events.reduce((sum, { capacity }) => sum + capacity.read, 0)
      expect(scope.capacity.read).toBeCloseTo(total)
      expect(events.filter(it => it.index === 'iteration' && it.capacity.read > 0)).not.toEqual([])
      // The cache of the scope does not keep iterated rows.
      seen.calls = []
      await scope.Row.get({ id: 'r000' })
      expect(seen.calls).toHaveLength(1)
    })
    end()
    const spread = new Set(
      (await everyItem({ store: tested.store, table })).flatMap(it => (it._iter_pk ? [it._iter_pk] : [])),
    )
    expect(spread.size).toBeGreaterThan(3)
    await db.Few.create({ id: 'x' })
    await expect((async () => await db.Few.iterate()[Symbol.asyncIterator]().next())()).rejects.toMatchObject({
      code: 'ValidationFailed',
    })
    for (const wrong of [
      { batchSize: 0 },
      { parallel: 0 },
      { batchSize: 1.5 },
      { filter: {} },
      { where: { nobody: 1 } },
    ]) {
      await expect(walk(wrong as never), JSON.stringify(wrong)).rejects.toMatchObject({ code: 'ValidationFailed' })
    }
  })

  absent([47], 'all rows are listed after the number of buckets has changed', async () => {
    const shape = { fields: { id: f.string() }, key: { pk: 'GROWN#{id}' } } as const
    const counts = [1, 10, 3, 25]
    for (const [i, buckets] of counts.entries()) {
      const models = { Grown: model('Grown', { ...shape, iterable: { buckets } }) }
      const grown = await connect({ models, store: seen.store, table })
      await grown.batch(batch => {
        for (let n = 0; n < 10; n++) batch.Grown.put({ id: `${i}-${n}` })
      })
      const found = []
      for await (const { id } of grown.Grown.iterate({ parallel: 5 })) found.push(id)
      expect(new Set(found).size, `${buckets} buckets`).toBe(10 * (i + 1))
      expect(found).toHaveLength(10 * (i + 1))
    }
    for (const buckets of [0, -1, 1.5, 100_000]) {
      const models = { Grown: model('Grown', { ...shape, iterable: { buckets: 1 } }) }
      const define = async () =>
        await connect({
          models: { Grown: model('Grown', { ...shape, iterable: { buckets } }) },
          store: seen.store,
          table,
        })
      await expect(define(), String(buckets)).rejects.toMatchObject({ code: 'ValidationFailed' })
      expect(models.Grown.name).toBe('Grown')
    }
  })

  absent([48], 'an iteration continues from any cursor, and cursors do not grow with the batch size', async () => {
    for (const parallel of [1, 4]) {
      const found: string[] = []
      let after: string | undefined
      let rounds = 0
      do {
        const [batch] = await firstBatch(db.Row.iterate({ batchSize: 5, parallel, after }).batches())
        found.push(...(batch?.items ?? []).map(it => it.id))
        expect(batch?.items.length ?? 0).toBeLessThanOrEqual(5 * parallel)
        after = batch?.cursor
        expect(after?.length ?? 0).toBeLessThan(2000)
      } while (after && ++rounds < 2 * COUNT)
      expect(found.sort()).toEqual(ids)
    }
  })

  absent([49], 'reads call no defaults and validators, and decode only what is read', async () => {
    await db.Costly.create({ id: '49' })
    await db.Costly.create({ id: '50', made: 5, checked: 'y', turned: 6 })
    const { decode: _, ...before } = calls
    calls.decode = 0
    expect(await db.Costly.get({ id: '49' })).toMatchObject({ checked: 'x', turned: 5 })
    expect(await db.Costly.getMany([{ id: '49' }, { id: '50' }])).toMatchObject([{ turned: 5 }, { turned: 6 }])
    expect(calls).toMatchObject(before)
    expect(calls.decode).toBeLessThanOrEqual(3)
    // The value of the default function is stored once.
    expect((await db.Costly.get({ id: '49' }))?.made).toBe((await db.Costly.get({ id: '49' }))?.made)
  })

  absent([52], 'batches and transactions are written, and transactions read their own writes', async () => {
    await db.batch(batch => {
      for (let i = 0; i < 30; i++) batch.Few.put({ id: `b${i}` })
      batch.Row.delete({ id: 'never there' })
    })
    const keys = Array.from({ length: 30 }, (_, i) => ({ id: `b${i}` }))
    expect((await db.Few.getMany(keys)).filter(it => it)).toHaveLength(30)
    await db.batch(batch => {
      for (const key of keys.slice(1)) batch.Few.delete(key)
    })
    expect((await db.Few.getMany(keys)).filter(it => it)).toHaveLength(1)

    const total = await db.transaction(async tx => {
      const [a, b] = [await tx.Row.get({ id: 'r000' }), await tx.Row.get({ id: 'r001' })]
      await tx.Row.update({ id: 'r000' }, { count: add(5) })
      if (b) b.count += 1
      await b?.save()
      await tx.Few.create({ id: 'made' })
      await tx.Few.delete({ id: 'b0' })
      // The transaction sees each of its own writes.
      expect((await tx.Row.get({ id: 'r000' }))?.count).toBe((a?.count ?? 0) + 5)
      await tx.Row.update({ id: 'r000' }, { count: add(2), n: -1 })
      expect((await tx.Row.query.byNumber({ n: { $lt: 1 } }).all()).map(it => [it.id, it.count])).toEqual([['r000', 7]])
      expect([await tx.Few.get({ id: 'b0' }), (await tx.Few.get({ id: 'made' }))?.id]).toEqual([undefined, 'made'])
      // Calls outside the transaction do not see them.
      expect(await db.outside(() => db.Few.get({ id: 'made' }))).toBe(undefined)
      return (b?.count ?? 0) + 7
    })
    expect(total).toBe(8)
    expect((await db.Row.getMany([{ id: 'r000' }, { id: 'r001' }])).map(it => it?.count)).toEqual([7, 1])
    expect(await db.Few.getMany([{ id: 'b0' }, { id: 'made' }])).toMatchObject([undefined, { id: 'made' }])

    const failed = db.transaction(async tx => {
      await tx.Few.create({ id: 'rolled back' })
      throw new Error('on purpose')
    })
    await expect(failed).rejects.toThrow('on purpose')
    const taken = db.transaction(async tx => {
      await tx.Few.create({ id: 'rolled back' })
      await tx.Few.create({ id: 'made' })
    })
    await expect(taken).rejects.toMatchObject({ code: 'AlreadyExists' })
    const stale = db.transaction(async tx => void (await tx.Row.update({ id: 'nobody' }, { n: 1 })))
    await expect(stale).rejects.toMatchObject({ code: 'NotFound' })
    const guarded = db.transaction(
      async tx => void (await tx.Row.update({ id: 'r002' }, { n: 1 }, { if: { count: { $gt: 5 } } })),
    )
    await expect(guarded).rejects.toMatchObject({ code: 'ConditionFailed' })
    expect(await db.Few.get({ id: 'rolled back' })).toBe(undefined)
    const many = db.transaction(async tx => {
      for (let i = 0; i <= 100; i++) await tx.Few.put({ id: `many ${i}` })
    })
    await expect(many).rejects.toMatchObject({ code: 'LimitExceeded' })
    expect(await db.transaction(async () => 'nothing to do')).toBe('nothing to do')
  })

  absent([52], 'a transaction runs again if another writer changed a row that it read', async () => {
    let runs = 0
    const seenCounts: number[] = []
    await db.transaction(async tx => {
      const row = await tx.Row.get({ id: 'r010' })
      seenCounts.push(row?.count ?? -1)
      if (++runs === 1) await db.outside(() => db.Row.update({ id: 'r010' }, { count: add(10) }))
      await tx.Row.update({ id: 'r011' }, { count: row?.count ?? -1 })
    })
    expect(seenCounts).toEqual([0, 10])
    expect((await db.Row.get({ id: 'r011' }))?.count).toBe(10)
    const never = db.transaction(
      async tx => {
        await tx.Row.get({ id: 'r010' })
        await db.outside(() => db.Row.update({ id: 'r010' }, { count: add(1) }))
        await tx.Row.update({ id: 'r011' }, { count: add(1) })
      },
      { attempts: 2 },
    )
    await expect(never).rejects.toMatchObject({ code: 'Conflict' })
    expect((await db.Row.get({ id: 'r011' }))?.count).toBe(10)
  })

  it('writes that a batch cannot guarantee are refused', async () => {
    const Held = model('Held', { fields: { id: f.string(), mail: f.email() }, key: 'id', unique: { mail: ['mail'] } })
    const held = await connect({ models: { Held }, store: seen.store, table })
    const batch = held.batch(it => it.Held.put({ id: '1', mail: 'a@example.com' }))
    await expect(batch).rejects.toMatchObject({ code: 'ValidationFailed' })
    const wrong = db.batch(it => {
      it.Row.put({ id: 'fine', n: 1 })
      it.Row.put({ id: 'wrong', n: 1.5 })
    })
    await expect(wrong).rejects.toThrow('n')
    expect(await db.Row.get({ id: 'fine' })).toBe(undefined)
  })

  allAccountedFor()
})

async function firstBatch<T>(batches: AsyncIterable<T>): Promise<T[]> {
  for await (const batch of batches) return [batch]
  return []
}
