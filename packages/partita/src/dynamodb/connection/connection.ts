/** One connection to the server, which carries one request at a time. */
import type { Socket } from 'node:net'
import { clearTimeout, performance, setTimeout, systemClock } from '../../store/timers.js'
import { notConnected } from '../transport/exchange.js'
import type { Flight } from './flight.js'
import { ResponseReader } from './response.js'

/** What a connection reports to its pool. */
export interface ConnectionEvents {
  /** The connection waits for its next request. */
  free(connection: Connection): void
  closed(connection: Connection): void
}

/**
 * An idle connection is not used after this time in milliseconds: the server, or something before it, may have closed it,
 * and a request that is sent then has an unknown outcome.
 */
const MAX_IDLE = 20_000
/** How much earlier than the server a connection is given up, in milliseconds. */
const MARGIN = 1000

/** A connection, from its opening on. */
export class Connection {
  readonly #socket: Socket
  readonly #events: ConnectionEvents
  #flight: Flight | undefined
  #reader: ResponseReader | undefined
  #isReady = false
  #freeUntil = 0
  /** The same by the system's clock: the other one stands still while a machine or container is suspended. */
  #freeUntilDate = 0

  /** @param socket a socket that is connecting. @param ready its event that ends this. */
  constructor(
    socket: Socket,
    ready: 'connect' | 'secureConnect',
    connectTimeout: number,
    flight: Flight,
    events: ConnectionEvents,
  ) {
    this.#socket = socket
    this.#events = events
    this.#take(flight)
    const timer = setTimeout(() => socket.destroy(notConnected(connectTimeout)), connectTimeout)
    socket.once(ready, () => {
      clearTimeout(timer)
      this.#isReady = true
      this.#write()
    })
    socket.on('data', (chunk: Buffer) => this.#read(chunk))
    socket.on('end', () => this.#ended())
    socket.on('error', error => this.#fail(error))
    socket.on('close', () => {
      clearTimeout(timer)
      this.#fail(new Error('The connection was closed before the end of the response'))
      events.closed(this)
    })
  }

  /** Whether a free connection can be trusted to be still open. */
  get isFresh(): boolean {
    const isInTime = performance.now() < this.#freeUntil && systemClock() < this.#freeUntilDate
    return isInTime && !this.#socket.destroyed && this.#socket.writable
  }

  /** Sends the next request. */
  send(flight: Flight): void {
    this.#take(flight)
    this.#socket.ref()
    this.#write()
  }

  close(): void {
    this.#socket.destroy()
  }

  #take(flight: Flight): void {
    this.#flight = flight
    this.#reader = new ResponseReader()
    flight.onFail = () => this.#socket.destroy()
  }

  #write(): void {
    const flight = this.#flight
    if (!flight || !this.#isReady) return
    flight.isSent = true
    const { text } = flight
    // Node encodes Latin 1 by copying it, and walks over what it encodes as UTF-8.
    this.#socket.write(text, Buffer.byteLength(text) === text.length ? 'latin1' : 'utf8')
  }

  #read(chunk: Buffer): void {
    // Bytes that answer no request.
    if (!this.#reader) {
      this.close()
      return
    }
    try {
      const answer = this.#reader.push(chunk)
      if (!answer) return
      const flight = this.#flight as Flight
      const { isReusable, idleTimeout } = this.#reader
      this.#flight = undefined
      this.#reader = undefined
      // A server that responds before it has read the request may never read the rest.
      if (isReusable && this.#socket.writableLength === 0) this.#release(idleTimeout)
      else this.close()
      flight.answer(answer)
    } catch (error) {
      this.#fail(error as Error)
      this.close()
    }
  }

  #release(idleTimeout = Number.POSITIVE_INFINITY): void {
    const idle = Math.min(MAX_IDLE, idleTimeout - MARGIN)
    this.#freeUntil = performance.now() + idle
    this.#freeUntilDate = systemClock() + idle
    // An idle connection does not keep the process running.
    this.#socket.unref()
    this.#events.free(this)
  }

  #ended(): void {
    const answer = this.#reader?.end()
    const flight = this.#flight
    if (answer && flight) {
      this.#flight = undefined
      flight.answer(answer)
    }
    this.close()
  }

  #fail(error: Error): void {
    const flight = this.#flight
    this.#flight = undefined
    flight?.fail(error)
  }
}
