/**
 * Hands what clients send to Node's parser in small pieces, and then that they send no more. Node reads up to 64 KB of every connection in one turn of the
 * event loop and parses it at once: a hundred requests of each, where clients send many without waiting for answers. And it
 * ends a connection as soon as its client sends no more, with the answers that this client still waits for.
 */
import type { Socket } from 'node:net'
import { performance, setImmediate } from '../../store/timers.js'

/** Some ten requests, or a part of a body. What comes in less is parsed at once. */
const PIECE_BYTES = 8 * 1024
/** Milliseconds of parsing larger chunks in one iteration of the event loop. */
const STRETCH = 5

type Parse = (chunk: Buffer) => void

/** Passes the bytes of one connection to Node's HTTP parser, one piece at a time. */
export class Intake {
  readonly #socket: Socket
  readonly #turns: IntakeTurns
  readonly #parse: Parse
  readonly #finish: () => void
  readonly #isHeld: () => boolean
  readonly #isWaitedFor: () => boolean
  /** What has been read and not been parsed; nothing more is read meanwhile. */
  #rest: Buffer | undefined
  #isEnded = false
  /** Whether the client sends no more, and the parser has not been told. */
  #isLast = false

  /**
   * @param socket one to which Node's server listens already.
   * @param isHeld whether nothing more should be parsed before {@link goOn} is called.
   * @param isWaitedFor whether whole requests have no answer yet, so that the connection cannot end before
   *   {@link finish} is called.
   */
  constructor(socket: Socket, turns: IntakeTurns, isHeld: () => boolean, isWaitedFor: () => boolean) {
    this.#socket = socket
    this.#turns = turns
    this.#isHeld = isHeld
    this.#isWaitedFor = isWaitedFor
    const parse = socket.listeners('data')[0] as Parse
    this.#parse = parse
    socket.removeListener('data', parse)
    socket.on('data', chunk => this.#receive(chunk))
    const finish = socket.listeners('end').at(-1) as () => void
    socket.removeListener('end', finish)
    this.#finish = finish
    socket.on('end', () => {
      this.#isLast = true
      this.finish()
    })
    // Node resumes a socket on its own when the body of a request is read, or when its client has taken an answer.
    socket.on('resume', () => {
      if (this.#rest || isHeld()) socket.pause()
      if (this.#rest) turns.add(this)
    })
  }

  /** The next request may be parsed, and more be read. */
  goOn(): void {
    if (this.#rest) this.#turns.add(this)
    else this.#socket.resume()
  }

  /** Tells the parser that the client sends no more, where that is so and nothing stands in the way. */
  finish(): void {
    if (!this.#isLast || this.#rest || this.#isWaitedFor()) return
    this.#isLast = false
    this.#finish()
  }

  /** Forgets what has not been parsed, and what is still to be read. */
  end(): void {
    this.#isEnded = true
    this.#rest = undefined
  }

  /** Parses one piece. @returns whether there is another one that may be parsed. */
  step(): boolean {
    const rest = this.#rest
    if (!rest || this.#isHeld() || this.#isPausedByNode || this.#socket.destroyed) return false
    this.#rest = rest.length > PIECE_BYTES ? rest.subarray(PIECE_BYTES) : undefined
    this.#parse(rest.subarray(0, PIECE_BYTES))
    this.finish()
    if (this.#isHeld()) return false
    if (!this.#rest) this.#socket.resume()
    return this.#rest !== undefined
  }

  /** Whether Node's server waits for the client to take its answers; it fails where it gets more to parse meanwhile. */
  get #isPausedByNode(): boolean {
    return (this.#socket as { _paused?: boolean })._paused === true
  }

  #receive(chunk: Buffer): void {
    if (this.#isEnded) return
    if (chunk.length <= PIECE_BYTES && !this.#rest) {
      this.#parse(chunk)
      return
    }
    this.#rest = this.#rest ? Buffer.concat([this.#rest, chunk]) : chunk
    this.#socket.pause()
    this.#turns.add(this)
  }
}

/** Which connection's next piece is parsed next: one after another, a few milliseconds in each iteration of the event loop. */
export class IntakeTurns {
  /** In order; each is there once. */
  readonly #waiting = new Set<Intake>()
  /** When the parsing of this iteration has taken long enough; undefined before there was any. */
  #end: number | undefined

  add(intake: Intake): void {
    this.#waiting.add(intake)
    if (this.#end !== undefined) return
    this.#end = performance.now() + STRETCH
    setImmediate(() => {
      this.#end = undefined
      this.#next()
    })
    this.#run()
  }

  #next(): void {
    const [first] = this.#waiting
    if (first) this.add(first)
  }

  #run(): void {
    for (const intake of this.#waiting) {
      this.#waiting.delete(intake)
      if (intake.step()) this.#waiting.add(intake)
      if (performance.now() >= (this.#end as number)) return
    }
  }
}
