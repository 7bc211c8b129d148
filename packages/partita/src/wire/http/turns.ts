/** Which request is answered next, where more have come than can be answered at once. */
import { performance, setImmediate } from '../../store/timers.js'

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
export class Waiting<Request> {
  readonly #lone: Request[] = []
  readonly #pipelined: Request[] = []
  #isLoneNext = true

  add(request: Request, isPipelined: boolean): void {
    const waiting = isPipelined ? this.#pipelined : this.#lone
    waiting.push(request)
  }

  get isEmpty(): boolean {
    return this.#lone.length === 0 && this.#pipelined.length === 0
  }

  /** The one whose turn it is, which stays. */
  next(): Request | undefined {
    return this.#queue(true, true)?.[0]
  }

  /** Takes out the one whose turn it is, of those kinds that may have one. */
  take(mayBeLone = true, mayBePipelined = true): Request | undefined {
    const queue = this.#queue(mayBeLone, mayBePipelined)
    if (queue) this.#isLoneNext = queue === this.#pipelined
    return queue?.shift()
  }

  #queue(mayBeLone: boolean, mayBePipelined: boolean): Request[] | undefined {
    const lone = mayBeLone && this.#lone.length > 0
    const pipelined = mayBePipelined && this.#pipelined.length > 0
    if (!lone) return pipelined ? this.#pipelined : undefined
    return this.#isLoneNext || !pipelined ? this.#lone : this.#pipelined
  }
}

/** Decides when each request's operation begins. Limits the operations in flight and the work per iteration. */
export class Turns {
  readonly #waiting = new Waiting<() => void>()
  #running = 0
  /** When the work of this iteration of the event loop has taken long enough; undefined before there was any. */
  #end: number | undefined

  /** Calls `begin` now or when it is its turn; {@link end} is due once it has its answer. */
  add(begin: () => void, isPipelined: boolean): void {
    this.#waiting.add(begin, isPipelined)
    this.#run()
  }

  /** An operation has ended, or will not begin. */
  end(): void {
    this.#running--
    this.#run()
  }

  #run(): void {
    while (!this.#waiting.isEmpty && !this.#isStretchOver()) {
      const begin = this.#waiting.take(this.#running < AT_ONCE, this.#running < PIPELINED_AT_ONCE)
      if (!begin) return
      this.#running++
      begin()
    }
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
