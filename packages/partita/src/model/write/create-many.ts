/** Many creates in one call. Each row is created by itself, under the rules of its model. */
import {
  AlreadyExistsError,
  HookFailedError,
  type Issue,
  invalid,
  OutcomeUnknownError,
  PartitaError,
  UniqueViolationError,
  ValidationError,
  valueText,
} from '../../errors/errors.js'
import { checkOptions } from '../../store/options.js'
import type { Item, Key } from '../../value/value.js'
import type { CompiledModel } from '../compile/compiled-model.js'
import { mapConcurrently } from '../read/concurrently.js'
import { identity } from '../read/loader.js'
import { inOwnTransaction, needsTransaction, rowsOf } from '../rows/access.js'
import { generatesKey, keyOf, newRow, type RowContext, type WriteRules } from '../rows/rows.js'
import type { Overlay } from '../transaction/overlay.js'
import { inTurn } from '../transaction/turn.js'
import { withDeleted } from './guard.js'
import { markersOf } from './unique.js'
import { isAbout } from './write-errors.js'

/** Issues that are collected before the rest of the input is left unchecked. */
const MOST_ISSUES = 100

/** A row to create. */
interface NewRow {
  /** Its index in the input. */
  readonly index: number
  readonly row: Item
  readonly rules: WriteRules
}

/** What became of a row: `duplicate` if it was left out. */
type Outcome = 'created' | 'duplicate' | 'refused' | 'unknown'

/**
 * Creates the rows.
 * @returns the rows that were created, in the order of the input.
 * @throws ValidationError before anything is written; PartitaError `PartlyCreated` outside a transaction.
 */
export async function createMany(
  context: RowContext,
  inputs: readonly unknown[],
  options: { readonly skipDuplicates?: boolean },
): Promise<Item[]> {
  checkOptions(options, ['skipDuplicates'])
  const { skipDuplicates = false } = options
  if (typeof skipDuplicates !== 'boolean') {
    throw invalid(['skipDuplicates'], `is ${valueText(skipDuplicates)}; pass true or false`)
  }
  if (!Array.isArray(inputs)) throw invalid([], `is ${valueText(inputs)}; createMany takes a list of rows`)
  const rows = distinct(context, await encoded(context, inputs), skipDuplicates)
  return context.scope.overlay
    ? createInTurn(context, rows, skipDuplicates)
    : createEach(context, rows, skipDuplicates, inputs.length)
}

async function encoded(context: RowContext, inputs: readonly unknown[]): Promise<NewRow[]> {
  const issues: Issue[] = []
  const rows: NewRow[] = []
  for (const [index, input] of inputs.entries()) {
    if (issues.length > MOST_ISSUES) break
    try {
      const row = await newRow(context, input)
      rows.push({ index, row, rules: { condition: undefined, hasGeneratedKey: generatesKey(context, input) } })
    } catch (error) {
      if (!(error instanceof ValidationError)) throw error
      for (const { path, message } of error.details.issues) issues.push({ path: [index, ...path], message })
    }
  }
  if (issues.length > 0) throw new ValidationError(issues)
  return rows
}

/** @throws ValidationError if two rows have the same key or unique value, unless the later one is to be left out. */
function distinct({ model, scope }: RowContext, rows: readonly NewRow[], skipDuplicates: boolean): NewRow[] {
  const seen = new Map<string, number>()
  const issues: Issue[] = []
  const kept: NewRow[] = []
  for (const one of rows) {
    const markers = markersOf(model, one.row, scope.prefix).map(({ id, unique }) => {
      return { id, what: `${unique.fields.map(({ name }) => name).join(', ')} (${unique.name})` }
    })
    const claims = [{ id: identity(model.table, keyOf(model, one.row)), what: 'key' }, ...markers]
    const taken = claims.find(({ id }) => seen.has(id))
    if (!taken) {
      for (const { id } of claims) seen.set(id, one.index)
      kept.push(one)
    } else if (!skipDuplicates) {
      const message = `has the same ${taken.what} as row ${seen.get(taken.id)} of the list; remove one, or pass skipDuplicates`
      issues.push({ path: [one.index], message })
    }
  }
  if (issues.length > 0) throw new ValidationError(issues)
  return kept
}

