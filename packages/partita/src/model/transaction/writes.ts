/** Writes of a transaction from their beginning to their end. */
import { invalid } from '../../errors/errors.js'
import type { Pace } from '../../store/retry.js'

export class WritesUnderWay {
  readonly #underWay = new Set<Promise<unknown>>()

  follow<T>(write: Promise<T>): Promise<T> {
    this.#underWay.add(write)
    const ended = (): void => void this.#underWay.delete(write)
    write.then(ended, ended)
    return write
  }

  /**
   * Called when the function has ended. Writes that it did not await come to their end first, so that none of them is
   * refused where nobody hears of it.
   * @throws ValidationError where there were any: whether they are part of the transaction would depend on chance.
   */
  async end(pace: Pace): Promise<void> {
    const left = this.#underWay.size
    if (left === 0) return
    while (this.#underWay.size > 0) {
      await Promise.allSettled(this.#underWay)
      // Code that awaited one of them may begin another.
      await pace.sleep(0)
    }
    const what = left === 1 ? 'a write was' : `${left} writes were`
    throw invalid([], `The function of the transaction ended while ${what} under way; await every call of tx in it`)
  }
}
