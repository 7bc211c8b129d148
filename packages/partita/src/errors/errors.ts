/**
 * The error taxonomy. Every failure that a user can act on is a {@link PartitaError} with a literal `code` and a typed
 * `details`. Programs catch the subclasses. The message says what was wrong, with which value, and what to do. `cause`
 * holds the underlying error, if any.
 */

import type { Item, Key } from '../value/value.js'
import { boundedIssues, valueText } from './text.js'

export { MAX_ISSUES, valueText } from './text.js'

/** Path of an invalid value within a request or item: `['address', 'lines', 0]`. */
export type IssuePath = readonly (string | number)[]

/** One problem with a request or a stored row: the path of the value, and what is wrong with it. */
export interface Issue {
  readonly path: IssuePath
  readonly message: string
}

/** Why one operation of a transaction failed; `None` for operations that did not fail. */
export interface TransactionReason {
  /** Index of the operation in the request. */
  readonly index: number
  readonly code: 'None' | 'ConditionFailed' | 'Conflict' | 'ValidationFailed' | 'Throttled' | 'LimitExceeded'
  readonly message?: string
  /** The existing item, if the operation set `returnOldOnFailure`. */
  readonly item?: Item
}

/** Fields of a row in their JavaScript types: dates are `Date` objects. */
export type RowFields = Readonly<Record<string, unknown>>

/** Where a row is stored. It may name a tenant: do not show it to end users. */
export interface PhysicalDetails {
  readonly table: string
  /** The key of the stored item. */
  readonly key?: Key
  /** The keys, if the error concerns several items. */
  readonly keys?: readonly Key[]
  readonly tenant?: string
  /** The whole stored item, if the error concerns its content. */
  readonly item?: Item
}

/** Details of errors about a row: the model's name and the row's key fields. */
interface RowDetails {
  readonly model?: string
  /** The key fields of a row, or the key attributes of an item. */
  readonly key?: RowFields
  readonly physical?: PhysicalDetails
}

/** The progress of a batch that failed. Every item that is not listed here was processed. */
export interface BatchProgress {
  readonly done: number
  /** Not written; safe to retry. */
  readonly undoneKeys: readonly RowFields[]
  /** Sent, but no response arrived: the items may or may not have been written. */
  readonly unknownKeys: readonly RowFields[]
}

/** The payload of each error code; `error.details` has the type that belongs to `error.code`. */
export interface ErrorDetails {
  /** `item` is the existing row (its fields) or item (its attributes). */
  ConditionFailed: RowDetails & { readonly table?: string; readonly item?: RowFields }
  UniqueViolation: RowDetails & {
    readonly model: string
    readonly constraint: string
    readonly fields: readonly string[]
  }
  AlreadyExists: RowDetails & { readonly table?: string }
  NotFound: RowDetails & { readonly table?: string }
  TableNotFound: { readonly table: string }
  IndexNotFound: { readonly table: string; readonly index: string }
  Conflict: RowDetails & {
    readonly reasons?: readonly TransactionReason[]
    /** How often a transaction's function ran. */
    readonly attempts?: number
    /** The unique constraint that a concurrent write claimed, and its fields. */
    readonly constraint?: string
    readonly fields?: readonly string[]
  }
  TransactionFailed: { readonly reasons: readonly TransactionReason[] }
  TokenReused: { readonly token: string }
  /** The first 100 issues, and how many more there are. Long texts and names are truncated. */
  ValidationFailed: { readonly issues: readonly Issue[]; readonly more?: number }
  InvalidCursor: { readonly reason: string }
  /** `actual` is omitted if only the server measured it and did not report it. */
  LimitExceeded: { readonly limit: string; readonly maximum: number; readonly actual?: number }
  Throttled: {
    readonly done: number
    readonly undone: number
    readonly undoneKeys: readonly RowFields[]
    readonly physical?: PhysicalDetails
  }
  Unavailable: { readonly operation?: string; readonly reason?: StorageFailure; readonly batch?: BatchProgress }
  /** The attempted operation. `key` is omitted for writes of several items; `token` is the transaction's token. */
  OutcomeUnknown: RowDetails & {
    readonly operation: string
    readonly table?: string
    readonly token?: string
    readonly batch?: BatchProgress
  }
  /** `key` has the row's key fields; `item` its stored attributes without the library's internal ones. */
  Unreadable: {
    readonly model: string
    readonly key: RowFields
    readonly item: Item
    /** The first 100, as for `ValidationError`. */
    readonly issues: readonly Issue[]
    readonly more?: number
    readonly physical: PhysicalDetails
  }
  /** Indexes, constraints and iteration keys that rows written by an older model may lack. */
  Incomplete: {
    readonly parts: readonly {
      readonly model: string
      readonly part: 'index' | 'unique' | 'iteration'
      readonly name: string
    }[]
  }
  TenantRequired: Readonly<Record<never, never>>
  StoreUnusable: { readonly path?: string; readonly reason?: StorageFailure }
}

