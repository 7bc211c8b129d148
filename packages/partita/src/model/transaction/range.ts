/** The range of a query, in a transaction: which rows are in it, and in which order. */
import { matches } from '../../expression/evaluate.js'
import { isInSort } from '../../table/place.js'
import { compareValues, type Item, type Value } from '../../value/value.js'
import type { Plan } from '../query-plan.js'

/**
 * Rows that are guarded are read whole, as their revision is needed and what is written replaces them. The table is
 * read consistently, so that no row is missing that was there before; an index cannot be.
 */
export function wholeRows(plan: Plan): Plan {
  const { projection: _, ...request } = plan.request
  return { ...plan, request: { ...request, consistent: request.index === undefined } }
}

export function isInRange({ request: { key }, filter }: Plan, row: Item): boolean {
  if (row[key.partition.name] !== key.partition.value) return false
  if (key.sort && !isInSort(key.sort, row[key.sort.name])) return false
  return !filter || matches(filter, row)
}

export function orderOf({ request, index }: Plan): (a: Item, b: Item) => number {
  const sign = request.order === 'desc' ? -1 : 1
  return (a, b) => sign * (compareValues(a[index.skAttribute] as Value, b[index.skAttribute] as Value) ?? 0)
}
