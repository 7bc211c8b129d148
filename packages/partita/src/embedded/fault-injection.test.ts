import { describe, expect, it } from 'vitest'
import { type Faults, memory } from './index.js'

const key = { partition: { name: 'id', type: 'S' } } as const
const globalIndexes = { byUser: { partition: { name: 'user', type: 'S' } } } as const

async function faulty(faults: Faults, clock?: () => number) {
  const store = memory({ faults, sweepInterval: 0, ...(clock && { clock }) })
  await store.createTable({ name: 'notes', key, globalIndexes })
  return store
}

/** The outcome of each of these calls. */
async function outcomes(count: number, call: (i: number) => Promise<unknown>): Promise<string[]> {
  const results: string[] = []
  for (let i = 0; i < count; i++) {
    results.push(
      await call(i).then(
        () => 'ok',
        (error: { code: string }) => error.code,
      ),
    )
  }
  return results
}

describe('injected faults', () => {
  it('the same seed gives the same faults, and another seed gives different ones', async () => {
    const run = async (seed: number) => {
      const store = await faulty({ seed, throttle: 0.3 })
      const results = await outcomes(60, i => store.write({ kind: 'put', table: 'notes', item: { id: `${i}` } }))
      await store.close()
      return results
    }
    const [one, again, other] = [await run(7), await run(7), await run(8)]
    expect(one).toEqual(again)
    expect(one).not.toEqual(other)
    expect(new Set(one)).toEqual(new Set(['ok', 'Throttled']))
  })

  it('a throttled write writes nothing', async () => {
    const store = await faulty({ throttle: 0.5, seed: 3 })
    const results = await outcomes(40, i => store.write({ kind: 'put', table: 'notes', item: { id: `${i}` } }))
    let page: Awaited<ReturnType<typeof store.scan>> | undefined
    while (!page) page = await store.scan({ table: 'notes' }).catch(() => undefined)
    expect(page.count).toBe(results.filter(result => result === 'ok').length)
    await store.close()
  })

  it('a conflicting transaction writes nothing and reports which operation conflicted', async () => {
    const store = await faulty({ conflict: 1 })
    const writes = ['a', 'b'].map(id => ({ kind: 'put', table: 'notes', item: { id } }) as const)
    await expect(store.transactWrite({ writes })).rejects.toMatchObject({
      code: 'Conflict',
      details: {
        reasons: [
          { index: 0, code: 'Conflict' },
          { index: 1, code: 'None' },
        ],
      },
    })
    expect((await store.scan({ table: 'notes' })).count).toBe(0)
    await store.close()
  })

  it('a batch retries unprocessed items until all are done', async () => {
    const store = await faulty({ unprocessed: 0.4 })
    const writes = Array.from(
      { length: 300 },
      (_, i) => ({ kind: 'put', table: 'notes', item: { id: `${i}` } }) as const,
    )
    await store.batchWrite({ writes })
    const gets = writes.map(({ item }) => ({ table: 'notes', key: item }))
    const { items } = await store.batchGet({ gets: [...gets, { table: 'notes', key: { id: 'absent' } }] })
    expect(items.slice(0, 300)).toEqual(writes.map(({ item }) => item))
    expect(items[300]).toBeUndefined()
    await store.close()
  })

  it('a batch reports what it did not do by its deadline, and never reports those items as missing', async () => {
    const store = await faulty({ unprocessed: 1 })
    const writes = [{ kind: 'put', table: 'notes', item: { id: 'x' } } as const]
    await expect(store.batchWrite({ writes, deadline: 200 })).rejects.toMatchObject({
      code: 'Throttled',
      details: { done: 0, undone: 1, undoneKeys: [{ id: 'x' }] },
    })
    await expect(store.batchGet({ gets: [{ table: 'notes', key: { id: 'x' } }], deadline: 200 })).rejects.toMatchObject(
      {
        code: 'Throttled',
      },
    )
    await store.close()
  })

  it('global indexes follow the table after the delay', async () => {
    let now = 0
    const store = await faulty({ indexDelay: 100 }, () => now)
    const byUser = async () => {
      const request = { table: 'notes', index: 'byUser', key: { partition: { name: 'user', value: 'ada' } } } as const
      return (await store.query(request)).items.map(item => item.id)
    }
    expect(await byUser()).toEqual([])
    await store.write({ kind: 'put', table: 'notes', item: { id: 'a', user: 'ada' } })
    expect((await store.get({ table: 'notes', key: { id: 'a' } })).item).toBeDefined()
    now = 50
    expect(await byUser()).toEqual([])
    now = 120
    expect(await byUser()).toEqual([])
    now = 230
    expect(await byUser()).toEqual(['a'])
    await store.close()
  })

  it('a probability outside 0 to 1 is refused', () => {
    expect(() => memory({ faults: { throttle: 2 } })).toThrow(/faults\.throttle: is 2; it must be a number from 0 to 1/)
  })
})
