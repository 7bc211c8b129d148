/**
 * Evaluates a condition on an item as DynamoDB does. No item causes an error: a missing attribute or one of another
 * type makes a comparison false, and `<>`, the negation of `=`, true.
 */
import type { Condition } from '../ast.js'
import type { Attributes } from '../path/get.js'
import { Memo } from './memo.js'
import { type Access, ITEM_ACCESS } from './operand.js'
import { type Test, type TestTree, testTree } from './test-tree.js'
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
  readonly #memo: Memo
  readonly #tree: TestTree
  readonly #test: Test

  /**
   * @param work counts the evaluation steps.
   * @param access reads the operands from the items, by default from decoded ones.
   */
  constructor(condition: Condition, work: Work, access: Access = ITEM_ACCESS) {
    this.#memo = new Memo(work)
    this.#tree = testTree(condition, this.#memo, work, access)
    this.#test = testOf(this.#tree)
  }

  /** @throws LimitExceededError if the request exceeds its maximum number of steps. */
  test(item: Attributes | undefined): boolean {
    this.#memo.clear()
    return this.#test(item ?? NO_ITEM)
  }

  /** Like {@link test}, for a large item: yields after each operator, which takes at most a few milliseconds. */
  *steps(item: Attributes | undefined): Generator<void, boolean> {
    this.#memo.clear()
    return yield* this.#stepsOf(this.#tree, item ?? NO_ITEM)
  }

  *#stepsOf(tree: TestTree, item: Attributes): Generator<void, boolean> {
    if (tree.kind === 'not') return !(yield* this.#stepsOf(tree.part, item))
    if (tree.kind === 'test') {
      const verdict = tree.test(item)
      yield
      return verdict
    }
    const isEnd = tree.kind === 'or'
    for (const part of tree.parts) if ((yield* this.#stepsOf(part, item)) === isEnd) return isEnd
    return !isEnd
  }
}

/** Makes one function of a tree: a walk through the tree for each item would take longer. */
function testOf(tree: TestTree): Test {
  if (tree.kind === 'test') return tree.test
  if (tree.kind === 'not') {
    const test = testOf(tree.part)
    return item => !test(item)
  }
  // An `and` ends with the first part that is false, an `or` with the first that is true.
  const isEnd = tree.kind === 'or'
  const tests = tree.parts.map(testOf)
  return item => {
    for (let i = 0; i < tests.length; i++) if ((tests[i] as Test)(item) === isEnd) return isEnd
    return !isEnd
  }
}
