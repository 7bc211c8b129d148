/** Checks that DynamoDB makes of updates and projections before it reads an item. */
import { invalid } from '../../errors/errors.js'
import { isNumber, isSet, typeOf } from '../../value/value.js'
import type { Path, Projection, SetOperand, SetValue, Update } from '../ast.js'
import { insertPath, pathTree } from '../path/tree.js'
import { Placeholders, printUpdate } from '../print.js'
import { checkLength, checkPath, OperatorCount, samePath } from './operators.js'

/** An update with fewer actions prints in under 4 KB, unless its paths are unusually deep. */
const SURELY_SHORT = 20

/**
 * An update without actions is valid: it creates the item if it does not exist.
 *
 * @param bounded false for an update built from legacy parameters (`AttributeUpdates`): its length has no limit.
 * @throws ValidationError for paths that overlap or conflict, an invalid value or path, an operand of the wrong type, a
 *   function other than `if_not_exists` inside `list_append`, or `list_append` inside another function or a sum.
 * @throws LimitExceededError for over 300 operators and functions, or over 4 KB as an expression string.
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

/** @throws ValidationError for an empty projection, and for paths that are invalid, overlap or conflict. */
export function checkProjection(projection: Projection): void {
  if (projection.length === 0) throw invalid([], 'the projection is empty; omit it to read all attributes')
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
      if (!appends) throw invalid(target, 'list_append cannot be used inside another function or a sum')
      operators.add(1)
      for (const list of [operand.left, operand.right]) {
        checkSetOperand(list, target, operators, false)
        if (list.kind === 'value' && !Array.isArray(list.value)) {
          throw invalid(target, `list_append joins lists, not ${typeOf(list.value)}`)
        }
      }
  }
}
