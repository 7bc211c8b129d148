/** Converts SET and REMOVE clauses to an update. */
import {
  ifNotExists,
  listAppend,
  minus,
  type Path,
  path as pathOperand,
  plus,
  type SetAction,
  type SetOperand,
  type SetValue,
  type Update,
  update,
  type ValueAction,
  value,
} from '../../expression/ast.js'
import { insertPath, pathTree } from '../../expression/path/tree.js'
import { addNumbers, type NumberValue } from '../../value/number.js'
import { isNumber, isSet, typeOf } from '../../value/value.js'
import { type AwsError, invalidValues, validation } from '../protocol/aws-error.js'
import { checkCount, checkDistinct, checkTypes, pathText, wrongType } from './operand-types.js'
import type { Assignment, UpdateStatement } from './statement.js'
import { unsupported } from './statement-error.js'
import type { CallTerm, Term } from './term.js'
import { type Parameters, termValue } from './value.js'

/**
 * @param keys the names of the table's key attributes.
 * @throws AwsError
 */
export function updateOf(statement: UpdateStatement, keys: readonly string[], parameters: Parameters): Update {
  const set: SetAction[] = []
  const add: ValueAction[] = []
  const removed: ValueAction[] = []
  for (const assignment of statement.set) {
    const setFunction = setFunctionOf(assignment)
    if (setFunction)
      (setFunction.name === 'set_add' ? add : removed).push(toSetAction(assignment, setFunction, parameters))
    else set.push({ path: assignment.target.steps, value: toSetValue(assignment.value, parameters) })
  }
  const targets = [...statement.set.map(({ target }) => target), ...statement.remove].map(({ steps }) => steps)
  checkPaths(targets)
  for (const [name] of targets) {
    if (keys.includes(name)) {
      throw invalidValues(`Cannot update attribute ${name}. This attribute is part of the key`)
    }
  }
  return update({ set, remove: statement.remove.map(({ steps }) => steps), add, delete: removed })
}

/** @throws AwsError if one path is a prefix of another, or two paths treat a value as a list and as a map. */
export function checkPaths(paths: readonly Path[]): void {
  // A statement may have thousands of paths, so they are not compared with each other.
  const tree = pathTree<true>()
  paths.forEach((one, i) => {
    try {
      insertPath(tree, one, true)
    } catch (error) {
      throw clashOf(one, paths.slice(0, i)) ?? error
    }
  })
}

/** The error for a path that clashes with one of the earlier ones. */
function clashOf(one: Path, earlier: readonly Path[]): AwsError | undefined {
  for (const other of earlier) {
    const problem = clash(other, one)
    if (!problem) continue
    return validation(
      `Two document paths ${problem} with each other; must remove or rewrite one of these paths; path one: ${pathText(other)}, path two: ${pathText(one)}`,
    )
  }
  return undefined
}

function clash(a: Path, b: Path): 'overlap' | 'conflict' | undefined {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    if (typeof a[i] !== typeof b[i]) return 'conflict'
    if (a[i] !== b[i]) return undefined
  }
  return 'overlap'
}

function setFunctionOf({ value: term }: Assignment): CallTerm | undefined {
  return term.kind === 'call' && (term.name === 'set_add' || term.name === 'set_delete') ? term : undefined
}

function toSetAction(
  { target }: Assignment,
  { name, operands, position }: CallTerm,
  parameters: Parameters,
): ValueAction {
  const shown = name.toUpperCase()
  const [first, second] = operands
  if (!first || !second || operands.length > 2) throw unsupported(`${shown} must have exactly two arguments`, position)
  if (first.kind !== 'path' || pathText(first.steps) !== pathText(target.steps)) {
    throw unsupported(`The first argument to ${shown} must equal the assignment value`, position)
  }
  const members = termValue(second, parameters)
  if (members === undefined || !isSet(members)) {
    throw unsupported(`The second argument to ${shown} must be a value with type SET`, first.position)
  }
  return { path: target.steps, value: members }
}

