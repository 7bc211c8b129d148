/** The upkeep that runs now and then: DynamoDB's deletion of expired items, old tokens, what dropped tables left. */
import { noCapacity } from '../store/capacity.js'
import type { Key } from '../value/value.js'
import type { Catalog } from './catalog.js'
import type { ChangeSource } from './change.js'
import { decodeRecord } from './codec.js'
import { expiredRange } from './key.js'
import type { Kv } from './kv.js'
import { turn } from './turn.js'
import { applyPlan, isRefusal, planWrite, prepareWrite } from './write.js'

/** DynamoDB leaves items alone whose expiry is over five years past: it is taken for a mistake. */
const OLDEST_EXPIRY_SECONDS = 5 * 365 * 86_400
const BATCH = 500

/**
 * Deletes the items whose moment has passed.
 * @param now epoch milliseconds.
 * @returns how many were deleted.
 */
export async function sweepExpired(kv: Kv, catalog: Catalog, now: number): Promise<number> {
  const source: ChangeSource = { clock: () => now, isExpiry: true }
  let deleted = 0
  for (const name of catalog.names()) {
    // A batch at a time: other writers, and the event loop, get their turn between two of them.
    for (let batch = BATCH; batch === BATCH; deleted += batch) {
      batch = await kv.transact(() => sweepBatch(kv, catalog, name, source))
      await turn()
    }
  }
  return deleted
}

function sweepBatch(kv: Kv, catalog: Catalog, name: string, source: ChangeSource): number {
  const table = catalog.findForWrite(name)
  if (table?.timeToLive === undefined) return 0
  const second = Math.floor(source.clock() / 1000)
  const expired: Key[] = []
  // Read inside the transaction that deletes: an item whose expiry was put off meanwhile is not in this range.
  const range = expiredRange(table.id, Math.max(0, second - OLDEST_EXPIRY_SECONDS), second)
  kv.each(range, bytes => expired.push(decodeRecord(bytes) as Key) < BATCH)
  for (const key of expired) {
    const plan = planWrite(kv, prepareWrite(table, { kind: 'delete', table: name, key }))
    if (!isRefusal(plan)) applyPlan(kv, plan, noCapacity(), 1, source)
  }
  return expired.length
}
