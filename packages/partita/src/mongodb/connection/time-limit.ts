/** The time limit of one call, with all the commands that it sends. */
import type { Pace } from '../../store/retry.js'
import type { CallOptions } from '../../store/store.js'
import { MAX_TIMEOUT } from '../../store/timers.js'

/** Default time limit of one call, in milliseconds. */
const DEFAULT_DEADLINE = 30_000

/** When a call ends, by the store's clock, and the signal that ends it earlier. */
export interface TimeLimit {
  readonly end: number
  readonly signal: AbortSignal | undefined
}

/** Returns the time limit of a call that begins now. @param standard milliseconds for a call without a deadline. */
export function timeLimit({ deadline, signal }: CallOptions, pace: Pace, standard = DEFAULT_DEADLINE): TimeLimit {
  return { end: pace.now() + (deadline ?? standard), signal }
}

/** A time limit that never ends, for work that can take hours, such as an index of many items. */
export const UNLIMITED: TimeLimit = { end: Number.POSITIVE_INFINITY, signal: undefined }

/** The milliseconds that are left, from 1 to the maximum of timers, which is that of `maxTimeMS` too. */
export function timeLeft({ end }: TimeLimit, pace: Pace): number {
  return Math.min(MAX_TIMEOUT, Math.max(1, Math.ceil(end - pace.now())))
}

/** Returns the error of a call that has been aborted or has passed its deadline; otherwise undefined. */
export function callEnd({ end, signal }: TimeLimit, pace: Pace): CallOver | undefined {
  if (signal?.aborted) return new CallOver('the call was aborted', signal.reason)
  return pace.now() >= end ? new CallOver('the deadline of the call has passed') : undefined
}

/** A call that its deadline or its signal has ended. */
export class CallOver extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'CallOver'
  }
}
