/** Key conditions and positions as filters that MongoDB reads from an index. */
import type { Document } from 'mongodb'
import { invalid } from '../../errors/errors.js'
import type { KeyCondition, SortCondition } from '../../expression/ast.js'
import { type IndexKeySchema, type KeyAttribute, partitionAttributes, sortAttributes } from '../../store/definition.js'
import { partitionConditions, sortConditions } from '../../store/page-request.js'
import type { Key, KeyValue, Value } from '../../value/value.js'
import { keyPath } from '../document/names.js'
import { encodeKey } from '../document/value.js'

const OPERATORS = { '=': '$eq', '<': '$lt', '<=': '$lte', '>': '$gt', '>=': '$gte' } as const

/** An attribute of an order, and its value at a position. */
interface Coordinate {
  readonly path: string
  readonly value: unknown
}

/**
 * Returns the filters of a valid key condition.
 * @throws ValidationError for a number of over 34 digits.
 */
export function keyFilters(schema: IndexKeySchema, key: KeyCondition): Document[] {
  const [partitions, sorts] = [partitionAttributes(schema), sortAttributes(schema)]
  return [
    ...partitionConditions(key).map(({ value }, i) => {
      const attribute = partitions[i] as KeyAttribute
      return { [keyPath(attribute)]: { $eq: keyValue(attribute, value) } }
    }),
    ...sortConditions(key).map((sort, i) => sortFilter(sorts[i] as KeyAttribute, sort)),
  ]
}

function sortFilter(attribute: KeyAttribute, sort: SortCondition): Document {
  const path = keyPath(attribute)
  const value = (it: Value) => keyValue(attribute, it)
  switch (sort.kind) {
    case 'compare':
      return { [path]: { [OPERATORS[sort.comparator]]: value(sort.value) } }
    case 'between':
      return { [path]: { $gte: value(sort.low), $lte: value(sort.high) } }
    case 'beginsWith': {
      const prefix = value(sort.prefix) as string
      // No digit of hexadecimal text is above f.
      const end = attribute.type === 'B' ? `${prefix}g` : afterPrefix(prefix)
      return { [path]: { $gte: prefix, ...(end !== undefined && { $lt: end }) } }
    }
  }
}

/** The first text after all texts with a prefix, in the order of UTF-8 bytes; undefined if no text is after them. */
export function afterPrefix(prefix: string): string | undefined {
  const points = [...prefix]
  for (let last = points.pop(); last !== undefined; last = points.pop()) {
    const point = last.codePointAt(0) as number
    if (point === 0x10ffff) continue
    // No text has a surrogate alone, so U+E000 follows U+D7FF.
    return points.join('') + String.fromCodePoint(point === 0xd7ff ? 0xe000 : point + 1)
  }
  return undefined
}

/**
 * Returns filters for the documents after a position, in the order of some attributes and then of `_id`. The first one
 * bounds the index, so that the server does not read what is before the position.
 */
export function afterFilters(order: readonly Coordinate[], descending: boolean): Document[] {
  const [first] = order
  if (!first) return []
  const beyond = descending ? '$lt' : '$gt'
  const tuples = order.map(({ path, value }, i) => ({
    ...Object.fromEntries(order.slice(0, i).map(equal => [equal.path, { $eq: equal.value }])),
    [path]: { [beyond]: value },
  }))
  if (tuples.length === 1) return tuples
  return [{ [first.path]: { [descending ? '$lte' : '$gte']: first.value } }, { $or: tuples }]
}

/** The position of an item in the order of some key attributes and, at last, of `_id`. */
export function coordinates(attributes: readonly KeyAttribute[], position: Key, id: string | undefined): Coordinate[] {
  const order = attributes.map(it => ({ path: keyPath(it), value: keyValue(it, position[it.name] as KeyValue) }))
  return id === undefined ? order : [...order, { path: '_id', value: id }]
}

function keyValue(attribute: KeyAttribute, value: Value): unknown {
  const stored = encodeKey(value as KeyValue)
  if (stored !== undefined) return stored
  throw invalid(['key', attribute.name], 'has more digits than MongoDB stores, so no item has this key')
}
