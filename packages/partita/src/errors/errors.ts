/**
 * Errors. Every failure that a user can act on is a {@link PartitaError} with a literal `code` and typed `details`. The
 * errors that programs catch have classes of their own. The message says what was wrong, with which value, and what to
 * do. `cause` has the original error, if there is one.
 */

import type { Item, Key } from '../value/value.js'
import type { LimitName } from './limits.js'
import { boundedIssues, valueText } from './text.js'

export type { LimitName } from './limits.js'
export { MAX_ISSUES, valueText, withArticle } from './text.js'

/** The path of a problem in a value or request: `['address', 'lines', 0]`. */
export type IssuePath = readonly (string | number)[]

/** One problem with a request or a stored row: the path of the value, and what is wrong with it. */
export interface Issue {
  readonly path: IssuePath
  readonly message: string
}

/** A rule of a model that a write violates. */
export interface Violation extends Issue {
  /** The kind of the rule, such as `references`, `locks` or `validate`. */
  readonly rule: string
  /** The value that violates it, in the program's form; undefined for a missing one. */
  readonly value?: unknown
}

/** Why an operation of a transaction failed; `None` if it did not. */
export interface TransactionReason {
  /** Index of the operation in the request. */
  readonly index: number
  readonly code: 'None' | 'ConditionFailed' | 'Conflict' | 'ValidationFailed' | 'Throttled' | 'LimitExceeded'
  readonly message?: string
  /** The item as it was, if the operation has `returnOldOnFailure`. */
  readonly item?: Item
}

/** Fields of a row, decoded: dates are Dates. */
export type RowFields = Readonly<Record<string, unknown>>

/** Where a row of a model is stored. It can name a tenant, so do not send it to users of your program. */
export interface PhysicalDetails {
  readonly table: string
  /** The key of the stored item. */
  readonly key?: Key
  /** The keys of all items, if the error is about several. */
  readonly keys?: readonly Key[]
  readonly tenant?: string
  /** The whole stored item, if the error is about its content. */
  readonly item?: Item
}

/** Details of errors about a row of a model. */
interface RowDetails {
  readonly model?: string
  /** The key fields of a row, or the key attributes of an item. */
  readonly key?: RowFields
  readonly physical?: PhysicalDetails
}

/** The state of a batch that was given up: every item is done, or is listed here. */
export interface BatchProgress {
  readonly done: number
  /** Not written; safe to retry. */
  readonly undoneKeys: readonly RowFields[]
  /** Sent without an answer: written or not written. */
  readonly unknownKeys: readonly RowFields[]
}

