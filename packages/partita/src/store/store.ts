/**
 * The Store contract: everything that the layers above know about an engine. To write an engine, implement this
 * interface and run `describeStoreContract` of `partita/testing` on it.
 *
 * Arguments are expression nodes and plain items. An engine does not change or keep them. Every method can throw
 * `ValidationError`, `LimitExceededError`, `TableNotFoundError`, `IndexNotFoundError`, `ThrottledError` and
 * `UnavailableError`; each method lists what else it throws. Results carry the capacity used, summed over all pages,
 * chunks and retries.
 *
 * A write has three outcomes: done; not done, with any error but one; or unknown, with `OutcomeUnknownError`, if it was
 * sent and its answer was lost. An engine never retries a write whose outcome is unknown, because others may have
 * written since, and never reports it as not done. The layer above finds out from the item, and repeats only what did
 * not happen. An engine may retry two kinds of writes: a transaction, with the same token, and a write that the server
 * rejected.
 */
import type { Condition, KeyCondition, Projection, Update } from '../expression/ast.js'
import type { Item, Key } from '../value/value.js'
import type { Capacity } from './capacity.js'
import type { TableChange, TableDefinition, TableDescription } from './definition.js'

/** The contract that every engine implements. */
export interface Store {
  /**
   * `automatic`: tables cost nothing and need no permissions, so the layers above create the ones they need.
   * `explicit`: a table is created only at the user's request.
   */
  readonly provisioning: 'automatic' | 'explicit'

  get(request: GetRequest): Promise<GetResult>
  /** Reads any number of keys of any tables. Equal keys are read once; throttled keys are retried until the deadline. */
  batchGet(request: BatchGetRequest): Promise<BatchGetResult>

  /**
   * Runs one put, update or delete, or checks a condition. Throws `ConditionFailedError`, `ConflictError`,
   * `OutcomeUnknownError`.
   */
  write(request: WriteRequest): Promise<WriteResult>
  /**
   * Runs any number of puts and deletes, each on its own. If several write one item, the last one wins. Throws
   * `OutcomeUnknownError`.
   */
  batchWrite(request: BatchWriteRequest): Promise<BatchWriteResult>

  /**
   * Writes all or nothing, at most 100 operations and 4 MB. Throws `TransactionFailedError`, `ConflictError`,
   * `OutcomeUnknownError`, and a `PartitaError` with code `TokenReused`.
   */
  transactWrite(request: TransactWriteRequest): Promise<TransactWriteResult>
  /** Reads at most 100 items in one snapshot. Throws `ConflictError`. */
  transactGet(request: TransactGetRequest): Promise<TransactGetResult>

  /**
   * Returns one page. At most 1 MB and at most `limit` items are read, before the filter is applied. The embedded engine
   * bounds the work of the filter: over 20,000,000 comparisons on a page throw `LimitExceededError`.
   */
  query(request: QueryRequest): Promise<ItemPage>
  scan(request: ScanRequest): Promise<ItemPage>

  /**
   * Returns the commands that a request would send, and sends none of them. An engine whose requests are those of DynamoDB,
   * or that sends nothing, does not have this method.
   */
  explain?(request: ExplainRequest): Promise<readonly EngineCommand[]>

  /** Resolves when the table can be used. Throws `AlreadyExistsError` if a table of that name has another definition. */
  createTable(definition: TableDefinition): Promise<TableDescription>
  describeTable(table: string): Promise<TableDescription | undefined>
  /**
   * Adds and removes global indexes and time to live. Resolves when the change is complete, together with earlier changes
   * of the table that were unfinished. An empty change only waits for those.
   */
  updateTable(table: string, change: TableChange): Promise<TableDescription>
  deleteTable(table: string): Promise<void>
  /** The names of all tables, sorted. */
  listTables(): Promise<string[]>

  /** Waits for calls in flight, then releases files and sockets. Every later call throws `UnavailableError`. */
  close(): Promise<void>
}

