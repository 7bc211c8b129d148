/** Refusals as AWS words them. */

/** The errors of DynamoDB and its Streams that the wire gives, each with the name space it has in `__type`. */
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

export type AwsErrorName = keyof typeof SPACES

/** HTTP's status where it is not 400. */
const STATUS: { readonly [name in AwsErrorName]?: number } = {
  RequestEntityTooLargeException: 413,
  InternalServerError: 500,
  ServiceUnavailableException: 503,
}

/** What parses and authorises requests at AWS writes `Message`; all others write `message`. */
const CAPITAL: ReadonlySet<AwsErrorName> = new Set([
  'SerializationException',
  'AccessDeniedException',
  'RequestEntityTooLargeException',
  'ServiceUnavailableException',
  'TransactionCanceledException',
])

/** An answer other than success. `more` are the members that the error has besides its message. */
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

/** A `ValidationException`, by far the most frequent refusal. */
export function validation(message: string): AwsError {
  return new AwsError('ValidationException', message)
}

/** A `ValidationException` for what DynamoDB calls parameter values. */
export function invalidValues(message: string): AwsError {
  return validation(`One or more parameter values were invalid: ${message}`)
}
