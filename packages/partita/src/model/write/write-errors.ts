/** Errors of failed writes, derived from the stored row. Messages contain only the model and its key fields. */
import {
  AlreadyExistsError,
  ConditionFailedError,
  ConflictError,
  keyText,
  NotFoundError,
  type PhysicalDetails,
  UniqueViolationError,
} from '../../errors/errors.js'
import { matches } from '../../expression/evaluate/index.js'
import type { Item, Key } from '../../value/value.js'
import type { CompiledModel, CompiledUnique } from '../compile/compiled-model.js'
import { keyNames } from '../compile/layout.js'
import { upgradeFailure } from '../evolve/form.js'
import { unreadable } from '../read/row.js'
import { readableFields, rowDetails } from '../rows/row-details.js'
import type { WriteRules } from '../rows/rows.js'

/** Whether an error is about the row with this key, and not about one that a program's own code wrote meanwhile. */
export function isAbout({ table }: CompiledModel, key: Key, error: { readonly details: object }): boolean {
  const { physical } = error.details as { readonly physical?: PhysicalDetails }
  const of = physical?.key
  return of !== undefined && physical?.table === table.name && keyNames(table).every(name => of[name] === key[name])
}

/** The error for a missing row. */
export function rowNotFound(model: CompiledModel, key: Key): NotFoundError {
  const details = rowDetails(model, key)
  return new NotFoundError(`There is no ${model.name} ${keyText(details.key)}`, details)
}

/** The error for a restore or purge of a row that is there and not soft-deleted. */
export function rowNotDeleted(model: CompiledModel, key: Key): NotFoundError {
  const details = rowDetails(model, key)
  const message = `The ${model.name} ${keyText(details.key)} is there and not deleted; restore and purge take a soft-deleted row`
  return new NotFoundError(message, details)
}

/** The error for a row that already exists. @param isDeleted whether it is soft-deleted, and the scope may know. */
export function rowExists(model: CompiledModel, key: Key, isDeleted = false): AlreadyExistsError {
  const details = rowDetails(model, key)
  const row = `The ${model.name} ${keyText(details.key)}`
  return isDeleted
    ? new AlreadyExistsError(`${row} is soft-deleted; restore or purge it`, { ...details, isDeleted })
    : new AlreadyExistsError(`${row} already exists`, details)
}

/** @param key of the row that was to hold the value. */
export function uniqueViolation(
  model: CompiledModel,
  unique: CompiledUnique,
  key: Key,
  cause?: unknown,
): UniqueViolationError {
  const fields = unique.fields.map(field => field.name)
  return new UniqueViolationError({ ...rowDetails(model, key), constraint: unique.name, fields }, cause)
}

/** @param row the stored row; undefined if there is none. */
export function conditionFailed(model: CompiledModel, key: Key, row: Item | undefined): ConditionFailedError {
  // The store's error is not kept as the cause: it holds the stored item.
  return new ConditionFailedError({ ...rowDetails(model, key), ...(row && { item: readableFields(model, row) }) })
}

/**
 * The error for the first rule that a row breaks; undefined if it breaks none. No rule can be decided on a row that cannot be
 * upgraded: the error is then that of the row.
 */
export function brokenRule(
  model: CompiledModel,
  key: Key,
  rules: WriteRules,
  row: Item | undefined,
): Error | undefined {
  const failure = rules.unchanged || rules.condition ? upgradeFailure(model, row) : undefined
  if (failure) return unreadable(model, row as Item, failure.issues)
  if (rules.unchanged && !matches(rules.unchanged, row)) {
    const details = rowDetails(model, key)
    const message = `Another writer changed the ${model.name} ${keyText(details.key)} since it was read; reload it and retry`
    return new ConflictError(message, details)
  }
  if (rules.condition && !matches(rules.condition, row)) return conditionFailed(model, key, row)
  return undefined
}

/** The error of a write that conflicted at every attempt. */
export function tooManyConflicts(model: CompiledModel, key: Key, attempts: number, cause?: unknown): ConflictError {
  const details = rowDetails(model, key)
  const message = `Writes of the ${model.name} ${keyText(details.key)} conflicted with other writers at each of ${attempts} attempts; nothing was written`
  return new ConflictError(message, details, cause)
}
