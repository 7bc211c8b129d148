/**
 * The error taxonomy. Every failure that a user can act on is a {@link PartitaError} with a literal `code` and a typed
 * `details`; the subclasses are the ones that programs catch. The message says what was wrong, with which value, and
 * what to do; the cause, where there is one, is kept in `cause`.
 */

import type { Item, Key } from '../value/value.js'
import { boundedIssues, valueText } from './text.js'

export { MAX_ISSUES, valueText } from './text.js'

/** Where in a value or request a fault lies: `['address', 'lines', 0]`. */
export type IssuePath = readonly (string | number)[]

/** One problem with a request or a stored row: the path of the value, and what is wrong with it. */
export interface Issue {
  readonly path: IssuePath
  readonly message: string
}

/** Why one operation of a transaction failed; `None` for those that were fine. */
export interface TransactionReason {
  /** Place of the operation in the request. */
  readonly index: number
  readonly code: 'None' | 'ConditionFailed' | 'Conflict' | 'ValidationFailed' | 'Throttled' | 'LimitExceeded'
  readonly message?: string
  /** The item as it was, where the operation asked for it with `returnOldOnFailure`. */
  readonly item?: Item
}

/** Fields of a row as programs know them: dates are Dates. */
export type RowFields = Readonly<Record<string, unknown>>

/** Where a row of a model is stored. It may name a tenant, so omit it from what users of a program see. */
export interface PhysicalDetails {
  readonly table: string
  /** The key of the stored item. */
  readonly key?: Key
  /** Keys of several, where the error is about several. */
  readonly keys?: readonly Key[]
  readonly tenant?: string
  /** The stored item as a whole, where the error is about what is in it. */
  readonly item?: Item
}

/** What errors about a row of a model carry: `model`, and in `key` the row's key fields. */
interface RowDetails {
  readonly model?: string
  /** Of a row of a model its key fields; of an item its key attributes. */
  readonly key?: RowFields
  readonly physical?: PhysicalDetails
}

/** How far a batch came before it was given up: each of its items is done, or is named here. */
export interface BatchProgress {
  readonly done: number
  /** Not written, and safe to be written again. */
  readonly undoneKeys: readonly RowFields[]
  /** Sent without an answer: written or not. */
  readonly unknownKeys: readonly RowFields[]
}

/** The payload of each error code; `error.details` has the type that belongs to `error.code`. */
export interface ErrorDetails {
  /** `item` is what was there: of a row of a model its fields, else the item's attributes. */
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
    /** The unique constraint whose value others wrote, and its fields. */
    readonly constraint?: string
    readonly fields?: readonly string[]
  }
  TransactionFailed: { readonly reasons: readonly TransactionReason[] }
  TokenReused: { readonly token: string }
  /** The first 100 faults, and how many more there were; their texts and the names in their paths are cut where they are long. */
  ValidationFailed: { readonly issues: readonly Issue[]; readonly more?: number }
  InvalidCursor: { readonly reason: string }
  /** `actual` is left out where the server alone saw it and does not say. */
  LimitExceeded: { readonly limit: string; readonly maximum: number; readonly actual?: number }
  Throttled: {
    readonly done: number
    readonly undone: number
    readonly undoneKeys: readonly RowFields[]
    readonly physical?: PhysicalDetails
  }
  Unavailable: { readonly operation?: string; readonly reason?: StorageFailure; readonly batch?: BatchProgress }
  /** What was attempted. `key` is left out where several items were written; `token` is the one of a transaction. */
  OutcomeUnknown: RowDetails & {
    readonly operation: string
    readonly table?: string
    readonly token?: string
    readonly batch?: BatchProgress
  }
  /** `key` has the key fields of the row; `item` its attributes as stored, without those of the library's own. */
  Unreadable: {
    readonly model: string
    readonly key: RowFields
    readonly item: Item
    /** The first 100, as for `ValidationError`. */
    readonly issues: readonly Issue[]
    readonly more?: number
    readonly physical: PhysicalDetails
  }
  /** Parts of models that rows from before may lack. */
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
 * Why a store on this machine fails, where a program can act on it: the disk has no room; more than 2,000 threads and
 * processes read at once; the store was opened with `readOnly`; its folder was deleted, moved or replaced; it is a copy
 * that was made while the store was being written.
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
 * A write's condition was false. `details.item` is what was there: a model always tells it, a store and a table where
 * the write asked for it.
 */
