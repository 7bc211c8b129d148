/** Condition and filter expressions. */
import { typeOf } from '../../value/value.js'
import {
  and,
  beginsWith,
  between,
  type Condition,
  compare,
  contains,
  exists,
  hasType,
  not,
  notExists,
  type Operand,
  or,
  value,
} from '../ast.js'
import { sizeOf } from '../evaluate/operand.js'
import { OperatorCount } from '../validate/operators.js'
import type { PlaceholderLookup } from './aliases.js'
import { readCondition } from './grammar/condition.js'
import type { CallSyntax, ConditionSyntax, OperandSyntax } from './grammar/syntax.js'
import { checkCount, pathWanted } from './parse-error.js'
import { pathOf } from './path.js'
import type { Rules } from './rules.js'

/**
 * Reads a condition or filter expression. Parentheses stay as grouping: `(a AND b) AND c` is an `and` within an `and`.
 *
 * @throws ExpressionError with the position of the error and the token expected there.
 * @throws LimitExceededError for a text of over 4 KB, or over 300 operators and functions.
 */
export function parseCondition(text: string, placeholders: PlaceholderLookup, rules: Rules = {}): Condition {
  return new ConditionReader(placeholders, rules).condition(readCondition(text))
}

/** Converts the syntax tree in the order of the text, operands before their operator. */
class ConditionReader {
  readonly #placeholders: PlaceholderLookup
  readonly #rules: Rules
  readonly #operators = new OperatorCount()

  constructor(placeholders: PlaceholderLookup, rules: Rules) {
    this.#placeholders = placeholders
    this.#rules = rules
  }

  condition(syntax: ConditionSyntax): Condition {
    switch (syntax.kind) {
      case 'and':
      case 'or': {
        const parts = syntax.conditions.map(part => this.condition(part)) as [Condition, ...Condition[]]
        this.#operators.add(parts.length - 1)
        return syntax.kind === 'and' ? and(...parts) : or(...parts)
      }
      case 'not': {
        const condition = this.condition(syntax.condition)
        this.#operators.add(1)
        return not(condition)
      }
      case 'compare': {
        const [left, right] = this.#operands(syntax.comparator, [syntax.left, syntax.right])
        return compare(left as Operand, syntax.comparator, right as Operand)
      }
      case 'between': {
        const operands = this.#operands('BETWEEN', [syntax.operand, syntax.low, syntax.high])
        return between(...(operands as [Operand, Operand, Operand]))
      }
      case 'in': {
        const [operand, ...list] = this.#operands('IN', [syntax.operand, ...syntax.list])
        return Object.freeze({ kind: 'in', operand: operand as Operand, list: Object.freeze(list) })
      }
      case 'call':
        return this.#call(syntax)
    }
  }

  #call({ name: { text: name }, operands: syntax }: CallSyntax): Condition {
    const isUnary = name === 'attribute_exists' || name === 'attribute_not_exists'
    const [first, second] = this.#operands(name, syntax, isUnary ? 1 : 2) as [Operand, Operand]
    switch (name) {
      case 'attribute_exists':
      case 'attribute_not_exists':
        if (first.kind !== 'path') throw pathWanted(name)
        return name === 'attribute_exists' ? exists(first.path) : notExists(first.path)
      case 'attribute_type':
        return typed(first, second)
      case 'begins_with':
        return beginsWith(first, second)
      default:
        return contains(first, second)
    }
  }

  /** @param count the number of operands that the function takes. */
  #operands(name: string, syntax: readonly OperandSyntax[], count = syntax.length): Operand[] {
    const operands = syntax.map(operand => this.#operand(operand))
    this.#operators.add(1)
    checkCount(name, count, operands.length)
    this.#rules.operator?.(name, operands)
    return operands
  }

  #operand(syntax: OperandSyntax): Operand {
    if (syntax.kind === 'value') return value(this.#placeholders.value(syntax.placeholder))
    if (syntax.kind === 'path') return Object.freeze({ kind: 'path', path: pathOf(syntax, this.#placeholders) })
    const [measured] = this.#operands('size', syntax.operands, 1) as [Operand]
    if (measured.kind === 'path') return Object.freeze({ kind: 'size', path: measured.path })
    const size = measured.kind === 'value' ? sizeOf(measured.value) : undefined
    if (size === undefined) throw pathWanted('size')
    return value(size)
  }
}

/** `attribute_type`. The type of a value or a size is known; a size exists if its attribute exists. */
function typed(operand: Operand, type: Operand): Condition {
  switch (operand.kind) {
    case 'path':
      return hasType(operand.path, type)
    case 'value':
      return compare(value(typeOf(operand.value)), '=', type)
    case 'size':
      return and(compare(operand, '>=', value(0)), compare(value('N'), '=', type))
  }
}
