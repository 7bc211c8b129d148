/** Chooses how a scope reads and writes rows: directly, through its transaction, or by the rules of the model. */
import { invalid } from '../../errors/errors.js'
import { checkView } from '../connect/scope.js'
import { rules, transactions } from '../on-demand.js'
import type { DeleteTarget } from '../rules/on-delete.js'
import type { RuledRows } from '../rules/ruled-rows.js'
import { direct } from './direct.js'
import type { RowContext, Rows } from './rows.js'

/**
 * The rows of a scope: the transaction's view if the scope belongs to one, direct access otherwise.
 * @throws ValidationError if called inside the function of another transaction.
 */
export function rowsOf(context: RowContext): Rows {
  checkView(context)
  const rows = context.scope.overlay ?? direct
  const own = context.db.rules.get(context.model)
  return own ? new rules.loaded.RuledRows(rows, own) : rows
}

/**
 * The rows of a soft-deleted model.
 * @throws ValidationError for another model.
 */
export function softDeletedRowsOf(context: RowContext): RuledRows {
  // Soft-deleted models have rules.
  if (context.model.softDelete) return rowsOf(context) as RuledRows
  throw invalid([context.model.name], 'is not soft-deleted; define the model with softDelete: true')
}

/** Runs a whole write, including the validation of its input. A transaction waits for the writes that started in it. */
export function trackWrite<T>(context: RowContext, work: (context: RowContext) => Promise<T>): Promise<T> {
  const { overlay } = context.scope
  return overlay ? overlay.writes.track(work(context)) : work(context)
}

/** Whether a write needs a transaction of its own: its model has rules, and the scope has no transaction. */
export function needsTransaction({ db, model, scope }: RowContext): boolean {
  return !scope.overlay && db.rules.has(model)
}

/** The attempts of a write that meets other writers, as for writes without rules. */
const ATTEMPTS = 60

/** Runs a write in a transaction of its own. `work` runs again after a conflict. */
export async function inOwnTransaction<T>(context: RowContext, work: (context: RowContext) => Promise<T>): Promise<T> {
  checkView(context)
  const run = (scope: RowContext['scope']): Promise<T> => trackWrite({ ...context, scope }, work)
  // Without a token a transaction always has a result.
  const { transact } = await transactions.load()
  return (await transact(context.db, context.scope, run, { attempts: ATTEMPTS })) as T
}

/**
 * Runs a write that is prepared once, even if it is repeated after a conflict.
 * @param prepare validates the input.
 */
export function writePrepared<T, Prepared>(
  context: RowContext,
  prepare: (context: RowContext) => Prepared | Promise<Prepared>,
  work: (context: RowContext, prepared: Prepared) => Promise<T>,
): Promise<T> {
  if (!needsTransaction(context)) return trackWrite(context, async of => work(of, await prepare(of)))
  const prepared = Promise.resolve(context).then(prepare)
  return prepared.then(given => inOwnTransaction(context, of => work(of, given)))
}

/** Runs a delete. If more rows refer to the row than one transaction can handle, they are handled before. */
export async function deleteRow<T>(
  context: RowContext,
  target: () => Promise<DeleteTarget>,
  remove: () => Promise<T>,
): Promise<T> {
  if (!context.db.rules.has(context.model)) return remove()
  return rules.loaded.deleteInBatches(context, target, remove)
}
