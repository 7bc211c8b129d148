/** The `_id` of a document: legible text of the key, different for different keys. */
import type { KeyAttribute, KeySchema } from '../../store/definition.js'
import { canonicalNumber, type NumberValue, numberText } from '../../value/number.js'
import type { Item, Value } from '../../value/value.js'
import { hexOf } from './hex.js'

const SEPARATOR = '|'

/**
 * The partition key, and after a `|` the sort key: `USER#1|PROFILE`. Only a `|` or `%` in a partition key with a sort key
 * is escaped, which makes the first `|` the separator.
 *
 * @param item has valid key attributes; it may have others.
 */
export function documentId({ partition, sort }: KeySchema, item: Readonly<Item>): string {
  const first = keyText(partition, item)
  return sort ? `${first.replace(/[%|]/g, encodeURIComponent)}${SEPARATOR}${keyText(sort, item)}` : first
}

function keyText({ name, type }: KeyAttribute, item: Readonly<Item>): string {
  const value = item[name] as Value
  if (type === 'S') return value as string
  return type === 'N' ? numberText(canonicalNumber(value as NumberValue)) : hexOf(value as Uint8Array)
}
