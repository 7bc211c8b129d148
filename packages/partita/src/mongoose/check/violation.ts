/** Violations of constraints, and the errors of Mongoose that report them. */
import type { Error as MongooseErrors } from 'mongoose'
import type { Steps } from '../../crql/values.js'
import type { MongooseModel } from '../schema/models.js'
import type { MongooseDocument } from './document.js'

/** The options that declare constraints. */
export type ConstraintKind =
  | 'goodiesForeignConstraints'
  | 'goodiesLimitByReference'
  | 'goodiesUniqueArraySubDocument'
  | 'goodiesLock'

/** A value that a constraint refuses. */
export interface DocumentViolation {
  readonly kind: ConstraintKind
  readonly path: Steps
  readonly message: string
  readonly value?: unknown
}

/**
 * Adds violations to an error of Mongoose, each at its path.
 * @param error what Mongoose itself found wrong; undefined for a new error.
 */
export function validationError(
  document: MongooseDocument,
  violations: readonly DocumentViolation[],
  error?: MongooseErrors.ValidationError,
): MongooseErrors.ValidationError {
  // The classes of the program's own Mongoose, of which several can be loaded.
  const { ValidationError, ValidatorError } = (document.constructor as MongooseModel).base.Error
  const all = error ?? new ValidationError(document as never)
  const byPath = new Map<string, DocumentViolation[]>()
  for (const violation of violations) {
    const path = violation.path.join('.')
    byPath.set(path, [...(byPath.get(path) ?? []), violation])
  }
  for (const [path, found] of byPath) {
    // An error has one entry for a path. What Mongoose found there comes first, as the value has not even the right form.
    if (all.errors[path]) continue
    const [{ kind, value }] = found as [DocumentViolation]
    const message = `${path}: ${found.map(each => each.message).join('; ')}`
    all.addError(path, new ValidatorError({ path, message, type: kind, value }))
  }
  return all
}
