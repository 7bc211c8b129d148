/**
 * Errors of the store in terms of models: with key fields, and with physical keys kept apart. Errors that the write of a row
 * explains itself, from the row that it found, pass unchanged.
 */
import {
  type BatchProgress,
  ConflictError,
  keyText,
  OutcomeUnknownError,
  ThrottledError,
  TransactionFailedError,
  type TransactionReason,
  UnavailableError,
} from '../../errors/errors.js'
import type { Key } from '../../value/value.js'
import type { CompiledModel } from '../compile/compiled-model.js'
import { keyIn, type PhysicalTable } from '../compile/layout.js'
import { keyFieldsAmong, modelsIn, rowDetails } from '../rows/row-details.js'
import type { CallContext, DatabaseContext } from './context.js'

/** Reason codes of a transaction that the write of a row explains itself. */
const EXPLAINED = ['None', 'ConditionFailed', 'Conflict']

/**
 * Translates an error of the store: key fields instead of physical keys.
 * @param table the table of the call; a batch has one.
 */
export function inModelTerms(
  { db, model }: CallContext,
  table: PhysicalTable,
  operation: string,
  request: unknown,
  error: unknown,
): unknown {
  if (error instanceof ThrottledError) {
    const { done, undone, undoneKeys } = error.details
    const keys = undoneKeys as readonly Key[]
    const fields = keys.map(key => keyFieldsAmong(model ? [model] : modelsIn(db, table), table, key))
    const of = model ? ` of ${model.name}` : ''
    const message = `The store refused ${operation}${of} because of load, and retries did not succeed: ${done} done, ${undone} not done; retry details.undoneKeys later`
    return new ThrottledError(
      message,
      { done, undone, undoneKeys: fields, physical: { table: table.name, keys } },
      error,
    )
  }
  if (error instanceof UnavailableError && error.details.batch) {
    const { batch, ...details } = error.details
    return new UnavailableError(error.message, { ...details, batch: progressOf(db, table, batch) }, error)
  }
  if (error instanceof OutcomeUnknownError) {
    const { token, batch } = error.details
    const about = aboutOf(model, request)
    const on = about ? ` of the ${about.model} ${keyText(about.key)}` : ''
    const message = `The outcome of ${operation}${on} is unknown, since its response was lost; read before you write again`
    const details = {
      operation: error.details.operation,
      ...about,
      ...(token !== undefined && { token }),
      ...(batch && { batch: progressOf(db, table, batch) }),
    }
    return new OutcomeUnknownError(message, details, error)
  }
  if (error instanceof ConflictError) {
    const about = aboutOf(model, request)
    const on = about ? `the ${about.model} ${keyText(about.key)}` : 'the same rows'
    const reasons = error.details.reasons && withoutItems(error.details.reasons)
    const details = { ...about, ...(reasons && { reasons }) }
    return new ConflictError(`Another writer changed ${on} at the same time; nothing was written`, details, error)
  }
  if (error instanceof TransactionFailedError && error.details.reasons.some(({ code }) => !EXPLAINED.includes(code))) {
    return new TransactionFailedError({ reasons: withoutItems(error.details.reasons) }, error)
  }
  return error
}

function withoutItems(reasons: readonly TransactionReason[]): TransactionReason[] {
  return reasons.map(({ item: _, ...reason }) => reason)
}

function progressOf(
  db: DatabaseContext,
  table: PhysicalTable,
  { done, undoneKeys, unknownKeys }: BatchProgress,
): BatchProgress {
  const fields = (keys: BatchProgress['undoneKeys']) =>
    keys.map(key => keyFieldsAmong(modelsIn(db, table), table, key as Key))
  return { done, undoneKeys: fields(undoneKeys), unknownKeys: fields(unknownKeys) }
}

function aboutOf(model: CompiledModel | undefined, request: unknown) {
  if (!model) return undefined
  const { key, item } = request as { readonly key?: Key; readonly item?: Key }
  const stored = key ?? item
  return stored && rowDetails(model, keyIn(model.table, stored))
}
