/** Translates errors of the store to AWS's. */

import { OperationsRefusedError } from '../../embedded/write/transaction.js'
import {
  ConditionFailedError,
  ConflictError,
  IndexNotFoundError,
  LimitExceededError,
  NotFoundError,
  PartitaError,
  refusedItem,
  TableNotFoundError,
  ThrottledError,
  TransactionFailedError,
  ValidationError,
} from '../../errors/errors.js'
import { UpdateError } from '../../expression/evaluate/index.js'
import { UnfitIndexKey } from '../../store/index-key.js'
import type { KeyRole } from '../../store/limits.js'
import { SumError } from '../../value/number.js'
import { typeOf, type Value } from '../../value/value.js'
import { writeItem } from './attribute-value.js'
import { AwsError, EmptyKeyError, invalidValues, validation } from './aws-error.js'

const ITEM_TOO_LARGE = 'Item size has exceeded the maximum allowed size'
/** The same for an item that an update produces. */
export const UPDATE_TOO_LARGE = 'Item size to update has exceeded the maximum allowed size'

const UPDATE_ERRORS = {
  absent: 'The provided expression refers to an attribute that does not exist in the item',
  type: 'An operand in the update expression has an incorrect data type',
  path: 'The document path provided in the update expression is invalid for update',
}

const OVERFLOW = 'Number overflow. Attempting to store a number with magnitude larger than supported range'
const SUM_ERRORS = {
  // AWS gives the same message for both, as for 1e50 + 1.
  digits: OVERFLOW,
  overflow: OVERFLOW,
  underflow: 'Number underflow. Attempting to store a number with magnitude smaller than supported range',
}

/** The AWS error for an error of an operation. */
export function awsErrorOf(error: unknown): AwsError {
  if (error instanceof AwsError) return error
  if (error instanceof ConditionFailedError) {
    const item = refusedItem(error)
    return new AwsError('ConditionalCheckFailedException', 'The conditional request failed', {
      ...(item && { Item: writeItem(item) }),
    })
  }
  if (error instanceof TransactionFailedError) return cancelled(error, () => false)
  if (error instanceof IndexNotFoundError) {
    return validation(`The table does not have the specified index: ${error.details.index}`)
  }
  if (error instanceof TableNotFoundError || error instanceof NotFoundError)
    return new AwsError('ResourceNotFoundException', 'Requested resource not found')
  if (error instanceof ThrottledError) {
    const message = 'The level of configured provisioned throughput for the table was exceeded.'
    return new AwsError('ProvisionedThroughputExceededException', message)
  }
  if (error instanceof ConflictError) return conflict(error)
  if (error instanceof LimitExceededError) return overLimit(error)
  if (error instanceof ValidationError) return invalidRequest(error)
  if (error instanceof PartitaError && error.code === 'TokenReused') {
    const message = 'Transaction token reused with a different payload'
    return new AwsError('IdempotentParameterMismatchException', message)
  }
  return new AwsError('InternalServerError', error instanceof Error ? error.message : String(error))
}

function invalidRequest(error: ValidationError): AwsError {
  if (error instanceof UpdateError) return validation(UPDATE_ERRORS[error.reason])
  if (error instanceof UnfitIndexKey) return unfitIndexKey(error)
  if (error instanceof SumError) return validation(SUM_ERRORS[error.reason])
  return validation(error.message)
}

/** The same for an update. AWS words errors about its result differently. */
export function awsUpdateErrorOf(error: unknown): AwsError {
  if (error instanceof UnfitIndexKey) return unfitIndexKey(error, true)
  return isItemTooLarge(error) ? validation(UPDATE_TOO_LARGE) : awsErrorOf(error)
}

function isItemTooLarge(error: unknown): boolean {
  return error instanceof LimitExceededError && error.details.limit === 'item size in bytes'
}

/** @param updated whether an update caused the error; AWS words that differently. */
function unfitIndexKey({ index, attribute, value }: UnfitIndexKey, updated = false): AwsError {
  const actual = typeOf(value)
  if (actual !== attribute.type) {
    const types = `Expected: ${attribute.type} Actual: ${actual} IndexName: ${index}`
    return invalidValues(`Type mismatch for Index Key ${attribute.name} ${types}`)
  }
  if (updated) return emptiedIndexKey(value)
  return EmptyKeyError.ofIndexKey(index, attribute.name, kindOf(value))
}

/** The error for an update that empties an index key. */
export function emptiedIndexKey(value: Value): AwsError {
  return EmptyKeyError.ofUpdatedIndexKey(kindOf(value))
}

function kindOf(value: Value): 'string' | 'binary' {
  return value instanceof Uint8Array ? 'binary' : 'string'
}

function overLimit({ details, message }: LimitExceededError): AwsError {
  switch (details.limit) {
    case 'item size in bytes':
      return validation(ITEM_TOO_LARGE)
    case 'partition key in bytes':
      return keyTooLong('partition')
    case 'sort key in bytes':
      return keyTooLong('sort')
    case 'transaction size in bytes':
      return validation(transactionTooLarge(details.actual ?? details.maximum))
    case 'tables':
      return new AwsError(
        'LimitExceededException',
        `Subscriber limit exceeded: There is a limit of ${details.maximum} tables per subscriber`,
      )
  }
  return validation(message)
}

/** The error for a key that is too long. */
export function keyTooLong(role: KeyRole): AwsError {
  return role === 'partition'
    ? invalidValues('Size of hashkey has exceeded the maximum size limit of2048 bytes')
    : invalidValues('Aggregated size of all range keys has exceeded the size limit of 1024 bytes')
}

/** AWS repeats the text. */
function transactionTooLarge(bytes: number): string {
  const rule = 'Transaction payload size cannot exceed 4MB. Payload Size: '
  return `${rule}: ${rule}${bytes}`
}

function conflict({ details, message }: ConflictError): AwsError {
  if (!details.reasons) return new AwsError('TransactionConflictException', message)
  return cancellation(
    details.reasons.map(({ code }) =>
      code === 'None'
        ? { Code: 'None' }
        : { Code: 'TransactionConflict', Message: 'Transaction is ongoing for the item' },
    ),
  )
}

/**
 * Translates the error of a transaction.
 * @param isUpdate whether the operation at that index is an update, for which AWS words the error of an item over
 *   400 KB differently.
 */
export function awsTransactionErrorOf(error: unknown, isUpdate: (index: number) => boolean): AwsError {
  return error instanceof TransactionFailedError ? cancelled(error, isUpdate) : awsErrorOf(error)
}

function cancelled(error: TransactionFailedError, isUpdate: (index: number) => boolean): AwsError {
  return cancellation(
    error.details.reasons.map(({ code, item, index, message }) => {
      if (code === 'None') return { Code: 'None' }
      if (code === 'ConditionFailed') {
        return {
          Code: 'ConditionalCheckFailed',
          Message: 'The conditional request failed',
          ...(item && { Item: writeItem(item) }),
        }
      }
      const refused = error instanceof OperationsRefusedError ? error.errorOf(index) : undefined
      if (refused === undefined) return { Code: 'ValidationError', Message: message }
      const isTooLarge = isItemTooLarge(refused) && isUpdate(index)
      return { Code: 'ValidationError', Message: isTooLarge ? UPDATE_TOO_LARGE : awsErrorOf(refused).message }
    }),
  )
}

/** @param reasons one per operation, in order. */
export function cancellation(reasons: readonly { readonly Code: string }[]): AwsError {
  const codes = reasons.map(({ Code }) => Code).join(', ')
  return new AwsError(
    'TransactionCanceledException',
    `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`,
    { CancellationReasons: reasons },
  )
}
