/** Translates errors of the driver and the server to Partita's. */
import { MongoError, MongoServerError, MongoServerSelectionError } from 'mongodb'
import {
  ConflictError,
  keyText,
  LimitExceededError,
  OutcomeUnknownError,
  PartitaError,
  ThrottledError,
  UnavailableError,
  ValidationError,
} from '../../errors/errors.js'
import type { Key } from '../../value/value.js'
import { CallOver } from './time-limit.js'

/** The request of an error, for its message and details. */
export interface Attempt {
  readonly operation: string
  readonly table?: string
  readonly key?: Key
  readonly token?: string
}

/** Codes of the server that are used here. */
const CODES = {
  unauthorized: 13,
  authenticationFailed: 18,
  illegalOperation: 20,
  exceededTimeLimit: 50,
  writeConflict: 112,
  parallelLists: 171,
  duplicateKey: 11000,
  overload: 462,
} as const

/** Codes for a document that is larger than the 16 MB of BSON. */
const TOO_LARGE = new Set([10334, 17419, 17420])
const MAX_DOCUMENT_BYTES = 16 * 1024 * 1024

/**
 * Codes with which the server rejects a request by its content or by the state of its data, so that it was not executed,
 * and a previous attempt of the driver was not either: the server recognizes those before.
 */
const REJECTED: ReadonlySet<number> = new Set([
  2, 9, 13, 14, 18, 20, 22, 26, 27, 43, 48, 52, 57, 59, 66, 67, 68, 72, 73, 85, 86, 112, 115, 121, 166, 171, 225, 251,
  263, 10334, 11000, 17280, 17419, 17420,
])

/** Whether the server rejected an insert or upsert because a document with its `_id` exists. */
export function isDuplicateId(error: unknown): boolean {
  if (!(error instanceof MongoServerError) || error.code !== CODES.duplicateKey) return false
  const { keyPattern } = error as { readonly keyPattern?: Readonly<Record<string, unknown>> }
  return keyPattern ? Object.hasOwn(keyPattern, '_id') : /index: _id_\b/.test(error.message)
}

/** Whether another transaction or write changed the same document at the same time. */
export function isWriteConflict(error: unknown): boolean {
  return error instanceof MongoServerError && error.code === CODES.writeConflict
}

/** The code of an error of the server; undefined for any other error. */
export function serverCode(error: unknown): number | undefined {
  return error instanceof MongoServerError && typeof error.code === 'number' ? error.code : undefined
}

/**
 * Whether a failed write may have been applied.
 * @param wasDisturbed whether the connection of an attempt may have been lost: the driver repeats a write once, and then
 *   only throws the error of the second attempt.
 */
export function leavesWriteOpen(error: unknown, wasDisturbed: boolean): boolean {
  if (error instanceof PartitaError || isDuplicateId(error)) return false
  if (error instanceof MongoServerSelectionError) return wasDisturbed
  // A listener of the client may have thrown it after the write.
  if (!(error instanceof MongoError)) return !isOfBson(error)
  // The write is done, but not yet on a majority of the servers.
  if (error.name === 'MongoWriteConcernError' || 'writeConcernError' in error) return true
  if (error.hasErrorLabel('NoWritesPerformed')) return wasDisturbed
  const code = serverCode(error)
  if (code !== undefined) return !REJECTED.has(code) && (wasDisturbed || isInterruption(error))
  return !isBeforeSending(error)
}

/** Whether the server was interrupted, for example by its shutdown or an election. */
function isInterruption(error: MongoError): boolean {
  return error.hasErrorLabel('RetryableWriteError') || INTERRUPTIONS.has(Number(error.code))
}

/** Codes of a server that shuts down, steps down or loses its connections. A write may have been applied before. */
const INTERRUPTIONS = new Set([6, 7, 64, 89, 91, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436])

/** Errors of the driver that come before a command is sent. */
const BEFORE_SENDING = new Set([
  'MongoServerSelectionError',
  'MongoPoolClearedError',
  'MongoPoolClosedError',
  'MongoWaitQueueTimeoutError',
  'WaitQueueTimeoutError',
  'MongoNotConnectedError',
  'MongoTopologyClosedError',
  'MongoClientClosedError',
  'MongoInvalidArgumentError',
  'MongoCompatibilityError',
  'MongoMissingCredentialsError',
  'MongoMissingDependencyError',
  'MongoParseError',
  'MongoTransactionError',
  'MongoExpiredSessionError',
  'BSONError',
])

