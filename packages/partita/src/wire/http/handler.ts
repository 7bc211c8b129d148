/** DynamoDB's protocol without HTTP: a replacement for the HTTP client of the AWS SDK for JavaScript, version 3. */
import type { EmbeddedStore } from '../../embedded/embedded-store.js'
import { engineStore } from '../../embedded/engine-store.js'
import { systemClock } from '../../store/timers.js'
import { type Answer, answer, refusal, type Wire } from '../dispatch.js'
import { AwsError } from '../protocol/aws-error.js'
import { Hold, tooLarge } from './body.js'
import { readText } from './content-encoding.js'
import { DEFAULT_LIMITS } from './limits.js'
import { checkReads } from './read-only.js'
import { checkRegion } from './region.js'
import { requestId } from './request-id.js'

/** Options of {@link requestHandler}. */
export interface HandlerOptions {
  /** The region in ARNs. Default `us-east-1`. */
  readonly region?: string
  /** Refuses writes with the error that AWS gives a user who may only read. Default false. */
  readonly readOnly?: boolean
  /** Returns the current time in epoch milliseconds. Default `Date.now`. */
  readonly clock?: () => number
}

/** The parts of an SDK's request that the handler reads. */
export interface SdkRequest {
  readonly headers: { readonly [name: string]: string }
  /** Text or bytes. */
  readonly body?: unknown
}

/** The response that the SDK reads. */
export interface SdkResponse {
  readonly statusCode: number
  readonly headers: Record<string, string>
  readonly body: Uint8Array
}

/** Structurally compatible with the SDK's `HttpHandler`, so that this package does not depend on the SDK. */
export interface SdkRequestHandler {
  readonly metadata: { readonly handlerProtocol: string }
  handle(request: SdkRequest, options?: { readonly abortSignal?: object }): Promise<{ response: SdkResponse }>
  updateHttpClientConfig(key: never, value: never): void
  httpHandlerConfigs(): Record<string, never>
  destroy(): void
}

/**
 * For `new DynamoDBClient({ requestHandler })`: its commands run on a store of this process, without a socket. The SDK
 * still requires a region and credentials, which may have any value. `destroy` leaves the store open.
 *
 * @throws ValidationError for an invalid region
 * @example
 * import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
 * import { memory } from 'partita/embedded'
 * import { requestHandler } from 'partita/wire'
 *
 * const client = new DynamoDBClient({
 *   requestHandler: requestHandler(memory()),
 *   region: 'local',
 *   credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
 * })
 */
export function requestHandler(store: EmbeddedStore, options: HandlerOptions = {}): SdkRequestHandler {
  const { region = 'us-east-1', readOnly = false, clock = systemClock } = options
  checkRegion(region)
  const wire: Wire = { store: engineStore(store), region, now: clock }
  const admit = (target: string, input: unknown) => {
    if (readOnly) checkReads(target, input, 'local', wire)
  }
  return {
    metadata: { handlerProtocol: 'http/1.1' },
    async handle(request, { abortSignal } = {}) {
      const signal = abortSignal as AbortSignal | undefined
      if (signal?.aborted) throw abortError(signal)
      const answered = answerRequest(wire, request, admit)
      return { response: toResponse(await (signal ? unlessAborted(answered, signal) : answered)) }
    },
    updateHttpClientConfig: () => undefined,
    httpHandlerConfigs: () => ({}),
    destroy: () => undefined,
  }
}

function answerRequest(
  wire: Wire,
  { headers, body }: SdkRequest,
  admit: (target: string, input: unknown) => void,
): Answer | Promise<Answer> {
  const bytes = toBytes(body)
  if (!bytes) return refusal(new AwsError('SerializationException', ''))
  if (bytes.length > DEFAULT_LIMITS.requestBytes) return refusal(tooLarge())
  const target = headers['x-amz-target'] ?? headers['X-Amz-Target']
  const encoding = headers['content-encoding'] ?? headers['Content-Encoding']
  const reached: Wire = { ...wire, address: headers.host ?? headers.Host }
  return new Promise(resolve => {
    const hold = new Hold({ bytes: 0, limit: DEFAULT_LIMITS.heldBytes })
    readText(bytes, encoding, DEFAULT_LIMITS, hold, text => {
      resolve(text instanceof AwsError ? refusal(text) : answer(reached, target, text, admit))
    })
  })
}

function toBytes(body: unknown): Buffer | undefined {
  if (typeof body === 'string') return Buffer.from(body)
  if (body === undefined || body === null) return Buffer.alloc(0)
  if (body instanceof ArrayBuffer) return Buffer.from(body)
  if (ArrayBuffer.isView(body)) return Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  return undefined
}

const encoder = new TextEncoder()

function toResponse({ status, body }: Answer): SdkResponse {
  const headers = { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-requestid': requestId() }
  return { statusCode: status, headers, body: encoder.encode(body) }
}

/** The operation continues without its caller, as after a lost connection. */
function unlessAborted(answered: Answer | Promise<Answer>, signal: AbortSignal): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(abortError(signal))
    signal.addEventListener('abort', abort, { once: true })
    void Promise.resolve(answered).then(it => {
      signal.removeEventListener('abort', abort)
      resolve(it)
    })
  })
}

/** The error that the SDK's own handler throws; callers recognize it by its name. */
function abortError({ reason }: AbortSignal): Error {
  const error = new Error('Request aborted', { cause: reason })
  error.name = 'AbortError'
  return error
}
