/** Checks the operands of operators and functions of conditions. */
import type { Operand, SetOperand } from '../../expression/ast.js'
import { MAX_IN_OPERANDS } from '../../expression/limits.js'
import type { Rules } from '../../expression/parse/index.js'
import { compareValues, type TypeName, typeOf, type Value } from '../../value/value.js'
import { checkDistinct } from './paths.js'
import { RuleError } from './rule-error.js'
import { checkTypes, wrongType } from './types.js'

const ORDERED: readonly TypeName[] = ['S', 'N', 'B']
const PREFIXES: readonly TypeName[] = ['S', 'B']
const SIZED: readonly TypeName[] = ['S', 'B', 'SS', 'NS', 'BS', 'L', 'M']
/** In the order in which AWS lists them. */
const TYPES: readonly TypeName[] = ['N', 'BS', 'L', 'B', 'NULL', 'M', 'S', 'SS', 'NS', 'BOOL']

const OPERAND_TYPES: { readonly [operator: string]: readonly TypeName[] } = {
  '<': ORDERED,
  '<=': ORDERED,
  '>': ORDERED,
  '>=': ORDERED,
  BETWEEN: ORDERED,
  begins_with: PREFIXES,
  size: SIZED,
}

/** Checks the operands of the operators and functions of conditions. Throws a `RuleError` with AWS's text. */
export const CONDITION_RULES: Rules = {
  operator(name, operands) {
    const types = OPERAND_TYPES[name]
    if (types) checkTypes(name, types, operands)
    checkDistinct(name, operands)
    if (name === 'BETWEEN') checkBounds(operands[1] as Operand, operands[2] as Operand)
    else if (name === 'attribute_type') checkTypeName(operands[1] as Operand)
    else if (name === 'IN') checkListLength(operands.length - 1)
  },
}

function checkListLength(length: number): void {
  if (length <= MAX_IN_OPERANDS) return
  throw new RuleError(`The IN operator is provided with too many operands; number of operands: ${length}`)
}

function checkTypeName(operand: Operand | SetOperand): void {
  if (operand.kind === 'path') throw wrongType('attribute_type', `{${TYPES.join(',')}}`)
  checkTypes('attribute_type', ['S'], [operand])
  const name = operand.kind === 'value' ? operand.value : undefined
  if (TYPES.includes(name as TypeName)) return
  throw new RuleError(`Invalid attribute type name found; type: ${name}, valid types: {${TYPES.join(',')}}`)
}

/** Values as bounds of BETWEEN must have the same type, and the lower must not exceed the upper. */
function checkBounds(low: Operand, high: Operand): void {
  if (low.kind !== 'value' || high.kind !== 'value') return
  const order = compareValues(low.value, high.value)
  if (order !== undefined && order <= 0) return
  const rule =
    order === undefined
      ? 'same data type for lower and upper bounds'
      : 'upper bound to be greater than or equal to lower bound'
  const bounds = `lower bound operand: ${shown(low.value)}, upper bound operand: ${shown(high.value)}`
  throw new RuleError(`The BETWEEN operator requires ${rule}; ${bounds}`)
}

function shown(value: Value): string {
  const text =
    value instanceof Uint8Array ? `java.nio.HeapByteBuffer[pos=0 lim=${value.length} cap=${value.length}]` : value
  return `AttributeValue: {${typeOf(value)}:${text}}`
}
