/** Key condition expressions. */
import { invalid } from '../../errors/errors.js'
import type { Value } from '../../value/value.js'
import type { Condition, KeyCondition, Operand, SortCondition } from '../ast.js'
import type { Aliases } from './aliases.js'
import { parseCondition } from './condition.js'

type Equality = Extract<SortCondition, { kind: 'compare' }>

/**
 * Parses a key condition: an equality of the partition key and at most one condition on the sort key, in any order.
 *
 * @param partition the name of the partition key. Without it, the first equality is taken as the partition key's.
 * @throws ValidationError if the condition has another form.
 * @throws LimitExceededError for a text of over 4 KB, or over 300 operators and functions.
 */
export function parseKeyCondition(text: string, aliases: Aliases, partition?: string): KeyCondition {
  const condition = parseCondition(text, aliases)
  const parts = (condition.kind === 'and' ? condition.conditions : [condition]).map(keyPart)
  const equality = parts.filter(isEquality).find(({ name }) => partition === undefined || name === partition)
  if (!equality) {
    throw invalid([], `a key condition needs ${partition ?? 'the partition key'} = a value`)
  }
  const others = parts.filter(part => part !== equality)
  if (others.length > 1 || others[0]?.name === equality.name) {
    throw invalid([], 'a key condition has one condition for the partition key and at most one for the sort key')
  }
  const key = Object.freeze({ name: equality.name, value: equality.value })
  return Object.freeze(others[0] ? { partition: key, sort: others[0] } : { partition: key })
}

function isEquality(part: SortCondition): part is Equality {
  return part.kind === 'compare' && part.comparator === '='
}

function keyPart(condition: Condition): SortCondition {
  switch (condition.kind) {
    case 'compare': {
      const { comparator, left, right } = condition
      if (comparator === '<>') break
      // DynamoDB also accepts `:v = pk`, but only for equalities.
      const flipped = comparator === '=' && left.kind === 'value'
      const [name, value] = flipped ? [right, left] : [left, right]
      return Object.freeze({ kind: 'compare', name: nameOf(name), comparator, value: boundValue(value) })
    }
    case 'between': {
      const { operand, low, high } = condition
      return Object.freeze({ kind: 'between', name: nameOf(operand), low: boundValue(low), high: boundValue(high) })
    }
    case 'beginsWith': {
      const { operand, prefix } = condition
      return Object.freeze({ kind: 'beginsWith', name: nameOf(operand), prefix: boundValue(prefix) })
    }
  }
  throw invalid([], 'a key condition has =, <, <=, >, >=, BETWEEN and begins_with, joined by one AND, and nothing else')
}

function nameOf(operand: Operand): string {
  if (operand.kind === 'path' && operand.path.length === 1) return operand.path[0]
  throw invalid([], 'the first operand of a key condition is the name of a key attribute, not a part of an attribute')
}

function boundValue(operand: Operand): Value {
  if (operand.kind === 'value') return operand.value
  throw invalid([], 'a key condition compares key attributes with values, not with other attributes')
}
