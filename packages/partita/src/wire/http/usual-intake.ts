/** Receives usual requests from a connection, and passes it on at the first bytes that are anything else. */
import type { Socket } from 'node:net'
import { SocketReply } from './reply.js'
import { readUsualRequest, type UsualRequest } from './usual-request.js'

/** Receives the requests of one connection whose client waits for each answer, as AWS SDKs do. */
export class UsualIntake {
  readonly #socket: Socket
  readonly #answer: (request: UsualRequest, reply: SocketReply) => void
  readonly #passOn: (chunk: Buffer) => void
  /** The answer to the request in flight. */
  #reply: SocketReply | undefined
  #isEnded = false
  /** Whether the client has ended its input. */
  #isLast = false

  /** @param passOn receives the first bytes that are not one usual request, once. Nothing is received here after it. */
  constructor(
    socket: Socket,
    answer: (request: UsualRequest, reply: SocketReply) => void,
    passOn: (chunk: Buffer) => void,
  ) {
    this.#socket = socket
    this.#answer = answer
    this.#passOn = passOn
    socket.on('data', this.#receive)
    socket.on('end', this.#finish)
    // Node closes the socket.
    socket.on('error', () => undefined)
  }

  /** Discards what the client still sends. */
  end(): void {
    this.#isEnded = true
  }

  /** The connection is closed, perhaps before its answer was sent. */
  closed(): void {
    this.#reply?.close()
  }

  readonly #receive = (chunk: Buffer): void => {
    if (this.#isEnded) return
    const request = this.#reply ? undefined : readUsualRequest(chunk, this.#socket)
    if (!request) {
      this.#socket.off('data', this.#receive)
      this.#socket.off('end', this.#finish)
      this.#passOn(chunk)
      return
    }
    this.#reply = new SocketReply(this.#socket, () => {
      this.#reply = undefined
      if (this.#isLast) this.#socket.end()
    })
    this.#answer(request, this.#reply)
  }

  readonly #finish = (): void => {
    this.#isLast = true
    if (!this.#reply) this.#socket.end()
  }
}
