/** Compares many values with one fixed value by order. */
import { Comparand, type NumberValue } from '../../value/number.js'
import { compareBytes, compareStrings, compareValues, isNumber, type Value } from '../../value/value.js'
import type { Comparator } from '../ast.js'
import type { Work } from './work.js'

/** The comparators that need an order. */
export type OrderComparator = Exclude<Comparator, '=' | '<>'>

/** Negative if a value is less than the fixed one; undefined if the two have no order. */
export type Order = (value: Value) => number | undefined

/** A comparison of strings up to this length counts as one step, whatever their length. */
const SHORT = 64

/** Compiles the comparison of many values with one bound. */
export function orderAgainst(bound: Value, work: Work): Order {
  if (typeof bound === 'string') {
    return value => {
      if (typeof value !== 'string') return undefined
      if (bound.length > SHORT && value.length > SHORT) work.looked(Math.min(bound.length, value.length))
      return compareStrings(value, bound)
    }
  }
  if (isNumber(bound)) return orderOfNumbers(bound)
  if (bound instanceof Uint8Array) {
    return value => {
      if (!(value instanceof Uint8Array)) return undefined
      work.looked(Math.min(bound.length, value.length))
      return compareBytes(value, bound)
    }
  }
  return () => undefined
}

/** The order of two values that are both read from the item. */
export function orderOf(left: Value, right: Value, work: Work): number | undefined {
  if (isText(left) && isText(right)) work.looked(Math.min(left.length, right.length))
  return compareValues(left, right)
}

function isText(value: Value): value is string | Uint8Array {
  return typeof value === 'string' || value instanceof Uint8Array
}

function orderOfNumbers(bound: NumberValue): Order {
  const comparand = new Comparand(bound)
  if (typeof bound === 'number') {
    return value => (typeof value === 'number' ? value - bound : isNumber(value) ? comparand.compare(value) : undefined)
  }
  return value => (isNumber(value) ? comparand.compare(value) : undefined)
}

/** Whether a comparison result satisfies the comparator; false if the values have no order. */
export function isInOrder(comparator: OrderComparator, order: number | undefined): boolean {
  if (order === undefined) return false
  switch (comparator) {
    case '<':
      return order < 0
    case '<=':
      return order <= 0
    case '>':
      return order > 0
    case '>=':
      return order >= 0
  }
}
