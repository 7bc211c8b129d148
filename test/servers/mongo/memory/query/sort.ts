/** The order of results, by the fields of a sort or of an index. */
import type { Document } from 'mongodb'
import { compareValues } from '../values/compare.js'
import { toDouble } from '../values/numbers.js'
import { valuesAt } from '../values/paths.js'

/** Compares documents by the fields of a sort. */
export function comparator(sort: Document): (a: Document, b: Document) => number {
  const fields = Object.entries(sort).map(([name, direction]) => ({
    path: name.split('.'),
    direction: typeof direction === 'number' ? direction : toDouble(direction),
  }))
  return (a, b) => {
    for (const { path, direction } of fields) {
      const difference = compareValues(sortKey(a, path, direction), sortKey(b, path, direction))
      if (difference !== 0) return difference * direction
    }
    return 0
  }
}

/** The least element of an array for an ascending sort, and the greatest for a descending one; null for a missing field. */
function sortKey(document: Document, path: readonly string[], direction: number): unknown {
  let key: unknown
  let found = false
  for (const end of valuesAt(document, path)) {
    for (const value of Array.isArray(end) ? end : [end]) {
      const candidate = value === undefined ? null : value
      if (!found || compareValues(candidate, key) * direction < 0) key = candidate
      found = true
    }
  }
  return found ? key : null
}
