/** What can be wrong with how an expression is written, as data: each layer words it in its own way. */
import { ValidationError } from '../../errors/errors.js'
import type { Token } from './grammar/lexer.js'

/** The kinds of syntax errors; each layer supplies its own wording. */
export type ExpressionErrorKind =
  /** A token that cannot stand here; `shown` is the token. */
  | 'syntax'
  /** Parentheses that hold nothing but others. */
  | 'parentheses'
  /** Parentheses too deep within one another. */
  | 'nesting'
  /** A reserved word for a name, which is `shown`. */
  | 'reserved'
  /** A position that no list has; `shown` is the position. */
  | 'index'
  /** No function of the language; `shown` is its name. */
  | 'function'
  /** A function of the other kind of expression; `shown` is its name. */
  | 'foreignFunction'
  /** A function whose result cannot be used here; `shown` is its name. */
  | 'functionUse'
  /** A clause for the second time; `shown` is its keyword. */
  | 'clause'
  /** Too few operands of a function, or too many; `shown` is its name, `count` says how many. */
  | 'operandCount'
  /** A function that takes the path of an attribute; `shown` is its name. */
  | 'pathWanted'
  /** A path of too many steps; `count` says how many. */
  | 'pathDepth'
  /** A placeholder of a name that is not defined, which is `shown`. */
  | 'name'
  /** A placeholder of a value that is not defined, which is `shown`. */
  | 'value'

interface Particulars {
  readonly shown?: string
  /** The token and its neighbours as they stand in the text, of a fault of syntax. */
  readonly near?: string
  readonly count?: number
}

/** The message is Partita's, with the position of the fault. */
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

/** A token that stands where something else is wanted. */
export function unexpected(kind: ExpressionErrorKind, wanted: string, token: Token, near?: string): ExpressionError {
  const found = token.kind === 'end' ? 'the expression ends' : `found ${JSON.stringify(token.text.slice(0, 60))}`
  const message = `expected ${wanted} at position ${token.start}, but ${found}`
  return new ExpressionError(kind, message, { shown: token.text, ...(near !== undefined && { near }) })
}

/** @throws ExpressionError unless a function has as many operands as it takes. */
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
