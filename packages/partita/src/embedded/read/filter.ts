/** Conditions on items, which yield to the event loop also within a large item. */
import type { Condition } from '../../expression/ast.js'
import { MAX_PAGE_STEPS, PreparedCondition, Work } from '../../expression/evaluate/index.js'
import type { Item } from '../../value/value.js'
import { Pace } from '../event-loop.js'

/** Items from this size on are filtered with stops between the operators of the filter. */
export const LARGE_ITEM_BYTES = 16 * 1024
/** What a step is worth in bytes to the pace: both take about as long as the decoding of so much. */
const BYTES_PER_STEP = 16

export class PageFilter {
  readonly #work: Work
  readonly #condition: PreparedCondition
  readonly #pace: Pace
  #counted: number
  #run: Generator<void, boolean> | undefined

  /** @param work counts the steps of all that shares a limit. */
  constructor(condition: Condition, pace: Pace, work = new Work(MAX_PAGE_STEPS)) {
    this.#work = work
    this.#counted = work.steps
    this.#condition = new PreparedCondition(condition, work)
    this.#pace = pace
  }

  /** Whether a small item passes. @throws LimitExceededError once the page takes too many steps. */
  test(item: Item): boolean {
    return this.#condition.test(item)
  }

  /** Begins with a large item, of which {@link resume} then tells whether it passes. */
  begin(item: Item | undefined): void {
    this.#run = this.#condition.steps(item)
  }

  /**
   * @returns undefined where it is time to yield first.
   * @throws LimitExceededError once the page takes too many steps.
   */
  resume(): boolean | undefined {
    const run = this.#run as Generator<void, boolean>
    for (;;) {
      const next = run.next()
      if (next.done) return next.value
      if (this.#pace.isDue(this.newBytes())) return undefined
    }
  }

  /** What the steps since the last call are worth to the pace. */
  newBytes(): number {
    const { steps } = this.#work
    const bytes = (steps - this.#counted) * BYTES_PER_STEP
    this.#counted = steps
    return bytes
  }
}

/**
 * The items that meet a condition which is not the filter of a read.
 * @throws LimitExceededError where that takes more steps than `work` allows, by default those of a page.
 */
export class ItemFilter {
  readonly #pace: Pace
  readonly #filter: PageFilter

  constructor(condition: Condition, pace = new Pace(), work?: Work) {
    this.#pace = pace
    this.#filter = new PageFilter(condition, pace, work)
  }

  /** Whether an item passes, or the absence of one; yields to the event loop where that takes long. */
  async passes(item: Item | undefined): Promise<boolean> {
    this.#filter.begin(item)
    for (;;) {
      const verdict = this.#filter.resume()
      if (verdict !== undefined) return verdict
      await this.#pace.yield()
    }
  }
}
