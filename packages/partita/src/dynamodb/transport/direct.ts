/** The store's own client: signs requests, sends them over HTTP and retries them, without the AWS SDK. */
import { type Pace, sleepUnlessAborted } from '../../store/retry.js'
import { CallEnded, endOf, isUnsent, leavesOpen, type Tries } from '../attempts.js'
import type { Credentials } from '../credentials/credentials.js'
import type { Destination } from '../endpoint/endpoint.js'
import { ForeignAnswer, isOfDynamoDB } from '../protocol/foreign.js'
import type { OperationName, Outputs, PreparedRequest } from '../protocol/operations.js'
import { readBody } from '../protocol/read.js'
import { outputShape } from '../protocol/shapes.js'
import type { Failure, Transport } from '../transport.js'
import { crc32 } from './checksum.js'
import { SignatureClock } from './clock.js'
import { type HttpAnswer, type HttpExchange, hostOf } from './exchange.js'
import { runtimeHashes } from './hashes.js'
import { type RetryKind, RetryQuota, retryDelay, retryKindOf } from './retry.js'
import { requestIdOf, ServiceError } from './service-error.js'
import { type AwsCredentialIdentity, Signer } from './signature.js'
import { traced } from './tracing.js'
import { userAgent } from './user-agent.js'

/** What a transport needs. */
export interface DirectSettings {
  readonly find: () => Destination | Promise<Destination>
  readonly connect: (destination: Destination) => HttpExchange
  readonly credentials: Credentials
  readonly maxAttempts: number
  readonly requestTimeout: number
  readonly env: Readonly<Record<string, string | undefined>>
  readonly pace: Pace
}

/** The parts that depend on the region and endpoint, which may have to be read from a file. */
interface Route {
  readonly exchange: HttpExchange
  readonly signer: Signer
  readonly host: string
  readonly path: string
}

/** What a request was signed with. */
interface Signed {
  readonly credentials: AwsCredentialIdentity
  /** Epoch milliseconds. */
  readonly time: number
}

/** Errors with which AWS refuses a signature whose time is wrong, among other reasons. */
const SKEW = new Set(['InvalidSignatureException', 'RequestTimeTooSkewed', 'RequestExpired', 'RequestInTheFuture'])
/** Errors with which AWS refuses credentials that have ended or were replaced. */
const REFUSED = new Set([
  'ExpiredTokenException',
  'ExpiredToken',
  'UnrecognizedClientException',
  'InvalidClientTokenId',
])

/** Sends requests without the SDK. */
export class DirectTransport implements Transport {
  readonly #settings: DirectSettings
  readonly #clock = new SignatureClock()
  readonly #quota = new RetryQuota()
  readonly #agent: string
  #route: Route | undefined

  constructor(settings: DirectSettings) {
    this.#settings = settings
    this.#agent = userAgent(settings.env)
  }

