/** The range and order of a query, evaluated in a transaction. */
import { MAX_PAGE_STEPS, PreparedCondition, Work } from '../../expression/evaluate/index.js'
import { isInSort } from '../../store/position.js'
import { compareValues, type Item, type Value } from '../../value/value.js'
import type { QueryPlan } from '../read/query-plan.js'

/**
 * Guarded rows are read whole: their revision is needed, and writes replace them. The table is read consistently; a
 * global secondary index cannot be.
 */
export function wholeRows(plan: QueryPlan): QueryPlan {
  const { projection: _, ...request } = plan.request
  return { ...plan, request: { ...request, consistent: request.index === undefined } }
}

/**
 * A test of rows for one query; its filter is prepared once.
 * @returns a function that throws LimitExceededError once the rows take more evaluation steps than a page may.
 */
export function rangeTest({ request: { key }, filter }: QueryPlan): (row: Item) => boolean {
  const prepared = filter && new PreparedCondition(filter, new Work(MAX_PAGE_STEPS))
  return row => {
    if (row[key.partition.name] !== key.partition.value) return false
    if (key.sort && !isInSort(key.sort, row[key.sort.name])) return false
    return !prepared || prepared.test(row)
  }
}

/** The comparison function for the order of a query. */
export function orderOf({ request, index }: QueryPlan): (a: Item, b: Item) => number {
  const sign = request.order === 'desc' ? -1 : 1
  const { skAttribute } = index
  if (skAttribute === undefined) return () => 0
  return (a, b) => sign * (compareValues(a[skAttribute] as Value, b[skAttribute] as Value) ?? 0)
}
