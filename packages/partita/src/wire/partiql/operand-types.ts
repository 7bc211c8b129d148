/** Checks the operands of operators and functions, with AWS's messages. */
import type { Operand, Path, SetOperand } from '../../expression/ast.js'
import { compareValues, type TypeName, typeOf, type Value } from '../../value/value.js'
import { writeValue } from '../protocol/attribute-value.js'
import { validation } from '../protocol/aws-error.js'

/** Types that `<`, `<=`, `>`, `>=` and `BETWEEN` accept. */
export const ORDERED: readonly TypeName[] = ['S', 'N', 'B']
/** Types that `begins_with` accepts. */
export const PREFIXES: readonly TypeName[] = ['S', 'B']
/** Types that `size` accepts. */
export const SIZED: readonly TypeName[] = ['S', 'B', 'SS', 'NS', 'BS', 'L', 'M']

/** @throws AwsError if an operand is known to be of another type. */
export function checkTypes(operator: string, types: readonly TypeName[], operands: readonly Operand[]): void {
  for (const operand of operands) {
    const type = operand.kind === 'size' ? 'N' : operand.kind === 'value' ? typeOf(operand.value) : undefined
    if (type && !types.includes(type)) throw wrongType(operator, type)
  }
}

/** The error for an operand whose type an operator or function does not accept. */
export function wrongType(operator: string, type: TypeName) {
  return validation(
    `Incorrect operand type for operator or function; operator or function: ${operator}, operand type: ${type}`,
  )
}

/** @throws AwsError if another operand is the same path as the first. */
export function checkDistinct(operator: string, [first, ...others]: readonly (Operand | SetOperand)[]): void {
  if (first?.kind !== 'path') return
  const text = pathText(first.path)
  if (!others.some(other => other.kind === 'path' && pathText(other.path) === text)) return
  throw validation(
    `The first operand must be distinct from the remaining operands for this operator or function; operator: ${operator}, first operand: ${text}`,
  )
}

/** @throws AwsError if an operator or function has another number of operands than it needs. */
export function checkCount(operator: string, wanted: number, given: number): void {
  if (given === wanted) return
  throw validation(
    `Incorrect number of operands for operator or function; operator or function: ${operator}, number of operands: ${given}`,
  )
}

/** @throws AwsError for bounds of different types, or a lower bound above the upper. */
export function checkRange(low: Operand, high: Operand): void {
  if (low.kind !== 'value' || high.kind !== 'value') return
  const order = compareValues(low.value, high.value)
  if (order !== undefined && order <= 0) return
  const wanted =
    order === undefined
      ? 'same data type for lower and upper bounds'
      : 'upper bound to be greater than or equal to lower bound'
  throw validation(
    `The BETWEEN operator requires ${wanted}; lower bound operand: AttributeValue: ${valueText(low.value)}, upper bound operand: AttributeValue: ${valueText(high.value)}`,
  )
}

/** A path as AWS's messages show it, such as `[a, [0], b]`. */
export function pathText(path: Path): string {
  return `[${path.map(step => (typeof step === 'number' ? `[${step}]` : step)).join(', ')}]`
}

function valueText(value: Value): string {
  const [[type, text] = []] = Object.entries(writeValue(value))
  return `{${type}:${text}}`
}
