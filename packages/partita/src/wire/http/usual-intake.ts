/** Receives usual requests from a connection, and passes it on at the first bytes that are anything else. */
import type { Socket } from 'node:net'
import { SocketReply } from './reply.js'
import { readUsualRequest, type UsualRequest } from './usual-request.js'

/** Some clients send it after a body, and HTTP lets servers ignore it. Node would wait for the rest of a request. */
const EMPTY_LINE = Buffer.from('\r\n')

/** Receives bytes of a client. `isLast` tells whether it has ended its input after them. */
type PassOn = (chunk: Buffer, isLast: boolean) => void

/** Receives the requests of one connection whose client waits for each answer, as AWS SDKs do. */
export class UsualIntake {
  readonly #socket: Socket
  readonly #answer: (request: UsualRequest, reply: SocketReply) => void
  readonly #passOn: PassOn
  /** The answer to the request in flight. */
  #reply: SocketReply | undefined
  /** Sent by the client while an answer is in flight. Nothing more is read until that is sent. */
  #rest: Buffer | undefined
  #isAfterRequest = false
  #isEnded = false
  /** Whether the client has ended its input. */
  #isLast = false

  /**
   * @param passOn receives the first bytes that are not one usual request, once no answer is in flight, since Node's HTTP
   *   would answer `Expect: 100-continue` before it. Nothing is received here afterwards.
   */
  constructor(socket: Socket, answer: (request: UsualRequest, reply: SocketReply) => void, passOn: PassOn) {
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
    if (!this.#rest) return
    this.#rest = undefined
    this.#socket.resume()
  }

  /** The connection is closed, perhaps before its answer was sent. */
  closed(): void {
    this.#reply?.close()
  }

  readonly #receive = (chunk: Buffer): void => {
    if (this.#isEnded) return
    if (this.#reply) {
      this.#rest = chunk
      this.#socket.pause()
      return
    }
    if (this.#isAfterRequest && chunk.equals(EMPTY_LINE)) return
    const request = readUsualRequest(chunk, this.#socket)
    if (request) {
      this.#isAfterRequest = true
      this.#reply = new SocketReply(this.#socket, () => this.#sent())
      this.#answer(request, this.#reply)
    } else this.#passOnFrom(chunk)
  }

  #sent(): void {
    this.#reply = undefined
    const rest = this.#rest
    this.#rest = undefined
    // After an answer that closes the connection, its client receives nothing more.
    if (!this.#socket.writable) this.#isEnded = true
    if (rest) {
      this.#socket.resume()
      this.#receive(rest)
    }
    if (this.#isLast) this.#finish()
  }

  #passOnFrom(chunk: Buffer): void {
    this.#socket.off('data', this.#receive)
    this.#socket.off('end', this.#finish)
    const isLast = this.#isLast
    this.#isLast = false
    this.#passOn(chunk, isLast)
  }

  readonly #finish = (): void => {
    this.#isLast = true
    if (!this.#reply) this.#socket.end()
  }
}
