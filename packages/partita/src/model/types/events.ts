/**
 * Events of a database: its calls to the store, for logs, metrics and traces, and warnings about what is stored. The
 * library itself never prints.
 */
import type { UnreadableError } from '../../errors/errors.js'
import type { Capacity } from '../../store/capacity.js'

export interface OperationEvent {
  /** The call of the Store contract. */
  readonly operation: 'get' | 'batchGet' | 'write' | 'batchWrite' | 'transactWrite' | 'transactGet' | 'query' | 'scan'
  /** The model that the call was for; undefined for calls that serve several. */
  readonly model: string | undefined
  /** The physical index of a query or scan. */
  readonly index: string | undefined
  /** Milliseconds. */
  readonly duration: number
  readonly capacity: Capacity
  /** How many times the call was made before for the same purpose, as after a conflict. */
  readonly retries: number
  readonly tenant: string | undefined
  readonly actor: unknown
  /** Present where the call failed. */
  readonly error?: unknown
}

export type OperationListener = (event: OperationEvent) => void

/**
 * A part of a model that rows written before it was added may lack. Found by `connect`; queries of the index, `findBy` of
 * the constraint, or `all()` can leave such rows out until `reindex` of the model has run.
 */
export interface IncompleteEvent {
  readonly kind: 'incomplete'
  readonly model: string
  readonly part: 'index' | 'unique' | 'iteration'
  /** Of the index or the constraint in the model; `iteration` for iteration. */
  readonly name: string
  /** What is incomplete and what to run. */
  readonly message: string
}

/** A stored row that does not fit its model was left out of a result. */
export interface UnreadableEvent {
  readonly kind: 'unreadable'
  readonly model: string
  /** Carries the row's key, the raw item and every fault. */
  readonly error: UnreadableError
}

export type WarningEvent = IncompleteEvent | UnreadableEvent

export type WarningListener = (event: WarningEvent) => void
