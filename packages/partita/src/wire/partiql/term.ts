/** Terms as they are written. Which terms are valid depends on the clause. */
import type { NumberValue } from '../../value/number.js'
import type { TokenPosition } from './lexer.js'

interface Placed {
  readonly position: TokenPosition
}

/** A document path. */
export interface PathTerm extends Placed {
  readonly kind: 'path'
  /** The name of an attribute, then names and list indexes. */
  readonly steps: readonly [string, ...(string | number)[]]
}

/** An operator or function, with its name in lowercase. A chain of ANDs or of ORs is one call. */
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
  /** A number that DynamoDB cannot store. */
  | (Placed & { readonly kind: 'unstorable'; readonly text: string })
  | (Placed & { readonly kind: 'missing' | 'ion' })
  | (Placed & { readonly kind: 'parameter'; readonly index: number })
  | (Placed & { readonly kind: 'list'; readonly elements: readonly Term[] })
  | (Placed & { readonly kind: 'bag'; readonly elements: readonly Term[] })
  /** `operand IS type`, with the type in uppercase. */
  | (Placed & { readonly kind: 'is'; readonly operand: Term; readonly type: string })
