/** Brings one row up to date with its model: its form, index keys, iteration keys and unique markers. */
import { ConditionFailedError, OutcomeUnknownError } from '../../errors/errors.js'
import { and, exists, update } from '../../expression/ast.js'
import type { UpdateRequest } from '../../store/store.js'
import type { Item } from '../../value/value.js'
import { calls } from '../connect/context.js'
import { checkUpgraded } from '../read/row.js'
import { keyOf, type RowContext } from '../rows/rows.js'
import { atAttempt, commit, keptClaimsOf, MAX_ATTEMPTS, type UnclaimedValue, waitBeforeRetry } from '../write/commit.js'
import { isUnchangedSince, live } from '../write/guard.js'
import { markersOf, type UniqueMarker } from '../write/unique.js'
import { tooManyConflicts } from '../write/write-errors.js'
import { copyAttributes, missingMarkers, outdatedMarkers, withKeys } from './derived.js'
import { asStored, isOlder } from './form.js'

/** The result of refreshing a row. */
export interface RefreshResult {
  /** The row with its keys; undefined if it was changed or deleted since it was read. */
  readonly row: Item | undefined
  readonly isWritten: boolean
  /** Unique values whose markers belong to other rows. */
  readonly left: readonly UnclaimedValue[]
}

/**
 * Writes the derived data that the row lacks, and the fields of a row of an older form in the present one. Nothing else
 * changes, no version, time or revision, so a program that holds the row sees no conflict. The condition is that the row is
 * unchanged since it was read, by its revision or fields; if it has changed, the stored row is refreshed instead.
 *
 * @throws UnreadableError for a row that cannot be upgraded.
 * @param missing the markers that the row lacks, if already known. Otherwise they are read if rows may lack them.
 */
export async function refreshRow(
  context: RowContext,
  read: Item,
  missing?: readonly UniqueMarker[],
): Promise<RefreshResult> {
  const { db, model, scope } = context
  const { name: table, pk } = model.table
  const key = keyOf(model, read)
  let stored = read
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const trying = atAttempt(context, attempt)
    checkUpgraded(model, stored)
    const { after, changed } = withKeys(model, stored, scope.prefix)
    const markers = missing && stored === read ? missing : await markersToWrite(trying, stored, missing !== undefined)
    const released = outdatedMarkers(model, stored, scope.prefix)
    if (changed.length + markers.length + released.length === 0)
      return { row: stored === read ? after : undefined, isWritten: false, left: [] }
    const condition = and(exists([pk]), isUnchangedSince(context, asStored(model, stored)))
    const write: UpdateRequest = {
      kind: 'update',
      table,
      key,
      update: update(copyAttributes(changed, after)),
      condition,
      returnOldOnFailure: true,
    }
    const outcome = await repeatable(() =>
      markers.length + released.length === 0
        ? writeKeys(trying, write)
        : commit(trying, {
            write: changed.length > 0 ? write : { kind: 'check', table, key, condition, returnOldOnFailure: true },
            item: after,
            claims: keptClaimsOf(markers),
            released,
            keepsRevision: true,
          }),
    )
    if (outcome.kind === 'done') {
      scope.loader?.wrote(model.table, key, { item: after })
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

/** If the outcome is unknown, the row is read again: writing derived data twice is idempotent. */
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

/** Reads no markers if every row is known to have them, unless all must be checked. */
async function markersToWrite(context: RowContext, row: Item, anyway: boolean): Promise<readonly UniqueMarker[]> {
  const { db, model, scope } = context
  if (!anyway && !db.parts.lacksMarkers(model) && !isOlder(model, row)) return []
  return missingMarkers(context, markersOf(model, row, scope.prefix), row)
}
