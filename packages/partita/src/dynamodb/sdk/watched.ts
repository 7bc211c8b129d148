/**
 * Wraps the SDK's HTTP handler: each attempt has a timeout, from the first byte of the request to the last of the response,
 * and the SDK gets complete responses only.
 */
import type { DynamoDBClient, DynamoDBClientConfig } from '@aws-sdk/client-dynamodb'
import type { Pace } from '../../store/retry.js'
import { CallEnded, isThrottling, isUnsent, leavesOpen, type Tries } from '../attempts.js'
import { withinTimeoutOf } from '../connection/handler.js'
import { ForeignAnswer, isOfDynamoDB } from '../protocol/foreign.js'
import { within } from '../within.js'

type Handler = DynamoDBClient['config']['requestHandler']
type Collect = NonNullable<DynamoDBClientConfig['streamCollector']>
type Request = Parameters<Handler['handle']>[0]
type Answer = Awaited<ReturnType<Handler['handle']>>

/** Options of `send` that the SDK passes on to the HTTP handler. */
interface SendOptions {
  readonly tries: Tries
}

/**
 * Returns a client whose attempts are watched. It shares the configuration and middleware of the user's client, which is
 * not changed, and has its own HTTP handler.
 *
 * A client without HTTP handler, such as a test double, is returned unchanged.
 */
export function watched(client: DynamoDBClient, requestTimeout: number | undefined, pace: Pace): DynamoDBClient {
  const inner = client.config?.requestHandler
  if (!inner) return client
  const { streamCollector } = client.config
  const handle = (request: Request, options: object = {}): Promise<Answer> => {
    const { tries, ...others } = options as Partial<SendOptions>
    if (!tries) return inner.handle(request, options)
    return attempt(inner, streamCollector, request, others, tries, pace, requestTimeout)
  }
  const requestHandler = Object.create(inner, { handle: { value: handle } }) as Handler
  const config = { ...client.config, requestHandler }
  return Object.create(client, { config: { value: config } }) as DynamoDBClient
}

async function attempt(
  inner: Handler,
  collect: Collect,
  request: Request,
  options: object,
  tries: Tries,
  pace: Pace,
  requestTimeout: number | undefined,
): Promise<Answer> {
  tries.stopWaiting()
  // The SDK tries a write again after a failure of the server.
  if (tries.lost && tries.repetition === 'write') tries.stop(new CallEnded('The answer was lost', tries.lost))
  const ended = tries.endOf(pace)
  if (ended) tries.stop(ended)
  tries.count++
  tries.answered = false
  const left = tries.limit.end - pace.now()
  const { signal } = tries.limit
  const send = (abortSignal: AbortSignal) => exchange(inner, collect, request, options, abortSignal)
  try {
    const answer = await (requestTimeout === undefined
      ? withinTimeoutOf(inner as Parameters<typeof withinTimeoutOf>[0], left, signal, send)
      : within(Math.min(requestTimeout, left), signal, send))
    const { statusCode, body } = answer.response
    tries.receivedBytes += (body as Uint8Array).length
    if (statusCode >= 400) {
      tries.isThrottled = isThrottling(statusCode, body as Uint8Array)
      tries.wait(pace)
    }
    if (leavesOpen(statusCode)) tries.lost = new Error(`The server responded with status ${statusCode}`)
    tries.answered = statusCode < 300
    return answer
  } catch (error) {
    tries.isThrottled = false
    tries.wait(pace)
    if (isUnsent(error)) throw error
    tries.lost = error as Error
    if (tries.repetition === 'write' || error instanceof CallEnded)
      tries.stop(new CallEnded('The answer was lost', error))
    throw error
  }
}

/** Sends one request and reads its complete response. */
async function exchange(
  inner: Handler,
  collect: Collect,
  request: Request,
  options: object,
  abortSignal: AbortSignal,
): Promise<Answer> {
  const answer = await inner.handle(request, { ...options, abortSignal })
  const { response } = answer
  if (!(response.body instanceof Uint8Array)) response.body = await collect(response.body)
  // The SDK would treat it as a response without members: no item, an empty page.
  if (response.statusCode < 300 && !isOfDynamoDB(response.body)) throw new ForeignAnswer(response.body.length)
  return answer
}
