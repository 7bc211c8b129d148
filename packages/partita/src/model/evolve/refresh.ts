/** One row brought up to date with its model: its keys in indexes and iteration, and its markers. */
import { ConditionFailedError, OutcomeUnknownError } from '../../errors/errors.js'
import { and, exists, update } from '../../expression/ast.js'
import type { UpdateRequest } from '../../store/store.js'
import type { Item } from '../../value/value.js'
import { calls } from '../connect/context.js'
import { keyOf, type RowContext } from '../rows/rows.js'
import { again, commit, keptClaimsOf, type Left, MAX_ATTEMPTS, waitBeforeRetry } from '../write/commit.js'
import { isStill, live } from '../write/guard.js'
import { tooManyConflicts } from '../write/refusal.js'
import { type Marker, markersOf } from '../write/unique.js'
import { copying, missingMarkers, withKeys } from './derived.js'

export interface Refreshed {
  /** The row with its keys; undefined where it was changed or deleted since it was read. */
  readonly row: Item | undefined
  readonly isWritten: boolean
  /** Values whose markers other rows have. */
  readonly left: readonly Left[]
}

/**
 * Writes what the row lacks, and nothing else: no field, no version, no time, and no revision, so that a program that
 * holds the row meets no conflict. The condition is that the row is still the one that was read, by its revision or its
 * fields; where it is not, the stored one is looked at instead.
 *
 * @param missing the markers that the row lacks, where they were looked for already. Else they are looked for where rows
 *   may lack them.
 */
export async function refreshRow(context: RowContext, read: Item, missing?: readonly Marker[]): Promise<Refreshed> {
  const { db, model, scope } = context
  const { name: table, pk } = model.table
  const key = keyOf(model, read)
  let stored = read
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const trying = again(context, attempt)
    const { after, changed } = withKeys(model, stored, scope.prefix)
    const markers = missing && stored === read ? missing : await markersToWrite(trying, stored, missing !== undefined)
    if (changed.length + markers.length === 0)
      return { row: stored === read ? after : undefined, isWritten: false, left: [] }
    const condition = and(exists([pk]), isStill(context, stored))
    const write: UpdateRequest = {
      kind: 'update',
      table,
      key,
      update: update(copying(changed, after)),
      condition,
      returnOldOnFailure: true,
    }
    const outcome = await repeatable(() =>
      markers.length === 0
        ? writeKeys(trying, write)
        : commit(trying, {
            write: changed.length > 0 ? write : { kind: 'check', table, key, condition, returnOldOnFailure: true },
            item: after,
            claims: keptClaimsOf(markers),
            released: [],
            keepsRevision: true,
          }),
    )
    if (outcome.kind === 'done') {
      scope.loader?.wrote(key, { item: after })
      const isWritten = changed.length > 0 || outcome.left.length < markers.length
      return { row: stored === read ? after : undefined, isWritten, left: outcome.left }
    }
    await waitBeforeRetry(db, attempt)
    const { item } = await calls.get(trying, { table, key, consistent: true })
    const next = live(context, item)
    if (!next) return { row: undefined, isWritten: false, left: [] }
    stored = next
  }
  throw tooManyConflicts(model, key, MAX_ATTEMPTS)
}

type Outcome = Awaited<ReturnType<typeof commit>>

/** Where an answer was lost the row is looked at anew: to write once more what is derived from it changes nothing. */
async function repeatable(write: () => Promise<Outcome>): Promise<Outcome> {
  try {
    return await write()
  } catch (error) {
    if (error instanceof OutcomeUnknownError) return { kind: 'conflict', error }
    throw error
  }
}

async function writeKeys(context: RowContext, write: UpdateRequest): Promise<Outcome> {
  try {
    await calls.write(context, write)
    return { kind: 'done', left: [] }
  } catch (error) {
    if (error instanceof ConditionFailedError) return { kind: 'refused', item: error.details.item as Item | undefined }
    throw error
  }
}

/** Nothing is looked for where every row is known to have its markers, unless all are to be looked at anyway. */
async function markersToWrite(context: RowContext, row: Item, anyway: boolean): Promise<readonly Marker[]> {
  const { db, model, scope } = context
  if (!anyway && !db.parts.lacksMarkers(model)) return []
  return missingMarkers(context, markersOf(model, row, scope.prefix), row)
}
