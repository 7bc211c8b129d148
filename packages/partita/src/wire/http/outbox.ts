/**
 * Answers that are ready, written together once all requests that had come by then are read. One write at a time would
 * wake its client at once, and client and server would take turns at the processor for each request.
 */
import { performance, setImmediate } from '../../store/timers.js'

/** Milliseconds of writing in one iteration of the event loop; most answers take microseconds, those of megabytes more. */
const STRETCH = 5

/** Writes the answers that are ready at the end of the event loop's iteration, in order. */
export class Outbox {
  #ready: (() => void)[] = []

  /** `write` is called in this turn of the event loop, or in one of the next where many large answers are ready. */
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
    // What has become ready meanwhile has set its own call.
    if (this.#ready.length === 0) setImmediate(() => this.#flush())
    this.#ready = [...ready.slice(written), ...this.#ready]
  }
}
