/** The capacity units of writes, as DynamoDB counts them: MongoDB does not count any. */
import { addUnits, type Capacity } from '../../store/capacity.js'
import { type IndexKeySchema, keyNames } from '../../store/definition.js'
import { isIndexed } from '../../store/index-key.js'
import type { WriteRequest } from '../../store/store.js'
import type { SizedItem } from '../../store/update-result.js'
import { measureItem, WRITE_UNIT_BYTES, writeUnits } from '../../value/size.js'
import { equalValues, getAttribute, type Item, setAttribute, type Value } from '../../value/value.js'
import type { ItemTable } from '../document/codec.js'

/** A table and its indexes, as far as writes are charged for them. */
export interface ChargedTable {
  readonly name: string
  readonly indexes: readonly ChargedIndex[]
}

interface ChargedIndex {
  readonly name: string
  readonly schema: IndexKeySchema
  /** The attributes that the index holds; undefined for all. */
  readonly projected: ReadonlySet<string> | undefined
}

/** Whether a write is charged for its item alone and returns nothing, so that the item itself is not needed. */
export function needsUnitsOnly({ definition }: ItemTable, request: WriteRequest): boolean {
  const { globalIndexes = {}, localIndexes = {} } = definition
  if (Object.keys(globalIndexes).length + Object.keys(localIndexes).length > 0) return false
  return !('returns' in request) || request.returns === undefined || request.returns === 'none'
}

/**
 * The units of a write that is charged for its item alone, as far as they follow from the upper bounds of its sizes before
 * and after. Otherwise returns undefined: the item must be measured.
 * @param least bytes that the write is charged for at least.
 */
export function boundedUnits(least: number, ...most: readonly number[]): number | undefined {
  const units = writeUnits(least)
  return most.every(bytes => bytes >= 0 && bytes <= mostBytes(units)) ? units : undefined
}

/** The largest size of an item that costs this many write units. */
export function mostBytes(units: number): number {
  return units * WRITE_UNIT_BYTES
}

/**
 * Adds the units of a write. `factor` is 2 within a transaction, which prepares and commits each item; indexes are written
 * once, afterwards.
 * @param before the item before the write, and `after` the item after it; the same object if nothing was written.
 */
export function addWriteUnits(
  capacity: Capacity,
  { name, indexes }: ChargedTable,
  before: SizedItem | undefined,
  after: SizedItem | undefined,
  factor: 1 | 2 = 1,
): void {
  const bytes = Math.max(before?.size ?? 0, after?.size ?? 0)
  addUnits(capacity, name, undefined, 0, writeUnits(bytes) * factor)
  if (before === after) return
  for (const index of indexes) {
    const units = indexUnits(index, before, after)
    if (units > 0) addUnits(capacity, name, index.name, 0, units)
  }
}

/** An entry that is moved is deleted and written; one that stays is written; one that does not change costs nothing. */
function indexUnits(index: ChargedIndex, before: SizedItem | undefined, after: SizedItem | undefined): number {
  const old = entryOf(index, before)
  const fresh = entryOf(index, after)
  if (old && fresh && equalValues(old.item, fresh.item)) return 0
  const stays = old && fresh && keyNames(index.schema).every(name => isSame(name, old.item, fresh.item))
  return (old && !stays ? writeUnits(old.size) : 0) + (fresh ? writeUnits(fresh.size) : 0)
}

function isSame(name: string, old: Item, fresh: Item): boolean {
  return equalValues(old[name] as Value, fresh[name] as Value)
}

/** The entry of an item in an index; undefined if the item is not in the index. */
function entryOf(index: ChargedIndex, found: SizedItem | undefined): SizedItem | undefined {
  if (!found || !isIndexed(index, found.item)) return undefined
  if (!index.projected) return found
  const item: Item = {}
  for (const name of index.projected) {
    const value = getAttribute(found.item, name)
    if (value !== undefined) setAttribute(item, name, value)
  }
  return { item, size: measureItem(item) }
}
