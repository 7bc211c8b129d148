/** A row together with its markers in one transaction, and trying again where another writer was faster. */
import { ConflictError, TransactionFailedError } from '../../errors/errors.js'
import type { WriteRequest } from '../../store/store.js'
import type { Item, Key } from '../../value/value.js'
import { calls, type DatabaseContext } from '../connect/context.js'
import { keyOf, type RowContext } from '../rows/rows.js'
import { type Claim, checksOf, claiming, examine } from './claim.js'
import { findingOut } from './lost-answer.js'
import { violation } from './refusal.js'
import { isOwnOrGone, type Marker } from './unique.js'

/** Tries for one write of a row that others write too. */
export const MAX_ATTEMPTS = 60
/** A row is written within milliseconds, so waits begin short, and the first tries follow at once. */
export const TRIES_AT_ONCE = 3
const FIRST_WAIT = 2
const LONGEST_WAIT = 400

export async function waitBeforeRetry({ pace }: DatabaseContext, attempt: number): Promise<void> {
  if (attempt < TRIES_AT_ONCE) return
  await pace.sleep(pace.random() * Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** attempt))
}

/** Who calls, at a later try. */
export function again(context: RowContext, attempt: number): RowContext {
  return attempt === 0 ? context : { ...context, retries: attempt }
}

/** What became of a write: done, refused by the row's own condition, or in the way of another transaction. */
export type Outcome =
  | { readonly kind: 'done'; readonly left: readonly Left[] }
  | { readonly kind: 'refused'; readonly item: Item | undefined }
  | { readonly kind: 'conflict'; readonly error: unknown }

/** A value that the row holds and another row has the marker of. */
export interface Left {
  readonly marker: Marker
  readonly holder: Key | undefined
}

/** A row's write and the markers that go with it. */
export interface Committed {
  /** The row's own write, with a condition that tells whether the markers are still the right ones. */
  readonly write: WriteRequest
  /** The row as it will be. */
  readonly item: Item
  readonly claims: readonly Claim[]
  readonly released: readonly Marker[]
  /** Whether the row keeps the revision that it has, so that its revision does not tell whether the write was done. */
  readonly keepsRevision?: boolean
  /** Claims given up, since other rows hold the values. */
  readonly left?: readonly Left[]
}

/**
 * Writes a row and its markers as one.
 * @throws UniqueViolationError where another row holds a value that is claimed.
 */
export async function commit(context: RowContext, committed: Committed): Promise<Outcome> {
  const { write, item, claims, released, keepsRevision = write.kind === 'delete', left = [] } = committed
  const { model, scope } = context
  const { name: table, revision } = model.table
  const releases = released.map(({ key }): WriteRequest => {
    return { kind: 'delete', table, key, condition: isOwnOrGone(model, item, scope.prefix) }
  })
  const writes = [
    write,
    ...claims.map(claim => claiming(context, claim, item)),
    ...releases,
    ...checksOf(context, claims),
  ]
  // Its token settles the outcome within the call's time; after that the row may tell.
  const sent = { key: keyOf(model, item), revision: keepsRevision ? undefined : item[revision] }
  try {
    await findingOut(context, sent, () => calls.transactWrite(context, { writes }))
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
    // A marker of another row stays: rows from before a constraint may share a value.
    const own = released.filter((_, i) => reasons[1 + claims.length + i]?.code !== 'ConditionFailed')
    return own.length < released.length ? commit(context, { ...committed, released: own }) : { kind: 'conflict', error }
  }
}

/** Goes on after a claim that met a marker: over one that does not count, or without a claim that need not be. */
async function commitOver(
  context: RowContext,
  committed: Committed,
  taken: number,
  met: Item | undefined,
  error: TransactionFailedError,
): Promise<Outcome> {
  const { model } = context
  const { claims, item, left = [] } = committed
  const claim = claims[taken] as Claim
  const { marker } = claim
  // An orphan that changed since it was seen: all is looked at anew.
  if (claim.orphan) return { kind: 'conflict', error }
  const stored = met ?? (await calls.get(context, { table: model.table.name, key: marker.key, consistent: true })).item
  if (!stored) return { kind: 'conflict', error }
  const found = await examine(context, marker, stored)
  const others = claims.filter(it => it !== claim)
  if ('orphan' in found) {
    return commit(context, { ...committed, claims: [...others, { ...claim, orphan: found.orphan }] })
  }
  if (!claim.isKept) throw violation(model, marker.unique, keyOf(model, item), error)
  return commit(context, { ...committed, claims: others, left: [...left, { marker, holder: found.holder }] })
}

/** Claims of values that are new to a row. */
export function claimsOf(markers: readonly Marker[]): Claim[] {
  return markers.map(marker => ({ marker, isKept: false }))
}

/** Claims of values that a row held before its constraint, or before it was known to. */
export function keptClaimsOf(markers: readonly Marker[]): Claim[] {
  return markers.map(marker => ({ marker, isKept: true }))
}
