/** The expiry order: when items expire, and their entries in that order. */
import { pickKey } from '../../store/definition.js'
import { getAttribute, type Item, isNumber } from '../../value/value.js'
import type { Table } from '../catalog.js'
import { encodeRecord } from '../storage/codec.js'
import { expiryEntry } from '../storage/key.js'
import type { Kv } from '../storage/kv.js'

/** Returns the second in which an item expires, since 1970; undefined if it never expires. */
export function expirySeconds({ expiry }: Table, item: Item): number | undefined {
  if (!expiry) return undefined
  const value = getAttribute(item, expiry.attribute)
  if (!isNumber(value)) return undefined
  const seconds = Math.floor(Number(value))
  return seconds >= 0 && seconds <= Number.MAX_SAFE_INTEGER ? seconds : undefined
}

/** Writes an item's entry in the expiry order. Call it within a transaction. */
export function writeExpiryEntry(kv: Kv, table: Table, item: Item): void {
  const entry = expiryEntryOf(table, item)
  if (entry) kv.put(entry, encodeRecord(pickKey(table.schema, item), 0))
}

/** Removes an item's entry in the expiry order. Call it within a transaction. */
export function removeExpiryEntry(kv: Kv, table: Table, item: Item): void {
  const entry = expiryEntryOf(table, item)
  if (entry) kv.remove(entry)
}

/** Returns the key of an item's entry in the expiry order; undefined if the item does not expire. */
export function expiryEntryOf(table: Table, item: Item): Uint8Array | undefined {
  const seconds = expirySeconds(table, item)
  if (!table.expiry || seconds === undefined) return undefined
  return expiryEntry(table.id, table.expiry.id, seconds, table.schema, item)
}