/**
 * Why the embedded store failed. `diskFull`: no space is left. `readersFull`: more than 2,000 threads and processes
 * read at once. `readOnly`: the store was opened with `readOnly`. `folderGone`: its folder was deleted, moved or
 * replaced. `tornCopy`: the files were copied while the store was being written.
 */
export type StorageFailure = 'diskFull' | 'readersFull' | 'readOnly' | 'folderGone' | 'tornCopy'

/** The literal codes of {@link PartitaError}. They are stable across releases; messages are not. */
export type ErrorCode = keyof ErrorDetails

/** Base class of every error that the library throws on purpose. Branch on `code` or on the subclass, not on the message. */
export class PartitaError<Code extends ErrorCode = ErrorCode> extends Error {
  override readonly name: string = 'PartitaError'
  readonly code: Code
  readonly details: ErrorDetails[Code]

  constructor(code: Code, message: string, details: ErrorDetails[Code], cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
    this.details = details
  }

  /**
   * Whether a value is an error of this library with the code, which narrows it to the details of that code.
   *
   * @example if (PartitaError.is(error, 'UniqueViolation')) return `${error.details.fields} is taken`
   */
  static is<Code extends ErrorCode>(error: unknown, code: Code): error is PartitaError<Code> {
    return error instanceof PartitaError && error.code === code
  }
}

/**
 * The condition of a write was false. `details.item` is the existing item: models always report it, stores and tables
 * only if the write requested it.
 */
export class ConditionFailedError extends PartitaError<'ConditionFailed'> {
  override readonly name = 'ConditionFailedError'

  constructor(details: ErrorDetails['ConditionFailed'], cause?: unknown) {
    const { model, table, key } = details
    // A store may not know which attributes of a put item form its key.
    const on =
      model !== undefined ? ` on the ${model} ${keyText(key)}` : table === undefined ? '' : ` in table ${table}`
    super('ConditionFailed', `The condition of the write${on} is false; nothing was written`, details, cause)
  }
}

/** Another row already holds the value of a unique constraint. */
export class UniqueViolationError extends PartitaError<'UniqueViolation'> {
  override readonly name = 'UniqueViolationError'

  constructor(details: ErrorDetails['UniqueViolation'], cause?: unknown) {
    const fields = details.fields.join(', ')
    super('UniqueViolation', `Another ${details.model} has the same ${fields} (${details.constraint})`, details, cause)
  }
}

/** The row, item or table to create already exists. */
export class AlreadyExistsError extends PartitaError<'AlreadyExists'> {
  override readonly name = 'AlreadyExistsError'

  constructor(message: string, details: ErrorDetails['AlreadyExists'], cause?: unknown) {
    super('AlreadyExists', message, details, cause)
  }
}

/** The row or item that a write changes does not exist. */
export class NotFoundError extends PartitaError<'NotFound'> {
  override readonly name = 'NotFoundError'

  constructor(message: string, details: ErrorDetails['NotFound'], cause?: unknown) {
    super('NotFound', message, details, cause)
  }
}

/** The table that the request names does not exist. */
export class TableNotFoundError extends PartitaError<'TableNotFound'> {
  override readonly name = 'TableNotFoundError'

  constructor(table: string, cause?: unknown) {
    const message = `There is no table ${valueText(table)}; create it with createTable`
    super('TableNotFound', message, { table }, cause)
  }
}

/** The table has no index with the requested name. */
export class IndexNotFoundError extends PartitaError<'IndexNotFound'> {
  override readonly name = 'IndexNotFoundError'

  /** @param known the names of the table's indexes, if known. */
  constructor(table: string, index: string, known?: readonly string[], cause?: unknown) {
    const has = known === undefined ? '' : `; it has ${known.join(', ') || 'none'}`
    super('IndexNotFound', `Table ${table} has no index ${valueText(index)}${has}`, { table, index }, cause)
  }
}

/** Another writer changed the same items at the same time. Nothing was written; the operation can be retried. */
export class ConflictError extends PartitaError<'Conflict'> {
  override readonly name = 'ConflictError'

