/** The errors of the server, by MongoDB's codes. */
import type { Document } from 'mongodb'

const NAMES = {
  1: 'InternalError',
  2: 'BadValue',
  9: 'FailedToParse',
  14: 'TypeMismatch',
  15: 'Overflow',
  20: 'IllegalOperation',
  26: 'NamespaceNotFound',
  27: 'IndexNotFound',
  28: 'PathNotViable',
  40: 'ConflictingUpdateOperators',
  43: 'CursorNotFound',
  48: 'NamespaceExists',
  50: 'MaxTimeMSExpired',
  52: 'DollarPrefixedFieldName',
  53: 'InvalidIdField',
  56: 'EmptyFieldName',
  59: 'CommandNotFound',
  66: 'ImmutableField',
  67: 'CannotCreateIndex',
  72: 'InvalidOptions',
  73: 'InvalidNamespace',
  85: 'IndexOptionsConflict',
  86: 'IndexKeySpecsConflict',
  91: 'ShutdownInProgress',
  112: 'WriteConflict',
  125: 'CommandFailed',
  171: 'CannotIndexParallelArrays',
  225: 'TransactionTooOld',
  251: 'NoSuchTransaction',
  256: 'TransactionCommitted',
  263: 'OperationNotSupportedInTransaction',
  291: 'NoQueryExecutionPlans',
  10334: 'BSONObjectTooLarge',
  11000: 'DuplicateKey',
  10107: 'NotWritablePrimary',
} as const satisfies Record<number, string>

export type ErrorCode = keyof typeof NAMES

/** An error that the server answers with. */
export class ServerError extends Error {
  constructor(
    readonly code: number,
    message: string,
    readonly details: Document = {},
  ) {
    super(message)
  }
}

/** An error of one of MongoDB's codes. */
export function failed(code: ErrorCode, message: string, details?: Document): ServerError {
  return new ServerError(code, message, details)
}

/** The name of a code, as MongoDB prints it. */
export function codeName(code: number): string {
  return (NAMES as Record<number, string>)[code] ?? `Location${code}`
}

/** Two transactions wrote one document; MongoDB's own message. */
export function writeConflict(): ServerError {
  return failed(
    112,
    'Caused by :: Write conflict during plan execution and yielding is disabled. :: Please retry your operation or multi-document transaction.',
  )
}

/** Errors after which a driver may send the command again: the member is no primary, or is going away. */
const RETRYABLE = new Set([6, 7, 89, 91, 134, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436])
/** Errors after which the whole transaction may be run again. */
const TRANSIENT = new Set([...RETRYABLE, 24, 112, 239, 246, 251, 267])

/** Whether an error is about the state of the member, and not about the command. */
export function isOfMember(code: number): boolean {
  return RETRYABLE.has(code)
}

/** The labels that MongoDB adds to an error. */
export function errorLabels(code: number, within: 'transaction' | 'commit' | 'retryable' | undefined): string[] {
  const labels: string[] = []
  if (within === 'transaction' && TRANSIENT.has(code)) labels.push('TransientTransactionError')
  if (within === 'commit' && (code === 251 || code === 112)) labels.push('TransientTransactionError')
  if ((within === 'retryable' || within === 'commit') && RETRYABLE.has(code)) labels.push('RetryableWriteError')
  return labels
}
