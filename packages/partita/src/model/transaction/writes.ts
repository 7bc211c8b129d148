/** Writes in flight inside a transaction. */
import { invalid } from '../../errors/errors.js'
import type { Pace } from '../../store/retry.js'

/** The writes of one transaction that have not ended. */
export class WritesInFlight {
  readonly #inFlight = new Set<Promise<unknown>>()
  #last: Promise<unknown> = Promise.resolve()

  /** Runs writes one after another, even if the program does not await them: each sees the previous. */
  inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work, work)
    this.#last = turn
    return turn
  }

  track<T>(write: Promise<T>): Promise<T> {
    this.#inFlight.add(write)
    const ended = (): void => void this.#inFlight.delete(write)
    write.then(ended, ended)
    return write
  }

  /**
   * Called when the function has ended. Waits for writes that it did not await, so that none of them rejects
   * unhandled.
   * @throws ValidationError if there were any: whether they were part of the transaction would depend on timing.
   */
  async end(pace: Pace): Promise<void> {
    const left = this.#inFlight.size
    if (left === 0) return
    while (this.#inFlight.size > 0) {
      await Promise.allSettled(this.#inFlight)
      // Code that awaits one of them may start another.
      await pace.sleep(0)
    }
    const what = left === 1 ? 'a write was' : `${left} writes were`
    throw invalid([], `The function of the transaction ended while ${what} in flight; await every call of tx`)
  }
}