  constructor(message: string, details: ErrorDetails['Conflict'], cause?: unknown) {
    super('Conflict', message, details, cause)
  }
}

/** A transaction was rejected and nothing was written; `details.reasons` has one entry per operation, in order. */
export class TransactionFailedError extends PartitaError<'TransactionFailed'> {
  override readonly name = 'TransactionFailedError'

  constructor(details: ErrorDetails['TransactionFailed'], cause?: unknown) {
    const failed = details.reasons.filter(reason => reason.code !== 'None')
    const list = failed.map(reason => `operation ${reason.index}: ${reason.message ?? reason.code}`).join('; ')
    super('TransactionFailed', `The transaction was refused and nothing was written (${list})`, details, cause)
  }
}

/**
 * The request is invalid; nothing was sent or written. `details.issues` lists the first 100 issues with their paths, and
 * `details.more` counts the rest. If a stored row does not match its model, the issue path is prefixed with `written`
 * when the write had already committed.
 */
export class ValidationError extends PartitaError<'ValidationFailed'> {
  override readonly name = 'ValidationError'

  /** @param more the number of further issues that are not in the list. */
  constructor(issues: readonly Issue[], cause?: unknown, more = 0) {
    const bounded = boundedIssues(issues, more)
    const details = { issues: bounded.issues, ...(bounded.more > 0 && { more: bounded.more }) }
    super('ValidationFailed', bounded.text, details, cause)
  }
}

/** The cursor does not belong to this query: it was modified or truncated, or comes from another table, index, direction or filter. */
export class InvalidCursorError extends PartitaError<'InvalidCursor'> {
  override readonly name = 'InvalidCursorError'

  constructor(reason: string, cause?: unknown) {
    super('InvalidCursor', `The cursor cannot be used: ${reason}; start again without one`, { reason }, cause)
  }
}

/** A size or count is over one of DynamoDB's limits. */
export class LimitExceededError extends PartitaError<'LimitExceeded'> {
  override readonly name = 'LimitExceededError'

  constructor(message: string, details: ErrorDetails['LimitExceeded'], cause?: unknown) {
    super('LimitExceeded', message, details, cause)
  }
}

/** The store throttled the request until the deadline; `details` reports which items were processed. */
export class ThrottledError extends PartitaError<'Throttled'> {
  override readonly name = 'ThrottledError'

  constructor(message: string, details: ErrorDetails['Throttled'], cause?: unknown) {
    super('Throttled', message, details, cause)
  }
}

/** The store could not be reached, denied access, or failed. A write that throws this error was not applied. */
export class UnavailableError extends PartitaError<'Unavailable'> {
  override readonly name = 'UnavailableError'

  constructor(message: string, details: ErrorDetails['Unavailable'], cause?: unknown) {
    super('Unavailable', message, details, cause)
  }
}

/**
 * A write was sent, but its response was lost and its outcome could not be determined: it may or may not have been
 * applied. It was not retried. Read the item, or repeat the transaction with the same token, before you write again.
 */
export class OutcomeUnknownError extends PartitaError<'OutcomeUnknown'> {
  override readonly name = 'OutcomeUnknownError'

  constructor(message: string, details: ErrorDetails['OutcomeUnknown'], cause?: unknown) {
    super('OutcomeUnknown', message, details, cause)
  }
}

/**
 * A stored row does not match its model. `details` has its key fields, its stored attributes and the issues.
 * `put`, `delete` and `update` still work on such a row, including an update of the invalid field.
 */
export class UnreadableError extends PartitaError<'Unreadable'> {
  override readonly name = 'UnreadableError'

  constructor(details: ErrorDetails['Unreadable'], cause?: unknown) {
    const { issues, more, text } = boundedIssues(details.issues, details.more)
    super(
      'Unreadable',
      `The stored ${details.model} ${keyText(details.key)} does not fit its model: ${text}`,
      { ...details, issues, ...(more > 0 && { more }) },
      cause,
    )
  }
}

/** A {@link ValidationError} with a single issue. */
export function invalid(path: IssuePath, message: string): ValidationError {
  return new ValidationError([{ path, message }])
}

/** The existing item in a store's {@link ConditionFailedError}: stored attributes, not the fields of a row. */
export function refusedItem({ details }: ConditionFailedError): Item | undefined {
  return details.item as Item | undefined
}

/** A key as text for an error message. */
export function keyText(key: RowFields | undefined): string {
  return key ? valueText(key) : 'an item'
}
