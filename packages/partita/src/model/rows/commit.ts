/** A row together with its markers in one transaction, and trying again where another writer was faster. */
import { Conflict, TransactionFailed } from '../../errors.js'
import type { WriteRequest } from '../../store/store.js'
import type { Item } from '../../value/value.js'
import { calls, type DatabaseContext } from '../context.js'
import { isFreeFor, isOwnOrGone, type Marker, markerItem } from '../unique.js'
import { findingOut } from './lost.js'
import { violation } from './refusal.js'
import { keyOf, type RowCaller } from './rows.js'

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
export function again(caller: RowCaller, attempt: number): RowCaller {
  return attempt === 0 ? caller : { ...caller, retries: attempt }
}

/** What became of a write: done, refused by the row's own condition, or in the way of another transaction. */
export type Outcome =
  | { readonly kind: 'done' }
  | { readonly kind: 'refused'; readonly item: Item | undefined }
  | { readonly kind: 'conflict'; readonly error: unknown }

/**
 * Writes a row and its markers as one.
 *
 * @param row the row's own write, with a condition that tells whether the markers are still the right ones.
 * @throws UniqueViolation where another row holds a value that is claimed.
 */
export async function commit(
  caller: RowCaller,
  row: WriteRequest,
  claimed: readonly Marker[],
  released: readonly Marker[],
  item: Item,
): Promise<Outcome> {
  const { model, scope, db } = caller
  const table = model.table.name
  const now = db.sources.now()
  const claims = claimed.map((marker): WriteRequest => {
    const condition = isFreeFor(model, item, scope.prefix, now)
    return { kind: 'put', table, item: markerItem(model, marker, item, scope.prefix), condition }
  })
  const releases = released.map(({ key }): WriteRequest => {
    return { kind: 'delete', table, key, condition: isOwnOrGone(model, item, scope.prefix) }
  })
  // Its token settles the outcome within the call's time; after that the row may tell.
  const sent = { key: keyOf(model, item), revision: row.kind === 'delete' ? undefined : item[model.table.revision] }
  try {
    await findingOut(caller, sent, () => calls.transactWrite(caller, { writes: [row, ...claims, ...releases] }))
    return { kind: 'done' }
  } catch (error) {
    if (error instanceof Conflict) return { kind: 'conflict', error }
    if (!(error instanceof TransactionFailed)) throw error
    const { reasons } = error.details
    const failed = reasons.filter(({ code }) => code !== 'None')
    if (failed.some(({ code }) => code !== 'ConditionFailed' && code !== 'Conflict')) throw error
    if (reasons[0]?.code === 'ConditionFailed') return { kind: 'refused', item: reasons[0].item }
    const taken = claimed.findIndex((_, i) => reasons[1 + i]?.code === 'ConditionFailed')
    if (taken >= 0) throw violation(model, (claimed[taken] as Marker).unique, keyOf(model, item), error)
    // A marker of another row stays: rows from before a constraint may share a value.
    const own = released.filter((_, i) => reasons[1 + claimed.length + i]?.code !== 'ConditionFailed')
    return own.length < released.length ? commit(caller, row, claimed, own, item) : { kind: 'conflict', error }
  }
}
