/** What a database tells of its calls to the store, for logs, metrics and traces. The library itself never prints. */
import type { Capacity } from '../store/capacity.js'

export interface OperationEvent {
  /** The call of the Store contract. */
  readonly operation: 'get' | 'batchGet' | 'write' | 'batchWrite' | 'transactWrite' | 'transactGet' | 'query'
  /** The model that the call was for; undefined for calls that serve several. */
  readonly model: string | undefined
  /** The physical index of a query. */
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
