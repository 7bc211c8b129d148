/** What a statement's clauses are made of, as it was written: what a term may be depends on where it stands. */
import type { NumberValue } from '../../value/number.js'
import type { TokenPosition } from './lexer.js'

interface Placed {
  readonly place: TokenPosition
}

/** A document path. */
export interface PathTerm extends Placed {
  readonly kind: 'path'
  /** The name of an attribute, then names and positions in lists. */
  readonly steps: readonly [string, ...(string | number)[]]
}

/** An operator or a function, its name in small letters. AND and OR have all that they join as their operands. */
export interface CallTerm extends Placed {
  readonly kind: 'call'
  readonly name: string
  readonly operands: readonly Term[]
  readonly isFunction: boolean
}

/** A struct literal, such as `{'name': value}`. */
export interface StructTerm extends Placed {
  readonly kind: 'struct'
  readonly entries: readonly (readonly [name: Term, value: Term])[]
}

/** A term of a statement: a literal, parameter, path, call, operator or collection. */
export type Term =
  | PathTerm
  | CallTerm
  | StructTerm
  | (Placed & { readonly kind: 'literal'; readonly value: string | NumberValue | boolean | null })
  /** A number that cannot be kept. */
  | (Placed & { readonly kind: 'unkept'; readonly text: string })
  | (Placed & { readonly kind: 'missing' | 'ion' })
  | (Placed & { readonly kind: 'parameter'; readonly index: number })
  | (Placed & { readonly kind: 'list'; readonly elements: readonly Term[] })
  | (Placed & { readonly kind: 'bag'; readonly elements: readonly Term[] })
  /** `operand IS type`, the type in capital letters. */
  | (Placed & { readonly kind: 'is'; readonly operand: Term; readonly type: string })
