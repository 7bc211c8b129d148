/** The faults of updates and projections that DynamoDB refuses whatever the item is. */
import { invalid } from '../../errors/errors.js'
import { isNumber, isSet, typeOf } from '../../value/value.js'
import type { Path, Projection, SetOperand, SetValue, Update } from '../ast.js'
import { insertPath, pathTree } from '../path/tree.js'
import { Placeholders, printUpdate } from '../print.js'
import { checkLength, checkPath, OperatorCount, samePath } from './operators.js'

/** So few actions print in under 4 KB, unless their paths are deeper than any that are in use. */
const SURELY_SHORT = 20

/**
 * An update of no action is fine: it only makes sure that the item is there.
 *
 * @param bounded false for an update of parameters that are older than expressions: then its length has no limit.
 * @throws ValidationError for paths that overlap or conflict, a value or path that cannot be, and operands whose types
 *   are known to be wrong. Nothing stands inside `list_append` but `if_not_exists`, and
 *   `list_append` stands in no other function.
 * @throws LimitExceededError for over 300 operators and functions, or over 4 KB in DynamoDB's language.
 */
export function checkUpdate(update: Update, bounded = true): void {
  const operators = new OperatorCount()
  const paths = pathTree<true>()
  const target = (path: Path): void => {
    checkPath(path)
    insertPath(paths, path, true)
  }
  for (const { path, value } of update.set) {
    target(path)
    checkSetValue(value, path, operators)
  }
  for (const path of update.remove) target(path)
  for (const { path, value } of update.add) {
    target(path)
    operators.checkValue(value, path)
    if (!isNumber(value) && !isSet(value)) throw invalid(path, `ADD takes a number or a set, not ${typeOf(value)}`)
  }
  for (const { path, value } of update.delete) {
    target(path)
    operators.checkValue(value, path)
    if (!isSet(value))
      throw invalid(path, `DELETE takes a set, not ${typeOf(value)}; to remove an attribute, use remove`)
  }
  if (bounded && update.set.length + update.remove.length + update.add.length + update.delete.length > SURELY_SHORT) {
    checkLength(printUpdate(update, new Placeholders()))
  }
}

/** @throws ValidationError for a projection of nothing, and paths that cannot be, overlap or conflict. */
export function checkProjection(projection: Projection): void {
  if (projection.length === 0) throw invalid([], 'the projection names no attribute; leave it out to get them all')
  const paths = pathTree<true>()
  for (const path of projection) {
    checkPath(path)
    insertPath(paths, path, true)
  }
}

function checkSetValue(value: SetValue, target: Path, operators: OperatorCount): void {
  if (value.kind !== 'plus' && value.kind !== 'minus') {
    checkSetOperand(value, target, operators, true)
    return
  }
  operators.add(1)
  for (const operand of [value.left, value.right]) {
    checkSetOperand(operand, target, operators, false)
    if (operand.kind === 'value' && !isNumber(operand.value)) {
      throw invalid(target, `${value.kind === 'plus' ? '+' : '-'} takes numbers, not ${typeOf(operand.value)}`)
    }
  }
}

function checkSetOperand(operand: SetOperand, target: Path, operators: OperatorCount, appends: boolean): void {
  switch (operand.kind) {
    case 'value':
      operators.checkValue(operand.value, target)
      return
    case 'path':
      checkPath(operand.path)
      return
    case 'ifNotExists':
      operators.add(1)
      checkPath(operand.path)
      if (operand.fallback.kind === 'path' && samePath(operand.path, operand.fallback.path)) {
        throw invalid(operand.path, 'is its own fallback in if_not_exists')
      }
      checkSetOperand(operand.fallback, target, operators, false)
      return
    case 'listAppend':
      if (!appends) throw invalid(target, 'list_append cannot stand inside another function or sum')
      operators.add(1)
      for (const list of [operand.left, operand.right]) {
        checkSetOperand(list, target, operators, false)
        if (list.kind === 'value' && !Array.isArray(list.value)) {
          throw invalid(target, `list_append joins lists, not ${typeOf(list.value)}`)
        }
      }
  }
}
