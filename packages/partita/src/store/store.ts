/**
 * The Store contract: all that the layers above know of an engine. To write an engine, implement this interface and
 * run `test/store-contract` on it.
 *
 * Arguments are expression nodes and plain items. Nothing a caller passes is changed or kept. Every method may throw
 * `ValidationError`, `LimitExceededError`, `TableNotFoundError`, `IndexNotFoundError`, `ThrottledError` and `UnavailableError`; what else
 * it throws is said beside it. Results carry the capacity used, summed over every page, chunk and retry.
 *
 * A write has three outcomes: done; not done, with any error but one; or unknown, with `OutcomeUnknownError`: it was sent and
 * the answer was lost. An engine never repeats a write of which that is so, since others may have written in between,
 * and never reports it as not done. It is for the layer above to find out by what it knows of the item, and to repeat
 * only what has not happened. Two kinds an engine may repeat: a transaction, under one and the same token, and what it
 * was told to have refused.
 */
import type { Condition, KeyCondition, Projection, Update } from '../expression/ast.js'
import type { Item, Key } from '../value/value.js'
import type { Capacity } from './capacity.js'
import type { TableChange, TableDefinition, TableDescription } from './definition.js'

/** The contract that every engine implements. */
export interface Store {
  /**
   * `automatic`: tables cost nothing and need no rights, so the layers above create the ones they need.
   * `explicit`: a table is created only when the user says so.
   */
  readonly provisioning: 'automatic' | 'explicit'

  get(request: GetRequest): Promise<GetResult>
  /** Any number of keys, of any tables; equal ones are read once. Throttled ones are retried until the deadline. */
  batchGet(request: BatchGetRequest): Promise<BatchGetResult>

  /** One put, update or delete, or a check of a condition alone. Throws `ConditionFailedError`, `ConflictError`, `OutcomeUnknownError`. */
  write(request: WriteRequest): Promise<WriteResult>
  /** Any number of puts and deletes, each alone; of several for one item the last holds. Throws `OutcomeUnknownError`. */
  batchWrite(request: BatchWriteRequest): Promise<BatchWriteResult>

  /** All or nothing, at most 100 operations and 4 MB. Throws `TransactionFailedError`, `ConflictError`, `TokenReused`, `OutcomeUnknownError`. */
  transactWrite(request: TransactWriteRequest): Promise<TransactWriteResult>
  /** At most 100 items as of one moment. Throws `ConflictError`. */
  transactGet(request: TransactGetRequest): Promise<TransactGetResult>

  /**
   * One page: at most 1 MB is read, and at most `limit` items, before the filter. An engine in this process bounds the work
   * of the filter: `LimitExceededError` for over 20,000,000 comparisons on the page.
   */
  query(request: QueryRequest): Promise<Page>
  scan(request: ScanRequest): Promise<Page>

  /** Returns once the table can be used. Throws `AlreadyExistsError` where one of that name differs. */
  createTable(definition: TableDefinition): Promise<TableDescription>
  describeTable(table: string): Promise<TableDescription | undefined>
  /**
   * Adds and removes global indexes and time to live; returns once the change is in force, and with it all that earlier
   * changes of the table have left unfinished. An empty change only waits for those.
   */
  updateTable(table: string, change: TableChange): Promise<TableDescription>
  deleteTable(table: string): Promise<void>
  /** Names, in order. */
  listTables(): Promise<string[]>

  /** Ends what is under way, then releases files and sockets. Every later call throws `UnavailableError`. */
  close(): Promise<void>
}

/** What ends a call early. An engine in this process, whose calls wait for no network, need not look at it. */
export interface CallOptions {
  /**
   * Milliseconds that the call may take with all its tries. Then a read throws `UnavailableError`, and a write what is known
   * of it: that it was refused, or `OutcomeUnknownError`. Default 30,000. Of a batch it is the time for each chunk:
   * no try of the chunk begins after it.
   */
  readonly deadline?: number
  /** Ends the call as its deadline does. */
  readonly signal?: AbortSignal
}

/** Reads one item by its key. */
export interface GetRequest extends CallOptions {
  readonly table: string
  readonly key: Key
  /** Sees every write acknowledged before the call; costs twice as much. Default false. */
  readonly consistent?: boolean
  readonly projection?: Projection
}

/** The result of `get`; `item` is undefined if it does not exist. */
export interface GetResult {
  readonly item: Item | undefined
  readonly capacity: Capacity
}

/** Reads any number of items by key. */
export interface BatchGetRequest extends CallOptions {
  readonly gets: readonly GetRequest[]
}

