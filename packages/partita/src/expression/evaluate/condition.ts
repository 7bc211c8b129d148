/**
 * Whether an item meets a condition, as DynamoDB answers it. Nothing in an item is an error here: a missing attribute
 * or one of another type makes a comparison false, and `<>`, the negation of `=`, true.
 */
import { measureValue } from '../../value/size.js'
import {
  compareValues,
  equalValues,
  isMap,
  isSet,
  type KeyValue,
  setHas,
  typeOf,
  type Value,
} from '../../value/value.js'
import type { Comparator, Condition, Operand } from '../ast.js'
import { type Attributes, lookup } from './lookup.js'
import { holdsBytes, holdsText } from './part.js'

const NO_ITEM: Attributes = {}

/** @param item undefined where there is no such item; it then has no attributes. */
export function matches(condition: Condition, item: Attributes | undefined): boolean {
  return holds(condition, item ?? NO_ITEM)
}

function holds(condition: Condition, item: Attributes): boolean {
  switch (condition.kind) {
    case 'compare':
      return compares(condition.comparator, operandValue(condition.left, item), operandValue(condition.right, item))
    case 'between': {
      const value = operandValue(condition.operand, item)
      return (
        compares('>=', value, operandValue(condition.low, item)) &&
        compares('<=', value, operandValue(condition.high, item))
      )
    }
    case 'in': {
      const value = operandValue(condition.operand, item)
      return condition.list.some(member => compares('=', value, operandValue(member, item)))
    }
    case 'exists':
      return lookup(condition.path, item) !== undefined
    case 'notExists':
      return lookup(condition.path, item) === undefined
    case 'type': {
      const value = lookup(condition.path, item)
      return value !== undefined && typeOf(value) === operandValue(condition.type, item)
    }
    case 'beginsWith':
      return beginsWith(operandValue(condition.operand, item), operandValue(condition.prefix, item))
    case 'contains':
      return contains(operandValue(condition.operand, item), operandValue(condition.member, item))
    case 'and':
      return condition.conditions.every(part => holds(part, item))
    case 'or':
      return condition.conditions.some(part => holds(part, item))
    case 'not':
      return !holds(condition.condition, item)
  }
}

function operandValue(operand: Operand, item: Attributes): Value | undefined {
  if (operand.kind === 'value') return operand.value
  const value = lookup(operand.path, item)
  return operand.kind === 'path' || value === undefined ? value : sizeOf(value)
}

function compares(comparator: Comparator, left: Value | undefined, right: Value | undefined): boolean {
  if (left === undefined || right === undefined) return comparator === '<>'
  if (comparator === '=') return equalValues(left, right)
  if (comparator === '<>') return !equalValues(left, right)
  const order = compareValues(left, right)
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

/** UTF-16 units of a string, as DynamoDB Local counts; bytes of binary; members of a set, list or map. */
export function sizeOf(value: Value): number | undefined {
  if (typeof value === 'string' || Array.isArray(value) || value instanceof Uint8Array) return value.length
  if (isSet(value)) return value.size
  return isMap(value) ? Object.keys(value).length : undefined
}

function beginsWith(value: Value | undefined, prefix: Value | undefined): boolean {
  if (typeof value === 'string') return typeof prefix === 'string' && value.startsWith(prefix)
  if (!(value instanceof Uint8Array && prefix instanceof Uint8Array)) return false
  return prefix.length <= value.length && prefix.every((byte, i) => byte === value[i])
}

/** A part of a string or of binary, a member of a set, an element of a list. */
function contains(value: Value | undefined, member: Value | undefined): boolean {
  if (value === undefined || member === undefined) return false
  if (typeof value === 'string') return typeof member === 'string' && holdsText(value, member)
  if (Array.isArray(value)) return value.some(equalTo(member))
  if (isSet(value)) return setHas(value, member as KeyValue)
  return value instanceof Uint8Array && member instanceof Uint8Array && holdsBytes(value, member)
}

/**
 * Whether a value equals this one. Of a map or a list the sizes are compared first: they are known after one walk, while
 * how many attributes a map has is counted again for each value that it is compared with.
 */
function equalTo(wanted: Value): (value: Value) => boolean {
  const isMeasured = Array.isArray(wanted) || isMap(wanted)
  if (!isMeasured) return value => equalValues(value, wanted)
  const size = measureValue(wanted)
  return value => typeof value === 'object' && measureValue(value) === size && equalValues(value, wanted)
}
