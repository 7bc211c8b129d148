/** Sends commands through the SDK: its errors become ours, and closing waits for what is under way. */
import type {
  $Command,
  DynamoDBClient,
  DynamoDBClientResolvedConfig,
  ServiceInputTypes,
  ServiceOutputTypes,
} from '@aws-sdk/client-dynamodb'
import { keyText, OutcomeUnknownError, PartitaError, UnavailableError } from '../errors/errors.js'
import { UnderWay } from '../store/in-flight.js'
import { backoff, type Pace, realPace, sleepUnlessAborted } from '../store/retry.js'
import type { CallOptions } from '../store/store.js'
import { CallEnded, endOf, isNotConnected, isUnsent, type Limit, limitOf, type Repetition, Tries } from './attempts.js'
import { clientOf, type DynamoDBOptions } from './client.js'
import { type Attempted, throttled, toPartitaError } from './errors.js'
import { watched } from './transport.js'

type Command<Input extends ServiceInputTypes, Output extends ServiceOutputTypes> = $Command<
  Input,
  Output,
  DynamoDBClientResolvedConfig
>

export class Sender {
  readonly pace: Pace
  readonly #client: DynamoDBClient
  /** Whether attempts are seen, so that a call that ends before the first one was certainly not sent. */
  readonly #isWatched: boolean
  readonly #end: () => void
  readonly #deadline: number | undefined
  readonly #underWay = new UnderWay()
  #closing: Promise<void> | undefined

  constructor(options: DynamoDBOptions) {
    const { client, owned, requestTimeout } = clientOf(options)
    this.pace = options.pace ?? realPace
    this.#deadline = options.deadline
    this.#client = watched(client, requestTimeout, this.pace)
    this.#isWatched = this.#client !== client
    this.#end = () => {
      if (owned) client.destroy()
    }
  }

  /** When a call that begins now ends. */
  limit(call: CallOptions = {}): Limit {
    return limitOf(call, this.pace, this.#deadline)
  }

  /**
   * @param repetition what doing it twice would mean.
   * @throws OutcomeUnknownError for a write, or a transaction, that may have been done and was not answered.
   * @throws PartitaError: whatever else the SDK throws, in our terms; a write was not done then.
   */
  async send<Input extends ServiceInputTypes, Output extends ServiceOutputTypes>(
    command: Command<Input, Output>,
    attempted: Attempted,
    repetition: Repetition = 'read',
    limit: Limit = this.limit(),
  ): Promise<Output> {
    for (let attempt = 0; ; attempt++) {
      const tries = new Tries(repetition, limit)
      if (this.#isWatched) tries.wait(this.pace)
      try {
        return await untilEnd(this.#client.send(command, { tries } as object), tries)
      } catch (error) {
        tries.stopWaiting()
        // A pool full of requests that nobody answers is free again when these have timed out: later than the SDK waits.
        if (!tries.lost && isNotConnected(error) && (await this.#mayGoOn(attempt, limit))) continue
        if (repetition !== 'read' && isOpen(error, tries)) throw unknownOutcome(attempted, causeOf(error))
        if (tries.isThrottled && error instanceof CallEnded) throw throttled(attempted, error)
        throw toPartitaError(causeOf(error), attempted)
      }
    }
  }

  #mayGoOn(attempt: number, limit: Limit): Promise<boolean> {
    return this.wait(backoff(attempt, this.pace), limit).then(
      () => true,
      () => false,
    )
  }

  /** Waits before another try. @throws CallEnded where the call may take no more. */
  async wait(milliseconds: number, limit: Limit): Promise<void> {
    const left = limit.end - this.pace.now()
    await sleepUnlessAborted(this.pace, Math.max(0, Math.min(milliseconds, left)), limit.signal)
    const ended = endOf(limit, this.pace)
    if (ended) throw ended
  }

  /**
   * One call of the contract, which may send several commands and wait between them.
   * @param explain finds what to throw in the place of an error.
   * @throws UnavailableError once the store is closed.
   */
  async run<T>(call: () => Promise<T>, explain?: (error: unknown) => Promise<unknown>): Promise<T> {
    this.checkOpen()
    this.#underWay.begin()
    try {
      return await call()
    } catch (error) {
      throw explain ? await explain(error) : error
    } finally {
      this.#underWay.end()
    }
  }

  /** For what waits long, such as for an index to be filled: closing does not wait for that. @throws UnavailableError */
  checkOpen(): void {
    if (this.#closing) throw new UnavailableError('The store is closed', {})
  }

  close(): Promise<void> {
    this.#closing ??= this.#underWay.ended().then(this.#end)
    return this.#closing
  }
}

/** What the SDK gives, or the end of the call while the SDK waits before another try. */
function untilEnd<T>(sent: Promise<T>, tries: Tries): Promise<T> {
  return new Promise((resolve, reject) => {
    tries.giveUp = reject
    sent.then(resolve, reject)
  })
}

/** Whether an error leaves open what the server did. */
function isOpen(error: unknown, tries: Tries): boolean {
  if (tries.lost) return true
  // A success whose text could not be read.
  if (tries.answered) return true
  if (tries.count > 0 || error instanceof PartitaError || error instanceof CallEnded) return false
  // No try was seen: the request was never sent, or the client is one that cannot be watched.
  const { $fault, $metadata } = error as SdkFault
  if ($metadata === undefined) return false
  const isRefusal = $fault === 'client' && ($metadata.attempts ?? 1) <= 1
  return !isRefusal && !isUnsent(error) && ($metadata.attempts ?? 0) > 0
}

interface SdkFault {
  readonly $fault?: 'client' | 'server'
  readonly $metadata?: { readonly attempts?: number }
}

function causeOf(error: unknown): unknown {
  return error instanceof CallEnded && error.reason instanceof Error ? error.reason : error
}

/** @param cause the failure that left it open. */
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
    `The answer to ${operation}${on} was lost, so it may have been done or not: ${why}; look before you write again`,
    details,
    cause,
  )
}
