/** Tests rows that were read otherwise than by a query for the range and filter of the query. */
import { MAX_PAGE_STEPS, PreparedCondition, Work } from '../../expression/evaluate/index.js'
import { isInSort } from '../../store/position.js'
import type { Item } from '../../value/value.js'
import type { QueryPlan } from './query-plan.js'

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