/** The payload of each error code; `error.details` has the type that belongs to `error.code`. */
export interface ErrorDetails {
  /** `item` has the fields of the existing row, or the attributes of the existing item. */
  ConditionFailed: RowDetails & { readonly table?: string; readonly item?: RowFields }
  UniqueViolation: RowDetails & {
    readonly model: string
    readonly constraint: string
    readonly fields: readonly string[]
  }
  AlreadyExists: RowDetails & {
    readonly table?: string
    /** Whether the existing row is soft-deleted. */
    readonly isDeleted?: boolean
  }
  NotFound: RowDetails & { readonly table?: string }
  TableNotFound: { readonly table: string }
  IndexNotFound: { readonly table: string; readonly index: string }
  Conflict: RowDetails & {
    readonly reasons?: readonly TransactionReason[]
    /** The number of times that a transaction's function ran. */
    readonly attempts?: number
    /** The unique constraint that another writer changed, and its fields. */
    readonly constraint?: string
    readonly fields?: readonly string[]
  }
  TransactionFailed: { readonly reasons: readonly TransactionReason[] }
  TokenReused: { readonly token: string }
  /** The first 100 issues, and the number of further ones. Long messages and long names in paths are truncated. */
  ValidationFailed: { readonly issues: readonly Issue[]; readonly more?: number }
  InvalidCursor: { readonly reason: string }
  /** `actual` is missing if only the server knows it. */
  LimitExceeded: { readonly limit: LimitName; readonly maximum: number; readonly actual?: number }
  Throttled: {
    readonly done: number
    readonly undone: number
    readonly undoneKeys: readonly RowFields[]
    readonly physical?: PhysicalDetails
  }
  Unavailable: { readonly operation?: string; readonly reason?: StorageFailure; readonly batch?: BatchProgress }
  /** `operation` is what was attempted. `key` is missing if several items were written; `token` is a transaction's. */
  OutcomeUnknown: RowDetails & {
    readonly operation: string
    readonly table?: string
    readonly token?: string
    readonly batch?: BatchProgress
  }
  /** `key` has the key fields of the row; `item` has its stored attributes, without the library's own. */
  Unreadable: {
    readonly model: string
    readonly key: RowFields
    readonly item: Item
    /** The first 100, as for `ValidationError`. */
    readonly issues: readonly Issue[]
    readonly more?: number
    readonly physical: PhysicalDetails
  }
  /** Parts of models that existing rows may lack. */
  Incomplete: {
    readonly parts: readonly {
      readonly model: string
      readonly part: 'index' | 'unique' | 'iteration' | 'count' | 'upgrade'
      readonly name: string
    }[]
  }
  /**
   * `createMany` stopped at the row with this index in its list, whose error is the cause. All lists have indexes: of rows that
   * were created, that were not, that may have been, and that were left out as duplicates.
   */
  PartlyCreated: {
    readonly model: string
    readonly index: number
    readonly created: readonly number[]
    readonly notCreated: readonly number[]
    readonly unknown: readonly number[]
    readonly skipped: readonly number[]
  }
  TenantRequired: Readonly<Record<never, never>>
  /** Every violation of one write. */
  RuleViolated: RowDetails & {
    readonly model: string
    readonly violations: readonly Violation[]
    readonly more?: number
  }
  /** The key is missing: it could tell what exists. */
  PermissionDenied: { readonly model: string; readonly operation: string }
  /** The row has been stored; `hook` is the one that threw. */
  HookFailed: RowDetails & { readonly model: string; readonly hook: string }
  StoreUnusable: { readonly path?: string; readonly reason?: StorageFailure }
  /** `missing`: the asset store does not have the asset. `damaged`: it has other bytes under its id. */
  AssetUnreadable: { readonly id: string; readonly reason: 'missing' | 'damaged' }
}

/**
 * Why a store on this machine failed: the disk is full; more than 2,000 threads and processes read at once; the store was
 * opened with `readOnly`; its folder was deleted, moved or replaced; it is a copy that was made during a write.
 */
export type StorageFailure = 'diskFull' | 'readersFull' | 'readOnly' | 'folderGone' | 'tornCopy'

/** The literal codes of {@link PartitaError}. They are stable across releases; messages are not. */
export type ErrorCode = keyof ErrorDetails

/** Base class of every error that the library throws on purpose. Branch on `code` or on the subclass, not on the message. */
export class PartitaError<Code extends ErrorCode = ErrorCode> extends Error {
  readonly code: Code
  readonly details: ErrorDetails[Code]

  constructor(code: Code, message: string, details: ErrorDetails[Code], cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
    this.details = details
  }

  override get name(): string {
    return 'PartitaError'
  }

  /**
   * Whether a value is an error of this library with the code, which narrows it to the details of that code.
   *
   * @example
   * import { connect, f, model, PartitaError } from 'partita'
   *
   * const User = model('User', {
   *   fields: { userId: f.ulid().auto(), email: f.email() },
   *   key: 'userId',
   *   unique: { email: ['email'] },
   * })
   * const db = await connect({ models: { User }, store: 'memory:' })
   * await db.User.create({ email: 'ada@example.com' })
   * const error: unknown = await db.User.create({ email: 'ada@example.com' }).catch(error => error)
   * if (PartitaError.is(error, 'UniqueViolation')) console.log(`${error.details.fields} is taken`)
   * await db.close()
   */
  static is<Code extends ErrorCode>(error: unknown, code: Code): error is PartitaError<Code> {
    return hasCode(error, code)
  }
}

/** Outside the class: bundlers rename a class whose body refers to its own name. */
function hasCode(error: unknown, code: ErrorCode): boolean {
  return error instanceof PartitaError && error.code === code
}

/**
 * The condition of a write was false. `details.item` is the existing item. Models always provide it, stores and tables
 * if the write requests it.
 */
