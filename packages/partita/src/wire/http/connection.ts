/** One connection: its requests one after another, and what its client has not taken yet. */
import type { Socket } from 'node:net'

/** A request: `begin` is called once all before it on its connection are answered. */
export interface Pending {
  begin(): void
}

export class Connection {
  readonly socket: Socket
  /** Bytes read and taken at the last look. */
  moved = 0
  /** Since when these are the same, in milliseconds. */
  quietSince = performance.now()
  /** Bytes of the answer that is being sent, and since when. */
  unsent = 0
  sendingSince = 0
  #current: Pending | undefined
  #queue: Pending[] = []
  #isAnswered = false
  #isEnding = false

  constructor(socket: Socket) {
    this.socket = socket
    // Node resumes a socket on its own when the body of a request is read.
    socket.on('resume', () => {
      if (this.isPipelined) socket.pause()
    })
  }

  /** Requests that have no answer yet. */
  get waiting(): number {
    return this.#queue.length + (this.#current && !this.#isAnswered ? 1 : 0)
  }

  /** Whether others wait behind the request under way. */
  get isPipelined(): boolean {
    return this.#queue.length > 0
  }

  /**
   * Begins with the request, or keeps it until those before it are answered; then nothing more is read from the client.
   * What was read by then, some 64 KB, is all that a client can have waiting.
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

  /** The request under way has its answer. */
  answered(bytes: number): void {
    this.#isAnswered = true
    this.unsent = bytes
    this.sendingSince = performance.now()
  }

  /** The answer is with the system, which takes no more than the client does: the next request may begin. */
  sent(): void {
    this.unsent = 0
    this.#current = undefined
    const next = this.#queue.shift()
    if (!next) return
    // Behind the last one the client may go on.
    if (this.#queue.length === 0) this.socket.resume()
    this.take(next)
  }

  /**
   * Forgets the requests that have not begun, those too that are still to be read: a connection that is closed before its
   * client's bytes are read is reset, and the answer under way could be lost with it.
   */
  end(): void {
    this.#isEnding = true
    if (this.#queue.length === 0) return
    this.#queue = []
    this.socket.resume()
  }
}