/** The result of `batchGet`. */
export interface BatchGetResult {
  /** Aligned with `gets`: undefined where there is no such item. */
  readonly items: readonly (Item | undefined)[]
  readonly capacity: Capacity
}

/** Writes a whole item and overwrites an existing one. */
export interface PutRequest extends CallOptions {
  readonly kind: 'put'
  readonly table: string
  readonly item: Item
  readonly condition?: Condition
  /** The item that was replaced. Default `none`. */
  readonly returns?: 'none' | 'old'
  /** Puts the item as it was into the `ConditionFailedError` error. */
  readonly returnOldOnFailure?: boolean
}

/** Changes parts of an item; creates the item if it does not exist and the condition allows it. */
export interface UpdateRequest extends CallOptions {
  readonly kind: 'update'
  readonly table: string
  readonly key: Key
  readonly update: Update
  readonly condition?: Condition
  /** The whole item before or after, or of it just the attributes that the update names, each whole. Default `none`. */
  readonly returns?: 'none' | 'old' | 'new' | 'updatedOld' | 'updatedNew'
  readonly returnOldOnFailure?: boolean
}

/** Deletes an item; succeeds if it does not exist, unless the condition is false. */
export interface DeleteRequest extends CallOptions {
  readonly kind: 'delete'
  readonly table: string
  readonly key: Key
  readonly condition?: Condition
  readonly returns?: 'none' | 'old'
  readonly returnOldOnFailure?: boolean
}

/** Checks a condition and writes nothing. */
export interface CheckRequest extends CallOptions {
  readonly kind: 'check'
  readonly table: string
  readonly key: Key
  readonly condition: Condition
  readonly returnOldOnFailure?: boolean
}

/** A single write, alone or in a transaction. */
export type WriteRequest = PutRequest | UpdateRequest | DeleteRequest | CheckRequest

/** The result of `write`. */
export interface WriteResult {
  /** What `returns` asked for; undefined where there is nothing to return. */
  readonly item: Item | undefined
  readonly capacity: Capacity
}

/** A put or a delete of a batch; batches do not support conditions or updates. */
export type BatchWrite = Pick<PutRequest, 'kind' | 'table' | 'item'> | Pick<DeleteRequest, 'kind' | 'table' | 'key'>

/** Writes and deletes any number of items, each on its own. */
export interface BatchWriteRequest extends CallOptions {
  readonly writes: readonly BatchWrite[]
}

/** The result of `batchWrite`. */
export interface BatchWriteResult {
  readonly capacity: Capacity
}

/** Writes up to 100 items atomically. */
export interface TransactWriteRequest extends CallOptions {
  /** At most one for each item; `returns` is not offered by DynamoDB here. */
  readonly writes: readonly WriteRequest[]
  /** Up to 36 characters. The same writes with the same token within ten minutes are done once. */
  readonly token?: string
}

/** The result of `transactWrite`. */
export interface TransactWriteResult {
  readonly capacity: Capacity
}

/** Reads up to 100 items from one snapshot. */
export interface TransactGetRequest extends CallOptions {
  readonly gets: readonly Omit<GetRequest, 'consistent'>[]
}

/** The result of `transactGet`. */
export interface TransactGetResult {
  /** Aligned with `gets`. */
  readonly items: readonly (Item | undefined)[]
  readonly capacity: Capacity
}

/** Reads one page of a table or index in no particular order. */
export interface ScanRequest extends CallOptions {
  readonly table: string
  readonly index?: string
  readonly filter?: Condition
  readonly projection?: Projection
  /** How many items may be evaluated, before the filter. */
  readonly limit?: number
  /** Where the page before ended: its `next`. */
  readonly after?: Key
  readonly consistent?: boolean
  /** Counts instead of returning items. */
  readonly countOnly?: boolean
  /** One of `total` equal parts of the table, for scanning in parallel. */
  readonly segment?: { readonly index: number; readonly total: number }
}

/** Reads one page of a partition, ordered by the sort key. */
export interface QueryRequest extends Omit<ScanRequest, 'segment'> {
  readonly key: KeyCondition
  /** By the sort key. Default `asc`. */
  readonly order?: 'asc' | 'desc'
}

/** One page of a query or scan. */
export interface Page {
  /** Empty with `countOnly`. */
  readonly items: Item[]
  /** Items that passed the filter, and items evaluated. */
  readonly count: number
  readonly scanned: number
  /** Present where there may be more. */
  readonly next?: Key
  readonly capacity: Capacity
}
