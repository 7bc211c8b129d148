/** The rows and the order of a query in a transaction. */
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

/** The comparison function for the order of a query. */
export function orderOf({ request, index }: QueryPlan): (a: Item, b: Item) => number {
  const sign = request.order === 'desc' ? -1 : 1
  const { skAttribute } = index
  if (skAttribute === undefined) return () => 0
  return (a, b) => sign * (compareValues(a[skAttribute] as Value, b[skAttribute] as Value) ?? 0)
}
