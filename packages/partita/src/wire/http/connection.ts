/** One connection: its requests one after another, and what its client has not taken yet. */
import type { Socket } from 'node:net'
import { performance } from '../../store/timers.js'
import { Intake, type IntakeTurns } from './intake.js'

/** A request: `begin` is called once all before it on its connection are answered. */
export interface Pending {
  /** Whether it was received to its end. */
  readonly isWhole: boolean
  begin(): void
}

/** One client connection. It answers its requests one after another, in the order in which they arrived. */
export class Connection {
  readonly socket: Socket
  /** Bytes that its client had sent, and those that it had taken, when it was last looked at. */
  read = 0
  taken = 0
  /** Since when these are the same, in milliseconds. */
  readSince = performance.now()
  takenSince = performance.now()
  /** Bytes of the answer that is made and not sent, and since when it is being sent. */
  unsent = 0
  sendingSince = 0
  #current: Pending | undefined
  #queue: Pending[] = []
  #isAnswered = false
  #isEnding = false
  readonly #intake: Intake

  constructor(socket: Socket, turns: IntakeTurns) {
    this.socket = socket
    const isWaitedFor = () => this.isPipelined || this.#current?.isWhole === true
    this.#intake = new Intake(socket, turns, () => this.isPipelined, isWaitedFor)
  }

  /** Requests that have no answer yet. */
  get waiting(): number {
    return this.#queue.length + (this.#current && !this.#isAnswered ? 1 : 0)
  }

  /** Whether the answer to the request under way is made and being sent. */
  get isSending(): boolean {
    return this.#current !== undefined && this.#isAnswered
  }

  /** Whether others wait behind the request under way. */
  get isPipelined(): boolean {
    return this.#queue.length > 0
  }

  /**
   * Begins with the request, or keeps it until those before it are answered; then nothing more is read from the client.
   * What had been read by then, some 64 KB, is all that a client can have waiting, and most of that is not parsed.
   */
  take(request: Pending): void {
    if (this.#isEnding) return
    if (!this.#current) {
      this.#current = request
      this.#isAnswered = false
      request.begin()
      return
    }
    this.#queue.push(request)
    if (this.#queue.length === 1) this.socket.pause()
  }

  /** The request under way has its answer, which is being sent from now on. */
  answered(): void {
    this.#isAnswered = true
    this.sendingSince = performance.now()
  }

  /** The answer is with the system, which takes no more than the client does: the next request may begin. */
  sent(): void {
    this.unsent = 0
    this.#current = undefined
    const next = this.#queue.shift()
    if (next) {
      this.take(next)
      // Behind the last one the client may go on.
      if (this.#queue.length === 0) this.#intake.goOn()
    }
    this.#intake.finish()
  }

  /**
   * The request that was being received has no end, or is none: calls `refuse` once those before it are answered. Nothing
   * more is read.
   */
  breakOff(refuse: () => void): void {
    if (this.#isEnding) return
    if (this.#queue.at(-1)?.isWhole === false) this.#queue.pop()
    else if (this.#current?.isWhole === false) this.#current = undefined
    this.take({ isWhole: true, begin: refuse })
    this.#intake.end()
    this.socket.resume()
  }

  /**
   * Forgets the requests that have not begun, those too that are still to be read: a connection that is closed before its
   * client's bytes are read is reset, and the answer under way could be lost with it.
   */
  end(): void {
    this.#isEnding = true
    this.#intake.end()
    if (this.#queue.length === 0) return
    this.#queue = []
    this.socket.resume()
  }
}
