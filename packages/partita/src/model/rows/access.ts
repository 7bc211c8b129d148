/** Which way rows are read and written in a scope. */

import { direct } from './direct.js'
import type { RowCaller, Rows } from './rows.js'

/** At once, or in the view of the transaction that the scope is of. */
export function rowsOf({ scope }: RowCaller): Rows {
  return scope.overlay ?? direct
}
