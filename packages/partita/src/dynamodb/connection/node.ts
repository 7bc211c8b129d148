/** Requests over a pool of connections that stay open, with Node's own HTTP client. */
import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http'
import { clearTimeout, setTimeout } from '../../store/timers.js'
import { CallEnded } from '../attempts.js'
import {
  type Endpoint,
  type ExchangeLimit,
  type HttpAnswer,
  type HttpExchange,
  type HttpRequest,
  notConnected,
  timedOut,
  UnsentError,
} from '../transport/exchange.js'
import { builtin, runtimeName } from '../transport/runtime.js'

/** Settings of a pool of connections. */
export interface PoolOptions {
  readonly connectTimeout: number
  readonly maxConnections: number
}

/** The largest response of DynamoDB has 16 MB of items, which binary values of one byte make about ten times larger. */
const MAX_ANSWER_BYTES = 256 * 1024 * 1024

/** Returns an exchange of Node's HTTP client; undefined on a runtime without it. */
export function nodeExchange(endpoint: Endpoint, pool: PoolOptions): HttpExchange | undefined {
  // Workers offer Node's modules, but a connection of one request cannot serve the next one there.
  if (runtimeName() === 'Cloudflare-Workers') return undefined
  const isSecure = endpoint.protocol === 'https:'
  const client = builtin?.<typeof import('node:https')>(isSecure ? 'node:https' : 'node:http')
  if (!client?.request) return undefined
  const agent = new client.Agent({ keepAlive: true, maxSockets: pool.maxConnections, scheduling: 'lifo' })
  const { hostname, port, path } = endpoint
  const standard = {
    agent,
    method: 'POST',
    hostname: hostname.replace(/^\[|\]$/g, ''),
    path,
    ...(port !== undefined && { port }),
  }
  return {
    send: (request, limit) =>
      new Promise((resolve, reject) => {
        const { signal } = limit
        if (signal?.aborted) throw new CallEnded('the call was aborted', signal.reason)
        const options: RequestOptions = { ...standard, headers: request.headers }
        new NodeFlight(client.request(options), request, limit, pool.connectTimeout, resolve, reject)
      }),
    close: () => agent.destroy(),
  }
}

/** One request on its way. */
class NodeFlight {
  readonly #request: ClientRequest
  readonly #signal: AbortSignal | undefined
  readonly #resolve: (answer: HttpAnswer) => void
  readonly #reject: (error: Error) => void
  readonly #timer: unknown
  #connectTimer: unknown
  /** Whether a connection was ready, so that the request may have been sent. */
  #isSent = false
  #isDone = false

  constructor(
    request: ClientRequest,
    { body }: HttpRequest,
    { milliseconds, signal }: ExchangeLimit,
    connectTimeout: number,
    resolve: (answer: HttpAnswer) => void,
    reject: (error: Error) => void,
  ) {
    this.#request = request
    this.#signal = signal
    this.#resolve = resolve
    this.#reject = reject
    this.#timer = setTimeout(
      () => this.#fail(this.#isSent ? timedOut(milliseconds) : notConnected(milliseconds)),
      milliseconds,
    )
    signal?.addEventListener('abort', this.#aborted)
    request.on('socket', socket => {
      if (!socket.connecting) {
        this.#isSent = true
        return
      }
      this.#connectTimer = setTimeout(() => this.#fail(notConnected(connectTimeout)), connectTimeout)
      socket.once('encrypted' in socket ? 'secureConnect' : 'connect', () => {
        this.#isSent = true
        clearTimeout(this.#connectTimer as number)
      })
    })
    request.on('error', error => this.#fail(error))
    request.on('response', response => this.#read(response))
    request.end(body)
  }

  #read(response: IncomingMessage): void {
    const parts: Buffer[] = []
    let bytes = 0
    response.on('data', (part: Buffer) => {
      parts.push(part)
      bytes += part.length
      if (bytes > MAX_ANSWER_BYTES) this.#fail(new Error(`The response has over ${MAX_ANSWER_BYTES} bytes`))
    })
    response.on('error', error => this.#fail(error))
    response.on('end', () => {
      if (!response.complete) return this.#fail(new Error('The connection was closed before the end of the response'))
      if (!this.#end()) return
      const { headers } = response
      this.#resolve({
        status: response.statusCode ?? 0,
        header: name => headers[name] as string | undefined,
        body: parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts, bytes),
      })
    })
  }

  readonly #aborted = (): void => this.#fail(new CallEnded('the call was aborted', this.#signal?.reason))

  #fail(error: Error): void {
    if (!this.#end()) return
    const isUnsent = !this.#isSent && !(error instanceof UnsentError || error instanceof CallEnded)
    // First, since destroying the request fails it with a less specific error.
    this.#reject(isUnsent ? new UnsentError(textOf(error), error) : error)
    this.#request.destroy()
  }

  #end(): boolean {
    if (this.#isDone) return false
    this.#isDone = true
    clearTimeout(this.#timer as number)
    clearTimeout(this.#connectTimer as number)
    this.#signal?.removeEventListener('abort', this.#aborted)
    return true
  }
}

/** A refused connection to a host with several addresses is an AggregateError without a message. */
function textOf(error: Error & { readonly code?: string }): string {
  return error.message || error.code || error.name
}