/** Whether an error was thrown while a command was built. */
function isOfBson(error: unknown): boolean {
  return error instanceof Error && error.name.startsWith('BSON')
}

/** Whether an error is neither the driver's nor of the network: the driver passes on what a listener throws. */
function isForeign(error: unknown): boolean {
  if (error instanceof MongoError || error instanceof CallOver || error instanceof PartitaError) return false
  // Node's own errors, such as that of a name that DNS does not know, have codes.
  return !isOfBson(error) && typeof (error as { readonly code?: unknown } | undefined)?.code !== 'string'
}

function isBeforeSending(error: MongoError): boolean {
  if (BEFORE_SENDING.has(error.name)) return true
  // The driver's own name for a failure of the handshake, which precedes every command.
  const { beforeHandshake } = error as { readonly beforeHandshake?: boolean }
  return beforeHandshake === true
}

/** Translates an error. Partita's errors are returned unchanged. */
export function translated(cause: unknown, attempt: Attempt): PartitaError {
  if (cause instanceof PartitaError) return cause
  const { operation, table, key } = attempt
  const on = table === undefined ? operation : `${operation} on table ${table}`
  const text = messageOf(cause)
  const code = serverCode(cause)
  if (code !== undefined && TOO_LARGE.has(code)) {
    return new LimitExceededError(
      `MongoDB rejected ${on}: the document is larger than 16 MB`,
      { limit: 'item size in bytes', maximum: MAX_DOCUMENT_BYTES },
      cause,
    )
  }
  switch (code) {
    case CODES.writeConflict:
      return new ConflictError(`${operation} met another writer at ${keyText(key)}; nothing was written`, {}, cause)
    case CODES.illegalOperation:
      return replicaSetRequired(cause)
    case CODES.unauthorized:
    case CODES.authenticationFailed:
      return new UnavailableError(`MongoDB did not allow ${on}: ${text}`, { operation }, cause)
    case CODES.exceededTimeLimit:
      return new UnavailableError(`MongoDB did not finish ${on} before its deadline`, { operation }, cause)
    case CODES.duplicateKey:
      return new ValidationError(
        [{ path: [], message: `a unique index that is not the library's rejects the item: ${text}` }],
        cause,
      )
    case CODES.parallelLists: {
      const message = `MongoDB indexes no item that has lists in two key attributes of an index; change such items: ${text}`
      return new ValidationError([{ path: [], message }], cause)
    }
    case CODES.overload: {
      const details = { done: 0, undone: 1, undoneKeys: key ? [key] : [] }
      return new ThrottledError(`MongoDB is overloaded and rejected ${on}; nothing was done`, details, cause)
    }
  }
  return new UnavailableError(reasonOf(cause, on), { operation }, cause)
}

function reasonOf(cause: unknown, on: string): string {
  const text = messageOf(cause)
  if (cause instanceof CallOver) return `${on} was given up: ${text}`
  if (isForeign(cause)) return `${on} failed, because ${LISTENER}: ${text}`
  return `MongoDB could not be reached or failed during ${on}: ${text}`
}

const LISTENER = 'a listener of the MongoDB client, or other code of the program that the driver runs, threw an error'

/** Returns the error of a write whose answer was lost. @param cause the failure of the last attempt. */
export function lostAnswer({ operation, table, key, token }: Attempt, cause: unknown): OutcomeUnknownError {
  const on = table === undefined ? '' : ` on ${key ? `${keyText(key)} in ` : ''}table ${table}`
  const details = {
    operation,
    ...(table !== undefined && { table }),
    ...(key && { key }),
    ...(token !== undefined && { token }),
  }
  const why = isForeign(cause) ? ` because ${LISTENER}` : ''
  return new OutcomeUnknownError(
    `The response to ${operation}${on} was lost${why}, so it may or may not have been applied: ${messageOf(cause)}; read the item before you write again`,
    details,
    cause,
  )
}

/** Returns the error for a single server, which has no transactions. */
export function replicaSetRequired(cause?: unknown): PartitaError<'StoreUnusable'> {
  const message =
    'The MongoDB server is not a member of a replica set, so it has no transactions: start it with ' +
    '`mongod --replSet rs0` and run `rs.initiate()` once in mongosh; one member is enough'
  return new PartitaError('StoreUnusable', message, {}, cause)
}

/** The message of an error, without credentials: some errors of the driver repeat the URL. */
function messageOf(cause: unknown): string {
  const text = cause instanceof Error ? cause.message || cause.name : String(cause)
  return text.replace(/\/\/[^/\s]*@/g, '//***@')
}
