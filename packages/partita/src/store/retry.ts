/** Back-off between retries, and the clock it depends on. */
import { performance, setTimeout } from './timers.js'

/** Clock, timer and random source. Tests replace them to avoid real waiting. */
export interface Pace {
  /** Milliseconds that never run backwards. */
  now(): number
  sleep(milliseconds: number): Promise<void>
  /** From 0 to under 1. */
  random(): number
}

/** The clock, timers and random source of the runtime. */
export const realPace: Pace = {
  now: () => performance.now(),
  sleep: milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds)),
  random: Math.random,
}

/** Resolves after the delay, or as soon as the signal is aborted. */
export async function sleepUnlessAborted(
  pace: Pace,
  milliseconds: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (!signal) return pace.sleep(milliseconds)
  if (signal.aborted) return
  let wake = (): void => {}
  const aborted = new Promise<void>(resolve => {
    wake = resolve
  })
  signal.addEventListener('abort', wake, { once: true })
  await Promise.race([pace.sleep(milliseconds), aborted])
  signal.removeEventListener('abort', wake)
}

const FIRST_WAIT = 50
const LONGEST_WAIT = 5000

/**
 * Milliseconds to wait before retry `attempt` (0, 1, 2 ...): anything up to 50 ms, doubled with each attempt to at most
 * 5 s. The whole range is random, so that clients throttled together do not retry together.
 */
export function backoff(attempt: number, pace: Pace): number {
  return pace.random() * Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** attempt)
}
