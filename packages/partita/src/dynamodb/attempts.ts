/**
 * What is known of the tries of one request.
 *
 * The SDK decides when a refused request is tried again. A write of which it is unknown whether an earlier try was done
 * is another matter: only the layers above can find out, so it is not sent a second time.
 */
import type { Pace } from '../store/retry.js'
import type { CallOptions } from '../store/store.js'
import { clearTimeout, setTimeout } from '../store/timers.js'

/** What a timer of Node can count to: with more it ends at once. */
const MAX_TIMEOUT = 2 ** 31 - 1
/** Milliseconds that one call may take with all its tries, where the request does not say. */
const DEFAULT_DEADLINE = 30_000

/**
 * - `read`: done twice it is as done once.
 * - `write`: a second time it may do something else than the first.
 * - `idempotent`: a write that the server does once however often it is sent: a transaction, of which it remembers the
 *   token for ten minutes, or a change of a table.
 */
export type Repetition = 'read' | 'write' | 'idempotent'

/** When a call ends, whatever has become of it. */
export interface Limit {
  /** By the store's clock. */
  readonly end: number
  readonly signal: AbortSignal | undefined
}

/** @param standard milliseconds where the call does not say. */
export function limitOf({ deadline, signal }: CallOptions, pace: Pace, standard = DEFAULT_DEADLINE): Limit {
  return { end: pace.now() + (deadline ?? standard), signal }
}

/** Why a call ends before it has an answer; undefined while it may go on. */
export function endOf({ end, signal }: Limit, pace: Pace): CallEnded | undefined {
  if (signal?.aborted) return new CallEnded('the call was aborted', signal.reason)
  return pace.now() >= end ? passed() : undefined
}

function passed(): CallEnded {
  return new CallEnded('the deadline of the call has passed', undefined)
}

/** Ends the SDK's own loop: it carries none of the names and codes for which the SDK tries again. */
export class CallEnded extends Error {
  /** Not `cause`, in which the SDK would look for a reason to try again. */
  readonly reason: unknown

  constructor(message: string, reason: unknown) {
    super(message)
    this.name = 'CallEnded'
    this.reason = reason
  }
}

export class Tries {
  readonly repetition: Repetition
  readonly limit: Limit
  /** How many were handed to the network. */
  count = 0
  /** Set once a try failed in a way that leaves open whether the server did what was asked. */
  lost: Error | undefined
  /** Whether the last try was answered with success: an error after that is one of reading the answer. */
  answered = false
  /** Whether the last answer was a refusal for load. */
  isThrottled = false
  /** Ends the call while the SDK waits before its next try, which no signal interrupts. */
  giveUp: ((error: CallEnded) => void) | undefined
  #stopWaiting: (() => void) | undefined
  #ended: CallEnded | undefined

  constructor(repetition: Repetition, limit: Limit) {
    this.repetition = repetition
    this.limit = limit
  }

  /** Called before the SDK looks for credentials or waits for a retry: the call now ends at its limit, whatever it waits for. */
  wait(pace: Pace): void {
    const { end, signal } = this.limit
    const ended = (): void => {
      this.#ended = endOf(this.limit, pace) ?? passed()
      this.giveUp?.(this.#ended)
    }
    const timer = setTimeout(ended, Math.min(MAX_TIMEOUT, Math.max(0, end - pace.now())))
    signal?.addEventListener('abort', ended)
    this.#stopWaiting = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', ended)
    }
  }

  /** Ends the call. It does not rely on the SDK, which waits before a retry if a retry strategy retries every error. */
  stop(error: CallEnded): never {
    this.giveUp?.(error)
    throw error
  }

  /** Why there is no further try; undefined while there may be one. */
  endOf(pace: Pace): CallEnded | undefined {
    return this.#ended ?? endOf(this.limit, pace)
  }

  /** Called when the next try begins, or the call has ended. */
  stopWaiting(): void {
    this.#stopWaiting?.()
    this.#stopWaiting = undefined
  }
}

/** Whether no connection was established in time: none was free, or the server did not answer. */
export function isNotConnected(error: unknown): boolean {
  return error instanceof Error && NOT_CONNECTED.test(error.message)
}

/** Names of the system calls that come before anything is sent. */
const BEFORE_SENDING = new Set(['connect', 'getaddrinfo'])
/** The SDK's HTTP handler marks a connection that was not made in time by its text alone. */
const NOT_CONNECTED = /did not establish a connection/

/** Whether a failure of the network came before the request was sent, so that it certainly was not done. */
export function isUnsent(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const { syscall, message, cause } = error as Error & { readonly syscall?: string }
  if (syscall !== undefined) return BEFORE_SENDING.has(syscall)
  // Of a host with several addresses each was tried.
  if (error instanceof AggregateError) return error.errors.length > 0 && error.errors.every(isUnsent)
  return NOT_CONNECTED.test(message) || (cause !== undefined && isUnsent(cause))
}

/**
 * Whether an answer leaves open what was done. DynamoDB says so of its failures with a status of 500 and above; below,
 * it refused the request. What else comes is from something between: a proxy that gave up waiting (408), a redirect.
 */
export function leavesOpen(status: number): boolean {
  return status >= 500 || status === 408 || status < 200 || (status >= 300 && status < 400)
}

const THROTTLED = /"__type"\s*:\s*"[^"]*(Throttling|ProvisionedThroughputExceeded|RequestLimitExceeded|TooManyRequests)/

/** Whether a refusal is one for load. */
export function isThrottling(status: number, body: Uint8Array): boolean {
  return status === 400 && THROTTLED.test(new TextDecoder().decode(body))
}
