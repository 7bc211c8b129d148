/**
 * Between the SDK and its HTTP handler: each try has a time limit, from the first byte of the request to the last of
 * the answer, and its answer is read whole before the SDK sees it.
 */
import type { DynamoDBClient, DynamoDBClientConfig } from '@aws-sdk/client-dynamodb'
import type { Pace } from '../store/retry.js'
import { clearTimeout, setTimeout } from '../store/timers.js'
import { CallEnded, isThrottling, isUnsent, leavesOpen, type Tries } from './attempts.js'

type Handler = DynamoDBClient['config']['requestHandler']
type Collect = NonNullable<DynamoDBClientConfig['streamCollector']>
type Request = Parameters<Handler['handle']>[0]
type Answer = Awaited<ReturnType<Handler['handle']>>

/** What `send` is given beside a command, and the SDK hands on to the HTTP handler. */
interface SendOptions {
  readonly tries: Tries
}

/** Milliseconds until a whole answer has come, where nothing else is said. */
const DEFAULT_REQUEST_TIMEOUT = 10_000

/**
 * The client with its tries watched. The user's own is left as it is: this one shares its configuration and middleware,
 * and differs in what sends the requests.
 *
 * A client that has no HTTP handler, such as a stand-in of tests, is returned unchanged.
 */
export function watched(client: DynamoDBClient, requestTimeout: number | undefined, pace: Pace): DynamoDBClient {
  const inner = client.config?.requestHandler
  if (!inner) return client
  const { streamCollector } = client.config
  const handle = (request: Request, options: object = {}): Promise<Answer> => {
    const { tries, ...others } = options as Partial<SendOptions>
    if (!tries) return inner.handle(request, options)
    return attempt(inner, streamCollector, request, others, tries, pace, requestTimeout ?? timeoutOf(inner))
  }
  const requestHandler = Object.create(inner, { handle: { value: handle } }) as Handler
  const config = { ...client.config, requestHandler }
  return Object.create(client, { config: { value: config } }) as DynamoDBClient
}

/** What a handler of the user's was set to, even if it would only warn. */
function timeoutOf(handler: Handler): number {
  const { httpHandlerConfigs } = handler as { httpHandlerConfigs?: () => { readonly requestTimeout?: number } }
  return httpHandlerConfigs?.call(handler).requestTimeout || DEFAULT_REQUEST_TIMEOUT
}

async function attempt(
  inner: Handler,
  collect: Collect,
  request: Request,
  options: object,
  tries: Tries,
  pace: Pace,
  requestTimeout: number,
): Promise<Answer> {
  tries.stopWaiting()
  // The SDK tries a write again after a failure of the server.
  if (tries.lost && tries.repetition === 'write') tries.stop(new CallEnded('The answer was lost', tries.lost))
  const ended = tries.endOf(pace)
  if (ended) tries.stop(ended)
  tries.count++
  tries.answered = false
  const timeout = Math.min(requestTimeout, tries.limit.end - pace.now())
  try {
    const answer = await within(timeout, tries.limit.signal, signal =>
      exchange(inner, collect, request, options, signal),
    )
    const { statusCode, body } = answer.response
    if (statusCode >= 400) {
      tries.isThrottled = isThrottling(statusCode, body as Uint8Array)
      tries.wait(pace)
    }
    if (leavesOpen(statusCode)) tries.lost = new Error(`The server answered with status ${statusCode}`)
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

/** One request and the whole of its answer. */
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
  // The SDK would take it for an answer in which everything is left out: no item, an empty page.
  if (response.statusCode < 300 && !isOfDynamoDB(response.body)) throw new ForeignAnswer(response.body.length)
  return answer
}

/** Whether a body is an object that is empty or begins with a member named as DynamoDB names them, with a capital. */
function isOfDynamoDB(body: Uint8Array): boolean {
  if (body[0] === BRACE && body[1] === QUOTE) return isCapital(body[2])
  const start = /^\s*\{\s*(?:\}|"([^"]))/.exec(new TextDecoder().decode(body.subarray(0, MAX_START)))
  return start !== null && (start[1] === undefined || isCapital(start[1].charCodeAt(0)))
}

const BRACE = 0x7b
const QUOTE = 0x22
/** Bytes of a body in which its first member begins, however it is indented. */
const MAX_START = 100

function isCapital(code: number | undefined): boolean {
  return code !== undefined && code >= 0x41 && code <= 0x5a
}

/** Something else than DynamoDB has answered, or nothing. The SDK tries again by `$retryable`. */
class ForeignAnswer extends Error {
  readonly $retryable = { throttling: false }

  constructor(length: number) {
    super(length === 0 ? 'The answer had no body' : 'The answer was not one of DynamoDB')
    this.name = 'ForeignAnswer'
  }
}

/** A time-out that the SDK tries again by its name. */
function timedOut(milliseconds: number): Error {
  return Object.assign(new Error(`No whole answer came within ${milliseconds} ms`), { name: 'TimeoutError' })
}

/** Runs a try until it ends, its time is up, or the caller ends it; whatever it held is let go then. */
function within<T>(
  milliseconds: number,
  signal: AbortSignal | undefined,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = idle.pop() ?? { controller: new AbortController(), uses: 0 }
    const end = (error: Error): void => {
      // First, since aborting makes the try fail with an error that says less.
      reject(error)
      stop.controller.abort()
    }
    const timer = setTimeout(() => end(timedOut(milliseconds)), milliseconds)
    const aborted = signal && ((): void => end(new CallEnded('the call was aborted', signal.reason)))
    if (aborted) signal.addEventListener('abort', aborted, { once: true })
    const letGo = (): void => {
      clearTimeout(timer)
      if (aborted) signal.removeEventListener('abort', aborted)
    }
    run(stop.controller.signal).then(
      result => {
        letGo()
        putBack(stop)
        resolve(result)
      },
      (error: unknown) => {
        letGo()
        reject(error)
      },
    )
  })
}

/** What ends a try. */
interface Stop {
  readonly controller: AbortController
  /** How many tries it has served. */
  uses: number
}

/**
 * For the next tries, one after the other: to make one costs more than all else that a try needs here. The SDK's handlers
 * take their listeners off again; of one that does not, as many stay as are no trouble.
 */
const idle: Stop[] = []
const MAX_IDLE = 16
const MAX_USES = 8

/** After a success only: what a failed try may still do with its signal is not known. */
function putBack(stop: Stop): void {
  if (++stop.uses < MAX_USES && idle.length < MAX_IDLE && !stop.controller.signal.aborted) idle.push(stop)
}
