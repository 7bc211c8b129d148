import { describe, expect, it } from 'vitest'
import { Catalog } from './catalog.js'
import type { Kv } from './storage/kv.js'
import { openMemoryKv } from './storage/memory-kv.js'

const table = (name: string) => ({ name, key: { partition: { name: 'id', type: 'S' } } }) as const
const byKind = { byKind: { partition: { name: 'kind', type: 'S' } } } as const

/**
 * The store as one process sees it: reads stay at their snapshot until the next `refresh`, and transactions see the
 * latest state.
 */
function snapshotOf(kv: Kv): Kv {
  let held = kv.hold()
  let snapshot = 0
  let isWriting = false
  const read = <T>(work: () => T): T => (isWriting ? work() : held.run(work))
  return {
    ...kv,
    get: (key, reader) => read(() => kv.get(key, reader)),
    each: (range, visit) => read(() => kv.each(range, visit)),
    keys: (range, limit) => read(() => kv.keys(range, limit)),
    snapshot: () => snapshot,
    refresh() {
      held.release()
      held = kv.hold()
      snapshot++
    },
    transact: work =>
      kv.transact(() => {
        isWriting = true
        try {
          return work()
        } finally {
          isWriting = false
        }
      }),
  }
}

describe('the tables that a process keeps in memory', () => {
  it('a transaction sees the latest tables, even if a read before it saw an older snapshot', async () => {
    const shared = openMemoryKv()
    const other = new Catalog(shared)
    await shared.transact(() => {
      other.create(table('one'), 0)
      other.create(table('two'), 0)
    })
    const own = snapshotOf(shared)
    const catalog = new Catalog(own)
    catalog.table('one')
    await shared.transact(() =>
      other.change(other.tableForWrite('two'), { ...table('two'), globalIndexes: byKind }, []),
    )
    await own.transact(() => catalog.tableForWrite('one'))
    expect(catalog.table('two').indexes).toEqual([])
    expect(await own.transact(() => catalog.tableForWrite('two').indexes)).toMatchObject([{ name: 'byKind' }])
    own.refresh()
    expect(catalog.table('two').indexes).toMatchObject([{ name: 'byKind' }])
  })

  it('tables of a transaction that did not commit are discarded', async () => {
    const shared = openMemoryKv()
    const other = new Catalog(shared)
    await shared.transact(() => other.create(table('one'), 0))
    const before = shared.hold()
    const failing = new Catalog(shared)
    await shared.transact(() => {
      failing.change(failing.tableForWrite('one'), { ...table('one'), globalIndexes: byKind }, [])
      failing.tableForWrite('one')
    })
    // The state after a commit that failed: everything is as before, and another process makes a change of its own.
    const all = { low: Uint8Array.of(0), high: Uint8Array.of(0xff) }
    const state = before.run(() => shared.keys(all, 100).map(key => [key, shared.get(key, it => it.slice())] as const))
    await shared.transact(() => {
      for (const key of shared.keys(all, 100)) shared.remove(key)
      for (const [key, value] of state) shared.put(key, value as Uint8Array)
      other.change(other.tableForWrite('one'), { ...table('one'), timeToLive: 'ttl' }, [])
    })
    expect(await shared.transact(() => failing.tableForWrite('one'))).toMatchObject({
      indexes: [],
      expiry: { attribute: 'ttl' },
    })
  })
})
