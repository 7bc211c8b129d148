/** Which way rows are read and written in a scope. */

import { checkView } from '../connect/scope.js'
import { direct } from './direct.js'
import type { RowCaller, Rows } from './rows.js'

/**
 * At once, or in the view of the transaction that the scope is of.
 * @throws ValidationError in the function of another transaction.
 */
export function rowsOf(caller: RowCaller): Rows {
  checkView(caller)
  return caller.scope.overlay ?? direct
}

/** Runs a whole write, its checks of the input included. A transaction does not end before its own have ended. */
export function writing<T>(caller: RowCaller, work: (caller: RowCaller) => Promise<T>): Promise<T> {
  const { overlay } = caller.scope
  return overlay ? overlay.writes.follow(work(caller)) : work(caller)
}
