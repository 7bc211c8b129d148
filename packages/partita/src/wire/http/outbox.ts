/**
 * Writes answers in groups, after all requests that have arrived are read. A separate write for each would wake its
 * client at once, and client and server would switch on the processor for every request.
 */
import { performance, setImmediate } from '../../store/timers.js'

/** Milliseconds of writing in one iteration of the event loop. Most answers take microseconds, large ones more. */
const STRETCH = 5

/** Writes the answers that are ready at the end of the event loop's iteration, in order. */
export class Outbox {
  #ready: (() => void)[] = []

  /** Calls `write` in this iteration of the event loop, or in a later one if many large answers are ready. */
  add(write: () => void): void {
    if (this.#ready.push(write) === 1) setImmediate(() => this.#flush())
  }

  #flush(): void {
    const ready = this.#ready
    this.#ready = []
    const end = performance.now() + STRETCH
    let written = 0
    for (const write of ready) {
      write()
      written++
      if (performance.now() >= end) break
    }
    if (written === ready.length) return
    // Answers that became ready meanwhile have scheduled a flush.
    if (this.#ready.length === 0) setImmediate(() => this.#flush())
    this.#ready = [...ready.slice(written), ...this.#ready]
  }
}
