/** Sends requests, translates errors, and makes `close` wait for calls in flight. */
import { keyText, OutcomeUnknownError, PartitaError, UnavailableError } from '../errors/errors.js'
import { InFlight } from '../store/in-flight.js'
import { backoff, type Pace, realPace, sleepUnlessAborted } from '../store/retry.js'
import type { CallOptions, Traffic } from '../store/store.js'
import { CallEnded, endOf, isNotConnected, isUnsent, type Limit, limitOf, type Repetition, Tries } from './attempts.js'
import { type Attempted, throttled, toPartitaError } from './errors.js'
import { type DynamoDBOptions, transportOf } from './options.js'
import type { OperationName, Outputs, PreparedRequest } from './protocol/operations.js'
import type { Transport } from './transport.js'

/** Sends the requests of one store. */
export class Sender {
  readonly pace: Pace
  readonly #transport: Transport
  readonly #deadline: number | undefined
  readonly #inFlight = new InFlight()
  #closing: Promise<void> | undefined

  constructor(options: DynamoDBOptions) {
    this.#transport = transportOf(options)
    this.pace = options.pace ?? realPace
    this.#deadline = options.deadline
  }

  /** Returns the time limit of a call that begins now. */
  limit(call: CallOptions = {}): Limit {
    return limitOf(call, this.pace, this.#deadline)
  }

  /**
   * Sends a request.
   * @param repetition the effect of sending it twice.
   * @throws OutcomeUnknownError for a write or transaction that may have been applied but got no response.
   * @throws PartitaError for all other errors; a write has not been applied then.
   */
  async send<Name extends OperationName>(
    request: PreparedRequest<Name>,
    attempted: Attempted,
    repetition: Repetition = 'read',
    limit: Limit = this.limit(),
  ): Promise<Outputs[Name]> {
    for (let attempt = 0; ; attempt++) {
      const tries = new Tries(repetition, limit)
      try {
        return await untilEnd(this.#transport.send(request, tries), tries)
      } catch (error) {
        tries.stopWaiting()
        // If all connections of the pool hang, they are free again after their timeout, which is later than retries wait.
        if (!tries.lost && isNotConnected(error) && (await this.#mayGoOn(attempt, limit))) continue
        const cause = causeOf(error)
        if (repetition !== 'read' && isOpen(error, tries)) throw unknownOutcome(attempted, cause)
        if (tries.isThrottled && error instanceof CallEnded) throw throttled(attempted, error)
        throw toPartitaError(cause, this.#transport.failureOf(cause), attempted)
      } finally {
        if (limit.onTraffic) limit.onTraffic(trafficOf(tries))
      }
    }
  }

  #mayGoOn(attempt: number, limit: Limit): Promise<boolean> {
    return this.wait(backoff(attempt, this.pace), limit).then(
      () => true,
      () => false,
    )
  }

  /** Backs off before a retry. @throws CallEnded if the call's time is over. */
  async wait(milliseconds: number, limit: Limit): Promise<void> {
    const left = limit.end - this.pace.now()
    await sleepUnlessAborted(this.pace, Math.max(0, Math.min(milliseconds, left)), limit.signal)
    const ended = endOf(limit, this.pace)
    if (ended) throw ended
  }

  /**
   * Runs one call of the contract, which may send several commands.
   * @param explain returns the error to throw instead of the original one.
   * @throws UnavailableError after the store was closed.
   */
  async run<T>(call: () => Promise<T>, explain?: (error: unknown) => Promise<unknown>): Promise<T> {
    this.checkOpen()
    this.#inFlight.begin()
    try {
      return await call()
    } catch (error) {
      throw explain ? await explain(error) : error
    } finally {
      this.#inFlight.end()
    }
  }

  /** Runs a long call, such as waiting for an index: `close` does not wait for it. @throws UnavailableError after close. */
  checkOpen(): void {
    if (this.#closing) throw new UnavailableError('The store is closed', {})
  }

  close(): Promise<void> {
    this.#closing ??= this.#inFlight.ended().then(() => this.#transport.close())
    return this.#closing
  }
}

function trafficOf({ count: attempts, sentBytes, receivedBytes }: Tries): Traffic {
  return { attempts, sentBytes, receivedBytes }
}

/** Resolves with the result, or rejects when the call ends while the transport waits. */
function untilEnd<T>(sent: Promise<T>, tries: Tries): Promise<T> {
  return new Promise((resolve, reject) => {
    tries.giveUp = reject
    sent.then(resolve, reject)
  })
}

/** Whether an error leaves the outcome on the server unknown. */
function isOpen(error: unknown, tries: Tries): boolean {
  if (tries.lost) return true
  // A successful response that could not be read.
  if (tries.answered) return true
  if (tries.count > 0 || error instanceof PartitaError || error instanceof CallEnded) return false
  // No attempt was seen: the request was not sent, or the client cannot be watched.
  const { $fault, $metadata } = error as SdkFault
  if ($metadata === undefined) return false
  const isRejected = $fault === 'client' && ($metadata.attempts ?? 1) <= 1
  return !isRejected && !isUnsent(error) && ($metadata.attempts ?? 0) > 0
}

interface SdkFault {
  readonly $fault?: 'client' | 'server'
  readonly $metadata?: { readonly attempts?: number }
}

function causeOf(error: unknown): unknown {
  return error instanceof CallEnded && error.reason instanceof Error ? error.reason : error
}

/** Returns the error of an unknown outcome. @param cause the failure of the last attempt. */
export function unknownOutcome({ operation, table, key, token }: Attempted, cause: unknown): OutcomeUnknownError {
  const on = table === undefined ? '' : ` on ${key ? `${keyText(key)} in ` : ''}table ${table}`
  const why = (cause as Error).message || String(cause)
  const details = {
    operation,
    ...(table !== undefined && { table }),
    ...(key && { key }),
    ...(token !== undefined && { token }),
  }
  return new OutcomeUnknownError(
    `The response to ${operation}${on} was lost, so it may or may not have been applied: ${why}; read the item before you write again`,
    details,
    cause,
  )
}