export class ConditionFailedError extends PartitaError<'ConditionFailed'> {
  constructor(details: ErrorDetails['ConditionFailed'], cause?: unknown) {
    const { model, table, key } = details
    // For a put, a store may not know which attributes are the key.
    const on =
      model !== undefined ? ` on the ${model} ${keyText(key)}` : table === undefined ? '' : ` in table ${table}`
    super('ConditionFailed', `The condition of the write${on} is false; nothing was written`, details, cause)
  }

  override get name(): string {
    return 'ConditionFailedError'
  }
}

/** Another row already has the value of a unique constraint. */
export class UniqueViolationError extends PartitaError<'UniqueViolation'> {
  constructor(details: ErrorDetails['UniqueViolation'], cause?: unknown) {
    const fields = details.fields.join(', ')
    super('UniqueViolation', `Another ${details.model} has the same ${fields} (${details.constraint})`, details, cause)
  }

  override get name(): string {
    return 'UniqueViolationError'
  }
}

/** The row, item or table to create already exists. */
export class AlreadyExistsError extends PartitaError<'AlreadyExists'> {
  constructor(message: string, details: ErrorDetails['AlreadyExists'], cause?: unknown) {
    super('AlreadyExists', message, details, cause)
  }

  override get name(): string {
    return 'AlreadyExistsError'
  }
}

/** The row or item to change does not exist. */
export class NotFoundError extends PartitaError<'NotFound'> {
  constructor(message: string, details: ErrorDetails['NotFound'], cause?: unknown) {
    super('NotFound', message, details, cause)
  }

  override get name(): string {
    return 'NotFoundError'
  }
}

/** The table that the request names does not exist. */
export class TableNotFoundError extends PartitaError<'TableNotFound'> {
  constructor(table: string, cause?: unknown) {
    const message = `The table ${valueText(table)} does not exist; create it with createTable`
    super('TableNotFound', message, { table }, cause)
  }

  override get name(): string {
    return 'TableNotFoundError'
  }
}

/** The index that the request names does not exist. */
export class IndexNotFoundError extends PartitaError<'IndexNotFound'> {
  /** @param known the indexes of the table, if they are known. */
  constructor(table: string, index: string, known?: readonly string[], cause?: unknown) {
    const has = known === undefined ? '' : `; it has ${known.join(', ') || 'none'}`
    super('IndexNotFound', `Table ${table} has no index ${valueText(index)}${has}`, { table, index }, cause)
  }

  override get name(): string {
    return 'IndexNotFoundError'
  }
}

/** Another writer changed the same items at the same time. Nothing was written, and a retry is safe. */
export class ConflictError extends PartitaError<'Conflict'> {
  constructor(message: string, details: ErrorDetails['Conflict'], cause?: unknown) {
    super('Conflict', message, details, cause)
  }

  override get name(): string {
    return 'ConflictError'
  }
}

/** A transaction failed as a whole. `details.reasons` has an entry for each of its operations, in order. */
export class TransactionFailedError extends PartitaError<'TransactionFailed'> {
  constructor(details: ErrorDetails['TransactionFailed'], cause?: unknown) {
    const failed = details.reasons.filter(reason => reason.code !== 'None')
    const list = failed.map(reason => `operation ${reason.index}: ${reason.message ?? reason.code}`).join('; ')
    super('TransactionFailed', `The transaction failed and nothing was written (${list})`, details, cause)
  }

  override get name(): string {
    return 'TransactionFailedError'
  }
}

/**
 * The request is invalid; nothing was sent or written. `details.issues` lists the problems with their paths, and
 * `details.more` is the number of problems after the first 100. If a stored row does not match its model, the path
 * begins with `written` if the write was already done.
 */
export class ValidationError extends PartitaError<'ValidationFailed'> {
  /** @param more the number of further issues. */
  constructor(issues: readonly Issue[], cause?: unknown, more = 0) {
    const bounded = boundedIssues(issues, more)
    const details = { issues: bounded.issues, ...(bounded.more > 0 && { more: bounded.more }) }
    super('ValidationFailed', bounded.text, details, cause)
  }

  override get name(): string {
    return 'ValidationError'
  }
}

/** The cursor is not one of this query: it is forged or truncated, or of another table, index, direction or filter. */
export class InvalidCursorError extends PartitaError<'InvalidCursor'> {
  constructor(reason: string, cause?: unknown) {
    super('InvalidCursor', `The cursor cannot be used: ${reason}; start again without one`, { reason }, cause)
  }

