/** How PutItem, UpdateItem and DeleteItem word what they refuse before they look at the table. */
import { Fault, validation } from '../../fault.js'
import { ValueFault } from '../../older-words.js'

/**
 * Since 2026 AWS counts what is wrong with an input as a whole, as it always did with constraints. What placeholders
 * are called, and values of no type or of several, it tells as before.
 */
const COUNTED = new RegExp(
  `^(?:${[
    'Can not use both expression and non-expression parameters',
    'ExpressionAttribute(?:Names|Values) can only be specified',
    'ExpressionAttribute(?:Names|Values) must not be empty',
    'Value provided in ExpressionAttribute(?:Names|Values) unused',
    'Invalid (?:Condition|Update)Expression: ',
    'One or more parameter values were invalid: ',
    'ReturnValues can only be',
  ].join('|')})`,
)

/** @param read reads an input; what it throws is counted. @throws Fault */
export function counted<Read>(read: () => Read): Read {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof Fault) || error.name !== 'ValidationException') throw error
    if (!(error instanceof ValueFault) && !COUNTED.test(error.message)) throw error
    throw validation(`1 validation error detected: ${error.message}`)
  }
}
