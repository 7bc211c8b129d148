/**
 * The connections of a server: which are in use, and which are to be closed. Node's own timers for them would be set
 * anew with every request.
 */
import type { Socket } from 'node:net'
import { Connection } from './connection.js'
import { IntakeTurns } from './intake.js'
import type { ServerLimits } from './limits.js'

export class Connections {
  readonly #connections = new Map<Socket, Connection>()
  readonly #limits: ServerLimits
  readonly #intakes = new IntakeTurns()
  #watch: NodeJS.Timeout | undefined
  /** Bytes of all answers that are being sent. */
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

  /** An answer is on its way. Where clients take too little of theirs, the one that has been at it longest is let go. */
  sending(connection: Connection, bytes: number): void {
    connection.answered(bytes)
    this.#unsent += bytes
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

  #slowest(): Connection | undefined {
    let slowest: Connection | undefined
    for (const connection of this.#connections.values()) {
      if (connection.unsent > 0 && !(slowest && slowest.sendingSince <= connection.sendingSince)) slowest = connection
    }
    return slowest
  }

  of(socket: Socket): Connection | undefined {
    return this.#connections.get(socket)
  }

  /** Closes those on which no request waits and no answer is still being sent. */
  closeUnused(): void {
    for (const [socket, connection] of this.#connections) {
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
    for (const [socket, connection] of this.#connections) {
      const moved = socket.bytesRead + socket.bytesWritten - socket.writableLength
      if (moved !== connection.moved) {
        connection.moved = moved
        connection.quietSince = now
      }
      const quiet = now - connection.quietSince
      if (socket.writableLength > 0) {
        if (quiet > this.#limits.answerTimeout) socket.destroy()
      } else if (connection.waiting === 0 && quiet > this.#limits.idleTimeout) socket.destroy()
    }
  }
}
