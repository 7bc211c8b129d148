/** The table's own attributes of an item: its key, its places in the indexes, its type and its expiry. */
import { type IssuePath, invalid, valueText } from '../errors/errors.js'
import { type ExpiryInput, expirySeconds } from '../keys/expiry.js'
import type { NumberValue } from '../value/number.js'
import { equalValues, getAttribute, type Item, isNumber, type Key, setAttribute, type Value } from '../value/value.js'
import type { IndexKeyInput } from './key.js'
import { isAbsent, isList } from './key.js'
import { findIndex, type IndexLayout, type Layout, typeIndexOf } from './layout.js'
import type { ItemKey } from './parameters.js'
import { isObject } from './storable.js'

/** An item's place in an index, as the compilers of writes read it; null takes it out. */
interface AnyIndexKey {
  readonly partitionKey: IndexKeyInput
  readonly rangeKey: IndexKeyInput
}

/** Parameters that set the attributes of the table itself: type, index keys and expiry. */
export interface OwnAttributes {
  readonly type?: string | undefined
  readonly indexes?: Readonly<Record<string, AnyIndexKey | null | undefined>> | undefined
  readonly expiresAt?: ExpiryInput | null | undefined
}

/**
 * The key as the store takes it.
 * @throws ValidationError naming the part that is missing.
 */
export function primaryKey(layout: Layout, key: ItemKey, at: IssuePath = []): Key {
  if (!isObject(key)) throw invalid(at, `is ${valueText(key)}; it is an object with partitionKey and rangeKey`)
  return {
    [layout.partitionKey]: layout.format.join(key.partitionKey, [...at, 'partitionKey']),
    [layout.rangeKey]: layout.format.join(key.rangeKey, [...at, 'rangeKey']),
  }
}

/** The key attributes of a stored item. */
export function keyOf(layout: Layout, item: Item): Key {
  return {
    [layout.partitionKey]: getAttribute(item, layout.partitionKey) as string,
    [layout.rangeKey]: getAttribute(item, layout.rangeKey) as string,
  }
}

/**
 * The attributes that put an item into indexes, and those that take it out; both of an index together, always.
 * @throws ValidationError when half a key is given, IndexNotFoundError for an unknown index.
 */
export function indexAttributes(layout: Layout, indexes: OwnAttributes['indexes']): { set: Item; remove: string[] } {
  const set: Item = {}
  const remove: string[] = []
  if (indexes !== undefined && !isObject(indexes)) {
    throw invalid(['indexes'], `is ${valueText(indexes)}; it is an object with a key for each index`)
  }
  for (const [name, key] of Object.entries(indexes ?? {})) {
    if (key === undefined) continue
    const index = findIndex(layout, name)
    const at = ['indexes', name]
    if (key !== null && !(isObject(key) && Object.hasOwn(key, 'partitionKey') && Object.hasOwn(key, 'rangeKey'))) {
      throw invalid(at, 'has half a key; give partitionKey and rangeKey, or null to take the item out of the index')
    }
    const place = key && placeIn(layout, index, key, at)
    if (place) {
      assign(set, index.partitionKey, place.partition, at)
      assign(set, index.rangeKey, place.range, at)
    } else {
      remove.push(index.partitionKey, index.rangeKey)
    }
  }
  const both = remove.find(attribute => Object.hasOwn(set, attribute))
  if (both) throw invalid(['indexes'], `${both} belongs to an index that is set and to one that is taken away`)
  return { set, remove }
}

/** A number for the sort key of a numeric index, bare or as the one element of a list; undefined where it is absent. */
export function numericKey(key: IndexKeyInput, at: IssuePath): NumberValue | undefined {
  const number = isList(key) && key.length === 1 ? key[0] : key
  if (isAbsent(number)) return undefined
  if (isNumber(number)) return number
  throw invalid(at, 'is no number; the index is sorted by number')
}

/**
 * The table's attributes of a new item.
 * @param item what the attributes belong to; the type index's generator reads it.
 */
export function ownAttributes(layout: Layout, item: Item, own: OwnAttributes, now: number): Item {
  const attributes = indexAttributes(layout, own.indexes).set
  if (own.expiresAt !== undefined && own.expiresAt !== null) {
    assign(attributes, expiryAttribute(layout), expirySeconds(own.expiresAt, now), ['expiresAt'])
  }
  for (const [name, value] of Object.entries(typeAttributes(layout, item, own.type, now))) {
    assign(attributes, name, value, ['type'])
  }
  return attributes
}

/**
 * The two attributes of the type index; the second is left out where the generator gives undefined.
 * @throws ValidationError when a type is missing, or given where the table has no type index.
 */
export function typeAttributes(layout: Layout, item: Item, type: string | undefined, now: number): Item {
  if (type === undefined && !layout.typeIndex) return {}
  const { partitionKey, rangeKey, rangeKeyGenerator } = typeIndexOf(layout)
  if (typeof type !== 'string' || type === '') {
    throw invalid(['type'], 'is missing; the table has a typeIndex, so every item has a type')
  }
  const place = rangeKeyGenerator ? rangeKeyGenerator(item, type) : new Date(now).toISOString()
  if (place === undefined) return { [partitionKey]: type }
  if (typeof place !== 'string' || place === '') {
    throw invalid(['typeIndex', 'rangeKeyGenerator'], `gave ${valueText(place)}; it gives a string or undefined`)
  }
  return { [partitionKey]: type, [rangeKey]: place }
}

/** @throws ValidationError when the table is configured without one. */
export function expiryAttribute(layout: Layout): string {
  if (layout.expiresAt !== undefined) return layout.expiresAt
  throw invalid(['expiresAt'], `table ${layout.table} has no attribute for it; configure expiresAt`)
}

function placeIn(
  layout: Layout,
  index: IndexLayout,
  key: AnyIndexKey,
  at: IssuePath,
): { partition: string; range: Value } | undefined {
  const partition = layout.format.joinIfWhole(key.partitionKey, [...at, 'partitionKey'])
  const rangeAt = [...at, 'rangeKey']
  const range = index.numeric ? numericKey(key.rangeKey, rangeAt) : layout.format.joinIfWhole(key.rangeKey, rangeAt)
  return partition === undefined || range === undefined ? undefined : { partition, range }
}

/** Indexes may share an attribute with each other; then they must agree on it. */
function assign(attributes: Item, name: string, value: Value, at: IssuePath): void {
  const before = getAttribute(attributes, name)
  if (before !== undefined && !equalValues(before, value)) {
    throw invalid(at, `gives ${name} one value, another index or the key a different one`)
  }
  setAttribute(attributes, name, value)
}
