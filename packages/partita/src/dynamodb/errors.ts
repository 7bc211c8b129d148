/** Translates DynamoDB's errors into Partita's. The original error is kept as the cause. */
import {
  ConditionFailedError,
  ConflictError,
  IndexNotFoundError,
  keyText,
  LimitExceededError,
  type LimitName,
  PartitaError,
  TableNotFoundError,
  ThrottledError,
  TransactionFailedError,
  type TransactionReason,
  UnavailableError,
  ValidationError,
} from '../errors/errors.js'
import { MAX_PARTITION_KEY_BYTES, MAX_SORT_KEY_BYTES, MAX_TRANSACTION_BYTES } from '../store/limits.js'
import { MAX_ITEM_BYTES } from '../value/size.js'
import type { Key } from '../value/value.js'
import type { Cancellation, Failure } from './transport.js'

/** The request of an error, for its message and details. */
export interface Attempted {
  readonly operation: string
  readonly table?: string
  readonly index?: string
  readonly key?: Key
  readonly token?: string
}

/** The same message as that of the embedded engine. */
const CONDITION_FALSE = 'its condition is false'

const REASON_CODES: Record<string, TransactionReason['code']> = {
  None: 'None',
  ConditionalCheckFailed: 'ConditionFailed',
  TransactionConflict: 'Conflict',
  ProvisionedThroughputExceeded: 'Throttled',
  ThrottlingError: 'Throttled',
  RequestLimitExceeded: 'Throttled',
  ItemCollectionSizeLimitExceeded: 'LimitExceeded',
}

/** Limits that only the server can check, as they depend on the table or on the stored item. */
const LIMITS: readonly { readonly text: RegExp; readonly limit: LimitName; readonly maximum: number }[] = [
  { text: /item size .*exceeded/i, limit: 'item size in bytes', maximum: MAX_ITEM_BYTES },
  { text: /size of hashkey/i, limit: 'partition key in bytes', maximum: MAX_PARTITION_KEY_BYTES },
  { text: /(size of rangekey|size of all range keys)/i, limit: 'sort key in bytes', maximum: MAX_SORT_KEY_BYTES },
  // DynamoDB Local's whole message for index keys.
  { text: /size limit exceeded/i, limit: 'index key in bytes', maximum: MAX_PARTITION_KEY_BYTES },
  { text: /transaction .*(size|4 ?MB)/i, limit: 'transaction size in bytes', maximum: MAX_TRANSACTION_BYTES },
]
const NO_INDEX = /does not have the specified index|not found: Index /i

/** Translates an error. Partita's errors are returned unchanged. @param error what the transport knows of the cause. */
export function toPartitaError(cause: unknown, error: Failure, attempted: Attempted): PartitaError {
  if (cause instanceof PartitaError) return cause
  const { operation, table, key } = attempted
  const text = error.message ?? String(cause)
  switch (error.name) {
    case 'ConditionalCheckFailedException':
      return new ConditionFailedError({ table, key, ...(error.item && { item: error.item }) }, cause)
    case 'TransactionCanceledException':
      return cancelled(error.reasons ?? [], attempted, cause)
    case 'TransactionConflictException':
    case 'TransactionInProgressException':
      return new ConflictError(
        `${operation} met another transaction at ${keyText(key)}; nothing was written`,
        {},
        cause,
      )
    case 'ReplicatedWriteConflictException': {
      const message = `${operation} met a write of another region at ${keyText(key)}; nothing was written`
      return new ConflictError(message, {}, cause)
    }
    case 'IdempotentParameterMismatchException': {
      const message =
        'The token was used for other writes in the last ten minutes; use a new token for each transaction'
      return new PartitaError('TokenReused', message, { token: attempted.token ?? '' }, cause)
    }
    case 'ResourceNotFoundException':
    case 'TableNotFoundException':
      return attempted.index !== undefined && NO_INDEX.test(text)
        ? new IndexNotFoundError(table ?? '', attempted.index, undefined, cause)
        : new TableNotFoundError(table ?? '', cause)
    case 'ResourceInUseException':
      return new ConflictError(`Table ${table} is being changed by another caller: ${text}`, {}, cause)
    case 'ValidationException':
    case 'SerializationException':
      return refused(text, attempted, cause)
    case 'ItemCollectionSizeLimitExceededException':
      return overLimit('item collection of a local index in bytes', 10 * 1024 ** 3, text, cause)
    case 'LimitExceededException':
      return overLimit('tables and indexes of the account, or changes to them at once', 500, text, cause)
    case 'ProvisionedThroughputExceededException':
    case 'RequestLimitExceeded':
    case 'ThrottlingException':
    case 'TooManyRequestsException':
      return throttled(attempted, cause)
    default:
      return unavailable(error, attempted, cause)
  }
}

