/** Syntax errors of expressions as data: each layer words them in its own way. */
import { ValidationError } from '../../errors/errors.js'
import type { Token } from './grammar/lexer.js'

/** The kinds of syntax errors; each layer supplies its own wording. */
export type ExpressionErrorKind =
  /** An unexpected token; `shown` is the token. */
  | 'syntax'
  /** Redundant parentheses, such as `((a))`. */
  | 'parentheses'
  /** Parentheses nested too deeply. */
  | 'nesting'
  /** A reserved word as a name; `shown` is the word. */
  | 'reserved'
  /** A list index that is too large; `shown` is the index. */
  | 'index'
  /** An unknown function; `shown` is its name. */
  | 'function'
  /** A function of the other kind of expression; `shown` is its name. */
  | 'foreignFunction'
  /** A function whose result cannot be used here; `shown` is its name. */
  | 'functionUse'
  /** A repeated clause; `shown` is its keyword. */
  | 'clause'
  /** Too few or too many operands of a function; `shown` is its name, `count` the number of operands. */
  | 'operandCount'
  /** A function that takes a document path but was given another operand; `shown` is its name. */
  | 'pathWanted'
  /** A path with too many steps; `count` is the number of steps. */
  | 'pathDepth'
  /** An undefined name placeholder; `shown` is the placeholder. */
  | 'name'
  /** An undefined value placeholder; `shown` is the placeholder. */
  | 'value'

interface Particulars {
  readonly shown?: string
  /** For `syntax`: the token and its neighbours as written. */
  readonly near?: string
  readonly count?: number
}

/** Thrown for an expression with a syntax error. The message is Partita's, with the position of the error. */
export class ExpressionError extends ValidationError {
  readonly kind: ExpressionErrorKind
  readonly shown: string
  readonly near: string
  readonly count: number

  constructor(kind: ExpressionErrorKind, message: string, { shown = '', near = '', count = 0 }: Particulars = {}) {
    super([{ path: [], message }])
    this.kind = kind
    this.shown = shown
    this.near = near
    this.count = count
  }
}

/** The error for a token where something else was expected. */
export function unexpected(kind: ExpressionErrorKind, wanted: string, token: Token, near?: string): ExpressionError {
  const found = token.kind === 'end' ? 'the expression ends' : `found ${JSON.stringify(token.text.slice(0, 60))}`
  const message = `expected ${wanted} at position ${token.start}, but ${found}`
  return new ExpressionError(kind, message, { shown: token.text, ...(near !== undefined && { near }) })
}

/** @throws ExpressionError if a function has too few or too many operands. */
export function checkCount(name: string, takes: number, count: number): void {
  if (count === takes) return
  const wanted = count < takes ? `","` : `")"`
  const message = `expected ${wanted} after operand ${Math.min(count, takes)} of ${name}, which takes ${takes}`
  throw new ExpressionError('operandCount', message, { shown: name, count })
}

/** The error for a function that requires a document path as its operand. */
export function pathWanted(name: string): ExpressionError {
  return new ExpressionError('pathWanted', `expected an attribute name as operand of ${name}`, { shown: name })
}