  send<Name extends OperationName>(request: PreparedRequest<Name>, tries: Tries): Promise<Outputs[Name]> {
    return traced(request.operation, tries, () => this.#send(request, tries))
  }

  async #send<Name extends OperationName>(request: PreparedRequest<Name>, tries: Tries): Promise<Outputs[Name]> {
    const id = globalThis.crypto.randomUUID()
    // A wrong clock and refused credentials are each corrected once, which is no retry.
    const corrections = new Set<string>()
    let kind: RetryKind | undefined
    for (let retry = 0; ; ) {
      if (!this.#route) tries.wait(this.#settings.pace)
      const route = this.#route ?? (await this.#open())
      const found = this.#settings.credentials.get()
      if (found instanceof Promise) tries.wait(this.#settings.pace)
      const credentials = found instanceof Promise ? await found : found
      const time = this.#clock.now()
      try {
        const attempt = `attempt=${tries.count + 1}; max=${this.#settings.maxAttempts}`
        const output = await this.#attempt(route, request, credentials, { id, attempt, time }, tries)
        this.#quota.giveBack(kind)
        return output as Outputs[Name]
      } catch (error) {
        if (error instanceof CallEnded || tries.answered || (tries.lost && tries.repetition === 'write')) throw error
        tries.wait(this.#settings.pace)
        if (await this.#isCorrected(error, { credentials, time }, corrections)) continue
        kind = retryKindOf(error)
        tries.isThrottled = kind === 'throttling'
        if (!kind || ++retry >= this.#settings.maxAttempts) throw error
        await this.#backOff(error, kind, retry - 1, tries)
      }
    }
  }

  async #open(): Promise<Route> {
    const destination = await this.#settings.find()
    // Another call may have been faster.
    this.#route ??= {
      exchange: this.#settings.connect(destination),
      signer: new Signer(runtimeHashes(), destination.region, 'dynamodb'),
      host: hostOf(destination.endpoint),
      path: destination.endpoint.path,
    }
    return this.#route
  }

  async #attempt(
    { exchange, signer, host, path }: Route,
    { operation, text: body }: PreparedRequest<OperationName>,
    credentials: AwsCredentialIdentity,
    { id, attempt, time }: { readonly id: string; readonly attempt: string; readonly time: number },
    tries: Tries,
  ): Promise<object> {
    const { pace, requestTimeout } = this.#settings
    const date = this.#clock.textOf(time)
    const { sessionToken } = credentials
    const signed = {
      'content-type': 'application/x-amz-json-1.0',
      host,
      'x-amz-date': date,
      ...(sessionToken && { 'x-amz-security-token': sessionToken }),
      'x-amz-target': `DynamoDB_20120810.${operation}`,
    }
    const authorization = await signer.sign({ headers: signed, body, path }, credentials, date)
    const headers = {
      ...signed,
      authorization,
      'user-agent': this.#agent,
      'amz-sdk-invocation-id': id,
      'amz-sdk-request': attempt,
    }
    tries.stopWaiting()
    const ended = tries.endOf(pace)
    if (ended) throw ended
    tries.count++
    tries.text = body
    const milliseconds = Math.min(requestTimeout, tries.limit.end - pace.now())
    let answer: HttpAnswer
    try {
      answer = await exchange.send({ headers, body }, { milliseconds, signal: tries.limit.signal })
    } catch (error) {
      if (!isUnsent(error)) tries.lost = error as Error
      throw error
    }
    tries.receivedBytes += answer.body.length
    tries.requestId = requestIdOf(answer)
    return outputOf(answer, operation, tries)
  }

  async #isCorrected(error: unknown, { credentials, time }: Signed, corrections: Set<string>): Promise<boolean> {
    if (!(error instanceof ServiceError) || error.$metadata.httpStatusCode >= 500) return false
    const correct = async (kind: string, names: ReadonlySet<string>, act: () => boolean | Promise<boolean>) => {
      if (!names.has(error.name) || corrections.has(kind)) return false
      corrections.add(kind)
      return act()
    }
    return (
      (await correct('clock', SKEW, () => this.#clock.correct(error.date, time))) ||
      // A provider that fails now is no better reason than the refusal.
      (await correct('credentials', REFUSED, () => this.#settings.credentials.renew(credentials).catch(() => false)))
    )
  }

  /** Waits before a retry. @throws the error itself if the call would end before it, or the quota forbids it. */
  async #backOff(error: unknown, kind: RetryKind, retry: number, tries: Tries): Promise<void> {
    const { pace } = this.#settings
    const hint = error instanceof ServiceError ? error.retryAfter : undefined
    const delay = retryDelay(kind, retry, pace.random(), hint)
    if (endOf(tries.limit, pace) || pace.now() + delay >= tries.limit.end || !this.#quota.take(kind)) throw error
    await sleepUnlessAborted(pace, delay, tries.limit.signal)
  }

  failureOf(error: unknown): Failure {
    if (!(error instanceof ServiceError)) return error as Failure
    const { name, message, item, reasons, $metadata } = error
    return {
      name,
      message,
      ...(item && { item }),
      ...(reasons && { reasons }),
      ...($metadata.requestId !== undefined && { requestId: $metadata.requestId }),
    }
  }

  close(): void {
    this.#route?.exchange.close()
  }
}

/** Reads a response. @throws ServiceError for a status that is no success; Error for a response that is damaged. */
function outputOf(answer: HttpAnswer, operation: OperationName, tries: Tries): object {
  const { status, body, header } = answer
  const checksum = header('x-amz-crc32')
  if (checksum !== undefined && crc32(body) !== Number(checksum)) {
    tries.lost = new Error('The response does not have its checksum')
    throw tries.lost
  }
  if (status < 200 || status >= 300) {
    const error = new ServiceError(answer, tries.count)
    if (leavesOpen(status)) tries.lost = error
    throw error
  }
  if (!isOfDynamoDB(body)) {
    tries.lost = new ForeignAnswer(body.length)
    throw tries.lost
  }
  tries.answered = true
  try {
    return readBody(body, outputShape(operation))
  } catch (cause) {
    throw new Error(`The response cannot be read: ${(cause as Error).message}`, { cause })
  }
}
