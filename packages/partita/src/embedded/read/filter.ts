/** Filters that yield to the event loop, even within a large item. */
import type { Condition } from '../../expression/ast.js'
import { type Access, MAX_PAGE_STEPS, PreparedCondition, Work } from '../../expression/evaluate/index.js'
import type { Attributes } from '../../expression/path/get.js'
import { pathsOf } from '../../expression/path/walk.js'
import { YieldPace } from '../event-loop.js'
import { RecordView } from '../storage/record-view.js'

/** Filters of items above this size can yield between two operators. */
export const LARGE_ITEM_BYTES = 16 * 1024
/** Cost of an evaluation step: it takes about as long as decoding this many bytes. */
const BYTES_PER_STEP = 16

/** The filter of a page: synchronous for small items, resumable for large ones. */
export class PageFilter {
  readonly #work: Work
  readonly #condition: PreparedCondition
  readonly #pace: YieldPace
  #counted: number
  #run: Generator<void, boolean> | undefined

  /**
   * @param work counts evaluation steps against a limit.
   * @param access reads the operands of the condition, by default from decoded items.
   */
  constructor(condition: Condition, pace: YieldPace, work = new Work(MAX_PAGE_STEPS), access?: Access) {
    this.#work = work
    this.#counted = work.steps
    this.#condition = new PreparedCondition(condition, work, access)
    this.#pace = pace
  }

  /** Whether a small item, or a missing item, passes. @throws LimitExceededError if the page takes too many steps. */
  test(item: Attributes | undefined): boolean {
    return this.#condition.test(item)
  }

  /** Begins to filter a large item. Call {@link resume} until it returns the result. */
  begin(item: Attributes | undefined): void {
    this.#run = this.#condition.steps(item)
  }

  /**
   * Continues the filter of a large item.
   * @returns whether the item passes; undefined if it is time to yield first.
   * @throws LimitExceededError if the page takes too many steps.
   */
  resume(): boolean | undefined {
    const run = this.#run as Generator<void, boolean>
    for (;;) {
      const next = run.next()
      if (next.done) return next.value
      if (this.#pace.isDue(this.newBytes())) return undefined
    }
  }

  /** Returns the cost of the steps since the last call, in bytes. */
  newBytes(): number {
    const { steps } = this.#work
    const bytes = (steps - this.#counted) * BYTES_PER_STEP
    this.#counted = steps
    return bytes
  }
}

/** The filter of a page on records. It decodes the attributes that the condition reads, and nothing else. */
export class RecordFilter {
  readonly #view: RecordView
  readonly #filter: PageFilter

  constructor(condition: Condition, pace: YieldPace) {
    this.#view = new RecordView(pathsOf(condition))
    this.#filter = new PageFilter(condition, pace, new Work(MAX_PAGE_STEPS), this.#view)
  }

  /** Whether a small record passes. @throws LimitExceededError if the page takes too many steps. */
  test(record: Uint8Array): boolean {
    this.#view.show(record)
    return this.#filter.test(undefined)
  }

  /** Begins to filter a large record, whose bytes must stay unchanged until {@link resume} returns the result. */
  begin(record: Uint8Array): void {
    this.#view.show(record)
    this.#filter.begin(undefined)
  }

  /** See {@link PageFilter.resume}. */
  resume(): boolean | undefined {
    return this.#filter.resume()
  }

  /** See {@link PageFilter.newBytes}. */
  newBytes(): number {
    return this.#filter.newBytes()
  }
}

/**
 * Tests items against a condition outside of a page, and yields to the event loop itself.
 * @throws LimitExceededError if the steps exceed those of `work`, by default those of a page.
 */
export class ItemFilter {
  readonly #pace: YieldPace
  readonly #filter: PageFilter

  constructor(condition: Condition, pace = new YieldPace(), work?: Work) {
    this.#pace = pace
    this.#filter = new PageFilter(condition, pace, work)
  }

  /** Whether an item, or a missing item, passes. Yields to the event loop during long work. */
  async passes(item: Attributes | undefined): Promise<boolean> {
    this.#filter.begin(item)
    for (;;) {
      const verdict = this.#filter.resume()
      if (verdict !== undefined) return verdict
      await this.#pace.yield()
    }
  }
}