/** Creates each row by itself, a few at a time. After the first error no further row is begun. */
async function createEach(
  context: RowContext,
  rows: readonly NewRow[],
  skipDuplicates: boolean,
  total: number,
): Promise<Item[]> {
  const { model } = context
  const outcomes = new Map<number, Outcome>()
  const failures = new Map<number, unknown>()
  const created = await mapConcurrently(rows, async ({ index, row, rules }) => {
    if (failures.size > 0) return undefined
    try {
      const create = (of: RowContext) => rowsOf(of).create(of, row, rules)
      const made = await (needsTransaction(context) ? inOwnTransaction(context, create) : create(context))
      outcomes.set(index, 'created')
      return made
    } catch (error) {
      const outcome = outcomeOf(model, keyOf(model, row), error)
      if (outcome === 'duplicate' && skipDuplicates) outcomes.set(index, outcome)
      else {
        outcomes.set(index, outcome === 'duplicate' ? 'refused' : outcome)
        failures.set(index, error)
      }
      return undefined
    }
  })
  if (failures.size > 0) throw partlyCreated(model, total, rows, outcomes, failures)
  return created.filter(row => row !== undefined)
}

/** What an error of a create says about its row. A hook after the commit fails when the row is written. */
function outcomeOf(model: CompiledModel, key: Key, error: unknown): Outcome {
  if (error instanceof OutcomeUnknownError) return 'unknown'
  // It is of another row if a hook changed the key, or if a hook wrote that row and failed.
  if (error instanceof HookFailedError) return isAbout(model, key, error) ? 'created' : 'unknown'
  return isDuplicate(model, key, error) ? 'duplicate' : 'refused'
}

/** A soft-deleted row with the key is no duplicate: it can be restored, and until then no row is to be seen. */
function isDuplicate(model: CompiledModel, key: Key, error: unknown): boolean {
  if (error instanceof AlreadyExistsError) return !error.details.isDeleted && isAbout(model, key, error)
  return error instanceof UniqueViolationError && isAbout(model, key, error)
}

function partlyCreated(
  { name }: CompiledModel,
  total: number,
  rows: readonly NewRow[],
  outcomes: ReadonlyMap<number, Outcome>,
  failures: ReadonlyMap<number, unknown>,
): PartitaError<'PartlyCreated'> {
  const index = Math.min(...failures.keys())
  const cause = failures.get(index)
  const tried = new Set(rows.map(row => row.index))
  const all = Array.from({ length: total }, (_, i) => i)
  const withOutcome = (outcome: Outcome) => all.filter(i => outcomes.get(i) === outcome)
  const created = withOutcome('created')
  const unknown = withOutcome('unknown')
  const skipped = all.filter(i => !tried.has(i) || outcomes.get(i) === 'duplicate')
  const settled = new Set([...created, ...unknown, ...skipped])
  const notCreated = all.filter(i => !settled.has(i))
  const counts = `${created.length} of ${total} rows were created, ${notCreated.length} were not, of ${unknown.length} it is unknown`
  const why = cause instanceof PartitaError ? `: ${cause.message}` : ''
  const message = `createMany of ${name} stopped at row ${index}${why}; ${counts}; details list their indexes`
  return new PartitaError(
    'PartlyCreated',
    message,
    { model: name, index, created, notCreated, unknown, skipped },
    cause,
  )
}

/**
 * Creates the rows in the view of a transaction: all of them, or none if one fails. What makes a row a duplicate is read, so
 * the commit requires that it is unchanged.
 */
function createInTurn(context: RowContext, rows: readonly NewRow[], skipDuplicates: boolean): Promise<Item[]> {
  const { model, db } = context
  if (skipDuplicates && db.rules.has(model) && model.uniques.length > 0) {
    const why = `cannot leave out duplicates of ${model.name} in a transaction, since it has rules and unique constraints`
    throw invalid(['skipDuplicates'], `${why}; call createMany on the database, or find the rows with findBy`)
  }
  return inTurn(context, async (inner, overlay) => {
    const created: Item[] = []
    for (const { row, rules } of rows) {
      if (skipDuplicates && (await hasDuplicate(inner, overlay, row))) continue
      try {
        created.push(await rowsOf(inner).create(inner, row, rules))
      } catch (error) {
        if (!skipDuplicates || !isDuplicate(model, keyOf(model, row), error)) throw error
      }
    }
    return created
  })
}

/**
 * Whether a row with the key or a unique value is in the transaction's view. Of a model with rules the create decides, once
 * its permissions are checked: what exists is no business of somebody who may not create.
 */
async function hasDuplicate(context: RowContext, overlay: Overlay, row: Item): Promise<boolean> {
  const { model, scope, db } = context
  const stored = await overlay.read(withDeleted(context), keyOf(model, row))
  if (db.rules.has(model)) return false
  if (stored) return true
  for (const marker of markersOf(model, row, scope.prefix)) if (await overlay.owner(context, marker)) return true
  return false
}
