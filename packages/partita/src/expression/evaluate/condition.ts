/**
 * Evaluates a condition on an item as DynamoDB does. No item causes an error: a missing attribute or one of another
 * type makes a comparison false, and `<>`, the negation of `=`, true.
 */
import type { Condition } from '../ast.js'
import type { Attributes } from '../path/get.js'
import { Memo } from './memo.js'
import { type Access, ITEM_ACCESS } from './operand.js'
import { type TestTree, testTree } from './test-tree.js'
import { MAX_PAGE_STEPS, Work } from './work.js'

const NO_ITEM: Attributes = {}

/**
 * @param item undefined if the item does not exist; it then has no attributes.
 * @throws LimitExceededError if evaluation takes more steps than one request may use.
 */
export function matches(condition: Condition, item: Attributes | undefined): boolean {
  return new PreparedCondition(condition, new Work(MAX_PAGE_STEPS)).test(item)
}

/** A condition compiled for many items. Do not modify its values while it is in use. */
export class PreparedCondition {
  readonly #work: Work
  readonly #memo: Memo
  readonly #tree: TestTree

  /**
   * @param work counts the evaluation steps.
   * @param access reads the operands from the items, by default from decoded ones.
   */
  constructor(condition: Condition, work: Work, access: Access = ITEM_ACCESS) {
    this.#work = work
    this.#memo = new Memo(work)
    this.#tree = testTree(condition, this.#memo, work, access)
  }

  /** @throws LimitExceededError if the request exceeds its maximum number of steps. */
  test(item: Attributes | undefined): boolean {
    this.#memo.clear()
    return this.#holds(this.#tree, item ?? NO_ITEM)
  }

  /** Like {@link test}, for a large item: yields after each operator, which takes at most a few milliseconds. */
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
    // An `and` ends with the first part that is false, an `or` with the first that is true.
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
