/**
 * Conditions as filters of MongoDB, where a filter means exactly what the condition means. Elsewhere MongoDB differs: its
 * filters look into lists, treat null as missing, and compare maps by the order of their names.
 */
import type { Document } from 'mongodb'
import type { Comparator, Condition, Operand } from '../../expression/ast.js'
import { isNumber, type Value } from '../../value/value.js'
import { fieldPath, wholeAttribute } from '../document/names.js'
import { encodeNumber, type StoredNumber } from '../document/number.js'

/** A value that MongoDB compares as DynamoDB does. */
type Scalar = string | boolean | StoredNumber

const OPERATORS: Readonly<Record<Exclude<Comparator, '<>'>, string>> = {
  '=': '$eq',
  '<': '$lt',
  '<=': '$lte',
  '>': '$gt',
  '>=': '$gte',
}

/** Servers limit how deep a filter is nested, and no condition of a program needs as much. */
const MAX_NESTING = 16

/** A filter on a field also looks at the elements of a list, which no condition does. */
const NO_LIST = { $not: { $type: 'array' } }

/**
 * Translates a valid condition.
 * @param nesting the number of conditions that it is part of.
 * @returns a filter that is true for the document of an existing item if and only if the condition is true for the item;
 *   undefined if there is no such filter.
 */
export function filterOf(condition: Condition, nesting = 0): Document | undefined {
  if (nesting > MAX_NESTING) return undefined
  switch (condition.kind) {
    case 'exists':
    case 'notExists': {
      const attribute = wholeAttribute(condition.path)
      return attribute === undefined ? undefined : { [fieldPath(attribute)]: { $exists: condition.kind === 'exists' } }
    }
    case 'compare':
      return compareFilter(condition.left, condition.comparator, condition.right)
    case 'between': {
      const [low, high] = [orderedOf(condition.low), orderedOf(condition.high)]
      return low === undefined || high === undefined
        ? undefined
        : onAttribute(condition.operand, { $gte: low, $lte: high, ...NO_LIST })
    }
    case 'in': {
      const list = condition.list.map(scalarOf)
      return list.includes(undefined) ? undefined : onAttribute(condition.operand, { $in: list, ...NO_LIST })
    }
    case 'and':
    case 'or':
      return joined(condition.kind === 'and' ? '$and' : '$or', condition.conditions, nesting + 1)
    case 'not': {
      const filter = filterOf(condition.condition, nesting + 1)
      return filter && { $nor: [filter] }
    }
    default:
      return undefined
  }
}

function compareFilter(left: Operand, comparator: Comparator, right: Operand): Document | undefined {
  const value = comparator === '=' || comparator === '<>' ? scalarOf(right) : orderedOf(right)
  if (value === undefined) return undefined
  if (comparator !== '<>') return onAttribute(left, { [OPERATORS[comparator]]: value, ...NO_LIST })
  const equal = onAttribute(left, { $eq: value, ...NO_LIST })
  // Also true for a missing attribute and for one of another type.
  return equal && { $nor: [equal] }
}

function onAttribute(operand: Operand, test: Document): Document | undefined {
  const attribute = operand.kind === 'path' ? wholeAttribute(operand.path) : undefined
  return attribute === undefined ? undefined : { [fieldPath(attribute)]: test }
}

function joined(operator: '$and' | '$or', conditions: readonly Condition[], nesting: number): Document | undefined {
  const filters: Document[] = []
  for (const condition of conditions) {
    const filter = filterOf(condition, nesting)
    if (!filter) return undefined
    filters.push(filter)
  }
  return { [operator]: filters }
}

/** The operand as the driver writes it, if it is a string, a boolean or a number of up to 34 digits. */
function scalarOf(operand: Operand): Scalar | undefined {
  if (operand.kind !== 'value') return undefined
  const value: Value = operand.value
  if (typeof value === 'string' || typeof value === 'boolean') return value
  return isNumber(value) ? encodeNumber(value) : undefined
}

/** Booleans have an order in MongoDB and none in conditions. */
function orderedOf(operand: Operand): Scalar | undefined {
  const value = scalarOf(operand)
  return typeof value === 'boolean' ? undefined : value
}
