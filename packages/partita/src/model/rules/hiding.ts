/** Whether permissions hide rows. What decides on them is loaded with the rules. */
import type { Item } from '../../value/value.js'
import { rules } from '../on-demand.js'
import type { RowContext } from '../rows/rows.js'

/** Whether permissions can hide rows of the model from the scope. */
export function hidesRows({ db, model, scope }: RowContext): boolean {
  const rules = db.rules.get(model)
  return rules !== undefined && rules.permissions.kind !== 'http' && scope.system === undefined
}

/**
 * The rows that the scope may read, in their order. In a transaction the rows of parents that decide are guarded until the
 * commit.
 */
export async function visible(context: RowContext, rows: readonly Item[]): Promise<Item[]> {
  const isVisible = hidesRows(context) && rows.length > 0 ? await rules.loaded.visibilityOf(context, rows) : undefined
  return isVisible ? rows.filter((_, i) => isVisible[i]) : [...rows]
}
