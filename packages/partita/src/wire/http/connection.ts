/** The requests of one connection, answered in order, and the bytes that its client has not received yet. */
import type { Socket } from 'node:net'
import { performance } from '../../store/timers.js'
import { Intake, type IntakeTurns } from './intake.js'
import type { SocketReply } from './reply.js'
import type { AddressPool } from './senders.js'
import { UsualIntake } from './usual-intake.js'
import type { UsualRequest } from './usual-request.js'

/** A request. `begin` is called once all earlier requests of its connection are answered. */
export interface Pending {
  /** Whether it was received completely. */
  readonly isWhole: boolean
  begin(): void
}

/** What a connection does with its requests. */
export interface Protocol {
  answer(request: UsualRequest, reply: SocketReply): void
  /** Makes Node's HTTP listen to the socket. */
  parse(socket: Socket): void
}

/** One client connection. It answers its requests one after another, in the order in which they arrived. */
export class ClientConnection {
  readonly socket: Socket
  readonly sender: AddressPool
  /** Whether the signature of its last request was valid. */
  isVerified = false
  /** Bytes received from the client, and bytes that it received, at the last check. */
  read = 0
  taken = 0
  /** When these last changed, in milliseconds. */
  readSince = performance.now()
  takenSince = performance.now()
  /** Bytes of the answer that is ready and not sent, and when sending began. */
  unsent = 0
  sendingSince = 0
  #current: Pending | undefined
  #queue: Pending[] = []
  #isAnswered = false
  #isEnding = false
  readonly #usual: UsualIntake
  /** Set once the client has sent anything but usual requests. */
  #intake: Intake | undefined

  constructor(socket: Socket, turns: IntakeTurns, sender: AddressPool, protocol: Protocol) {
    this.socket = socket
    this.sender = sender
    this.#usual = new UsualIntake(socket, protocol.answer, (chunk, isLast) => {
      const isWaitedFor = () => this.isPipelined || this.#current?.isWhole === true
      protocol.parse(socket)
      this.#intake = new Intake(socket, turns, () => this.isPipelined, isWaitedFor)
      this.#intake.receive(chunk)
      if (isLast) this.#intake.receiveEnd()
    })
  }

  /** Number of unanswered requests. */
  get waiting(): number {
    return this.#queue.length + (this.#current && !this.#isAnswered ? 1 : 0)
  }

  /** Whether the answer to the current request is being sent. */
  get isSending(): boolean {
    return this.#current !== undefined && this.#isAnswered
  }

  /** Whether other requests wait behind the current one. */
  get isPipelined(): boolean {
    return this.#queue.length > 0
  }

  /**
   * Begins the request, or queues it until the earlier ones are answered. Then nothing more is read from the client, so
   * it has at most the 64 KB pending that were already read, and most of that is not parsed.
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

  /** Records that the answer to the current request is being sent from now on. */
  answered(): void {
    this.#isAnswered = true
    this.sendingSince = performance.now()
  }

  /** Records that the answer was handed to the operating system. Begins the next request. */
  sent(): void {
    this.unsent = 0
    this.#current = undefined
    const next = this.#queue.shift()
    if (next) {
      this.take(next)
      // After the last request the client may continue.
      if (this.#queue.length === 0) this.#intake?.goOn()
    }
    this.#intake?.finish()
  }

  /**
   * For a request that is incomplete or malformed: calls `refuse` once the earlier ones are answered. Nothing more is
   * read.
   */
  breakOff(refuse: () => void): void {
    if (this.#isEnding) return
    if (this.#queue.at(-1)?.isWhole === false) this.#queue.pop()
    else if (this.#current?.isWhole === false) this.#current = undefined
    this.take({ isWhole: true, begin: refuse })
    this.#intake?.end()
    this.socket.resume()
  }

  /**
   * Discards the requests that have not begun, including those still to be read. Closing a connection with unread bytes
   * resets it, and the answer in flight could be lost.
   */
  end(): void {
    this.#isEnding = true
    this.#usual.end()
    this.#intake?.end()
    if (this.#queue.length === 0) return
    this.#queue = []
    this.socket.resume()
  }

  /** Records that the connection is closed. Discards what is left. */
  closed(): void {
    this.end()
    this.#usual.closed()
  }
}
