/** Deletes expired items in steps, as DynamoDB does in the background. */
import { noCapacity } from '../../store/capacity.js'
import type { Item, Key } from '../../value/value.js'
import type { Catalog, ExpiryOrder, Table } from '../catalog.js'
import type { ChangeSource } from '../change.js'
import { yieldToEventLoop } from '../event-loop.js'
import { decodeRecord } from '../storage/codec.js'
import { expiredRange } from '../storage/key.js'
import type { Kv, Range } from '../storage/kv.js'
import { applyPlan, isRefusal, planWrite, prepareWrite } from '../write/write.js'
import { expiryEntryOf } from './expiry.js'
import type { StepSize } from './job-step.js'

/** DynamoDB does not delete items whose expiry is more than five years ago. */
const OLDEST_EXPIRY_SECONDS = 5 * 365 * 86_400

/**
 * Deletes expired items.
 * @param now epoch milliseconds.
 * @returns the number of deleted items.
 */
export async function sweepExpired(kv: Kv, catalog: Catalog, now: number, size: StepSize): Promise<number> {
  const source: ChangeSource = { clock: () => now, isExpiry: true }
  let deleted = 0
  kv.refresh()
  for (const name of catalog.names()) {
    let more = isDue(kv, catalog.find(name), now)
    while (more) {
      const step = await kv.transact(() => sweepStep(kv, catalog, name, source, size))
      deleted += step.deleted
      more = step.more
      await yieldToEventLoop()
    }
  }
  return deleted
}

/** Runs outside of a transaction, so that a sweep without work blocks no writer. */
function isDue(kv: Kv, table: Table | undefined, now: number): boolean {
  return table?.expiry !== undefined && kv.keys(rangeUntil(table.id, table.expiry, now), 1).length > 0
}

interface Step {
  readonly deleted: number
  readonly more: boolean
}

function sweepStep(kv: Kv, catalog: Catalog, name: string, source: ChangeSource, size: StepSize): Step {
  const table = catalog.findForWrite(name)
  if (!table?.expiry) return { deleted: 0, more: false }
  // Read inside the transaction that deletes: an item whose expiry was put off meanwhile is not in this range.
  const range = rangeUntil(table.id, table.expiry, source.clock())
  // Each item has an entry in the table, in the expiry order and at most one in each index.
  const share = table.indexes.length + 2
  const most = Math.ceil(size.entries / share)
  const entries = kv.keys(range, most)
  const keys: Key[] = []
  kv.each(range, record => keys.push(decodeRecord(record) as Key) < entries.length)
  let [done, deleted, bytes] = [0, 0, 0]
  for (; done < entries.length && bytes * share < size.bytes; done++) {
    const entry = entries[done] as Uint8Array
    const plan = planWrite(kv, prepareWrite(table, { kind: 'delete', table: name, key: keys[done] as Key }))
    if (!isRefusal(plan) && isEntryOf(table, plan.before?.item, entry)) {
      applyPlan(kv, plan, noCapacity(), 1, source)
      bytes += plan.before?.size ?? 0
      deleted++
    } else kv.remove(entry)
  }
  return { deleted, more: done < entries.length || entries.length === most }
}

/** Protects an item from an outdated entry, which older versions could leave behind. */
function isEntryOf(table: Table, item: Item | undefined, entry: Uint8Array): boolean {
  const own = item && expiryEntryOf(table, item)
  return own !== undefined && Buffer.compare(own, entry) === 0
}

function rangeUntil(table: number, { id }: ExpiryOrder, now: number): Range {
  const second = Math.floor(now / 1000)
  return expiredRange(table, id, Math.max(0, second - OLDEST_EXPIRY_SECONDS), second)
}
