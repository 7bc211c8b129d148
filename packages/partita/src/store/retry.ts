/** Back-off between retries, and the clock it uses. */
import { onAbort } from './abort.js'
import { clearTimeout, performance, setTimeout } from './timers.js'

/** Clock and random source, which tests replace so that they do not sleep. */
export interface Pace {
  /** Monotonic milliseconds. */
  now(): number
  /** Resolves after the time, or earlier if the signal is aborted. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>
  /** From 0 to under 1. */
  random(): number
}

/** The clock, timers and random source of the runtime. */
export const realPace: Pace = {
  now: () => performance.now(),
  sleep: (milliseconds, signal) =>
    new Promise(resolve => {
      const end = (): void => {
        // The timer would keep the process running.
        clearTimeout(timer)
        stopListening?.()
        resolve()
      }
      const timer = setTimeout(end, milliseconds)
      const stopListening = signal && onAbort(signal, end)
    }),
  random: Math.random,
}

/** Resolves after the time, or as soon as the signal is aborted, also if the pace ignores signals. */
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
  const stopListening = onAbort(signal, wake)
  await Promise.race([pace.sleep(milliseconds, signal), aborted])
  stopListening()
}

const FIRST_WAIT = 50
const LONGEST_WAIT = 5000

/**
 * Milliseconds to back off before retry `attempt` (0, 1, 2 ...): a random time up to 50 ms, doubled with each attempt, at
 * most 5 s. The full range is random ("full jitter"), so that throttled clients do not retry at the same time.
 */
export function backoff(attempt: number, pace: Pace): number {
  return pace.random() * Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** attempt)
}