  override get name(): string {
    return 'InvalidCursorError'
  }
}

/** A size or count exceeds a limit, most of them DynamoDB's. */
export class LimitExceededError extends PartitaError<'LimitExceeded'> {
  constructor(message: string, details: ErrorDetails['LimitExceeded'], cause?: unknown) {
    super('LimitExceeded', message, details, cause)
  }

  override get name(): string {
    return 'LimitExceededError'
  }
}

/** The store throttled the request until the deadline. `details` has what was done and what was not. */
export class ThrottledError extends PartitaError<'Throttled'> {
  constructor(message: string, details: ErrorDetails['Throttled'], cause?: unknown) {
    super('Throttled', message, details, cause)
  }

  override get name(): string {
    return 'ThrottledError'
  }
}

/** The store was not reachable, denied access, or failed internally. A write that throws this was not done. */
export class UnavailableError extends PartitaError<'Unavailable'> {
  constructor(message: string, details: ErrorDetails['Unavailable'], cause?: unknown) {
    super('Unavailable', message, details, cause)
  }

  override get name(): string {
    return 'UnavailableError'
  }
}

/**
 * A write was sent, its answer was lost, and its outcome could not be determined: it may or may not have been done. It was
 * not retried. Before you write again, read the item, or repeat the transaction with the same token.
 */
export class OutcomeUnknownError extends PartitaError<'OutcomeUnknown'> {
  constructor(message: string, details: ErrorDetails['OutcomeUnknown'], cause?: unknown) {
    super('OutcomeUnknown', message, details, cause)
  }

  override get name(): string {
    return 'OutcomeUnknownError'
  }
}

/**
 * A stored row does not match its model. `details` has its key fields, its stored attributes and all issues. `put` and
 * `delete` of such a row work, and so does `update`, even of the invalid field.
 */
export class UnreadableError extends PartitaError<'Unreadable'> {
  constructor(details: ErrorDetails['Unreadable'], cause?: unknown) {
    const { issues, more, text } = boundedIssues(details.issues, details.more)
    super(
      'Unreadable',
      `The stored ${details.model} ${keyText(details.key)} does not match its model: ${text}`,
      { ...details, issues, ...(more > 0 && { more }) },
      cause,
    )
  }

  override get name(): string {
    return 'UnreadableError'
  }
}

/** A write violates rules of its model; nothing was written. `details.violations` lists all of them, up to 100. */
export class RuleViolationError extends PartitaError<'RuleViolated'> {
  constructor(details: ErrorDetails['RuleViolated'], cause?: unknown) {
    const { issues, more, text } = boundedIssues(details.violations, details.more)
    const violations = issues as readonly Violation[]
    super('RuleViolated', text, { ...details, violations, ...(more > 0 && { more }) }, cause)
  }

  override get name(): string {
    return 'RuleViolationError'
  }
}

/** The permissions of the model do not allow the write; nothing was written. */
export class PermissionDeniedError extends PartitaError<'PermissionDenied'> {
  constructor(model: string, operation: string) {
    super('PermissionDenied', `The actor may not ${operation} this ${model}`, { model, operation })
  }

  override get name(): string {
    return 'PermissionDeniedError'
  }
}

/** A hook that runs after a write threw an error, which is the `cause`. The write itself was done. */
export class HookFailedError extends PartitaError<'HookFailed'> {
  constructor(details: ErrorDetails['HookFailed'], cause: unknown) {
    const message = `The ${details.model} ${keyText(details.key)} was written, but its hook ${details.hook} failed`
    super('HookFailed', message, details, cause)
  }

  override get name(): string {
    return 'HookFailedError'
  }
}

/** A validation error with one issue. */
export function invalid(path: IssuePath, message: string): ValidationError {
  return new ValidationError([{ path, message }])
}

/** The existing item in a store's error: its stored attributes. In errors of models, `item` has the fields of a row. */
export function refusedItem({ details }: ConditionFailedError): Item | undefined {
  return details.item as Item | undefined
}

/** Formats a key for an error message. */
export function keyText(key: RowFields | undefined): string {
  return key ? valueText(key) : 'an item'
}
