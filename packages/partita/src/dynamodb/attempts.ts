/**
 * Tracks the attempts of one request.
 *
 * The transport decides when a rejected request is retried. A write whose earlier attempt may have succeeded is not retried here:
 * only the layers above can find out whether it did.
 */
import { onAbort } from '../store/abort.js'
import type { Pace } from '../store/retry.js'
import type { CallOptions } from '../store/store.js'
import { clearTimeout, MAX_TIMEOUT, setTimeout } from '../store/timers.js'
import { utf8Length } from '../value/size.js'
import { UnsentError } from './transport/exchange.js'

/** Default time limit of one call with all its attempts, in milliseconds. */
const DEFAULT_DEADLINE = 30_000

/**
 * The effect of sending a request twice.
 *
 * - `read`: none.
 * - `write`: the second attempt may have another effect than the first.
 * - `idempotent`: the server applies the write once: a transaction, whose token it remembers for ten minutes, or a change
 *   of a table.
 */
export type Repetition = 'read' | 'write' | 'idempotent'

/** The time limit of a call. */
export interface Limit {
  /** When the call ends, by the store's clock. */
  readonly end: number
  readonly signal: AbortSignal | undefined
  readonly onTraffic: CallOptions['onTraffic']
}

/** Returns the time limit of a call. @param standard milliseconds for a call without a deadline. */
export function limitOf(call: CallOptions, pace: Pace, standard = DEFAULT_DEADLINE): Limit {
  const { deadline = standard, signal, onTraffic } = call
  return { end: pace.now() + deadline, signal, onTraffic }
}

/** Returns the error of a call that has been aborted or has passed its deadline; otherwise undefined. */
export function endOf({ end, signal }: Limit, pace: Pace): CallEnded | undefined {
  if (signal?.aborted) return new CallEnded('the call was aborted', signal.reason)
  return pace.now() >= end ? passed() : undefined
}

function passed(): CallEnded {
  return new CallEnded('the deadline of the call has passed', undefined)
}

/** Ends the SDK's retry loop: it has none of the names and codes that the SDK retries. */
export class CallEnded extends Error {
  /** Not `cause`, which the SDK would inspect for a retryable error. */
  readonly reason: unknown

  constructor(message: string, reason: unknown) {
    super(message)
    this.name = 'CallEnded'
    this.reason = reason
  }
}

/** The attempts of one request. */
export class Tries {
  readonly repetition: Repetition
  readonly limit: Limit
  /** Number of attempts that were sent. */
  count = 0
  /** Set once an attempt failed whose outcome on the server is unknown. */
  lost: Error | undefined
  /** Whether the last attempt succeeded: a later error is one of reading the response. */
  answered = false
  /** Whether the last attempt was throttled. */
  isThrottled = false
  /** Body of the request, which is the same in all attempts. */
  text = ''
  /** Bytes of the bodies of all responses. */
  receivedBytes = 0
  /** AWS's id of the last attempt. */
  requestId: string | undefined
  /** Ends the call while the SDK backs off before a retry, which no signal interrupts. */
  giveUp: ((error: CallEnded) => void) | undefined
  #stopWaiting: (() => void) | undefined
  #ended: CallEnded | undefined

  constructor(repetition: Repetition, limit: Limit) {
    this.repetition = repetition
    this.limit = limit
  }

  /** Bytes of the bodies of all requests that were sent. */
  get sentBytes(): number {
    return this.count * (utf8Length(this.text) ?? 0)
  }

  /** Called before a wait for credentials or a retry: the call then ends at its limit in any case. */
  wait(pace: Pace): void {
    if (this.#stopWaiting) return
    const { end, signal } = this.limit
    const ended = (): void => {
      this.#ended = endOf(this.limit, pace) ?? passed()
      this.giveUp?.(this.#ended)
    }
    const timer = setTimeout(ended, Math.min(MAX_TIMEOUT, Math.max(0, end - pace.now())))
    const stopListening = signal && onAbort(signal, ended)
    this.#stopWaiting = () => {
      clearTimeout(timer)
      stopListening?.()
    }
  }

  /** Ends the call. It does not rely on the SDK, which waits before a retry if a retry strategy retries every error. */
  stop(error: CallEnded): never {
    this.giveUp?.(error)
    throw error
  }

  /** Why there is no further attempt; undefined while there may be one. */
  endOf(pace: Pace): CallEnded | undefined {
    return this.#ended ?? endOf(this.limit, pace)
  }

  /** Called when the next attempt begins, or the call has ended. */
  stopWaiting(): void {
    this.#stopWaiting?.()
    this.#stopWaiting = undefined
  }
}

/** Whether no connection was established in time: none was free, or the server did not respond. */
export function isNotConnected(error: unknown): boolean {
  return error instanceof Error && NOT_CONNECTED.test(error.message)
}

/** System calls that precede the sending of a request. */
const BEFORE_SENDING = new Set(['connect', 'getaddrinfo'])
/** The SDK's HTTP handler identifies a connection timeout by its text only. */
const NOT_CONNECTED = /did not establish a connection/

/** Whether a network failure happened before the request was sent, so that the server cannot have applied it. */
export function isUnsent(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if (error instanceof UnsentError) return true
  const { syscall, message, cause } = error as Error & { readonly syscall?: string }
  if (syscall !== undefined) return BEFORE_SENDING.has(syscall)
  // All addresses of the host failed.
  if (error instanceof AggregateError) return error.errors.length > 0 && error.errors.every(isUnsent)
  return NOT_CONNECTED.test(message) || (cause !== undefined && isUnsent(cause))
}

/**
 * Whether a response leaves the outcome unknown. DynamoDB documents this for a status of 500 and above; with a lower one it
 * has rejected the request. Other responses come from an intermediary: a proxy timeout (408), a redirect.
 */
export function leavesOpen(status: number): boolean {
  return status >= 500 || status === 408 || status < 200 || (status >= 300 && status < 400)
}

const THROTTLED = /"__type"\s*:\s*"[^"]*(Throttling|ProvisionedThroughputExceeded|RequestLimitExceeded|TooManyRequests)/

/** Whether a response is a throttling error. */
export function isThrottling(status: number, body: Uint8Array): boolean {
  return status === 400 && THROTTLED.test(new TextDecoder().decode(body))
}