export class ConditionFailedError extends PartitaError<'ConditionFailed'> {
  override readonly name = 'ConditionFailedError'

  constructor(details: ErrorDetails['ConditionFailed'], cause?: unknown) {
    const { model, table, key } = details
    // Of a put, a store may not know which attributes are the key.
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

/** The table has no index of the name that the request gives. */
export class IndexNotFoundError extends PartitaError<'IndexNotFound'> {
  override readonly name = 'IndexNotFoundError'

  /** @param known the indexes that the table has, where they are known. */
  constructor(table: string, index: string, known?: readonly string[], cause?: unknown) {
    const has = known === undefined ? '' : `; it has ${known.join(', ') || 'none'}`
    super('IndexNotFound', `Table ${table} has no index ${valueText(index)}${has}`, { table, index }, cause)
  }
}

/** Another writer was at the same items at the same time; nothing was written, and trying again is safe. */
export class ConflictError extends PartitaError<'Conflict'> {
  override readonly name = 'ConflictError'

  constructor(message: string, details: ErrorDetails['Conflict'], cause?: unknown) {
    super('Conflict', message, details, cause)
  }
}

/** A transaction was refused as a whole; `details.reasons` has one entry for each of its operations, in order. */
export class TransactionFailedError extends PartitaError<'TransactionFailed'> {
  override readonly name = 'TransactionFailedError'

  constructor(details: ErrorDetails['TransactionFailed'], cause?: unknown) {
    const failed = details.reasons.filter(reason => reason.code !== 'None')
    const list = failed.map(reason => `operation ${reason.index}: ${reason.message ?? reason.code}`).join('; ')
    super('TransactionFailed', `The transaction was refused and nothing was written (${list})`, details, cause)
  }
}

/**
 * The request is wrong in itself; nothing was sent or written. `details.issues` lists the faults with their paths, and
 * `details.more` tells how many there are behind the first 100. Of a
 * stored row that is not what its model says, the path tells so: under `written` where a write was done before.
 */
export class ValidationError extends PartitaError<'ValidationFailed'> {
  override readonly name = 'ValidationError'

  /** @param more how many faults there are besides those. */
  constructor(issues: readonly Issue[], cause?: unknown, more = 0) {
    const bounded = boundedIssues(issues, more)
    const details = { issues: bounded.issues, ...(bounded.more > 0 && { more: bounded.more }) }
    super('ValidationFailed', bounded.text, details, cause)
  }
}

/** A cursor that this query did not give: forged, cut, or of another table, index, direction or filter. */
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

/** The store kept refusing for load until the deadline; `details` says what was done and what was not. */
export class ThrottledError extends PartitaError<'Throttled'> {
  override readonly name = 'ThrottledError'

  constructor(message: string, details: ErrorDetails['Throttled'], cause?: unknown) {
    super('Throttled', message, details, cause)
  }
}

/** The store could not be reached, refused the caller, or failed in itself; a write that ends so was not done. */
export class UnavailableError extends PartitaError<'Unavailable'> {
  override readonly name = 'UnavailableError'

  constructor(message: string, details: ErrorDetails['Unavailable'], cause?: unknown) {
    super('Unavailable', message, details, cause)
  }
}

/**
 * A write was sent and its answer was lost, and what became of it could not be found out: it may have been done or not.
 * Nothing was repeated. Read the item, or repeat a transaction with the same token, before you write again.
 */
export class OutcomeUnknownError extends PartitaError<'OutcomeUnknown'> {
  override readonly name = 'OutcomeUnknownError'

  constructor(message: string, details: ErrorDetails['OutcomeUnknown'], cause?: unknown) {
    super('OutcomeUnknown', message, details, cause)
  }
}

/**
 * A stored row does not fit its model. `details` carries its key fields, its attributes as stored and every fault.
 * `put` and `delete` of such a row work, and so does an `update`, also of the field at fault.
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

/** Shorthand for one fault of a request. */
export function invalid(path: IssuePath, message: string): ValidationError {
  return new ValidationError([{ path, message }])
}

/** The item in a store's refusal: attributes as stored, where the refusal of a model carries the fields of a row. */
export function refusedItem({ details }: ConditionFailedError): Item | undefined {
  return details.item as Item | undefined
}

/** A key for an error's text. */
export function keyText(key: RowFields | undefined): string {
  return key ? valueText(key) : 'an item'
}
