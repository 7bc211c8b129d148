/** Which way rows are read and written in a scope. */

import { checkView } from '../connect/scope.js'
import { direct } from './direct.js'
import type { RowContext, Rows } from './rows.js'

/**
 * At once, or in the view of the transaction that the scope is of.
 * @throws ValidationError in the function of another transaction.
 */
export function rowsOf(context: RowContext): Rows {
  checkView(context)
  return context.scope.overlay ?? direct
}

/** Runs a whole write, its checks of the input included. A transaction does not end before its own have ended. */
export function writing<T>(context: RowContext, work: (context: RowContext) => Promise<T>): Promise<T> {
  const { overlay } = context.scope
  return overlay ? overlay.writes.follow(work(context)) : work(context)
}
