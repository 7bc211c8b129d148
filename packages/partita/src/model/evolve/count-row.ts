/** Includes a row from before its refs were counted in the counts of the rows that it refers to. */

import type { Item, Key } from '../../value/value.js'
import type { PhysicalTable } from '../compile/layout.js'
import { identity } from '../read/loader.js'
import { keyOf, type RowContext } from '../rows/rows.js'
import { countedIn, isMiscounted } from '../rules/counts.js'
import { transact } from '../transaction/transact.js'
import { live } from '../write/guard.js'

const ATTEMPTS = 60

/**
 * Counts a row, in one transaction with the rows that it refers to. Repeating it changes nothing, also beside programs that
 * write: a row records in which counts it is included.
 * @returns whether the row was written.
 */
export async function countRow(context: RowContext, read: Item): Promise<boolean> {
  if (!isMiscounted(context, read)) return false
  const { db, model, scope } = context
  const key = keyOf(model, read)
  let written: () => Item | undefined = () => undefined
  let before: Item | undefined
  await transact(
    db,
    scope,
    async view => {
      const { overlay } = view
      const inner: RowContext = { ...context, scope: view }
      before = await overlay?.read(inner, key)
      written = () =>
        overlay?.written().find(({ table, key: of }) => table === model.table && isSameKey(table, of, key))?.item
      // The transaction settles the counts of all rows that it writes.
      if (before && live(inner, before) && isMiscounted(inner, before))
        await overlay?.replace(inner, key, { ...before })
    },
    { attempts: ATTEMPTS },
  )
  const after = written()
  return after !== undefined && JSON.stringify(countedIn(after)) !== JSON.stringify(countedIn(before))
}

function isSameKey(table: PhysicalTable, a: Key, b: Key): boolean {
  return identity(table, a) === identity(table, b)
}
