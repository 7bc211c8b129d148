/** Errors with AWS's names and messages. */

/** The errors of DynamoDB and DynamoDB Streams that the server returns, each with its namespace in `__type`. */
const SPACES = {
  ValidationException: 'com.amazon.coral.validate',
  SerializationException: 'com.amazon.coral.service',
  UnknownOperationException: 'com.amazon.coral.service',
  MissingAuthenticationTokenException: 'com.amazon.coral.service',
  IncompleteSignatureException: 'com.amazon.coral.service',
  InvalidSignatureException: 'com.amazon.coral.service',
  UnrecognizedClientException: 'com.amazon.coral.service',
  AccessDeniedException: 'com.amazon.coral.service',
  RequestEntityTooLargeException: 'com.amazon.coral.service',
  ServiceUnavailableException: 'com.amazon.coral.service',
  InternalServerError: 'com.amazonaws.dynamodb.v20120810',
  ConditionalCheckFailedException: 'com.amazonaws.dynamodb.v20120810',
  DuplicateItemException: 'com.amazonaws.dynamodb.v20120810',
  ExpiredIteratorException: 'com.amazonaws.dynamodb.v20120810',
  IdempotentParameterMismatchException: 'com.amazonaws.dynamodb.v20120810',
  ItemCollectionSizeLimitExceededException: 'com.amazonaws.dynamodb.v20120810',
  LimitExceededException: 'com.amazonaws.dynamodb.v20120810',
  ProvisionedThroughputExceededException: 'com.amazonaws.dynamodb.v20120810',
  RequestLimitExceeded: 'com.amazonaws.dynamodb.v20120810',
  ResourceInUseException: 'com.amazonaws.dynamodb.v20120810',
  ResourceNotFoundException: 'com.amazonaws.dynamodb.v20120810',
  TableNotFoundException: 'com.amazonaws.dynamodb.v20120810',
  TransactionCanceledException: 'com.amazonaws.dynamodb.v20120810',
  TransactionConflictException: 'com.amazonaws.dynamodb.v20120810',
  TransactionInProgressException: 'com.amazonaws.dynamodb.v20120810',
  TrimmedDataAccessException: 'com.amazonaws.dynamodb.v20120810',
} as const

/** The name of an AWS error. */
export type AwsErrorName = keyof typeof SPACES

/** HTTP status codes other than 400. */
const STATUS: { readonly [name in AwsErrorName]?: number } = {
  RequestEntityTooLargeException: 413,
  InternalServerError: 500,
  ServiceUnavailableException: 503,
}

/** Errors of AWS's request parsing and authorization have `Message`; all others have `message`. */
const CAPITAL: ReadonlySet<AwsErrorName> = new Set([
  'SerializationException',
  'AccessDeniedException',
  'RequestEntityTooLargeException',
  'ServiceUnavailableException',
  'TransactionCanceledException',
])

/** An error answer. `more` contains the members of the error in addition to its message. */
export class AwsError extends Error {
  override readonly name: AwsErrorName
  readonly more: { readonly [member: string]: unknown }

  constructor(name: AwsErrorName, message: string, more: { readonly [member: string]: unknown } = {}) {
    super(message)
    this.name = name
    this.more = more
  }

  get status(): number {
    return STATUS[this.name] ?? 400
  }

  /** The body of the answer. */
  body(): { readonly [member: string]: unknown } {
    const type = `${SPACES[this.name]}#${this.name}`
    if (this.message === '') return { __type: type }
    return { __type: type, [CAPITAL.has(this.name) ? 'Message' : 'message']: this.message, ...this.more }
  }
}

/** A `ValidationException`, by far the most frequent error. */
export function validation(message: string): AwsError {
  return new AwsError('ValidationException', message)
}

/**
 * A problem with the input as a whole. PutItem, UpdateItem and DeleteItem count such problems, as they count violated
 * constraints; all other operations report the plain message.
 */
export class InputError extends AwsError {
  /** The text after "1 validation error detected: ". */
  readonly counted: string

  constructor(message: string, counted = message) {
    super('ValidationException', message)
    this.counted = counted
  }
}

/** A `ValidationException` for what DynamoDB calls parameter values. */
export function invalidValues(message: string): InputError {
  return new InputError(`One or more parameter values were invalid: ${message}`)
}

/** An empty value for a key attribute. It refuses a transaction as a whole, before any condition is evaluated. */
export class EmptyKeyError extends AwsError {
  readonly kind: 'string' | 'binary'
  /** The key attribute, unless the message is about the key of an index. */
  readonly key: string | undefined

  private constructor(kind: 'string' | 'binary', start: string, end: string, key?: string) {
    const sentence = `The AttributeValue for a key attribute cannot contain an empty ${kind} value.`
    super('ValidationException', `One or more parameter values are not valid. ${start}${sentence}${end}`)
    this.kind = kind
    this.key = key
  }

  static ofKey(name: string, kind: 'string' | 'binary'): EmptyKeyError {
    return new EmptyKeyError(kind, '', ` Key: ${name}`, name)
  }

  static ofIndexKey(index: string, name: string, kind: 'string' | 'binary'): EmptyKeyError {
    const start = 'A value specified for a secondary index key is not supported. '
    return new EmptyKeyError(kind, start, ` IndexName: ${index}, IndexKey: ${name}`)
  }

  static ofUpdatedIndexKey(kind: 'string' | 'binary'): EmptyKeyError {
    const start = 'The update expression attempted to update a secondary index key to a value that is not supported. '
    return new EmptyKeyError(kind, start, '')
  }
}
