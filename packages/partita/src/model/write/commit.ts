/** Writes a row together with its unique markers in one transaction, and retries conflicts. */
import { ConflictError, TransactionFailedError } from '../../errors/errors.js'
import type { WriteRequest } from '../../store/store.js'
import type { Item, Key } from '../../value/value.js'
import { calls, type DatabaseContext } from '../connect/context.js'
import { keyOf, type RowContext } from '../rows/rows.js'
import { type Claim, checksOf, claimWrite, inspectMarker } from './claim.js'
import { findOutcome } from './lost-answer.js'
import { isOwnOrMissing, type UniqueMarker } from './unique.js'
import { uniqueViolation } from './write-errors.js'

/** Attempts for one write of a contended row. */
export const MAX_ATTEMPTS = 60
/** A row write takes milliseconds, so back-off starts short and the first attempts follow without delay. */
export const ATTEMPTS_WITHOUT_DELAY = 3
const FIRST_WAIT = 2
const LONGEST_WAIT = 400

/** Backs off before the next attempt; the first few follow without delay. */
export async function waitBeforeRetry({ pace }: DatabaseContext, attempt: number): Promise<void> {
  if (attempt < ATTEMPTS_WITHOUT_DELAY) return
  await pace.sleep(pace.random() * Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** attempt))
}

/** The context of a later attempt. */
export function atAttempt(context: RowContext, attempt: number): RowContext {
  return attempt === 0 ? context : { ...context, retries: attempt }
}

/** Result of a commit attempt: committed, condition failed, or conflicted. */
export type CommitResult =
  | { readonly kind: 'done'; readonly left: readonly UnclaimedValue[] }
  | { readonly kind: 'refused'; readonly item: Item | undefined }
  | { readonly kind: 'conflict'; readonly error: unknown }

/** A unique value that the row holds while another row has its marker. */
export interface UnclaimedValue {
  readonly marker: UniqueMarker
  readonly holder: Key | undefined
}

/** A row's write with its markers. */
export interface Committed {
  /** The row's own write. Its condition must imply that the markers are still the right ones. */
  readonly write: WriteRequest
  /** The row after the write. */
  readonly item: Item
  readonly claims: readonly Claim[]
  readonly released: readonly UniqueMarker[]
  /** Whether the row keeps its revision, so that the revision does not reveal whether the write succeeded. */
  readonly keepsRevision?: boolean
  /** Claims that were dropped because other rows hold the values. */
  readonly left?: readonly UnclaimedValue[]
}

/**
 * Writes a row and its markers atomically.
 * @throws UniqueViolationError if another row holds a claimed value.
 */
export async function commit(context: RowContext, committed: Committed): Promise<CommitResult> {
  const { write, item, claims, released, keepsRevision = write.kind === 'delete', left = [] } = committed
  const { model, scope } = context
  const { name: table, revision } = model.table
  const releases = released.map(({ key }): WriteRequest => {
    return { kind: 'delete', table, key, condition: isOwnOrMissing(model, item, scope.prefix) }
  })
  const writes = [
    write,
    ...claims.map(claim => claimWrite(context, claim, item)),
    ...releases,
    ...checksOf(context, claims),
  ]
  // The client request token finds out the outcome while it is valid; afterwards the row may reveal it.
  const sent = { key: keyOf(model, item), revision: keepsRevision ? undefined : item[revision] }
  try {
    await findOutcome(context, sent, () => calls.transactWrite(context, { writes }))
    return { kind: 'done', left }
  } catch (error) {
    if (error instanceof ConflictError) return { kind: 'conflict', error }
    if (!(error instanceof TransactionFailedError)) throw error
    const { reasons } = error.details
    const failed = reasons.filter(({ code }) => code !== 'None')
    if (failed.some(({ code }) => code !== 'ConditionFailed' && code !== 'Conflict')) throw error
    if (reasons[0]?.code === 'ConditionFailed') return { kind: 'refused', item: reasons[0].item }
    const taken = claims.findIndex((_, i) => reasons[1 + i]?.code === 'ConditionFailed')
    if (taken >= 0) return commitOver(context, committed, taken, reasons[1 + taken]?.item, error)
    // A marker of another row is kept: rows older than the constraint may share a value.
    const own = released.filter((_, i) => reasons[1 + claims.length + i]?.code !== 'ConditionFailed')
    return own.length < released.length ? commit(context, { ...committed, released: own }) : { kind: 'conflict', error }
  }
}

/** Continues after a claim that met a marker: overwrites an orphan, or drops a claim that is not required. */
async function commitOver(
  context: RowContext,
  committed: Committed,
  taken: number,
  met: Item | undefined,
  error: TransactionFailedError,
): Promise<CommitResult> {
  const { model } = context
  const { claims, item, left = [] } = committed
  const claim = claims[taken] as Claim
  const { marker } = claim
  // The orphan has changed since it was read: everything is read again.
  if (claim.orphan) return { kind: 'conflict', error }
  const stored = met ?? (await calls.get(context, { table: model.table.name, key: marker.key, consistent: true })).item
  if (!stored) return { kind: 'conflict', error }
  const found = await inspectMarker(context, marker, stored)
  const others = claims.filter(other => other !== claim)
  if ('orphan' in found) {
    return commit(context, { ...committed, claims: [...others, { ...claim, orphan: found.orphan }] })
  }
  if (!claim.isKept) throw uniqueViolation(model, marker.unique, keyOf(model, item), error)
  return commit(context, { ...committed, claims: others, left: [...left, { marker, holder: found.holder }] })
}

/** Claims of values that are new to a row. */
export function claimsOf(markers: readonly UniqueMarker[]): Claim[] {
  return markers.map(marker => ({ marker, isKept: false }))
}

/** Claims of values that a row already holds, from before its constraint existed or was known. */
export function keptClaimsOf(markers: readonly UniqueMarker[]): Claim[] {
  return markers.map(marker => ({ marker, isKept: true }))
}
