/** The clock of signatures: AWS refuses a time that differs from its own by over five minutes. */
import { systemClock } from '../../store/timers.js'
import { amzDate } from './signature.js'

/** A smaller difference is left, since the time of an answer is the server's at an unknown moment of the request. */
const MAX_SKEW = 4 * 60_000

/** A clock that follows the server's if this machine's is wrong. */
export class SignatureClock {
  #offset = 0
  #second = Number.NaN
  #text = ''

  /** Epoch milliseconds as the server sees them. */
  now(): number {
    return systemClock() + this.#offset
  }

  /** Returns a time as {@link amzDate} does. Requests of one second share the text. */
  textOf(milliseconds: number): string {
    const second = Math.floor(milliseconds / 1000)
    if (second !== this.#second) {
      this.#text = amzDate(milliseconds)
      this.#second = second
    }
    return this.#text
  }

  /**
   * Compares the time of a refused signature with the header `date` of the response, and corrects the clock. Another request
   * may have corrected it meanwhile.
   * @returns whether that time was wrong, so that the same request is accepted with a new signature.
   */
  correct(date: string | undefined, signedAt: number): boolean {
    const server = date === undefined ? Number.NaN : Date.parse(date)
    if (!(Math.abs(server - signedAt) >= MAX_SKEW)) return false
    this.#offset = server - systemClock()
    return true
  }
}
