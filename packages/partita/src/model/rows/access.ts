/** Chooses how a scope reads and writes rows: directly, or through its transaction. */

import { checkView } from '../connect/scope.js'
import { direct } from './direct.js'
import type { RowContext, Rows } from './rows.js'

/**
 * The rows of a scope: the transaction's view if the scope belongs to one, direct access otherwise.
 * @throws ValidationError if called inside the function of another transaction.
 */
export function rowsOf(context: RowContext): Rows {
  checkView(context)
  return context.scope.overlay ?? direct
}

/**
 * Runs a whole write, including the validation of its input. A transaction waits for the writes that started in it.
 */
export function trackWrite<T>(context: RowContext, work: (context: RowContext) => Promise<T>): Promise<T> {
  const { overlay } = context.scope
  return overlay ? overlay.writes.track(work(context)) : work(context)
}
