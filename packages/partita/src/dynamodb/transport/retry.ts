/**
 * Retries in the SDK's mode `standard`: exponential back-off with full jitter, and a quota, so that a server in trouble does
 * not get more requests from every client that waits for it.
 *
 * Source of the names and numbers: `@smithy/core/retry` of the SDK 3.1162 (`StandardRetryStrategy`, constants of 2026).
 */
import { ServiceError } from './service-error.js'

/** Why a request may be tried again. */
export type RetryKind = 'throttling' | 'transient'

const THROTTLING = new Set([
  'BandwidthLimitExceeded',
  'EC2ThrottledException',
  'LimitExceededException',
  'PriorRequestNotComplete',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'RequestThrottled',
  'RequestThrottledException',
  'SlowDown',
  'ThrottledException',
  'Throttling',
  'ThrottlingException',
  'TooManyRequestsException',
  'TransactionInProgressException',
])
const TRANSIENT = new Set(['TimeoutError', 'RequestTimeout', 'RequestTimeoutException'])
const TRANSIENT_STATUS = new Set([500, 502, 503, 504])

/** First delays in milliseconds, doubled with each retry up to the longest. */
const BASE: Record<RetryKind, number> = { throttling: 1000, transient: 50 }
const LONGEST = 20_000
/** A server may ask for a delay that is at most this much longer than the client's own. */
const MAX_EXTRA = 5000

const QUOTA = 500
const COST: Record<RetryKind, number> = { throttling: 5, transient: 14 }
/** What a success without a retry returns to the quota. */
const REGAINED = 1

/** Returns whether a failed attempt may be repeated, as far as the failure decides that. */
export function retryKindOf(error: unknown): RetryKind | undefined {
  if (!(error instanceof ServiceError)) return 'transient'
  const { httpStatusCode: status } = error.$metadata
  if (status === 429 || THROTTLING.has(error.name)) return 'throttling'
  return TRANSIENT.has(error.name) || TRANSIENT_STATUS.has(status) ? 'transient' : undefined
}

/** The retry quota of one store. */
export class RetryQuota {
  #left = QUOTA

  /** Takes the cost of a retry. @returns whether the quota allows it. */
  take(kind: RetryKind): boolean {
    if (this.#left < COST[kind]) return false
    this.#left -= COST[kind]
    return true
  }

  /** Called after a success. @param kind that of the last retry. */
  giveBack(kind: RetryKind | undefined): void {
    this.#left = Math.min(QUOTA, this.#left + (kind ? COST[kind] : REGAINED))
  }
}

/** Milliseconds before retry `retry` (0, 1, 2 ...). @param hint the delay that the server asks for. */
export function retryDelay(kind: RetryKind, retry: number, random: number, hint: number | undefined): number {
  const own = random * Math.min(LONGEST, BASE[kind] * 2 ** retry)
  return hint === undefined ? own : Math.max(own, Math.min(hint, own + MAX_EXTRA))
}
