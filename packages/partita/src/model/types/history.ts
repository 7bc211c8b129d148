/** Types of the history of a row, which the rule `audit` records. */
import type { AnyModel, FieldsOf } from '../define/definition.js'
import type { Page } from './query.js'
import type { RuleOperation } from './rules.js'

/** The value of a field before and after a write. */
export interface FieldChange<Value> {
  /** The value before the write; undefined if the field was absent. */
  readonly from: Value | undefined
  /** The value after the write; undefined if the field is absent. */
  readonly to: Value | undefined
  /** True if the values are too large or too deeply nested for an entry, which then records only that they differ. */
  readonly isOmitted?: true
}

/** One write of a row. */
export interface HistoryEntry<M extends AnyModel> {
  /** Identifies the entry: a ULID. */
  readonly id: string
  /** Time of the write, by the clock of the program that made it. */
  readonly at: Date
  /** What the write did. A soft delete is a `delete` too. */
  readonly operation: RuleOperation
  /** The actor of the scope, as JSON; undefined if it has none. */
  readonly actor: unknown
  /** The reason of the system scope; undefined if the program acted for the actor. */
  readonly system: string | undefined
  /** The fields that the write changed. A value that no longer fits its field is given as stored. */
  readonly changes: { readonly [Name in keyof FieldsOf<M>]?: FieldChange<FieldsOf<M>[Name]['$read']> }
}

/** Options of `history`. */
export interface HistoryOptions {
  /** Maximum number of entries to return. Default: 100 for `page()`, no limit for the other methods. */
  readonly limit?: number
  /** Starts after the page with this `cursor`. */
  readonly after?: string | undefined
  /** Strongly consistent read, at twice the cost. Default false. */
  readonly consistent?: boolean
  /** Also reads the history of a soft-deleted row that the actor may read. Default: as the scope. */
  readonly withDeleted?: boolean
}

/** The history of a row, newest entry first. Nothing is read until one of its methods is called. */
export interface History<M extends AnyModel> extends AsyncIterable<HistoryEntry<M>> {
  /** Reads one page. @throws InvalidCursorError for an `after` of another history. */
  page(): Promise<Page<HistoryEntry<M>>>
  /** Reads all entries, or the first `limit`, into memory. */
  all(): Promise<HistoryEntry<M>[]>
}
