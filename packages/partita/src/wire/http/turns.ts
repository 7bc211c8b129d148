/** Which request is answered next, where more have come than can be answered at once. */

/** Requests whose operations are under way at once, where they are of connections that keep more of them waiting. */
const PIPELINED_AT_ONCE = 64
/** The same for all requests. */
const AT_ONCE = 512
/** Milliseconds of synchronous work in one iteration of the event loop. */
const STRETCH = 5

/**
 * Connections take turns: each has at most one request here. Those whose client waits for each answer come before the
 * next from a connection that sent many requests at once, one by one in alternation, so that a lone request does not
 * wait for everything that others have sent before it, and neither kind keeps the other out.
 */
export class Turns {
  readonly #lone: (() => void)[] = []
  readonly #pipelined: (() => void)[] = []
  #running = 0
  #isLoneNext = true
  /** When the work of this iteration of the event loop has taken long enough; undefined before there was any. */
  #end: number | undefined

  /** Calls `begin` now or when it is its turn; {@link end} is due once it has its answer. */
  add(begin: () => void, isPipelined: boolean): void {
    const waiting = isPipelined ? this.#pipelined : this.#lone
    waiting.push(begin)
    this.#run()
  }

  /** An operation has ended, or will not begin. */
  end(): void {
    this.#running--
    this.#run()
  }

  #run(): void {
    while (this.#isReady && !this.#isStretchOver()) {
      const begin = this.#take()
      if (!begin) return
      this.#running++
      begin()
    }
  }

  get #isReady(): boolean {
    return this.#lone.length > 0 || this.#pipelined.length > 0
  }

  #take(): (() => void) | undefined {
    const lone = this.#running < AT_ONCE && this.#lone.length > 0
    const pipelined = this.#running < PIPELINED_AT_ONCE && this.#pipelined.length > 0
    if (!lone && !pipelined) return undefined
    const isLone = lone && (this.#isLoneNext || !pipelined)
    this.#isLoneNext = !isLone
    return (isLone ? this.#lone : this.#pipelined).shift()
  }

  #isStretchOver(): boolean {
    const now = performance.now()
    if (this.#end !== undefined) return now >= this.#end
    this.#end = now + STRETCH
    setImmediate(() => {
      this.#end = undefined
      this.#run()
    })
    return false
  }
}
