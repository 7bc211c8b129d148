/** Update and projection expressions. */
import {
  ifNotExists,
  listAppend,
  minus,
  type Path,
  type Projection,
  plus,
  type SetAction,
  type SetOperand,
  type SetValue,
  type Update,
  update,
  type ValueAction,
  value,
} from '../ast.js'
import { OperatorCount } from '../validate/operators.js'
import type { PlaceholderLookup } from './aliases.js'
import type { Token } from './grammar/lexer.js'
import type { ActionSyntax, OperandSyntax, SumSyntax } from './grammar/syntax.js'
import { readProjection, readUpdate } from './grammar/update.js'
import { checkCount, pathWanted } from './parse-error.js'
import { pathOf, targetsOf } from './path.js'
import type { Rules } from './rules.js'

/**
 * Parses an update expression: SET, REMOVE, ADD and DELETE in any order, each at most once.
 *
 * @throws ExpressionError with the position of the error and the token expected there.
 * @throws LimitExceededError for a text of over 4 KB, or over 300 operators and functions.
 */
export function parseUpdate(text: string, placeholders: PlaceholderLookup, rules: Rules = {}): Update {
  const actions = readUpdate(text)
  const syntax = actions.map(action => action.path)
  const paths = targetsOf(syntax, placeholders, rules)
  const reader = new ValueReader(placeholders, rules)
  const clauses = {
    set: [] as SetAction[],
    remove: [] as Path[],
    add: [] as ValueAction[],
    delete: [] as ValueAction[],
  }
  // DynamoDB reads all paths first, then the values, both from the last to the first.
  for (let i = actions.length - 1; i >= 0; i--) {
    const action = actions[i] as ActionSyntax
    const path = paths[i] as Path
    if (action.clause === 'remove') clauses.remove.push(path)
    else if (action.clause === 'set') clauses.set.push(Object.freeze({ path, value: reader.setValue(action.value) }))
    else {
      const it = reader.value(action.clause, action.placeholder)
      clauses[action.clause].push(Object.freeze({ path, value: it }))
    }
  }
  for (const clause of Object.values(clauses)) clause.reverse()
  return update(clauses)
}

/**
 * Parses a projection expression: paths separated by commas.
 *
 * @throws ExpressionError with the position of the error and the token expected there.
 * @throws LimitExceededError for a text of over 4 KB.
 */
export function parseProjection(text: string, placeholders: PlaceholderLookup, rules: Rules = {}): Projection {
  return Object.freeze(targetsOf(readProjection(text), placeholders, rules))
}

class ValueReader {
  readonly #placeholders: PlaceholderLookup
  readonly #rules: Rules
  readonly #operators = new OperatorCount()

  constructor(placeholders: PlaceholderLookup, rules: Rules) {
    this.#placeholders = placeholders
    this.#rules = rules
  }

  setValue(syntax: OperandSyntax | SumSyntax): SetValue {
    if (syntax.kind !== 'sum') return this.#operand(syntax)
    const operands = this.#operands(syntax.operator, [syntax.left, syntax.right])
    const [left, right] = operands as [SetOperand, SetOperand]
    return syntax.operator === '+' ? plus(left, right) : minus(left, right)
  }

  /** The value of an ADD or DELETE action. */
  value(clause: 'add' | 'delete', placeholder: Token): ValueAction['value'] {
    const it = this.#placeholders.value(placeholder)
    this.#rules.operator?.(clause.toUpperCase(), [value(it)])
    return it
  }

  #operand(syntax: OperandSyntax): SetOperand {
    if (syntax.kind === 'value') return value(this.#placeholders.value(syntax.placeholder))
    if (syntax.kind === 'path') return Object.freeze({ kind: 'path', path: pathOf(syntax, this.#placeholders) })
    const { text: name } = syntax.name
    const [first, second] = this.#operands(name, syntax.operands, 2) as [SetOperand, SetOperand]
    if (name === 'list_append') return listAppend(first, second)
    if (first.kind !== 'path') throw pathWanted(name)
    return ifNotExists(first.path, second)
  }

  /** @param count the number of operands that the function takes. */
  #operands(name: string, syntax: readonly OperandSyntax[], count = syntax.length): SetOperand[] {
    const operands = syntax.map(operand => this.#operand(operand))
    this.#operators.add(1)
    checkCount(name, count, operands.length)
    this.#rules.operator?.(name, operands)
    return operands
  }
}
