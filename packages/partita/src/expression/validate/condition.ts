/** Checks that DynamoDB makes of a condition before it reads an item. */
import { invalid } from '../../errors/errors.js'
import { compareValues, isSet, TYPE_NAMES, type TypeName, typeOf, type Value } from '../../value/value.js'
import type { Condition, Operand, Path } from '../ast.js'
import { MAX_IN_OPERANDS } from '../limits.js'
import { Placeholders, printCondition } from '../print.js'
import { checkLength, checkPath, OperatorCount, samePath } from './operators.js'

/** A condition with fewer operands and path steps always prints in under 4 KB: none takes over 32 characters. */
const SURELY_SHORT = 120

const ORDERED: readonly TypeName[] = ['S', 'N', 'B']
const PREFIXES: readonly TypeName[] = ['S', 'B']

/**
 * @param bounded false for a condition built from legacy parameters such as `Expected`. For them DynamoDB limits only
 *   the size of the request, not the length, the operators or the operands of an IN.
 * @throws ValidationError for an invalid path or value, an attribute compared with itself, a value type that the
 *   operator does not accept, a range whose low end is above its high end, or an IN with no operands or over 100.
 * @throws LimitExceededError for over 300 operators and functions, or over 4 KB as an expression string.
 */
export function checkCondition(condition: Condition, bounded = true): void {
  const operators = new OperatorCount(bounded)
  check(condition, operators)
  // Most conditions are far below the limit and need not be printed.
  if (bounded && operators.parts > SURELY_SHORT) checkLength(printCondition(condition, new Placeholders()))
}

function check(condition: Condition, operators: OperatorCount): void {
  switch (condition.kind) {
    case 'compare': {
      const { comparator, left, right } = condition
      checkOperands(comparator, [left, right], operators)
      if (comparator !== '=' && comparator !== '<>') checkTypes(comparator, ORDERED, [left, right])
      return
    }
    case 'between': {
      const { operand, low, high } = condition
      checkOperands('BETWEEN', [operand, low, high], operators)
      checkTypes('BETWEEN', ORDERED, [operand, low, high])
      if (low.kind === 'value' && high.kind === 'value') checkRange(operand, low.value, high.value)
      return
    }
    case 'in':
      checkIn(condition.operand, condition.list, operators)
      return
    case 'exists':
    case 'notExists':
      operators.add(1)
      operators.parts += condition.path.length
      checkPath(condition.path)
      return
    case 'type':
      operators.add(1)
      operators.parts += condition.path.length + 1
      checkPath(condition.path)
      checkTypeName(condition.path, condition.type)
      return
    case 'beginsWith': {
      const operands = [condition.operand, condition.prefix]
      checkOperands('begins_with', operands, operators)
      checkTypes('begins_with', PREFIXES, operands)
      return
    }
    case 'contains':
      checkOperands('contains', [condition.operand, condition.member], operators)
      return
    case 'and':
    case 'or':
      checkParts(condition.kind, condition.conditions, operators)
      return
    case 'not':
      operators.add(1)
      check(condition.condition, operators)
      return
  }
}

function checkParts(kind: string, parts: readonly Condition[], operators: OperatorCount): void {
  if (parts.length < 2) throw invalid([], `${kind} takes at least two conditions, not ${parts.length}`)
  operators.add(parts.length - 1)
  for (const part of parts) check(part, operators)
}

function checkIn(operand: Operand, list: readonly Operand[], operators: OperatorCount): void {
  if (list.length === 0 || (operators.bounded && list.length > MAX_IN_OPERANDS)) {
    throw invalid(pathOf(operand), `IN takes 1 to ${MAX_IN_OPERANDS} operands, not ${list.length}; see isIn`)
  }
  checkOperands('IN', [operand, ...list], operators)
}

function checkOperands(operator: string, operands: readonly Operand[], operators: OperatorCount): void {
  operators.add(1)
  const [first] = operands
  const at = operands.find(operand => operand.kind !== 'value')
  for (const operand of operands) {
    operators.parts += operand.kind === 'value' ? 1 : operand.path.length
    if (operand.kind === 'size') operators.add(1)
    if (operand.kind === 'value') operators.checkValue(operand.value, at ? pathOf(at) : [])
    else checkPath(operand.path)
    if (operand !== first && first?.kind === 'path' && operand.kind === 'path' && samePath(first.path, operand.path)) {
      throw invalid(first.path, `is compared with itself by ${operator}`)
    }
  }
}

function checkTypes(operator: string, types: readonly TypeName[], operands: readonly Operand[]): void {
  for (const operand of operands) {
    const type = operand.kind === 'size' ? 'N' : operand.kind === 'value' ? typeOf(operand.value) : undefined
    if (type === undefined || types.includes(type)) continue
    const at = operands.find(({ kind }) => kind === 'path')
    throw invalid(at ? pathOf(at) : [], `${operator} takes ${types.join(', ')}, not ${type}`)
  }
}

function checkRange(operand: Operand, low: Value, high: Value): void {
  const order = compareValues(low, high)
  if (order === undefined) {
    throw invalid(
      pathOf(operand),
      `the ends of a range must have the same type, not ${typeOf(low)} and ${typeOf(high)}`,
    )
  }
  if (order > 0) throw invalid(pathOf(operand), 'the low end of a range is above its high end')
}

function checkTypeName(path: Path, type: Operand): void {
  if (type.kind === 'value' && TYPE_NAMES.includes(type.value as TypeName)) return
  const name = type.kind === 'value' && !isSet(type.value) ? JSON.stringify(`${type.value}`) : 'this'
  throw invalid(path, `${name} is not a type; attribute_type takes one of ${TYPE_NAMES.join(', ')}, as a value`)
}

function pathOf(operand: Operand): Path | [] {
  return operand.kind === 'value' ? [] : operand.path
}
