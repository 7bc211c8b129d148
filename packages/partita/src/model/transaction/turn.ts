/** Several reads and writes of a transaction as one write, which other writes of the transaction do not interleave. */
import type { RowContext } from '../rows/rows.js'
import type { Overlay } from './overlay.js'

/** Runs one write after the earlier ones of its transaction. Writes within it run at once, and all of them or none remain. */
export function inTurn<T>(
  context: RowContext,
  work: (context: RowContext, overlay: Overlay) => Promise<T>,
): Promise<T> {
  const { overlay } = context.scope
  if (!overlay) throw new Error(`A write of ${context.model.name} began outside a transaction`)
  const inner: RowContext = { ...context, scope: { ...context.scope, isNested: true } }
  return overlay.inTurn(context, () => work(inner, overlay))
}
