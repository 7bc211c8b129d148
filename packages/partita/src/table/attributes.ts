/** The attributes that the table itself stores in an item: its key, index keys, type and expiry. */
import { type IssuePath, invalid, valueText } from '../errors/errors.js'
import { type ExpiryInput, expirySeconds } from '../keys/expiry.js'
import type { NumberValue } from '../value/number.js'
import { equalValues, getAttribute, type Item, isNumber, type Key, setAttribute, type Value } from '../value/value.js'
import type { IndexKeyInput } from './key.js'
import { isAbsent, isList } from './key.js'
import { findIndex, type IndexLayout, type Layout, typeIndexOf } from './layout.js'
import type { ItemKey } from './parameters.js'
import { isObject } from './storable.js'

/** The key of an item in an index, as the code that compiles writes sees it. */
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
 * The primary key of an item in the form that the store takes.
 *
 * @throws ValidationError with the path of the missing part.
 */
export function primaryKey(layout: Layout, key: ItemKey, at: IssuePath = []): Key {
  if (!isObject(key)) throw invalid(at, `is ${valueText(key)}; expected an object with partitionKey and rangeKey`)
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
 * The index key attributes to set and to remove. Both attributes of an index are always written together.
 *
 * @throws ValidationError for a partial key, IndexNotFoundError for an unknown index.
 */
export function indexAttributes(layout: Layout, indexes: OwnAttributes['indexes']): { set: Item; remove: string[] } {
  const set: Item = {}
  const remove: string[] = []
  if (indexes !== undefined && !isObject(indexes)) {
    throw invalid(['indexes'], `is ${valueText(indexes)}; expected an object with a key for each index`)
  }
  for (const [name, key] of Object.entries(indexes ?? {})) {
    if (key === undefined) continue
    const index = findIndex(layout, name)
    const at = ['indexes', name]
    if (key !== null && !(isObject(key) && Object.hasOwn(key, 'partitionKey') && Object.hasOwn(key, 'rangeKey'))) {
      throw invalid(
        at,
        'is not a complete key; give partitionKey and rangeKey, or null to remove the item from the index',
      )
    }
    const values = key && indexKeyOf(layout, index, key, at)
    if (values) {
      assign(set, index.partitionKey, values.partition, at)
      assign(set, index.rangeKey, values.range, at)
    } else {
      remove.push(index.partitionKey, index.rangeKey)
    }
  }
  const both = remove.find(attribute => Object.hasOwn(set, attribute))
  if (both) throw invalid(['indexes'], `${both} belongs to one index that is set and to another that is removed`)
  return { set, remove }
}

/** The sort key of a numeric index: a number, or a list of one number; undefined if it is missing. */
export function numericKey(key: IndexKeyInput, at: IssuePath): NumberValue | undefined {
  const number = isList(key) && key.length === 1 ? key[0] : key
  if (isAbsent(number)) return undefined
  if (isNumber(number)) return number
  throw invalid(at, 'is not a number; the sort key of this index is a number')
}

/**
 * The table's own attributes of a new item.
 *
 * @param item the new item; `rangeKeyGenerator` of the type index reads it.
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
 * The two key attributes of the type index. The second is omitted if the generator returns undefined.
 *
 * @throws ValidationError if a type is missing, or is given but the table has no type index.
 */
export function typeAttributes(layout: Layout, item: Item, type: string | undefined, now: number): Item {
  if (type === undefined && !layout.typeIndex) return {}
  const { partitionKey, rangeKey, rangeKeyGenerator } = typeIndexOf(layout)
  if (typeof type !== 'string' || type === '') {
    throw invalid(['type'], 'is missing; the table has a typeIndex, so every item needs a type')
  }
  const range = rangeKeyGenerator ? rangeKeyGenerator(item, type) : new Date(now).toISOString()
  if (range === undefined) return { [partitionKey]: type }
  if (typeof range !== 'string' || range === '') {
    throw invalid(
      ['typeIndex', 'rangeKeyGenerator'],
      `returned ${valueText(range)}; it must return a string or undefined`,
    )
  }
  return { [partitionKey]: type, [rangeKey]: range }
}

/** The name of the expiry attribute. @throws ValidationError if the table has none. */
export function expiryAttribute(layout: Layout): string {
  if (layout.expiresAt !== undefined) return layout.expiresAt
  throw invalid(['expiresAt'], `table ${layout.table} has no expiry attribute; configure expiresAt`)
}

function indexKeyOf(
  layout: Layout,
  index: IndexLayout,
  key: AnyIndexKey,
  at: IssuePath,
): { partition: string; range: Value } | undefined {
  const partition = layout.format.joinIfComplete(key.partitionKey, [...at, 'partitionKey'])
  const rangeAt = [...at, 'rangeKey']
  const range = index.numeric ? numericKey(key.rangeKey, rangeAt) : layout.format.joinIfComplete(key.rangeKey, rangeAt)
  return partition === undefined || range === undefined ? undefined : { partition, range }
}

/** Indexes can share an attribute. Then its values must agree. */
function assign(attributes: Item, name: string, value: Value, at: IssuePath): void {
  const before = getAttribute(attributes, name)
  if (before !== undefined && !equalValues(before, value)) {
    throw invalid(at, `sets ${name} to another value than another index or the key does`)
  }
  setAttribute(attributes, name, value)
}
