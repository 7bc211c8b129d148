import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { measureItem } from '../../value/size.js'
import type { ItemChange } from '../change.js'
import { type EngineStore, engineStore } from '../engine-store.js'
import { embedded, memory } from '../index.js'

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
  it('a batch of several commits writes the items of a partition together, whatever their order', async () => {
    await store.batchWrite({ writes: numbers(ITEMS).map(n => put(n)) })
    const groups = written().map(({ keys }) => keys.group)
    expect(groups).toHaveLength(ITEMS)
    // A commit writes its partitions twice, and some partitions are divided between two commits.
    expect(groups.filter((group, i) => group !== groups[i - 1]).length).toBeLessThan(2 * GROUPS + ITEMS / 100)
  })

  it('a batch of several commits keeps the last of several writes to one item', async () => {
    await store.batchWrite({ writes: [...numbers(ITEMS).map(n => put(n)), ...numbers(ITEMS).map(n => put(n, 'last'))] })
    expect(written().map(({ newImage }) => newImage?.label)).toEqual(numbers(ITEMS).map(() => 'last'))
  })
})

it('the file of items that are loaded in groups has at most 1.75 times the bytes of the items', async () => {
  const path = mkdtempSync(join(tmpdir(), 'partita-batch-'))
  const file = embedded({ path, sweepInterval: 0 })
  const key = { partition: { name: 'group', type: 'S' }, sort: { name: 'n', type: 'S' } } as const
  await file.createTable({ name: 'items', key })
  const items = numbers(5000).map(n => ({
    group: `group-${Math.floor(n / 100)}`,
    n: `item-${n}`,
    text: 'x'.repeat(250),
  }))
  const writes = items.map(item => ({ kind: 'put' as const, table: 'items', item }))
  for (let from = 0; from < writes.length; from += 500)
    await file.batchWrite({ writes: writes.slice(from, from + 500) })
  await file.close()
  const bytes = items.reduce((sum, item) => sum + measureItem(item), 0)
  expect(statSync(join(path, 'data.mdb')).size / bytes).toBeLessThan(1.75)
  rmSync(path, { recursive: true })
})
