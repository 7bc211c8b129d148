import { afterEach, describe, expect, it } from 'vitest'
import { type EngineStore, engineStore } from '../engine-store.js'
import { memory } from '../index.js'

const text = 'x'.repeat(16)
let store: EngineStore
afterEach(() => store.close())

/** A table with `count` items. Every other one is in an index. */
async function open(count: number): Promise<void> {
  store = engineStore(memory())
  await store.createTable({
    name: 'items',
    key: { partition: { name: 'k', type: 'N' } },
    globalIndexes: { few: { partition: { name: 'f', type: 'S' }, projection: 'keysOnly' } },
  })
  const put = (k: number) => {
    return { kind: 'put' as const, table: 'items', item: { k, text, ...(k % 2 === 0 && { f: 'ab' }) } }
  }
  await store.batchWrite({ writes: Array.from({ length: count }, (_, k) => put(k)) })
}

describe('the measure of a table', () => {
  it('a small table is measured exactly', async () => {
    await open(0)
    await store.write({ kind: 'put', table: 'items', item: { k: 1, text, f: 'ab' } })
    await store.write({ kind: 'put', table: 'items', item: { k: 22, text } })
    expect(await store.measure('items')).toEqual({
      items: 2,
      bytes: 1 + 2 + 4 + 16 + 1 + 2 + (1 + 2 + 4 + 16),
      indexes: new Map([['few', { items: 1, bytes: 1 + 2 + 1 + 2 }]]),
    })
  })

  it('a large table is measured with an exact number of items and estimated sizes', async () => {
    const count = 12_000
    await open(count)
    const { items, bytes, indexes } = await store.measure('items')
    expect(items).toBe(count)
    expect(bytes / count).toBeCloseTo(1 + 3 + 4 + 16 + 3 / 2, 0)
    expect(indexes.get('few')?.items).toBe(count / 2)
  })

  it('the measure of an unknown table is refused', async () => {
    await open(0)
    await expect(store.measure('nowhere')).rejects.toMatchObject({ code: 'TableNotFound' })
  })
})