function refused(text: string, attempted: Attempted, cause: unknown): PartitaError {
  const { table, index } = attempted
  if (index !== undefined && NO_INDEX.test(text)) {
    return new IndexNotFoundError(table ?? '', index, undefined, cause)
  }
  const over = LIMITS.find(limit => limit.text.test(text))
  return over
    ? overLimit(over.limit, over.maximum, text, cause)
    : new ValidationError([{ path: [], message: text }], cause)
}

function overLimit(limit: LimitName, maximum: number, text: string, cause: unknown): LimitExceededError {
  return new LimitExceededError(`DynamoDB rejected the request: ${text}`, { limit, maximum }, cause)
}

/** Returns the error of a throttled request. */
export function throttled({ operation, table, key }: Attempted, cause: unknown): ThrottledError {
  const message = `DynamoDB throttled ${operation} on table ${table} and all its retries; nothing was done`
  return new ThrottledError(message, { done: 0, undone: 1, undoneKeys: key ? [key] : [] }, cause)
}

/** Translates a cancelled transaction. If all failures are conflicts, or all are throttled, it can be retried. */
function cancelled(reasons: readonly Cancellation[], attempted: Attempted, cause: unknown): PartitaError {
  const ours = reasons.map((reason, index): TransactionReason => {
    const code = REASON_CODES[reason.Code ?? 'None'] ?? 'ValidationFailed'
    return {
      index,
      code: code === 'ValidationFailed' && isOverLimit(reason.Message) ? 'LimitExceeded' : code,
      ...(reason.Message && { message: code === 'ConditionFailed' ? CONDITION_FALSE : reason.Message }),
      ...(reason.Item && { item: reason.Item }),
    }
  })
  const failed = ours.filter(reason => reason.code !== 'None')
  if (failed.length > 0 && failed.every(reason => reason.code === 'Conflict')) {
    const at = failed.map(reason => reason.index).join(', ')
    const message = `The items of operations ${at} conflicted with another writer; nothing was written`
    return new ConflictError(message, { reasons: ours }, cause)
  }
  if (failed.length > 0 && failed.every(reason => reason.code === 'Throttled')) return throttled(attempted, cause)
  return new TransactionFailedError({ reasons: ours }, cause)
}

function isOverLimit(text: string | undefined): boolean {
  return text !== undefined && LIMITS.some(limit => limit.text.test(text))
}

const REFUSALS = new Set([
  'UnrecognizedClientException',
  'InvalidSignatureException',
  'IncompleteSignatureException',
  'MissingAuthenticationTokenException',
  'MissingAuthenticationToken',
  'ExpiredTokenException',
  'AccessDeniedException',
])

function unavailable(error: Failure, { operation, table }: Attempted, cause: unknown): UnavailableError {
  // A refused connection to a host with several addresses is an AggregateError without a message.
  const text = error.message || error.code || error.name || String(cause)
  const on = table === undefined ? operation : `${operation} on table ${table}`
  if (/region is missing/i.test(text)) {
    return new UnavailableError('No AWS region is set: pass `region`, or set AWS_REGION', { operation }, cause)
  }
  if (error.name === 'CredentialsProviderError' || error.name === 'TokenProviderError') {
    const message = `No AWS credentials were found for ${on}: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (${text})`
    return new UnavailableError(message, { operation }, cause)
  }
  if (error.name !== undefined && REFUSALS.has(error.name)) {
    const request = error.requestId === undefined ? '' : ` (request ${error.requestId})`
    return new UnavailableError(`AWS did not allow ${on}: ${text}${request}`, { operation }, cause)
  }
  const id = error.requestId === undefined ? '' : ` (request ${error.requestId})`
  return new UnavailableError(
    `DynamoDB could not be reached or failed during ${on}: ${text}${id}`,
    { operation },
    cause,
  )
}
