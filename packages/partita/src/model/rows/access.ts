/** Chooses how a scope reads and writes rows: directly, through its transaction, or by the rules of the model. */
import { invalid } from '../../errors/errors.js'
import { checkView } from '../connect/scope.js'
import { RuledRows } from '../rules/ruled-rows.js'
import { transact } from '../transaction/transact.js'
import { direct } from './direct.js'
import type { RowContext, Rows } from './rows.js'

/**
 * The rows of a scope: the transaction's view if the scope belongs to one, direct access otherwise.
 * @throws ValidationError if called inside the function of another transaction.
 */
export function rowsOf(context: RowContext): Rows {
  checkView(context)
  const rows = context.scope.overlay ?? direct
  const rules = context.db.rules.get(context.model)
  return rules ? new RuledRows(rows, rules) : rows
}

/**
 * The rows of a soft-deleted model.
 * @throws ValidationError for another model.
 */
export function softDeletedRowsOf(context: RowContext): RuledRows {
  const rows = rowsOf(context)
  if (context.model.softDelete && rows instanceof RuledRows) return rows
  throw invalid([context.model.name], 'is not soft-deleted; define the model with softDelete: true')
}

/**
 * Runs a whole write, including the validation of its input. A transaction waits for the writes that started in it. A write
 * of a model with rules that is in no transaction runs in one of its own, which can repeat it after a conflict.
 * @param prepare what is done once, before the first attempt.
 */
export function trackWrite<T, Prepared>(
  context: RowContext,
  prepare: (context: RowContext) => Promise<Prepared>,
  work: (context: RowContext, prepared: Prepared) => Promise<T>,
): Promise<T> {
  const { overlay } = context.scope
  if (overlay) return overlay.writes.track(prepare(context).then(prepared => work(context, prepared)))
  return prepare(context).then(prepared =>
    context.db.rules.has(context.model) ? writeByRules(context, prepared, work) : work(context, prepared),
  )
}

/** The attempts of a write that meets other writers, as for writes without rules. */
const ATTEMPTS = 60

async function writeByRules<T, Prepared>(
  context: RowContext,
  prepared: Prepared,
  work: (context: RowContext, prepared: Prepared) => Promise<T>,
): Promise<T> {
  checkView(context)
  const run = (scope: RowContext['scope']): Promise<T> => {
    const { overlay } = scope
    const inner = { ...context, scope }
    return overlay ? overlay.writes.track(work(inner, prepared)) : work(inner, prepared)
  }
  // Without a token a transaction always has a result.
  return (await transact(context.db, context.scope, run, { attempts: ATTEMPTS })) as T
}
