/** One request on its way: its limits, and whether the server may have received it. */
import { onAbort } from '../../store/abort.js'
import { clearTimeout, setTimeout } from '../../store/timers.js'
import { CallEnded } from '../attempts.js'
import { type ExchangeLimit, type HttpAnswer, notConnected, timedOut, UnsentError } from '../transport/exchange.js'

/** A request that waits for a connection or for its response. */
export class Flight {
  /** The bytes to send, as text. */
  readonly text: string
  /** Called when the request failed, so that its connection is closed or its wait ended. */
  onFail: (() => void) | undefined
  /** Whether a byte may have been sent. */
  isSent = false
  isDone = false
  readonly #resolve: (answer: HttpAnswer) => void
  readonly #reject: (error: Error) => void
  readonly #timer: ReturnType<typeof setTimeout>
  readonly #stopListening: (() => void) | undefined

  constructor(
    text: string,
    { milliseconds, signal }: ExchangeLimit,
    resolve: (answer: HttpAnswer) => void,
    reject: (error: Error) => void,
  ) {
    this.text = text
    this.#resolve = resolve
    this.#reject = reject
    const late = (): void => this.fail(this.isSent ? timedOut(milliseconds) : notConnected(milliseconds))
    this.#timer = setTimeout(late, milliseconds)
    if (!signal) return
    const aborted = (): void => this.fail(new CallEnded('the call was aborted', signal.reason))
    this.#stopListening = onAbort(signal, aborted)
    if (signal.aborted) aborted()
  }

  answer(answer: HttpAnswer): void {
    if (this.#end()) this.#resolve(answer)
  }

  fail(error: Error & { readonly code?: string }): void {
    if (!this.#end()) return
    const isUnsent = !this.isSent && !(error instanceof UnsentError)
    // A refused connection to a host with several addresses is an AggregateError without a message.
    this.#reject(isUnsent ? new UnsentError(error.message || error.code || error.name, error) : error)
    this.onFail?.()
  }

  #end(): boolean {
    if (this.isDone) return false
    this.isDone = true
    clearTimeout(this.#timer)
    this.#stopListening?.()
    return true
  }
}
