/**
 * The connections of a server: which are in use, and which are to be closed. Node's own timers for them would be set
 * anew with every request.
 */
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { clearInterval, performance, setInterval } from '../../store/timers.js'
import { Connection } from './connection.js'
import { IntakeTurns } from './intake.js'
import type { ServerLimits } from './limits.js'

/** The open connections of a server. Closes those that exceed its limits. */
export class Connections {
  readonly #connections = new Map<Duplex, Connection>()
  readonly #limits: ServerLimits
  readonly #intakes = new IntakeTurns()
  #watch: NodeJS.Timeout | undefined
  /** Bytes of all answers that are made and not sent. */
  #unsent = 0

  constructor(limits: ServerLimits) {
    this.#limits = limits
  }

  add(socket: Socket): void {
    const connection = new Connection(socket, this.#intakes)
    this.#connections.set(socket, connection)
    socket.once('close', () => {
      this.#connections.delete(socket)
      // Nobody waits for their answers any more.
      connection.end()
      this.sent(connection)
    })
  }

  /** An answer is made, or has become shorter. */
  made(connection: Connection, bytes: number): void {
    this.#unsent += bytes - connection.unsent
    connection.unsent = bytes
    this.#letGo()
  }

  /** An answer is written. What the system has taken of it at once is sent. */
  sending(connection: Connection): void {
    connection.answered()
    if (connection.socket.writableLength === 0) {
      this.#unsent -= connection.unsent
      connection.unsent = 0
    }
    this.#letGo()
  }

  /** Where clients take too little of their answers, those that have been at it longest are let go. */
  #letGo(): void {
    while (this.#unsent > this.#limits.answerBytes) {
      const slowest = this.#slowest()
      if (!slowest) return
      this.#unsent -= slowest.unsent
      slowest.unsent = 0
      slowest.socket.destroy()
    }
  }

  sent(connection: Connection): void {
    this.#unsent -= connection.unsent
    connection.sent()
  }

  /**
   * Of those that are being sent their answers. What is made and not sent yet waits for this server, for some milliseconds,
   * and not for its client; how much is made at a time is bounded elsewhere.
   */
  #slowest(): Connection | undefined {
    let slowest: Connection | undefined
    for (const connection of this.#connections.values()) {
      if (!connection.isSending || connection.unsent === 0) continue
      if (!slowest || connection.sendingSince < slowest.sendingSince) slowest = connection
    }
    return slowest
  }

  of(socket: Duplex): Connection | undefined {
    return this.#connections.get(socket)
  }

  /** Closes those on which no request waits and no answer is still being sent. */
  closeUnused(): void {
    for (const connection of this.#connections.values()) {
      const { socket } = connection
      if (connection.waiting === 0 && socket.writableLength === 0) socket.destroy()
    }
  }

  /** Looks from now on for connections without a request, and for clients that do not take their answers. */
  watch(): void {
    const { idleTimeout, answerTimeout } = this.#limits
    this.#watch = setInterval(() => this.#closeQuiet(), Math.min(5_000, idleTimeout / 4, answerTimeout / 4)).unref()
  }

  unwatch(): void {
    clearInterval(this.#watch)
  }

  #closeQuiet(): void {
    const now = performance.now()
    for (const connection of this.#connections.values()) {
      const { socket } = connection
      const taken = socket.bytesWritten - socket.writableLength
      if (socket.bytesRead !== connection.read) connection.readSince = now
      if (taken !== connection.taken) connection.takenSince = now
      connection.read = socket.bytesRead
      connection.taken = taken
      // A client that takes nothing may go on sending: that does not keep its answers.
      if (socket.writableLength > 0) {
        const since = Math.max(connection.takenSince, connection.sendingSince)
        if (now - since > this.#limits.answerTimeout) socket.destroy()
        continue
      }
      const quiet = now - Math.max(connection.readSince, connection.takenSince)
      if (connection.waiting === 0 && quiet > this.#limits.idleTimeout) socket.destroy()
    }
  }
}
