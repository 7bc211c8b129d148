/**
 * Answers that are ready, written together once all requests that had come by then are read. One write at a time would
 * wake its client at once, and client and server would take turns at the processor for each request.
 */
export class Outbox {
  #ready: (() => void)[] = []

  /** `write` is called in this turn of the event loop. */
  add(write: () => void): void {
    if (this.#ready.push(write) === 1) setImmediate(() => this.#flush())
  }

  #flush(): void {
    const ready = this.#ready
    this.#ready = []
    for (const write of ready) write()
  }
}
