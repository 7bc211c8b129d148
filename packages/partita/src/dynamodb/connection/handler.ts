/** Requests by a handler that the user passes: those of the SDK, such as one with an agent for a proxy, have its shape. */

import { type Endpoint, type HttpAnswer, type HttpExchange, hostOf } from '../transport/exchange.js'
import { within } from '../within.js'
import { bodyOfResponse, wholeBody } from './body.js'

/** The request that a handler sends. */
export interface HandlerRequest {
  readonly protocol: string
  readonly hostname: string
  readonly port?: number
  readonly method: string
  readonly path: string
  readonly query: Record<string, string>
  readonly headers: Record<string, string>
  readonly body: string
}

/** The response of a handler. Its body is bytes, a stream, or a `Blob`. */
export interface HandlerResponse {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, string>>
  readonly body?: unknown
}

/** Sends HTTP requests. The handlers of the AWS SDK for JavaScript, version 3, have this shape. */
export interface RequestHandler {
  handle(
    request: HandlerRequest,
    options?: { readonly abortSignal?: AbortSignal },
  ): Promise<{ readonly response: HandlerResponse }>
  httpHandlerConfigs?(): { readonly requestTimeout?: number }
}

/**
 * Returns an exchange by the user's handler, which stays open.
 * @param isLimited whether the store has a request timeout of its own, instead of the handler's.
 */
export function handlerExchange(handler: RequestHandler, endpoint: Endpoint, isLimited: boolean): HttpExchange {
  const { protocol, hostname, port, path } = endpoint
  return {
    send({ headers, body }, { milliseconds, signal }) {
      const exchange = async (abortSignal: AbortSignal): Promise<HttpAnswer> => {
        const request = {
          protocol,
          hostname,
          ...(port !== undefined && { port }),
          method: 'POST',
          path,
          query: {},
          headers: { ...headers, host: hostOf(endpoint) },
          body,
        }
        const { response } = await handler.handle(request, { abortSignal })
        return answerOf(response, await bytesOf(response.body))
      }
      return isLimited
        ? within(milliseconds, signal, exchange)
        : withinTimeoutOf(handler, milliseconds, signal, exchange)
    },
    close() {},
  }
}

/** Default timeout of an attempt in milliseconds. */
export const DEFAULT_REQUEST_TIMEOUT = 10_000

/**
 * Runs an attempt within the request timeout of the user's handler, even if the handler only warns about it. The SDK's
 * handlers know their settings only from their first request on.
 * @param most the milliseconds that the attempt may take in any case.
 */
export function withinTimeoutOf<T>(
  handler: Pick<RequestHandler, 'httpHandlerConfigs'>,
  most: number,
  signal: AbortSignal | undefined,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const timeout = (): number | undefined => handler.httpHandlerConfigs?.().requestTimeout || undefined
  const limit = (): number => Math.min(most, timeout() ?? DEFAULT_REQUEST_TIMEOUT)
  const isKnown = !handler.httpHandlerConfigs || timeout() !== undefined
  return within(limit(), signal, run, isKnown ? undefined : limit)
}

function answerOf({ statusCode, headers }: HandlerResponse, body: Uint8Array): HttpAnswer {
  return { status: statusCode, header: name => (isDecoded(name, headers, body) ? undefined : headers[name]), body }
}

/**
 * Whether the handler has decompressed the body, as `fetch` does: the checksum is that of the bytes that were sent. The text
 * of DynamoDB does not begin as a compressed body does.
 */
function isDecoded(name: string, headers: HandlerResponse['headers'], body: Uint8Array): boolean {
  return name === 'x-amz-crc32' && headers['content-encoding'] !== undefined && body[0] === BRACE
}

const BRACE = 0x7b

async function bytesOf(body: unknown): Promise<Uint8Array> {
  if (body instanceof Uint8Array) return body
  if (body === undefined || body === null) return new Uint8Array()
  return isAsyncIterable(body) ? wholeBody(body) : bodyOfResponse(new Response(body as ReadableStream))
}

function isAsyncIterable(body: unknown): body is AsyncIterable<Uint8Array> {
  return typeof (body as Partial<AsyncIterable<Uint8Array>>)[Symbol.asyncIterator] === 'function'
}
