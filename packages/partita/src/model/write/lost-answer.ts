/**
 * Finds out the outcome of row writes whose response was lost.
 *
 * Each write gives its row a globally unique revision, so a consistent read afterwards often reveals the outcome:
 *
 * - The row has the write's own revision: the write succeeded, and nothing has written the row since.
 * - The row has the revision that the write's condition requires: the write has not been applied and may be sent
 *   again. If the first request arrives late after all, whichever arrives first changes the revision, and the
 *   condition of the other fails.
 * - Anything else is inconclusive: the write was not applied, or it was and others have written or deleted the row
 *   since. A retry could then count an addition twice, overwrite changes of others, restore a row that another
 *   program has consumed and deleted, or delete one that another has created since. So the write is not retried, and
 *   the program gets `OutcomeUnknownError`.
 *
 * The same holds for the response to a retry. If the second attempt is throttled, conflicts or fails its condition,
 * the first may still have arrived late and been followed by writes of others. Only the row that failed the
 * condition reveals more.
 */
import { ConditionFailedError, OutcomeUnknownError, refusedItem } from '../../errors/errors.js'
import type { Item, Key } from '../../value/value.js'
import { calls } from '../connect/context.js'
import type { RowContext } from '../rows/rows.js'

/** How often a write with lost responses is sent, each time after finding that it was not applied. */
const MAX_SENDS = 4

/** What is needed to find out the outcome of a row write. */
export interface Sent {
  readonly key: Key
  /** The revision that the write gives the row; undefined for a delete. */
  readonly revision: unknown
  /**
   * The revision that the write's condition requires. While the row has it, the write was not applied, and of two
   * attempts the second fails. Undefined if the condition requires none.
   */
  readonly replaces?: unknown
}

/**
 * Sends a write, and finds out its outcome if the response is lost.
 * @returns the result of `send`; otherwise the row as the write left it.
 * @throws OutcomeUnknownError if the outcome stays unknown; whatever `send` throws.
 */
export async function findOutcome<T>(
  context: RowContext,
  { key, revision, replaces }: Sent,
  send: () => Promise<T>,
): Promise<{ readonly answer: T } | { readonly row: Item }> {
  const { name: table, revision: attribute } = context.model.table
  let lost: OutcomeUnknownError | undefined
  for (let sends = 1; ; sends++) {
    try {
      return { answer: await send() }
    } catch (error) {
      const isLost = error instanceof OutcomeUnknownError
      if (isLost) lost ??= error
      if (!lost) throw error
      if (!isLost && !(error instanceof ConditionFailedError)) throw lost
      const row = isLost ? await reread(context, { table, key, consistent: true }, lost) : refusedItem(error)
      const found = row?.[attribute]
      if (row && revision !== undefined && found === revision) return { row }
      if (found === undefined || found !== replaces) throw lost
      // The row is unchanged: the condition fails for the first attempt too.
      if (!isLost) throw error
      if (sends === MAX_SENDS) throw lost
    }
  }
}

/** @throws OutcomeUnknownError the original error, if the row cannot be read. */
async function reread(context: RowContext, request: Parameters<typeof calls.get>[1], error: OutcomeUnknownError) {
  try {
    return (await calls.get(context, request)).item
  } catch {
    throw error
  }
}

/** Runs a row write. If it fails or its outcome is unknown, the scope's cached row is discarded. */
export function discardCachedOnFailure<T>(
  { scope: { loader }, model }: RowContext,
  key: Key,
  write: () => Promise<T>,
): Promise<T> {
  if (!loader) return write()
  return write().catch(error => {
    loader.wrote(model.table, key, undefined)
    throw error
  })
}
