/** How PutItem, UpdateItem and DeleteItem word what they refuse before they look at the table. */

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
 * Since 2026 AWS counts problems with an input as a whole, as it always did with violated constraints. Problems with the
 * names of placeholders, and values of no type or of several, are reported as before.
 * @param read reads an input; what it throws is counted.
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

/** Values that are nested deeper than this the newer front end does not read. */
const DEEPEST = 62

/** Whether a write is left to AWS's older front end, which says all in its own way: it is of nothing, or very deep. */
export function isForOlder(input: SingleWrite): boolean {
  const { Item: item, Key: key, Expected: expected = {}, ExpressionAttributeValues: values = {} } = input
  if (item === undefined && key === undefined) return true
  // Expectations may still be null: whether they are is a constraint like any other.
  const expectations = Object.values(expected).map(it => [it?.Value, ...(it?.AttributeValueList ?? [])])
  const all = [item, key, values].flatMap(it => Object.values(it ?? {}))
  return [...all, ...expectations.flat()].some(value => value && isDeeper(value, DEEPEST))
}

function isDeeper(value: Typed | null, levels: number): boolean {
  const within = value?.M ? Object.values(value.M) : (value?.L ?? [])
  return within.length > 0 && (levels === 0 || within.some(it => isDeeper(it, levels - 1)))
}
