/** The grammar of operands: paths, value placeholders, and functions. */

import type { CallSyntax, OperandSyntax } from './syntax.js'
import type { TokenReader } from './token-reader.js'

/** Which functions an expression may use. */
export interface Functions {
  readonly own: readonly string[]
  /** The function whose result can be an operand of other functions and operators. */
  readonly nested: string
  /** The functions of the other kind of expression. */
  readonly foreign: readonly string[]
  /** For messages: what is expected instead of an unknown function, and instead of one that cannot be an operand. */
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
  wantedNested: 'a path, a value or if_not_exists, since list_append cannot be used inside another function or a sum,',
}

/** Reads an operand, with or without parentheses. The caller checks whether a function is allowed here. */
export function readOperand(tokens: TokenReader, functions: Functions): OperandSyntax {
  if (tokens.is('(')) return tokens.group(() => readOperand(tokens, functions))
  if (tokens.token.kind === 'value') return { kind: 'value', placeholder: tokens.take() }
  return tokens.isCall() ? readCall(tokens, functions) : tokens.path()
}

/** Reads an operand of an operator or a function. */
export function readNested(tokens: TokenReader, functions: Functions): OperandSyntax {
  return asNested(readOperand(tokens, functions), tokens, functions)
}

/** Records an error if the operand is a function that cannot be one. */
export function asNested(operand: OperandSyntax, tokens: TokenReader, functions: Functions): OperandSyntax {
  if (operand.kind === 'call' && operand.name.text !== functions.nested) {
    tokens.refuse('functionUse', functions.wantedNested, operand.name)
  }
  return operand
}

function readCall(tokens: TokenReader, functions: Functions): CallSyntax {
  const name = tokens.take()
  if (functions.foreign.includes(name.text)) tokens.refuse('foreignFunction', functions.wanted, name)
  else if (!functions.own.includes(name.text)) tokens.refuse('function', functions.wanted, name)
  tokens.expect('(')
  const operands = tokens.deeper(() => tokens.list(() => readNested(tokens, functions)))
  tokens.expect(')')
  return { kind: 'call', name, operands }
}
