/**
 * The Store contract: everything that the layers above know about an engine. To write an engine, implement this interface
 * and run the contract suite on it.
 *
 * Arguments are expression nodes and plain items. Engines never modify or keep an argument. Every method may throw
 * `ValidationError`, `LimitExceededError`, `TableNotFoundError`, `IndexNotFoundError`, `ThrottledError` and `UnavailableError`; other
 * errors are listed at each method. Results report the consumed capacity, summed over all pages, chunks and retries.
 *
 * A write has three outcomes: applied; not applied, with any error except `OutcomeUnknownError`; or unknown, with
 * `OutcomeUnknownError`: the request was sent and the response was lost. An engine never retries a write with an unknown
 * outcome, because others may have written in between, and never reports it as not applied. The layer above resolves it
 * by reading the item. An engine may retry a transaction with the same token, and a request that was rejected.
 */
import type { Condition, KeyCondition, Projection, Update } from '../expression/ast.js'
import type { Item, Key } from '../value/value.js'
import type { Capacity } from './capacity.js'
import type { TableChange, TableDefinition, TableDescription } from './definition.js'

/** The contract that every engine implements. */
export interface Store {
  /**
   * `automatic`: tables cost nothing and need no rights, so the layers above create the ones they need.
   * `explicit`: a table is created only on the user's request.
   */
  readonly provisioning: 'automatic' | 'explicit'

  get(request: GetRequest): Promise<GetResult>
  /** Reads any number of keys from any tables; equal keys are read once. Throttled keys are retried until the deadline. */
  batchGet(request: BatchGetRequest): Promise<BatchGetResult>

  /** Performs one put, update or delete, or only checks a condition. Throws `ConditionFailedError`, `ConflictError`, `OutcomeUnknownError`. */
  write(request: WriteRequest): Promise<WriteResult>
  /** Any number of puts and deletes, each applied on its own. If several address one item, the last one wins. Throws `OutcomeUnknownError`. */
  batchWrite(request: BatchWriteRequest): Promise<BatchWriteResult>

  /** All or nothing, at most 100 operations and 4 MB. Throws `TransactionFailedError`, `ConflictError`, `TokenReused`, `OutcomeUnknownError`. */
  transactWrite(request: TransactWriteRequest): Promise<TransactWriteResult>
  /** Reads at most 100 items from one snapshot. Throws `ConflictError`. */
  transactGet(request: TransactGetRequest): Promise<TransactGetResult>

  /**
   * Reads one page: at most 1 MB and at most `limit` items, counted before the filter. An in-process engine limits the
   * filter to 20,000,000 comparisons on a page and throws `LimitExceededError` beyond that.
   */
  query(request: QueryRequest): Promise<Page>
  scan(request: ScanRequest): Promise<Page>

  /** Returns when the table is active. Throws `AlreadyExistsError` if a table of that name has another definition. */
  createTable(definition: TableDefinition): Promise<TableDescription>
  describeTable(table: string): Promise<TableDescription | undefined>
  /**
   * Adds and removes global indexes and time to live. Returns when this change and all earlier unfinished changes of the
   * table are complete. An empty change only waits for the earlier ones.
   */
  updateTable(table: string, change: TableChange): Promise<TableDescription>
  deleteTable(table: string): Promise<void>
  /** Table names, sorted. */
  listTables(): Promise<string[]>

  /** Waits for calls in flight, then releases files and sockets. Every later call throws `UnavailableError`. */
  close(): Promise<void>
}

/** Deadline and cancellation of a call. An in-process engine, whose calls never wait for a network, may ignore them. */
export interface CallOptions {
  /**
   * Milliseconds for the call including all retries. After that a read throws `UnavailableError`, and a write throws its
   * last rejection or `OutcomeUnknownError`. Default 30,000. In a batch it applies to each chunk: no attempt of the chunk
   * starts after it.
   */
  readonly deadline?: number
  /** Aborting has the same effect as reaching the deadline. */
  readonly signal?: AbortSignal
}

/** Reads one item by its key. */
export interface GetRequest extends CallOptions {
  readonly table: string
  readonly key: Key
  /** Strongly consistent: reflects every write acknowledged before the call, at twice the read units. Default false. */
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
  /** In the order of `gets`; undefined for items that do not exist. */
  readonly items: readonly (Item | undefined)[]
  readonly capacity: Capacity
}

/** Writes a whole item and overwrites an existing one. */
export interface PutRequest extends CallOptions {
  readonly kind: 'put'
  readonly table: string
  readonly item: Item
  readonly condition?: Condition
  /** `old` returns the overwritten item. Default `none`. */
  readonly returns?: 'none' | 'old'
  /** Includes the existing item in a `ConditionFailedError`. */
  readonly returnOldOnFailure?: boolean
}

/** Changes parts of an item; creates the item if it does not exist and the condition allows it. */
export interface UpdateRequest extends CallOptions {
  readonly kind: 'update'
  readonly table: string
  readonly key: Key
  readonly update: Update
  readonly condition?: Condition
  /** The whole item before or after the update, or only the top-level attributes that the update names. Default `none`. */
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
  /** The item that `returns` requested; undefined if there is none. */
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
  /** At most one write per item. DynamoDB does not support `returns` in transactions. */
  readonly writes: readonly WriteRequest[]
  /** Up to 36 characters. The same writes with the same token are applied once within ten minutes. */
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
  /** In the order of `gets`. */
  readonly items: readonly (Item | undefined)[]
  readonly capacity: Capacity
}

/** Reads one page of a table or index in no particular order. */
export interface ScanRequest extends CallOptions {
  readonly table: string
  readonly index?: string
  readonly filter?: Condition
  readonly projection?: Projection
  /** Maximum number of items to evaluate, counted before the filter. */
  readonly limit?: number
  /** The `next` of the previous page. */
  readonly after?: Key
  readonly consistent?: boolean
  /** Returns only the counts, no items. */
  readonly countOnly?: boolean
  /** One of `total` equal parts of the table, for scanning in parallel. */
  readonly segment?: { readonly index: number; readonly total: number }
}

/** Reads one page of a partition, ordered by the sort key. */
export interface QueryRequest extends Omit<ScanRequest, 'segment'> {
  readonly key: KeyCondition
  /** Order of the sort key. Default `asc`. */
  readonly order?: 'asc' | 'desc'
}

/** One page of a query or scan. */
export interface Page {
  /** Empty with `countOnly`. */
  readonly items: Item[]
  /** Items that passed the filter, and items evaluated. */
  readonly count: number
  readonly scanned: number
  /** Present if there may be more items. */
  readonly next?: Key
  readonly capacity: Capacity
}
