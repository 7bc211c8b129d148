/**
 * Yields to the event loop during long synchronous work.
 *
 * The state of this module is global: a process has one event loop, which all stores and requests share.
 */
import { performance, setImmediate } from '../store/timers.js'

/** Callers that wait for their turn, in order. */
const waiting: (() => void)[] = []
/** When the time for work in this iteration of the event loop ends; undefined before any work has been measured. */
let end: number | undefined

/**
 * Yields to the event loop. Waiting callers resume one at a time, each in its own iteration of the loop. Timers and
 * sockets therefore never wait for more than one piece of work, regardless of the number of requests in flight.
 */
export function yieldToEventLoop(): Promise<void> {
  return new Promise(resolve => {
    if (waiting.push(resolve) === 1) setImmediate(wakeNext)
  })
}

function wakeNext(): void {
  end = undefined
  const wake = waiting.shift() as () => void
  wake()
  if (waiting.length > 0) setImmediate(wakeNext)
}

/** Maximum synchronous work in one iteration of the event loop, in milliseconds. */
const STRETCH = 8
/** Pieces of work between two readings of the clock. Most requests have fewer and never read it. */
const PIECES_PER_LOOK = 16
const BYTES_PER_PIECE = 1024

/** Decides when long work yields. Call `if (pace.isDue(bytes)) await pace.yield()` after each piece of work. */
export class YieldPace {
  #pieces = PIECES_PER_LOOK

  /** Whether it is time to yield. @param bytes the amount of data that the piece of work processed. */
  isDue(bytes = 0): boolean {
    this.#pieces -= 1 + bytes / BYTES_PER_PIECE
    if (this.#pieces > 0) return false
    this.#pieces = PIECES_PER_LOOK
    return isYieldDue()
  }

  /** Yields to the event loop and starts a new count of pieces. */
  yield(): Promise<void> {
    this.#pieces = PIECES_PER_LOOK
    return yieldToEventLoop()
  }
}

/** Whether work in this iteration of the event loop has taken 8 milliseconds or more. */
export function isYieldDue(): boolean {
  const now = performance.now()
  if (end !== undefined) return now >= end
  end = now + STRETCH
  setImmediate(() => {
    end = undefined
  })
  return false
}
