/**
 * Events of a database: its calls to the store, for logs, metrics and traces, and warnings about stored rows. The library
 * itself never prints.
 */
import type { UnreadableError } from '../../errors/errors.js'
import type { Capacity } from '../../store/capacity.js'

/** One call to the store. */
export interface OperationEvent {
  /** The method of the Store contract. */
  readonly operation: 'get' | 'batchGet' | 'write' | 'batchWrite' | 'transactWrite' | 'transactGet' | 'query' | 'scan'
  /** Name of the model; undefined for a call that serves several models. */
  readonly model: string | undefined
  /** The physical index of a query or scan; undefined for the table itself. */
  readonly index: string | undefined
  /** Elapsed time in milliseconds. */
  readonly duration: number
  /** Consumed capacity; zero if the call failed. */
  readonly capacity: Capacity
  /** How many earlier attempts of the same operation were made, for example after conflicts. */
  readonly retries: number
  /**
   * Requests that were sent to the server, with the store's own repetitions, for example after throttling. Zero on an
   * engine without a server, as are the bytes.
   */
  readonly attempts: number
  /** Bytes of the bodies of these requests. */
  readonly sentBytes: number
  /** Bytes of the bodies of their responses. */
  readonly receivedBytes: number
  /** The tenant of the scope. */
  readonly tenant: string | undefined
  /** The actor of the scope. */
  readonly actor: unknown
  /** Why the program acts for itself; undefined if it does not. */
  readonly system: string | undefined
  /** The error, if the call failed. */
  readonly error?: unknown
}

/** Receives the events of calls to the store. */
export type OperationListener = (event: OperationEvent) => void

/**
 * A part of a model that was added after rows were written. Until `reindex` of the model has run, queries of the index,
 * `findBy` of the constraint, or `iterate()` can miss older rows. `connect` detects such parts.
 */
export interface IncompleteEvent {
  readonly kind: 'incomplete'
  /** Name of the model. */
  readonly model: string
  /** Kind of the part. */
  readonly part: 'index' | 'unique' | 'iteration' | 'count' | 'upgrade'
  /** Name of the index or constraint in the model, `iteration`, the ref field that is counted, or `upgrade`. */
  readonly name: string
  /** What is incomplete and what to run. */
  readonly message: string
}

/** A stored row that does not fit its model was left out of a result. */
export interface UnreadableEvent {
  readonly kind: 'unreadable'
  /** Name of the model. */
  readonly model: string
  /** Carries the row's key, the raw item and every issue. */
  readonly error: UnreadableError
}

/** A warning about stored rows. */
export type WarningEvent = IncompleteEvent | UnreadableEvent

/** Receives the warnings of a database. */
export type WarningListener = (event: WarningEvent) => void
