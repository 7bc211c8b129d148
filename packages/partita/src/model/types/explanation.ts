/** What a transaction would do: the result of `db.explain`. */
import type { RowFields } from '../../errors/errors.js'
import type { EngineCommand } from '../../store/store.js'
import type { OperationEvent } from './events.js'

/**
 * What a read is for: the rows of the function's own calls; the rows that permissions are inherited from; the queries of
 * `references` and `limits`; guarded and counted refs; the rows that `onDelete` deletes or changes.
 */
export type ReadPurpose = 'rows' | 'permissions' | 'constraints' | 'guards' | 'onDelete'

/** One request that reads. */
export interface ExplainedRead {
  /** What it is for. */
  readonly purpose: ReadPurpose
  /** The method of the Store contract. A batch of more than 100 keys is several requests to DynamoDB. */
  readonly operation: OperationEvent['operation']
  /** Name of the model. */
  readonly model: string | undefined
  /** The physical index of a query; undefined for the table itself. */
  readonly index: string | undefined
  /** The number of keys of a read by key; undefined for a query. */
  readonly keys: number | undefined
  /** Its commands in the language of the engine; missing if that is DynamoDB's. */
  readonly commands?: readonly EngineCommand[]
}

/** One hop of a CRQL query, as it ran. */
export interface ExplainedHop {
  /** The model whose rows it finds. */
  readonly model: string
  /** The path whose value must match. */
  readonly match: string
  /** How the rows are found: by their key, by a unique constraint, or by an index, with one query for each value. */
  readonly by: 'key' | 'unique' | 'index'
  /** The constraint or index; undefined for a key. */
  readonly name: string | undefined
  /** Distinct values, of all contexts. */
  readonly values: number
  /** Those of them that an earlier hop or rule has not looked up; 0 if the hop made no request. */
  readonly lookedUp: number
  /** Rows found. */
  readonly rows: number
  /** Whether the commit requires that the rows are unchanged, because the hop follows a guarded ref. */
  readonly isGuarded: boolean
}

/** A query of a rule. */
export interface ExplainedQuery {
  /** The rule. */
  readonly rule: 'references' | 'limits'
  /** Name of the model that has the rule. */
  readonly model: string
  /** The constrained path, as the rule names it. */
  readonly path: string
  /** The query. */
  readonly query: string
  /** Its hops up to the first with nothing to look up. A direct query has one for each of its paths. */
  readonly hops: readonly ExplainedHop[]
}

/** One operation of the commit. */
export interface ExplainedWrite {
  /** What it does; `check` writes nothing. */
  readonly kind: 'put' | 'update' | 'delete' | 'check'
  /** What it is for: a row, or that a row exists or is unchanged; a unique value; an entry of the history. */
  readonly of: 'row' | 'unique' | 'history'
  /** Name of the model. */
  readonly model: string
  /** The key fields of the row; undefined for `unique` and `history`. */
  readonly key: RowFields | undefined
  /** Name of the unique constraint. */
  readonly constraint: string | undefined
  /** DynamoDB's condition expression, with the values inserted. */
  readonly condition: string | undefined
  /** Write units without those of indexes, estimated from the size of the item; of one that was not read, as of 1 KB. */
  readonly units: number
}

/** A hook that would run around the commit. */
export interface ExplainedHook {
  /** Name of the model. */
  readonly model: string
  /** Name of the hook. */
  readonly hook: string
}

/** What a transaction would do: see `db.explain`. */
export interface TransactionExplanation {
  /** The reads, in their order. */
  readonly reads: readonly ExplainedRead[]
  /** The queries of `references` and `limits` that ran. Queries of one write share what they look up. */
  readonly queries: readonly ExplainedQuery[]
  /** The operations of the commit: one transaction of up to 100. Empty if it would send none. */
  readonly writes: readonly ExplainedWrite[]
  /** The hooks that would run around the commit. */
  readonly hooks: readonly ExplainedHook[]
  /** Units that the reads consumed, and those that the commit would. */
  readonly capacity: { readonly read: number; readonly write: number }
  /** The commands of the commit in the language of the engine; missing if that is DynamoDB's, or nothing is written. */
  readonly commands?: readonly EngineCommand[]
}
