/** Conditions on a sort key that a query supports. */
import type { Comparator, Condition, Operand, SortCondition } from '../../expression/ast.js'

const FLIPPED: { readonly [comparator in Comparator]: Comparator } = {
  '=': '=',
  '<>': '<>',
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
}

/** The condition as a sort key condition; undefined if a query does not support it. */
export function sortOf(condition: Condition, name: string): SortCondition | undefined {
  const isKey = (operand: Operand) => operand.kind === 'path' && operand.path.length === 1 && operand.path[0] === name
  switch (condition.kind) {
    case 'compare': {
      const { left, right } = condition
      const isFlipped = left.kind === 'value'
      const [path, bound] = isFlipped ? [right, left] : [left, right]
      const comparator = isFlipped ? FLIPPED[condition.comparator] : condition.comparator
      if (!isKey(path) || bound.kind !== 'value' || comparator === '<>') return undefined
      return { kind: 'compare', name, comparator, value: bound.value }
    }
    case 'between': {
      const { operand, low, high } = condition
      if (!isKey(operand) || low.kind !== 'value' || high.kind !== 'value') return undefined
      return { kind: 'between', name, low: low.value, high: high.value }
    }
    case 'beginsWith': {
      const { operand, prefix } = condition
      if (!isKey(operand) || prefix.kind !== 'value') return undefined
      return { kind: 'beginsWith', name, prefix: prefix.value }
    }
    default:
      return undefined
  }
}