function toSetValue(term: Term, parameters: Parameters): SetValue {
  return term.kind === 'call' && !term.isFunction ? toSum(term, parameters) : toSetOperand(term, parameters)
}

function toSetOperand(term: Term, parameters: Parameters): SetOperand {
  if (term.kind === 'path') return pathOperand(...term.steps)
  const given = termValue(term, parameters)
  if (given !== undefined) return value(given)
  if (term.kind !== 'call' || !term.isFunction) throw wrongOperator(term.kind === 'call' ? term.name : 'IS')
  const operands = () => {
    checkCount(term.name, 2, term.operands.length)
    return term.operands.map(operand => toSetOperand(operand, parameters)) as [SetOperand, SetOperand]
  }
  switch (term.name) {
    case 'list_append': {
      const [left, right] = operands()
      for (const operand of [left, right]) {
        if (operand.kind === 'value') checkTypes(term.name, ['L'], [operand])
        if (operand.kind === 'listAppend') throw misplaced(term.name)
      }
      return listAppend(left, right)
    }
    case 'if_not_exists': {
      const [first, fallback] = operands()
      checkDistinct(term.name, [first, fallback])
      if (fallback.kind === 'listAppend') throw misplaced('list_append')
      if (first.kind === 'path') return ifNotExists(first.path, fallback)
      throw validation('Operator or function requires a document path; operator or function: if_not_exists')
    }
    case 'size':
    case 'contains':
    case 'begins_with':
    case 'attribute_type':
    case 'attribute_exists':
    case 'attribute_not_exists':
      throw validation(`The function is not allowed in an update expression; function: ${term.name}`)
  }
  throw unsupported(`Unrecognized function: ${term.name}`, term.position)
}

/** The parts of a sum: its constants as one number, and the other operands with their signs. */
interface Sum {
  constant: NumberValue | undefined
  readonly parts: { readonly operand: SetOperand; readonly isNegative: boolean }[]
}

/** A sum of constants and one or two other operands, which is all that an update supports. */
function toSum(term: CallTerm, parameters: Parameters): SetValue {
  const sum: Sum = { constant: undefined, parts: [] }
  collect(term, 1, sum, parameters)
  const { constant, parts } = sum
  const [first, second] = parts
  if (!first) return value(constant as NumberValue)
  if (constant === undefined) {
    if (!second || parts.length > 2 || (first.isNegative && second.isNegative)) throw wrongOperator(term.name)
    if (first.isNegative) return minus(second.operand, first.operand)
    return second.isNegative ? minus(first.operand, second.operand) : plus(first.operand, second.operand)
  }
  if (second) throw wrongOperator(term.name)
  if (first.isNegative) return minus(value(constant), first.operand)
  return plus(first.operand, value(constant))
}

function collect(term: Term, sign: 1 | -1, sum: Sum, parameters: Parameters): void {
  if (term.kind === 'call' && !term.isFunction) {
    if (term.name !== '+' && term.name !== '-') throw wrongOperator(term.name)
    checkCount(term.name, 2, term.operands.length)
    const [left, right] = term.operands as [Term, Term]
    for (const operand of [left, right]) checkNumber(term.name, operand, parameters)
    collect(left, sign, sum, parameters)
    collect(right, term.name === '+' ? sign : (-sign as 1 | -1), sum, parameters)
    return
  }
  const operand = toSetOperand(term, parameters)
  if (operand.kind === 'value') {
    sum.constant = addNumbers(sum.constant ?? 0, operand.value as NumberValue, sign)
  } else if (operand.kind === 'listAppend') throw misplaced('list_append')
  else sum.parts.push({ operand, isNegative: sign < 0 })
}

function checkNumber(operator: string, term: Term, parameters: Parameters): void {
  const given = termValue(term, parameters)
  if (given !== undefined && !isNumber(given)) throw wrongType(operator, typeOf(given))
}

/** `list_append` cannot be nested in another function. */
function misplaced(name: string) {
  return validation(`The function is not allowed to be used this way in an expression; function: ${name}`)
}

function wrongOperator(name: string) {
  return validation(`Unsupported operator in Update Expression. Operator: ${name}`)
}
