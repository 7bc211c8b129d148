/**
 * Passes the bytes that clients send to Node's HTTP parser in small pieces, and the end of the input last. By itself,
 * Node reads up to 64 KB of every connection in one iteration of the event loop and parses it at once: a hundred
 * requests per connection if clients pipeline. It also ends a connection as soon as its client ends its input, even if
 * the client still waits for answers.
 */
import type { Socket } from 'node:net'
import { performance, setImmediate } from '../../store/timers.js'

/** About ten requests, or a part of a body. Smaller chunks are parsed at once. */
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
  /** Bytes that are read but not parsed. Nothing more is read until they are. */
  #rest: Buffer | undefined
  #isEnded = false
  /** Whether the client has ended its input but the parser has not been notified. */
  #isLast = false

  /**
   * @param socket a socket that Node's server already listens to.
   * @param isHeld whether parsing pauses until {@link goOn} is called.
   * @param isWaitedFor whether complete requests are unanswered, so that the connection cannot end before
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
    socket.on('data', chunk => this.receive(chunk))
    const finish = socket.listeners('end').at(-1) as () => void
    socket.removeListener('end', finish)
    this.#finish = finish
    socket.on('end', () => this.receiveEnd())
    // Node resumes a socket by itself when the body of a request is read, or when its client has received an answer.
    socket.on('resume', () => {
      if (this.#rest || isHeld()) socket.pause()
      if (this.#rest) turns.add(this)
    })
  }

  /** Resumes parsing and reading. */
  goOn(): void {
    if (this.#rest) this.#turns.add(this)
    else this.#socket.resume()
  }

  /** The client has ended its input. */
  receiveEnd(): void {
    this.#isLast = true
    this.finish()
  }

  /** Notifies the parser of the end of the input, if the client has ended it and nothing else is pending. */
  finish(): void {
    if (!this.#isLast || this.#rest || this.#isWaitedFor()) return
    this.#isLast = false
    this.#finish()
  }

  /** Discards bytes that are not parsed, and those still to be read. */
  end(): void {
    this.#isEnded = true
    this.#rest = undefined
  }

  /** Parses one piece. @returns whether another piece can be parsed. */
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

  /** Whether Node's server waits for the client to receive its answers. It fails if it gets more to parse meanwhile. */
  get #isPausedByNode(): boolean {
    return (this.#socket as { _paused?: boolean })._paused === true
  }

  /** Parses what the client has sent, in pieces. */
  receive(chunk: Buffer): void {
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

/** Parses the pieces of all connections in turn, for a few milliseconds in each iteration of the event loop. */
export class IntakeTurns {
  /** In order, without duplicates. */
  readonly #waiting = new Set<Intake>()
  /** When parsing must stop in this iteration of the event loop; undefined before it has begun. */
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
