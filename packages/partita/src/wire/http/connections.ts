/**
 * The connections of a server: which are in use, and which are to be closed. Node's own timers for them would be set
 * anew with every request.
 */
import type { Socket } from 'node:net'
import type { ServerLimits } from './limits.js'

export interface Connection {
  /** Requests that have no answer yet. */
  waiting: number
  /** Bytes that had been read and taken when it was last looked at. */
  moved: number
  /** Since when these are the same, in milliseconds. */
  quietSince: number
}

export class Connections {
  readonly #connections = new Map<Socket, Connection>()
  readonly #limits: ServerLimits
  #watch: NodeJS.Timeout | undefined

  constructor(limits: ServerLimits) {
    this.#limits = limits
  }

  add(socket: Socket): void {
    this.#connections.set(socket, { waiting: 0, moved: 0, quietSince: performance.now() })
    socket.once('close', () => this.#connections.delete(socket))
  }

  of(socket: Socket): Connection | undefined {
    return this.#connections.get(socket)
  }

  /** Closes those on which no request waits and no answer is still being sent. */
  closeUnused(): void {
    for (const [socket, { waiting }] of this.#connections) {
      if (waiting === 0 && socket.writableLength === 0) socket.destroy()
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
