/**
 * Writes of a row whose answer was lost.
 *
 * Each write of the library gives its row a revision that no other write has, so the row itself often tells what became
 * of one. Read consistently afterwards:
 *
 * - It holds the write's own revision: the write was done, and nothing has written the row since.
 * - It holds the revision that the write was on the condition of: the write has not been done, and may be sent again.
 *   Should the first one arrive late after all, whichever of the two comes first gives the row another revision, and so
 *   the condition of the other is false.
 * - Anything else leaves it open: the write was not done, or it was and others have written the row since, or deleted
 *   it. Repeating it then could count an addition twice, put a row over what others have made of it, bring back a row
 *   that another program has taken and deleted, or delete one that another has created since. So it is not repeated and
 *   not called undone: the program gets `OutcomeUnknownError`.
 *
 * The same holds for the answer to a repetition. A refusal of the second try, for load, by a conflict or by the condition,
 * says nothing of the first, which may have arrived late and been followed by writes of others. Only the row that the
 * condition met tells more.
 */
import { ConditionFailedError, OutcomeUnknownError, refusedItem } from '../../errors/errors.js'
import type { Item, Key } from '../../value/value.js'
import { calls } from '../connect/context.js'
import type { RowContext } from '../rows/rows.js'

/** How often a write is sent whose answers are lost, each time after finding that it was not done. */
const MAX_SENDS = 4

/** A write of a row, as far as finding out about it needs to know. */
export interface Sent {
  readonly key: Key
  /** The revision that the write gives the row; undefined for a delete. */
  readonly revision: unknown
  /**
   * The revision of a row of which the write's condition allows one write only: while the row has it, the write was not
   * done, and of two tries the second is refused. Undefined where the condition does not say.
   */
  readonly replaces?: unknown
}

/**
 * Sends a write, and finds out what became of it where the answer is lost.
 * @returns what `send` gives; else the row as the write has left it.
 * @throws OutcomeUnknownError where that cannot be found out; what `send` throws.
 */
export async function findingOut<T>(
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
      // The row is as it was: the condition is false for the first try as well.
      if (!isLost) throw error
      if (sends === MAX_SENDS) throw lost
    }
  }
}

/** @throws OutcomeUnknownError: the error that is asked about, where the row cannot be read either. */
async function reread(context: RowContext, request: Parameters<typeof calls.get>[1], error: OutcomeUnknownError) {
  try {
    return (await calls.get(context, request)).item
  } catch {
    throw error
  }
}

/** Runs a write of a row. Where it fails, or may have been done, what a scope remembers of the row is no longer good. */
export async function forgetting<T>({ scope }: RowContext, key: Key, write: () => Promise<T>): Promise<T> {
  try {
    return await write()
  } catch (error) {
    scope.loader?.wrote(key, undefined)
    throw error
  }
}