/** Limits of one call. An engine whose calls do not wait for a network can ignore them. */
export interface CallOptions {
  /**
   * Milliseconds that the call may take, retries included. Default 30,000. After it, a read throws `UnavailableError`; a
   * write throws what is known: that it was rejected, or `OutcomeUnknownError`. In a batch it applies to each chunk: no
   * attempt of the chunk starts after it.
   */
  readonly deadline?: number
  /** Ends the call in the same way as the deadline. */
  readonly signal?: AbortSignal
  /** Called at the end of each request to a server, also of a failed one. An engine without a network does not call it. */
  readonly onTraffic?: (traffic: Traffic) => void
}

/** What one request sent and received, in all its attempts. A call may need several requests. */
export interface Traffic {
  /** Attempts that were sent. */
  readonly attempts: number
  /** Bytes of the bodies of all requests that were sent. */
  readonly sentBytes: number
  /** Bytes of the bodies of all responses. */
  readonly receivedBytes: number
}

/** A request that an engine can explain. A read of several items is explained as a batch. */
export type ExplainRequest =
  | GetRequest
  | BatchGetRequest
  | WriteRequest
  | QueryRequest
  | ScanRequest
  | TransactWriteRequest

/** A command of an engine that has a language of its own, as plain data in that language. */
export interface EngineCommand {
  /** The method of the engine's driver. */
  readonly command: string
  /** The engine's collection or table. */
  readonly collection: string
  /** `always`: the request sends it. `unlessFound`: only if the commands before it did not find what they write. */
  readonly when: 'always' | 'unlessFound'
  /** The engine's name of the index that it uses. */
  readonly index: string
  /** The condition that the engine evaluates. */
  readonly filter?: object
  readonly update?: object
  readonly sort?: object
  /** Whether a filter of the request is evaluated in the library, on what the engine returns. */
  readonly isFiltered?: boolean
}

/** Reads one item by its key. */
export interface GetRequest extends CallOptions {
  readonly table: string
  readonly key: Key
  /** Strongly consistent: sees every write acknowledged before the call, at twice the read units. Default false. */
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
  /** `old` returns the item that was replaced. Default `none`. */
  readonly returns?: 'none' | 'old'
  /** Adds the item, as it was, to the details of `ConditionFailedError`. */
  readonly returnOldOnFailure?: boolean
}

/** Changes parts of an item; creates the item if it does not exist and the condition allows it. */
export interface UpdateRequest extends CallOptions {
  readonly kind: 'update'
  readonly table: string
  readonly key: Key
  readonly update: Update
  readonly condition?: Condition
  /** The item before or after the update, or only the attributes that the update names. Default `none`. */
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
  /** The item or attributes that `returns` requests; undefined if there are none. */
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
  /** At most one write for each item. `returns` is not available here, as in DynamoDB. */
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
  /** The most items to evaluate, before the filter is applied. */
  readonly limit?: number
  /** `next` of the previous page. */
  readonly after?: Key
  readonly consistent?: boolean
  /** Returns counts and no items. */
  readonly countOnly?: boolean
  /** One of `total` parts of the table, for parallel scans. */
  readonly segment?: { readonly index: number; readonly total: number }
}

/** Reads one page of a partition, ordered by the sort key. */
export interface QueryRequest extends Omit<ScanRequest, 'segment'> {
  readonly key: KeyCondition
  /** Order by the sort key. Default `asc`. */
  readonly order?: 'asc' | 'desc'
}

/** One page of a query or scan. */
export interface ItemPage {
  /** Empty with `countOnly`. */
  readonly items: Item[]
  /** The number of items that passed the filter. `scanned` is the number of items evaluated. */
  readonly count: number
  readonly scanned: number
  /** The key to continue after, if there may be more items. */
  readonly next?: Key
  readonly capacity: Capacity
}
