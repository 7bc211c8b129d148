/** How long to wait before trying again, and the clock it depends on. */
import { performance, setTimeout } from './timers.js'

/** Time and chance, so that tests can replace both and nothing has to sleep. */
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

/** Ends with the sleep, or as soon as the signal is aborted. */
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
 * 5 s. The whole range is random, so that clients refused together do not come back together.
 */
export function backoff(attempt: number, pace: Pace): number {
  return pace.random() * Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** attempt)
}
