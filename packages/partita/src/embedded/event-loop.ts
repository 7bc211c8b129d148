/**
 * Yielding to the event loop during long synchronous work.
 *
 * What is kept here is about the event loop, of which the process has one: all stores and requests of it share it.
 */
import { performance, setImmediate } from '../store/timers.js'

/** Those who wait, in order. */
const waiting: (() => void)[] = []
/** When the work of this iteration of the event loop has taken long enough; undefined before it has taken any time. */
let end: number | undefined

/**
 * Yields to the event loop. Those who wait go on one at a time, each in an iteration of the loop of its own, so that
 * timers and sockets never wait for more than one piece of work, however much of it is under way.
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

/** Milliseconds of synchronous work in one iteration of the event loop. */
const STRETCH = 8
/** Work between two looks at the clock, in small pieces: most requests never have as much. */
const PIECES_PER_LOOK = 16
const BYTES_PER_PIECE = 1024

/** Tells long work when to yield: `if (pace.isOver(bytes)) await pace.turn()` after each piece of it. */
export class Pace {
  #pieces = PIECES_PER_LOOK

  /** Whether it is time to yield. `bytes` is how much the piece of work handled, where that varies. */
  isDue(bytes = 0): boolean {
    this.#pieces -= 1 + bytes / BYTES_PER_PIECE
    if (this.#pieces > 0) return false
    this.#pieces = PIECES_PER_LOOK
    return isYieldDue()
  }

  yield(): Promise<void> {
    this.#pieces = PIECES_PER_LOOK
    return yieldToEventLoop()
  }
}

/** Whether this iteration of the event loop has used up its share of work. */
export function isYieldDue(): boolean {
  const now = performance.now()
  if (end !== undefined) return now >= end
  end = now + STRETCH
  setImmediate(() => {
    end = undefined
  })
  return false
}
