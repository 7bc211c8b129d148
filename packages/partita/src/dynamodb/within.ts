/** Gives an attempt a time limit and an abort signal. Attempts of all requests share a few signals. */
import { onAbort } from '../store/abort.js'
import { clearTimeout, setImmediate, setTimeout } from '../store/timers.js'
import { CallEnded } from './attempts.js'
import { timedOut } from './transport/exchange.js'

/**
 * Runs an attempt until it ends, times out or is aborted, and releases its resources.
 * @param later returns the milliseconds again, once the attempt has begun.
 */
export function within<T>(
  milliseconds: number,
  signal: AbortSignal | undefined,
  run: (signal: AbortSignal) => Promise<T>,
  later?: () => number,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = idle.pop() ?? { controller: new AbortController(), uses: 0 }
    const end = (error: Error): void => {
      // First, since aborting makes the attempt fail with a less specific error.
      reject(error)
      stop.controller.abort()
    }
    const timeout = (after: number) => setTimeout(() => end(timedOut(after)), after)
    let timer = timeout(milliseconds)
    const stopListening = signal && onAbort(signal, () => end(new CallEnded('the call was aborted', signal.reason)))
    const letGo = (): void => {
      isOver = true
      clearTimeout(timer)
      stopListening?.()
    }
    let isOver = false
    if (later) {
      setImmediate(() => {
        if (isOver) return
        clearTimeout(timer)
        timer = timeout(later())
      })
    }
    run(stop.controller.signal).then(
      result => {
        letGo()
        putBack(stop)
        resolve(result)
      },
      (error: unknown) => {
        letGo()
        reject(error)
      },
    )
  })
}

/** Aborts an attempt. */
interface Stop {
  readonly controller: AbortController
  /** Number of attempts that have used it. */
  uses: number
}

/**
 * Reused by later attempts, one after the other, since creating one costs more than the rest of this module. The SDK's
 * handlers remove their listeners; for other handlers, the number of uses limits the listeners that remain.
 */
const idle: Stop[] = []
const MAX_IDLE = 16
const MAX_USES = 8

/** Reuses the controller after a success only, since a failed attempt may still use its signal. */
function putBack(stop: Stop): void {
  if (++stop.uses < MAX_USES && idle.length < MAX_IDLE && !stop.controller.signal.aborted) idle.push(stop)
}
