/** The order of expiry: which second an item's time to live ends in, and the entry that says so. */
import { getAttribute, type Item, isNumber } from '../value/value.js'
import { pickKey, type Table } from './catalog.js'
import { encodeRecord } from './codec.js'
import { expiryEntry } from './key.js'
import type { Kv } from './kv.js'

/** The whole second in which the item expires; undefined where it never does. */
export function expirySeconds(table: Table, item: Item): number | undefined {
  if (table.timeToLive === undefined) return undefined
  const value = getAttribute(item, table.timeToLive)
  if (!isNumber(value)) return undefined
  const seconds = Math.floor(Number(value))
  return seconds >= 0 && seconds <= Number.MAX_SAFE_INTEGER ? seconds : undefined
}

export function writeExpiryEntry(kv: Kv, table: Table, item: Item): void {
  const seconds = expirySeconds(table, item)
  if (seconds === undefined) return
  kv.put(expiryEntry(table.id, seconds, table.schema, item), encodeRecord(pickKey(table.schema, item), 0))
}

export function removeExpiryEntry(kv: Kv, table: Table, item: Item): void {
  const seconds = expirySeconds(table, item)
  if (seconds !== undefined) kv.remove(expiryEntry(table.id, seconds, table.schema, item))
}
