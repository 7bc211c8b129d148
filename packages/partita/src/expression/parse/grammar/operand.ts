/** Operands: paths, placeholders of values, and functions of operands. */

import type { CallSyntax, OperandSyntax } from './syntax.js'
import type { Cursor } from './token-reader.js'

/** Which functions an expression may use. */
export interface Functions {
  readonly own: readonly string[]
  /** The one whose result other functions and operators can be given. */
  readonly nested: string
  /** Those of the other kind of expression. */
  readonly foreign: readonly string[]
  /** What is expected where a function is none of them, and where one is used in the wrong place. */
  readonly wanted: string
  readonly wantedNested: string
}

const CONDITION = ['attribute_exists', 'attribute_not_exists', 'attribute_type', 'begins_with', 'contains', 'size']
const UPDATE = ['if_not_exists', 'list_append']

/** The functions of condition, filter and key condition expressions. */
export const CONDITION_FUNCTIONS: Functions = {
  own: CONDITION,
  nested: 'size',
  foreign: UPDATE,
  wanted: `a function for conditions (${CONDITION.join(', ')})`,
  wantedNested: 'a path, a value or size(path)',
}

/** The functions of update expressions. */
export const UPDATE_FUNCTIONS: Functions = {
  own: UPDATE,
  nested: 'if_not_exists',
  foreign: CONDITION,
  wanted: 'if_not_exists or list_append',
  wantedNested: 'a path, a value or if_not_exists, since list_append cannot stand inside another function or sum,',
}

/** An operand, which may stand in parentheses. The caller looks at whether a function may stand here. */
export function readOperand(cursor: Cursor, functions: Functions): OperandSyntax {
  if (cursor.is('(')) return cursor.group(() => readOperand(cursor, functions))
  if (cursor.token.kind === 'value') return { kind: 'value', placeholder: cursor.take() }
  return cursor.isCall() ? readCall(cursor, functions) : cursor.path()
}

/** An operand of an operator or a function. */
export function readNested(cursor: Cursor, functions: Functions): OperandSyntax {
  return asNested(readOperand(cursor, functions), cursor, functions)
}

/** Notes the fault of a function that cannot be an operand. */
export function asNested(operand: OperandSyntax, cursor: Cursor, functions: Functions): OperandSyntax {
  if (operand.kind === 'call' && operand.name.text !== functions.nested) {
    cursor.refuse('functionUse', functions.wantedNested, operand.name)
  }
  return operand
}

function readCall(cursor: Cursor, functions: Functions): CallSyntax {
  const name = cursor.take()
  if (functions.foreign.includes(name.text)) cursor.refuse('foreignFunction', functions.wanted, name)
  else if (!functions.own.includes(name.text)) cursor.refuse('function', functions.wanted, name)
  cursor.expect('(')
  const operands = cursor.deeper(() => cursor.list(() => readNested(cursor, functions)))
  cursor.expect(')')
  return { kind: 'call', name, operands }
}
