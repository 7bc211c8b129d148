/** Types of operands, if they are known without the item. */
import type { Operand, SetOperand } from '../../expression/ast.js'
import { type TypeName, typeOf } from '../../value/value.js'
import { RuleError } from './rule-error.js'

/** The names of types in some messages for updates. */
export const TYPE_WORDS: { readonly [Name in TypeName]: string } = {
  S: 'STRING',
  N: 'NUMBER',
  B: 'BINARY',
  SS: 'STRING_SET',
  NS: 'NUMBER_SET',
  BS: 'BINARY_SET',
  BOOL: 'BOOLEAN',
  NULL: 'NULL',
  L: 'LIST',
  M: 'MAP',
}

/** @throws RuleError for the first operand of another type. */
export function checkTypes(
  name: string,
  types: readonly TypeName[],
  operands: readonly (Operand | SetOperand)[],
): void {
  for (const operand of operands) {
    const type = operand.kind === 'value' ? typeOf(operand.value) : operand.kind === 'size' ? 'N' : undefined
    if (type !== undefined && !types.includes(type)) throw wrongType(name, type)
  }
}

/** The error for an operand whose type an operator or function does not accept. */
export function wrongType(name: string, type: string): RuleError {
  const rule = 'Incorrect operand type for operator or function'
  return new RuleError(`${rule}; operator or function: ${name}, operand type: ${type}`)
}
