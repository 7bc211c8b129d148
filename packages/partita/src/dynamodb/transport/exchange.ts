/** What carries requests to the server: a pool of connections, `fetch`, or a handler of the SDK's shape. */

/** An HTTP request to the endpoint. */
export interface HttpRequest {
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** A complete HTTP response. */
export interface HttpAnswer {
  readonly status: number
  /** Returns a header, whose name is in lower case. */
  readonly header: (name: string) => string | undefined
  readonly body: Uint8Array
}

/** Limits of one exchange. */
export interface ExchangeLimit {
  /** Milliseconds from the call to the last byte of the response. */
  readonly milliseconds: number
  readonly signal: AbortSignal | undefined
}

/** Sends requests to one endpoint. */
export interface HttpExchange {
  /**
   * Resolves with the complete response, whatever its status.
   * @throws UnsentError if no byte of the request was sent. @throws CallEnded if the signal was aborted.
   * @throws Error for all other failures.
   */
  send(request: HttpRequest, limit: ExchangeLimit): Promise<HttpAnswer>
  /** Closes idle connections. No request is in flight then. */
  close(): void
}

/** The URL that an exchange sends to. */
export interface Endpoint {
  readonly protocol: 'http:' | 'https:'
  readonly hostname: string
  /** Missing for the protocol's own. */
  readonly port?: number
  /** `/`, or that of a proxy in front of the server. */
  readonly path: string
}

/** Returns the value of the header `host`. */
export function hostOf({ hostname, port }: Endpoint): string {
  return port === undefined ? hostname : `${hostname}:${port}`
}

/** A failure before the request was sent: the server cannot have applied it. */
export class UnsentError extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause })
    this.name = 'UnsentError'
  }
}

/** No complete response came in time. */
export function timedOut(milliseconds: number): Error {
  return Object.assign(new Error(`No complete response came within ${milliseconds} ms`), { name: 'TimeoutError' })
}

/** No connection was ready in time. */
export function notConnected(milliseconds: number): UnsentError {
  return new UnsentError(`The client did not establish a connection within ${milliseconds} ms`)
}
