/** Statements as the parser returns them. */
import type { PathTerm, StructTerm, Term } from './term.js'

/** A statement and the number of its parameters. */
interface Parameterised {
  readonly parameters: number
}

/** One element of `ORDER BY`. */
export interface Ordering {
  readonly name: string
  readonly order: 'asc' | 'desc'
}

/** A parsed `SELECT`. */
export interface SelectStatement extends Parameterised {
  readonly kind: 'select'
  /** Undefined for `*`. */
  readonly paths: readonly Term[] | undefined
  readonly table: string
  readonly index: string | undefined
  readonly where: Term | undefined
  readonly orderings: readonly Ordering[]
}

/** A parsed `INSERT`. */
export interface InsertStatement extends Parameterised {
  readonly kind: 'insert'
  readonly table: string
  readonly item: StructTerm
}

/** One `SET path = value` of an `UPDATE`. */
export interface Assignment {
  readonly target: PathTerm
  readonly value: Term
}

/** Which version of the item a write returns, and which of its attributes. */
export interface Returning {
  readonly what: 'all' | 'modified'
  readonly when: 'old' | 'new'
}

/** A parsed `UPDATE`. */
export interface UpdateStatement extends Parameterised {
  readonly kind: 'update'
  readonly table: string
  readonly set: readonly Assignment[]
  readonly remove: readonly PathTerm[]
  readonly where: Term | undefined
  readonly returning: Returning | undefined
}

/** A parsed `DELETE`. */
export interface DeleteStatement extends Parameterised {
  readonly kind: 'delete'
  readonly table: string
  readonly where: Term | undefined
  readonly returning: Returning | undefined
}

/** `EXISTS(SELECT ...)` as a statement: a condition check of a transaction. */
interface ExistsStatement extends Parameterised {
  readonly kind: 'exists'
  readonly select: SelectStatement
}

/** A statement that a transaction of writes may contain. */
export type WriteStatement = InsertStatement | UpdateStatement | DeleteStatement | ExistsStatement
/** A parsed statement of any kind. */
export type Statement = SelectStatement | WriteStatement
