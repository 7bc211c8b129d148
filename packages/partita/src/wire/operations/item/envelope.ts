/** The wording of errors that PutItem, UpdateItem and DeleteItem report before they look up the table. */

import type { Expectation } from '../../legacy/input.js'
import type { Typed, TypedItem } from '../../protocol/attribute-value.js'
import { AwsError, InputError, validation } from '../../protocol/aws-error.js'
import { ValueError } from '../../protocol/legacy-messages.js'

interface SingleWrite {
  readonly Item?: TypedItem
  readonly Key?: TypedItem
  readonly Expected?: { readonly [name: string]: Expectation }
  readonly ExpressionAttributeValues?: TypedItem
}

/**
 * Since 2026 AWS counts problems with an input as a whole, as it always did with violated constraints. Problems with
 * the names of placeholders, and values without a type or with several, are reported as before.
 * @param read reads an input; the errors that it throws are counted.
 * @throws AwsError
 */
export function counted<Read>(input: SingleWrite, read: () => Read): Read {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof AwsError) || error.name !== 'ValidationException') throw error
    if (isForOlder(input)) throw error instanceof ValueError ? validation(error.older) : error
    if (error instanceof ValueError) throw validation(`1 validation error detected: ${error.message}`)
    throw error instanceof InputError ? validation(`1 validation error detected: ${error.counted}`) : error
  }
}

/** Maximum nesting depth of values that AWS's newer front end reads. */
const DEEPEST = 62

/** Whether AWS's older front end answers a write, with its own messages: if it is empty, or nested very deep. */
export function isForOlder(input: SingleWrite): boolean {
  const { Item: item, Key: key, Expected: expected = {}, ExpressionAttributeValues: values = {} } = input
  if (item === undefined && key === undefined) return true
  // Expectations may still be null here: the constraints are checked later.
  const expectations = Object.values(expected).map(it => [it?.Value, ...(it?.AttributeValueList ?? [])])
  const all = [item, key, values].flatMap(it => Object.values(it ?? {}))
  return [...all, ...expectations.flat()].some(value => value && isDeeper(value, DEEPEST))
}

function isDeeper(value: Typed | null, levels: number): boolean {
  const within = value?.M ? Object.values(value.M) : (value?.L ?? [])
  return within.length > 0 && (levels === 0 || within.some(it => isDeeper(it, levels - 1)))
}
