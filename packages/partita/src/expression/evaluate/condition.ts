/**
 * Whether an item meets a condition, as DynamoDB answers it. Nothing in an item is an error here: a missing attribute
 * or one of another type makes a comparison false, and `<>`, the negation of `=`, true.
 */
import type { Condition } from '../ast.js'
import type { Attributes } from '../path/get.js'
import { Memo } from './memo.js'
import { type TestTree, testTree } from './test-tree.js'
import { MAX_PAGE_STEPS, Work } from './work.js'

const NO_ITEM: Attributes = {}

/**
 * @param item undefined where there is no such item; it then has no attributes.
 * @throws LimitExceededError where that takes more steps than one request may have.
 */
export function matches(condition: Condition, item: Attributes | undefined): boolean {
  return new PreparedCondition(condition, new Work(MAX_PAGE_STEPS)).test(item)
}

/** A condition made ready for many items. Its values may not change meanwhile. */
export class PreparedCondition {
  readonly #work: Work
  readonly #memo: Memo
  readonly #tree: TestTree

  /** @param work counts what the items take. */
  constructor(condition: Condition, work: Work) {
    this.#work = work
    this.#memo = new Memo(work)
    this.#tree = testTree(condition, this.#memo, work)
  }

  /** @throws LimitExceededError once the work of its request is too much. */
  test(item: Attributes | undefined): boolean {
    this.#memo.clear()
    return this.#holds(this.#tree, item ?? NO_ITEM)
  }

  /** The same for a large item, with a stop after each operator, each of which takes a few milliseconds at most. */
  *steps(item: Attributes | undefined): Generator<void, boolean> {
    this.#memo.clear()
    return yield* this.#stepsOf(this.#tree, item ?? NO_ITEM)
  }

  #holds(tree: TestTree, item: Attributes): boolean {
    if (tree.kind === 'test') {
      this.#work.steps++
      const verdict = tree.test(item)
      this.#work.check()
      return verdict
    }
    if (tree.kind === 'not') return !this.#holds(tree.part, item)
    // The same for both: an `and` ends with the first part that is false, an `or` with the first that is true.
    const isEnd = tree.kind === 'or'
    for (const part of tree.parts) if (this.#holds(part, item) === isEnd) return isEnd
    return !isEnd
  }

  *#stepsOf(tree: TestTree, item: Attributes): Generator<void, boolean> {
    if (tree.kind === 'not') return !(yield* this.#stepsOf(tree.part, item))
    if (tree.kind === 'test') {
      const verdict = this.#holds(tree, item)
      yield
      return verdict
    }
    const isEnd = tree.kind === 'or'
    for (const part of tree.parts) if ((yield* this.#stepsOf(part, item)) === isEnd) return isEnd
    return !isEnd
  }
}
