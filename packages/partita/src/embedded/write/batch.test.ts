import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ItemChange } from '../change.js'
import { type EngineStore, engineStore } from '../engine-store.js'
import { memory } from '../index.js'

const GROUPS = 40
const ITEMS = 1000
let store: EngineStore

beforeEach(async () => {
  store = engineStore(memory({ sweepInterval: 0 }))
  const key = { partition: { name: 'group', type: 'S' }, sort: { name: 'n', type: 'N' } } as const
  await store.createTable({ name: 'items', key }, { stream: 'NEW_IMAGE' })
})
afterEach(() => store.close())

const put = (number: number, label = 'first') => ({
  kind: 'put' as const,
  table: 'items',
  item: { group: `group-${number % GROUPS}`, n: Math.floor(number / GROUPS), label },
})
const numbers = (count: number) => Array.from({ length: count }, (_, i) => i)

/** The new items, in the order in which they were written. */
function written(): ItemChange[] {
  const changes: ItemChange[] = []
  for (let from = 0; ; ) {
    const page = store.readStream(store.table('items')!.stream!.id, from, 1000)!
    if (page.changes.length === 0) return changes
    changes.push(...page.changes)
    from = page.next!
  }
}

describe('the order of a batch', () => {
  it('a batch of several commits writes the items of a partition one after another, sorted by their keys', async () => {
    await store.batchWrite({
      writes: numbers(ITEMS)
        .reverse()
        .map(n => put(n)),
    })
    const keys = written().map(({ keys }) => keys)
    expect(keys).toHaveLength(ITEMS)
    const groups = keys.map(({ group }) => group)
    expect(groups.filter((group, i) => group !== groups[i - 1])).toHaveLength(GROUPS)
    for (const group of new Set(groups)) {
      expect(keys.filter(key => key.group === group).map(({ n }) => n)).toEqual(numbers(ITEMS / GROUPS))
    }
  })

  it('of several writes to one item, a batch of several commits keeps the last', async () => {
    await store.batchWrite({ writes: [...numbers(ITEMS).map(n => put(n)), ...numbers(ITEMS).map(n => put(n, 'last'))] })
    expect(written().map(({ newImage }) => newImage?.label)).toEqual(numbers(ITEMS).map(() => 'last'))
  })
})
