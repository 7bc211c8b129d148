/** Counts the evaluation steps of one request, so that no request blocks the event loop for long. */
import { LimitExceededError } from '../../errors/errors.js'

/**
 * Maximum steps for the filter of one page, for the projection of a PartiQL page, and for the writes of one PartiQL batch in
 * total: under a second of CPU.
 */
export const MAX_PAGE_STEPS = 20_000_000
/** Maximum steps for the conditions and updates of one write, or of one transaction in total. */
export const MAX_WRITE_STEPS = 5_000_000
/** Characters, bytes, elements or members per step. */
const PER_STEP = 16

/** Counts the steps of one request: comparisons, functions, and every 16 characters, bytes or elements searched. */
export class Work {
  /** Steps taken so far. */
  steps = 0
  readonly #maximum: number
  readonly #error: (maximum: number) => Error
  readonly #whole: Work | undefined
  /** The steps that the whole has counted. */
  #counted = 0

  /**
   * @param error makes the error that {@link check} throws.
   * @param whole the work that this is a part of. It counts the same steps and has its own maximum.
   */
  constructor(maximum: number, error: (maximum: number) => Error = tooMuchWork, whole?: Work) {
    this.#maximum = maximum
    this.#error = error
    this.#whole = whole
  }

  /** Counts characters, bytes, elements or members that were looked through. */
  looked(through: number): void {
    this.steps += through / PER_STEP
  }

  /** @throws LimitExceededError, or the error given to the constructor, if the steps exceed the maximum. */
  check(): void {
    if (this.#whole) {
      this.#whole.steps += this.steps - this.#counted
      this.#counted = this.steps
      this.#whole.check()
    }
    if (this.steps > this.#maximum) throw this.#error(this.#maximum)
  }
}

function tooMuchWork(maximum: number): LimitExceededError {
  const message = `The expressions of the request take over ${maximum} steps; read fewer items, or simplify the expressions`
  return new LimitExceededError(message, { limit: 'steps of expressions in a request', maximum })
}
