/** Decides which request is answered next when more are pending than can be answered at once. */
import { performance, setImmediate } from '../../store/timers.js'

/** Maximum number of operations in flight when the next request is from a connection that pipelines. */
const PIPELINED_AT_ONCE = 64
/** Maximum number of operations in flight. */
const AT_ONCE = 512
/** Milliseconds of synchronous work in one iteration of the event loop. */
const STRETCH = 5

/**
 * Connections take turns: each has at most one request here. Lone requests, whose clients wait for each answer,
 * alternate with requests of connections that pipeline. So a lone request does not wait for everything that others have
 * sent before it, and neither kind starves the other.
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

  /** The request whose turn it is, without removing it. */
  next(): Request | undefined {
    return this.#queue(true, true)?.[0]
  }

  /** Removes and returns the request whose turn it is, of the permitted kinds. */
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
  /** When work must stop in this iteration of the event loop; undefined before it has begun. */
  #end: number | undefined

  /** Calls `begin` now or when its turn comes. The caller must call {@link end} once the request has its answer. */
  add(begin: () => void, isPipelined: boolean): void {
    this.#waiting.add(begin, isPipelined)
    this.#run()
  }

  /** Records that an operation has ended, or will not begin. */
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
