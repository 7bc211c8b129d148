import { describe, expect, it } from 'vitest'
import { type Faults, memory } from './index.js'

const key = { partition: { name: 'id', type: 'S' } } as const
const globalIndexes = { byUser: { partition: { name: 'user', type: 'S' } } } as const

async function faulty(faults: Faults, clock?: () => number) {
  const store = memory({ faults, sweepInterval: 0, ...(clock && { clock }) })
  await store.createTable({ name: 'notes', key, globalIndexes })
  return store
}

/** What each of these calls ended in. */
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

describe('faults', () => {
  it('come from their seed: the same seed gives the same, another gives others', async () => {
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

  it('refuse a throttled write before anything is written', async () => {
    const store = await faulty({ throttle: 0.5, seed: 3 })
    const results = await outcomes(40, i => store.write({ kind: 'put', table: 'notes', item: { id: `${i}` } }))
    let page: Awaited<ReturnType<typeof store.scan>> | undefined
    while (!page) page = await store.scan({ table: 'notes' }).catch(() => undefined)
    expect(page.count).toBe(results.filter(result => result === 'ok').length)
    await store.close()
  })

  it('make transactions conflict, all of them or none, and say which operation did', async () => {
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

  it('leave items of a batch unprocessed, and the batch tries them again until all are done', async () => {
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

  it('end a batch at its deadline with what was not done, never with items reported missing', async () => {
    const store = await faulty({ unprocessed: 1 })
    const writes = [{ kind: 'put', table: 'notes', item: { id: 'x' } } as const]
    await expect(store.batchWrite({ writes, deadline: 20 })).rejects.toMatchObject({
      code: 'Throttled',
      details: { done: 0, undone: 1, undoneKeys: [{ id: 'x' }] },
    })
    await expect(store.batchGet({ gets: [{ table: 'notes', key: { id: 'x' } }], deadline: 20 })).rejects.toMatchObject({
      code: 'Throttled',
    })
    await store.close()
  })

  it('let global indexes lag behind the table by the delay', async () => {
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

  it('refuse a chance that is none', () => {
    expect(() => memory({ faults: { throttle: 2 } })).toThrow(/faults\.throttle: is 2; it must be a number from 0 to 1/)
  })
})
