/** Validates positions: a token without a signature may hold any position. */
import type { KeyCondition, SortCondition } from '../expression/ast.js'
import { compareValues, type Key, type Value } from '../value/value.js'
import { isFitForKey } from './limits.js'

/** The key attributes of the table or the queried index. */
interface KeyAttributes {
  readonly partition: string
  /** Undefined for a table without a sort key. */
  readonly sort: string | undefined
  /** Whether the sort key is a number. Default: it is text. */
  readonly numeric?: boolean
}

/** Whether a position has valid key attributes and is in the range of the query. */
export function isPositionOf(position: Key, table: KeyAttributes, queried: KeyAttributes, key: KeyCondition): boolean {
  const areKeys = [table, queried].every(
    ({ partition, sort, numeric }) =>
      isFitForKey({ name: partition, type: 'S' }, position[partition], 'partition') &&
      (sort === undefined || isFitForKey({ name: sort, type: numeric ? 'N' : 'S' }, position[sort], 'sort')),
  )
  return areKeys && (!key.sort || isInSort(key.sort, position[key.sort.name]))
}

/** Whether a sort key is in the range of a query. */
export function isInSort(sort: SortCondition, stored: Value | undefined): boolean {
  if (stored === undefined) return false
  switch (sort.kind) {
    case 'beginsWith':
      return typeof stored === 'string' && stored.startsWith(sort.prefix as string)
    case 'between':
      return (compareValues(stored, sort.low) ?? -1) >= 0 && (compareValues(stored, sort.high) ?? 1) <= 0
    case 'compare': {
      const order = compareValues(stored, sort.value) ?? Number.NaN
      return { '=': order === 0, '<': order < 0, '<=': order <= 0, '>': order > 0, '>=': order >= 0 }[sort.comparator]
    }
  }
}
