/** Checks that conditions and updates share: paths, values and the number of operators. */
import { invalid, LimitExceededError } from '../../errors/errors.js'
import { MAX_NAME_BYTES, measureValue, utf8Length } from '../../value/size.js'
import { isLarge, type Value } from '../../value/value.js'
import type { Path } from '../ast.js'
import { MAX_EXPRESSION_BYTES, MAX_LIST_INDEX, MAX_OPERATORS, MAX_PATH_STEPS } from '../limits.js'

/** Counts operators and functions. A recursion that counts at each level of an expression is bounded by the maximum. */
export class OperatorCount {
  /** Whether the maximum applies. */
  readonly bounded: boolean
  #count = 0
  readonly #checked = new Set<Value>()
  /** Number of operands and path steps. */
  parts = 0

  constructor(bounded = true) {
    this.bounded = bounded
  }

  /** @throws LimitExceededError for over 300, if the maximum applies. */
  add(operators: number): void {
    this.#count += operators
    if (this.bounded && this.#count > MAX_OPERATORS) {
      throw new LimitExceededError(
        `The expression has over ${MAX_OPERATORS} operators and functions; split the request`,
        {
          limit: 'operators in an expression',
          maximum: MAX_OPERATORS,
          actual: this.#count,
        },
      )
    }
  }

  /** A value can be the operand of many operators, and is checked once. @throws ValidationError as `checkValue` */
  checkValue(value: Value, at: readonly (string | number)[]): void {
    if (this.#checked.has(value)) return
    checkValue(value, at)
    if (isLarge(value)) this.#checked.add(value)
  }
}

/**
 * Returns the text.
 *
 * @param text an expression string.
 * @throws LimitExceededError if it is over 4 KB.
 */
export function checkLength(text: string): string {
  if (text.length > MAX_EXPRESSION_BYTES) {
    throw new LimitExceededError(
      `The expression has ${text.length} bytes as an expression string; the limit is ${MAX_EXPRESSION_BYTES} (4 KB)`,
      { limit: 'expression in bytes', maximum: MAX_EXPRESSION_BYTES, actual: text.length },
    )
  }
  return text
}

/** @throws ValidationError for a path that is empty or too deep, or has an invalid name or list index. */
export function checkPath(path: Path): void {
  if (typeof path[0] !== 'string') throw invalid(path.slice(0, 3), 'a path begins with the name of an attribute')
  if (path.length > MAX_PATH_STEPS) {
    throw invalid(path.slice(0, 3), `has ${path.length} steps; a path can have at most ${MAX_PATH_STEPS}`)
  }
  for (const step of path) {
    if (typeof step === 'number') checkIndex(path, step)
    else checkStepName(path, step)
  }
}

function checkIndex(path: Path, index: number): void {
  if (Number.isInteger(index) && index >= 0 && index <= MAX_LIST_INDEX) return
  throw invalid(path, `${index} is not a list index; use a whole number from 0 to ${MAX_LIST_INDEX}`)
}

function checkStepName(path: Path, name: string): void {
  const bytes = typeof name === 'string' ? utf8Length(name) : undefined
  if (bytes !== undefined && bytes > 0 && bytes <= MAX_NAME_BYTES) return
  // An over-long name is not repeated in the error.
  const at = bytes === undefined || bytes === 0 ? path : path.map(step => `${step}`.slice(0, 20))
  throw invalid(at, `an attribute name is well-formed text of 1 to ${MAX_NAME_BYTES} bytes`)
}

/** @throws ValidationError for a value that DynamoDB cannot store, such as NaN or an empty set. */
function checkValue(value: Value, at: readonly (string | number)[]): void {
  measureValue(value, at)
}

/** Whether two paths are equal. DynamoDB rejects some operators whose operands are the same path. */
export function samePath(a: Path, b: Path): boolean {
  return a.length === b.length && a.every((step, i) => step === b[i])
}
