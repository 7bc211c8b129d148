/** Counts the evaluation steps of one request, so that no request blocks the event loop for long. */
import { LimitExceededError } from '../../errors/errors.js'

/**
 * Steps that the filter of one page may take, the projection of one of a PartiQL SELECT, and the writes of one PartiQL batch
 * in all: below a second of CPU.
 */
export const MAX_PAGE_STEPS = 20_000_000
/** Steps that the conditions and updates of one write may take, or those of one transaction in all. */
export const MAX_WRITE_STEPS = 5_000_000
/** Characters, bytes, elements or members that are looked through in one step. */
const PER_STEP = 16

/** Counts the steps of one request. One step is one comparison or function, or 16 characters, bytes or elements looked through. */
export class Work {
  /** Steps taken so far. */
  steps = 0
  readonly #maximum: number
  readonly #fault: (maximum: number) => Error
  readonly #whole: Work | undefined
  /** The steps that the whole has counted. */
  #counted = 0

  /**
   * @param fault what {@link check} throws.
   * @param whole the work of which this is a part. It counts the same steps, and has a maximum of its own.
   */
  constructor(maximum: number, fault: (maximum: number) => Error = tooMuchWork, whole?: Work) {
    this.#maximum = maximum
    this.#fault = fault
    this.#whole = whole
  }

  /** Counts characters, bytes, elements or members that were looked through. */
  looked(through: number): void {
    this.steps += through / PER_STEP
  }

  /** @throws LimitExceededError, or what its owner wants, once there are more steps than the request may take. */
  check(): void {
    if (this.#whole) {
      this.#whole.steps += this.steps - this.#counted
      this.#counted = this.steps
      this.#whole.check()
    }
    if (this.steps > this.#maximum) throw this.#fault(this.#maximum)
  }
}

function tooMuchWork(maximum: number): LimitExceededError {
  const message = `The expressions of the request take over ${maximum} steps on the items that it reads; ask for fewer items at once, or for less of each`
  return new LimitExceededError(message, { limit: 'steps of expressions in a request', maximum })
}
