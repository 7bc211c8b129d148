/**
 * Tracks the connections of a server and closes idle and slow ones. One interval serves all; Node's own timers would be
 * reset with every request.
 */
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { clearInterval, performance, setInterval } from '../../store/timers.js'
import { ClientConnection, type Protocol } from './connection.js'
import { IntakeTurns } from './intake.js'
import type { ServerLimits } from './limits.js'
import { Senders } from './senders.js'

/** The open connections of a server. Closes those that exceed its limits. */
export class Connections {
  readonly #connections = new Map<Duplex, ClientConnection>()
  readonly #limits: ServerLimits
  readonly #intakes = new IntakeTurns()
  readonly #senders: Senders
  #watch: NodeJS.Timeout | undefined
  /** Bytes of all answers that are ready and not sent. */
  #unsent = 0

  constructor(limits: ServerLimits) {
    this.#limits = limits
    this.#senders = new Senders(limits.unverifiedBytes)
  }

  add(socket: Socket, protocol: Protocol): void {
    // The address is no longer known once the connection is closed.
    const { remoteAddress } = socket
    const sender = this.#senders.open(remoteAddress)
    const connection = new ClientConnection(socket, this.#intakes, sender, protocol)
    this.#connections.set(socket, connection)
    socket.once('close', () => {
      this.#connections.delete(socket)
      this.#senders.close(remoteAddress, sender)
      // The clients of these answers are gone.
      connection.closed()
      this.sent(connection)
    })
  }

  /** Records that an answer is ready, or became shorter through compression. */
  made(connection: ClientConnection, bytes: number): void {
    this.#unsent += bytes - connection.unsent
    connection.unsent = bytes
    this.#letGo()
  }

  /** Records that an answer is written. Bytes that the operating system accepted at once count as sent. */
  sending(connection: ClientConnection): void {
    connection.answered()
    if (connection.socket.writableLength === 0) {
      this.#unsent -= connection.unsent
      connection.unsent = 0
    }
    this.#letGo()
  }

  /** Closes the connections that have been sending for longest while answers exceed the limit. */
  #letGo(): void {
    while (this.#unsent > this.#limits.answerBytes) {
      const slowest = this.#slowest()
      if (!slowest) return
      this.#unsent -= slowest.unsent
      slowest.unsent = 0
      slowest.socket.destroy()
    }
  }

  sent(connection: ClientConnection): void {
    this.#unsent -= connection.unsent
    connection.sent()
  }

  /**
   * The connection that has been sending its answer for longest. Answers that are not being sent yet wait for this
   * server, for some milliseconds, and not for their clients; `LargeReads` limits their size.
   */
  #slowest(): ClientConnection | undefined {
    let slowest: ClientConnection | undefined
    for (const connection of this.#connections.values()) {
      if (!connection.isSending || connection.unsent === 0) continue
      if (!slowest || connection.sendingSince < slowest.sendingSince) slowest = connection
    }
    return slowest
  }

  of(socket: Duplex): ClientConnection | undefined {
    return this.#connections.get(socket)
  }

  /** Closes connections without a pending request or an answer that is still being sent. */
  closeUnused(): void {
    for (const connection of this.#connections.values()) {
      const { socket } = connection
      if (connection.waiting === 0 && socket.writableLength === 0) socket.destroy()
    }
  }

  closeAll(): void {
    for (const socket of this.#connections.keys()) socket.destroy()
  }

  /** Starts to close idle connections, and those whose clients do not receive their answers. */
  watch(): void {
    const { headersTimeout, idleTimeout, answerTimeout } = this.#limits
    const often = Math.min(5_000, headersTimeout, idleTimeout / 4, answerTimeout / 4)
    this.#watch = setInterval(() => this.#closeQuiet(), often).unref()
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
      // A client that receives nothing may still send; that does not extend the timeout.
      if (socket.writableLength > 0) {
        const since = Math.max(connection.takenSince, connection.sendingSince)
        if (now - since > this.#limits.answerTimeout) socket.destroy()
        continue
      }
      const quiet = now - Math.max(connection.readSince, connection.takenSince)
      const { headersTimeout, idleTimeout } = this.#limits
      const timeout = connection.read === 0 ? Math.min(headersTimeout, idleTimeout) : idleTimeout
      if (connection.waiting === 0 && quiet > timeout) socket.destroy()
    }
  }
}
