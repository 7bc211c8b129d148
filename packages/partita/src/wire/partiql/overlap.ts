/** Refuses an OR whose branches would read a range of a partition twice, as AWS does. */
import type { Condition, SortCondition } from '../../expression/ast.js'
import { pathsOf } from '../../expression/path/walk.js'
import type { IndexKeySchema } from '../../store/definition.js'
import { compareValues, equalValues, type Value } from '../../value/value.js'
import { validation } from '../protocol/aws-error.js'
import { conjuncts, equalityOf } from './key.js'
import { sortOf } from './sort-condition.js'

interface Branch {
  readonly partition: Value
  /** Undefined for the whole partition. */
  readonly sort: SortCondition | undefined
}

/** @param conditions the branches of the OR. @throws AwsError if two of them may read the same items. */
export function checkOverlap(schema: IndexKeySchema, conditions: readonly Condition[]): void {
  const branches = conditions.map(condition => branchOf(schema, condition))
  branches.forEach((one, i) => {
    for (const other of branches.slice(0, i)) {
      if (!one || !other || !equalValues(one.partition, other.partition)) continue
      if (!mayOverlap(one.sort, other.sort)) continue
      throw validation('Overlapping conditions with range keys are not supported in where clause')
    }
  })
}

/** Undefined if the branch does not fix the partition, or its condition on the sort key is not a range. */
function branchOf({ partition, sort }: IndexKeySchema, condition: Condition): Branch | undefined {
  const parts = conjuncts(condition)
  const value = parts.map(equalityOf).find(it => it?.name === partition.name)?.value
  if (value === undefined || !sort) return undefined
  const ofSort = parts.filter(part => pathsOf(part).some(([name]) => name === sort.name))
  const ranges = ofSort.map(part => sortOf(part, sort.name))
  if (ranges.length > 1 || (ranges.length === 1 && !ranges[0])) return undefined
  return { partition: value, sort: ranges[0] }
}

/** Two branches that cover the whole partition are allowed: it is read once. A whole partition overlaps its ranges. */
function mayOverlap(one: SortCondition | undefined, other: SortCondition | undefined): boolean {
  if (!one || !other) return one !== other
  const [low, high] = boundsOf(one)
  const [otherLow, otherHigh] = boundsOf(other)
  return isBelow(low, otherHigh) && isBelow(otherLow, high)
}

interface Bound {
  readonly value: Value
  readonly isWithin: boolean
}

function boundsOf(sort: SortCondition): [low: Bound | undefined, high: Bound | undefined] {
  if (sort.kind === 'between') {
    return [
      { value: sort.low, isWithin: true },
      { value: sort.high, isWithin: true },
    ]
  }
  // There is no upper bound: `begins_with(sk, 'a')` overlaps every range above 'a', too.
  if (sort.kind === 'beginsWith') return [{ value: sort.prefix, isWithin: true }, undefined]
  const { comparator, value } = sort
  const bound = { value, isWithin: !/^[<>]$/.test(comparator) }
  if (comparator === '=') return [bound, bound]
  return comparator.startsWith('<') ? [undefined, bound] : [bound, undefined]
}

function isBelow(low: Bound | undefined, high: Bound | undefined): boolean {
  if (!low || !high) return true
  const order = compareValues(low.value, high.value) ?? 1
  return order < 0 || (order === 0 && low.isWithin && high.isWithin)
}
