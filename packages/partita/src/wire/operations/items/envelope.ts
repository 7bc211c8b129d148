/** How PutItem and UpdateItem word what they refuse before they look at the table. */
import { Fault, validation } from '../../fault.js'

/**
 * Since 2026 AWS counts what is wrong with an input as a whole, as it always did with constraints. What a value is made
 * of, and what placeholders are called, it tells as before.
 */
const COUNTED = new RegExp(
  `^(?:${[
    'Can not use both expression and non-expression parameters',
    'ExpressionAttributeValues can only be specified',
    'ExpressionAttributeValues contains invalid value: One or more parameter values were invalid',
    'Value provided in ExpressionAttribute(?:Names|Values) unused',
    'Invalid (?:Condition|Update)Expression: ',
    'Input collection contains duplicates',
    'One or more parameter values were invalid: (?:An |Binary sets|Input collection|Null attribute)',
    'ReturnValues can only be',
  ].join('|')})`,
)

/** @param read reads an input; what it throws is counted. @throws Fault */
export function counted<Read>(read: () => Read): Read {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof Fault) || error.name !== 'ValidationException' || !COUNTED.test(error.message)) throw error
    throw validation(`1 validation error detected: ${error.message}`)
  }
}
