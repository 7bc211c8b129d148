/** Groups of errors under DynamoBao's names, for `instanceof`. */
import {
  AlreadyExistsError,
  ConditionFailedError,
  ConflictError,
  InvalidCursorError,
  NotFoundError,
  PartitaError,
  UniqueViolationError,
  ValidationError,
} from '../errors/errors.js'

type ErrorClass = abstract new (...parameters: never[]) => Error

/** What `instanceof` takes. */
export interface ErrorGroup {
  [Symbol.hasInstance](error: unknown): boolean
}

/**
 * The errors that calls throw, by the names that DynamoBao has for them. `error instanceof exceptions.ConditionalError` is true
 * for every write that its condition, its key, a unique constraint or a version prevents. The errors are those of `partita`,
 * with their codes and details.
 */
export const exceptions = {
  /** Every error of the library. */
  BaoError: PartitaError,
  /** A value, option, field or definition is not valid; nothing was sent. */
  ValidationError,
  /** The same as `ValidationError`. */
  ConfigurationError: ValidationError,
  /** A query is not valid, or its `startKey` is of another query. */
  QueryError: anyOf(ValidationError, InvalidCursorError),
  /** The row to update or delete does not exist. */
  ItemNotFoundError: NotFoundError,
  /** A write was prevented by its condition, its key, a unique constraint, or a write of another program. */
  ConditionalError: anyOf(ConditionFailedError, AlreadyExistsError, UniqueViolationError, ConflictError),
} as const

function anyOf(...classes: readonly ErrorClass[]): ErrorGroup {
  return { [Symbol.hasInstance]: error => classes.some(it => error instanceof it) }
}
