/** Compares the counts of rows that refer to a row, and the record in each such row of the counts that include it. */
import { ConflictError } from '../../errors/errors.js'
import type { CompiledModel } from '../../model/compile/compiled-model.js'
import { calls, type DatabaseContext } from '../../model/connect/context.js'
import { findWrongCounts } from '../../model/evolve/wrong-counts.js'
import { rowDetails } from '../../model/rows/row-details.js'
import { keyOf, type RowContext } from '../../model/rows/rows.js'
import { countedIn, countedRefs, countsFor, isMiscounted, referredRow } from '../../model/rules/counts.js'
import type { GuardedRef } from '../../model/rules/guarded-refs.js'
import type { CallOptions } from '../../store/store.js'
import type { Item } from '../../value/value.js'
import type { CountInconsistency } from './inconsistency.js'
import type { StoredRow } from './table-reader.js'

/** Transactional reads conflict with concurrent writes of the same items. */
const MAX_ATTEMPTS = 10

/** The models whose rows hold counts. */
export function modelsWithCounts(db: DatabaseContext): CompiledModel[] {
  return [...db.models.values()].filter(model => (db.rules.get(model)?.referrers ?? []).length > 0)
}

/**
 * Compares the counts of all rows by further scans of their tables.
 * @param rows how many rows the models have.
 */
export async function checkCounts(
  db: DatabaseContext,
  models: readonly CompiledModel[],
  rows: number,
  limits: CallOptions,
): Promise<CountInconsistency[]> {
  const found: CountInconsistency[] = []
  await findWrongCounts({ db, models, rows, limits }, async ({ context, key, row, wrong }) => {
    const details = rowDetails(context.model, key)
    for (const { referrer, counted, stored } of wrong) {
      const { model, ref } = referrer
      const name = `${model.name}.${ref.field.name}`
      const problem = row ? 'number' : 'missingRow'
      const message = row
        ? `The row counts ${stored} rows by ${name}, and ${counted} refer to it`
        : `${counted} rows refer to the row by ${name}, but it does not exist`
      found.push({ kind: 'count', ...details, counted: name, problem, expected: counted, actual: stored, message })
    }
    return true
  })
  return found
}

/** Rows that are not in the counts of the rows that they refer to, or in those of others. */
export async function checkCounted(rows: readonly StoredRow[]): Promise<CountInconsistency[]> {
  const found: CountInconsistency[] = []
  for (const { context, row } of rows) {
    if (!isMiscounted(context, row)) continue
    for (const ref of countedRefs(context)) {
      const [now, parent] = await snapshot(context, row, ref)
      if (!now || !isWrong(context, ref, now, parent)) continue
      const name = `${context.model.name}.${ref.field.name}`
      const message = `The row is not counted as its ${ref.field.name} says; run db.${context.model.name}.reindex()`
      const details = rowDetails(context.model, keyOf(context.model, row))
      found.push({ kind: 'count', ...details, counted: name, problem: 'notCounted', message })
    }
  }
  return found
}

function isWrong(context: RowContext, ref: GuardedRef, row: Item, parent: Item | undefined): boolean {
  const { attribute } = ref.field
  const is = countedIn(row)[attribute]
  const should = countsFor(context, [ref], row)[attribute]
  // A row whose parent another program deleted is not counted anywhere.
  return is !== should && (is !== undefined || parent !== undefined)
}

/** The row, and the row that its ref refers to, at one moment. */
async function snapshot(context: RowContext, row: Item, ref: GuardedRef): Promise<readonly (Item | undefined)[]> {
  const { model } = context
  const stored = row[ref.field.attribute]
  const parent = stored === undefined || stored === null ? undefined : referredRow(context, ref, stored)
  const gets = [{ table: model.table.name, key: keyOf(model, row) }]
  if (parent) gets.push({ table: parent.context.model.table.name, key: parent.key })
  for (let attempt = 1; ; attempt++) {
    try {
      const { items } = await calls.transactGet(context, { gets })
      const [now, referred] = items
      const isSame = now && now[ref.field.attribute] === stored && model.owns(now, context.scope.prefix)
      return [
        isSame ? now : undefined,
        referred && parent?.context.model.owns(referred, context.scope.prefix) ? referred : undefined,
      ]
    } catch (error) {
      if (!(error instanceof ConflictError) || attempt === MAX_ATTEMPTS) throw error
    }
  }
}
