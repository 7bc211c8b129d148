/** The order of expiry: which second an item's time to live ends in, and the entry that says so. */
import { getAttribute, type Item, isNumber } from '../../value/value.js'
import { pickKey, type Table } from '../catalog.js'
import { encodeRecord } from '../storage/codec.js'
import { expiryEntry } from '../storage/key.js'
import type { Kv } from '../storage/kv.js'

/** The whole second in which the item expires; undefined where it never does. */
export function expirySeconds({ expiry }: Table, item: Item): number | undefined {
  if (!expiry) return undefined
  const value = getAttribute(item, expiry.attribute)
  if (!isNumber(value)) return undefined
  const seconds = Math.floor(Number(value))
  return seconds >= 0 && seconds <= Number.MAX_SAFE_INTEGER ? seconds : undefined
}

export function writeExpiryEntry(kv: Kv, table: Table, item: Item): void {
  const entry = expiryEntryOf(table, item)
  if (entry) kv.put(entry, encodeRecord(pickKey(table.schema, item), 0))
}

export function removeExpiryEntry(kv: Kv, table: Table, item: Item): void {
  const entry = expiryEntryOf(table, item)
  if (entry) kv.remove(entry)
}

/** The key of the item's entry in the expiry order; undefined where it has none. */
export function expiryEntryOf(table: Table, item: Item): Uint8Array | undefined {
  const seconds = expirySeconds(table, item)
  if (!table.expiry || seconds === undefined) return undefined
  return expiryEntry(table.id, table.expiry.id, seconds, table.schema, item)
}
