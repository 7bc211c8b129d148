/**
 * Claims of unique values, and orphaned markers.
 *
 * A program that does not know a constraint deletes and changes rows without updating their markers. A marker is an
 * orphan if its row is missing, expired, or holds another value; its value is then free. A claim overwrites the
 * orphan in the new row's transaction, on two conditions: the marker is unchanged (same revision and row), and the
 * row that it names is still missing or unchanged. So of several concurrent claims of an orphan one succeeds, and
 * none if the old row takes the value back meanwhile.
 */
import { and, type Condition } from '../../expression/ast.js'
import type { CheckRequest, PutRequest } from '../../store/store.js'
import type { Item, Key } from '../../value/value.js'
import { calls } from '../connect/context.js'
import { asStored } from '../evolve/form.js'
import { identity } from '../read/loader.js'
import type { RowContext } from '../rows/rows.js'
import { isUnchangedSince, live, withDeleted } from './guard.js'
import { hasMarker, isFreeFor, isSameMarker, markerItem, ownerKey, type UniqueMarker } from './unique.js'

/** The claim of one unique value. */
export interface Claim {
  readonly marker: UniqueMarker
  /** Whether the row held the value before; then the value is left to another row that also holds it. */
  readonly isKept: boolean
  /** The orphaned marker to overwrite. */
  readonly orphan?: Orphan
}

/** An orphaned marker, as it was read. */
interface Orphan {
  readonly marker: Item
  readonly owner: Key
  /** The item stored under the owner's key. */
  readonly row: Item | undefined
}

/** The result of a failed claim: an orphaned marker, or the row that holds the value. */
export type ClaimObstacle = { readonly orphan: Orphan } | { readonly holder: Key | undefined }

/** Reads the row that a marker names, consistently and after the marker, so that it is not older. */
export async function inspectMarker(context: RowContext, marker: UniqueMarker, stored: Item): Promise<ClaimObstacle> {
  const { model, scope } = context
  const owner = ownerKey(model, stored, scope.prefix)
  if (!owner) return { holder: undefined }
  const { item: row } = await calls.get(context, { table: model.table.name, key: owner, consistent: true })
  // A soft-deleted row holds its values if the model keeps them.
  const holds = live(withDeleted(context), row) && hasMarker(model, row as Item, scope.prefix, marker)
  return holds ? { holder: owner } : { orphan: { marker: stored, owner, row } }
}

/** The write of a claimed marker. */
export function claimWrite(context: RowContext, { marker, orphan }: Claim, row: Item): PutRequest {
  const { model, scope, db } = context
  const { prefix } = scope
  const condition = orphan ? isSameMarker(model, orphan.marker) : isFreeFor(model, row, prefix, db.sources.now())
  const item = markerItem(model, marker, row, prefix, db.revision)
  return { kind: 'put', table: model.table.name, item, condition, returnOldOnFailure: true }
}

/**
 * Conditions that the rows of orphans are unchanged. One check per row: a transaction rejects two operations on one
 * item.
 */
export function checksOf(context: RowContext, claims: readonly Claim[]): CheckRequest[] {
  const conditions = new Map<string, { readonly key: Key; readonly condition: Condition }>()
  for (const { orphan } of claims) {
    if (!orphan) continue
    const id = identity(context.model.table, orphan.owner)
    const other = conditions.get(id)
    const condition = isUnchangedSince(context, asStored(context.model, orphan.row))
    conditions.set(id, { key: orphan.owner, condition: other ? and(other.condition, condition) : condition })
  }
  return [...conditions.values()].map(check => ({ kind: 'check', table: context.model.table.name, ...check }))
}
