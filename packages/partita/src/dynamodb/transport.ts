/** What sends requests to DynamoDB: the store's own HTTP client, or an SDK client that the user passes. */
import type { Item } from '../value/value.js'
import type { Tries } from './attempts.js'
import type { OperationName, Outputs, PreparedRequest } from './protocol/operations.js'

/** Sends the requests of one store. */
export interface Transport {
  /**
   * Sends a request, and retries it as far as its repetition allows. It records each attempt in `tries`.
   * @throws the last attempt's error, which {@link failureOf} describes; CallEnded at the limit of the call.
   */
  send<Name extends OperationName>(request: PreparedRequest<Name>, tries: Tries): Promise<Outputs[Name]>
  /** Describes an error of `send`. */
  failureOf(error: unknown): Failure
  /** Closes idle connections. No request is in flight then. */
  close(): void
}

/** Why an operation of a transaction was cancelled, in DynamoDB's names. */
export interface Cancellation {
  readonly Code?: string
  readonly Message?: string
  readonly Item?: Item
}

/** The parts of an error that are used here. */
export interface Failure {
  /** The name of DynamoDB's exception, or of an error of the runtime. */
  readonly name?: string
  readonly message?: string
  readonly code?: string
  /** AWS's id of the request. */
  readonly requestId?: string
  /** The item of a failed condition. */
  readonly item?: Item
  readonly reasons?: readonly Cancellation[]
}
