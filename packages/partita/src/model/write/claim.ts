/**
 * Claims of unique values, and markers that do not count.
 *
 * A program that does not know a constraint deletes and changes rows without their markers. A marker whose row is absent,
 * expired, or holds another value is an orphan, and its value is free. It is taken over in the row's own transaction on
 * two conditions: that the marker is still the one that was seen, by its revision and the row that it names, and that
 * this row is still absent or still the one that was seen not to hold the value. So of many claims of an orphan one
 * succeeds, and none where its row takes the value back meanwhile.
 */
import { and, type Condition } from '../../expression/ast.js'
import type { CheckRequest, PutRequest } from '../../store/store.js'
import type { Item, Key } from '../../value/value.js'
import { calls } from '../connect/context.js'
import { identity } from '../read/loader.js'
import type { RowContext } from '../rows/rows.js'
import { isStill, live } from './guard.js'
import { implies, isFreeFor, isSameMarker, type Marker, markerItem, ownerKey } from './unique.js'

export interface Claim {
  readonly marker: Marker
  /** Whether the row held the value before, so that it is left to another row that holds it too. */
  readonly isKept: boolean
  /** The marker that is taken over. */
  readonly orphan?: Orphan
}

/** A marker that does not count, as it was seen. */
interface Orphan {
  readonly marker: Item
  readonly owner: Key
  /** What is stored under the owner's key. */
  readonly row: Item | undefined
}

/** What a claim met: a marker that does not count, or the row that holds the value. */
export type Met = { readonly orphan: Orphan } | { readonly holder: Key | undefined }

/** Looks at the row that a marker names, consistently: after the marker, so that it is no older. */
export async function examine(context: RowContext, marker: Marker, stored: Item): Promise<Met> {
  const { model, scope } = context
  const owner = ownerKey(model, stored, scope.prefix)
  if (!owner) return { holder: undefined }
  const { item: row } = await calls.get(context, { table: model.table.name, key: owner, consistent: true })
  const holds = live(context, row) && implies(model, row as Item, scope.prefix, marker)
  return holds ? { holder: owner } : { orphan: { marker: stored, owner, row } }
}

/** The write of a claimed marker. */
export function claiming(context: RowContext, { marker, orphan }: Claim, row: Item): PutRequest {
  const { model, scope, db } = context
  const { prefix } = scope
  const condition = orphan ? isSameMarker(model, orphan.marker) : isFreeFor(model, row, prefix, db.sources.now())
  const item = markerItem(model, marker, row, prefix, db.revision)
  return { kind: 'put', table: model.table.name, item, condition, returnOldOnFailure: true }
}

/** What holds the rows of orphans to what was seen of them; one check for each row, as a transaction takes no two. */
export function checksOf(context: RowContext, claims: readonly Claim[]): CheckRequest[] {
  const conditions = new Map<string, { readonly key: Key; readonly condition: Condition }>()
  for (const { orphan } of claims) {
    if (!orphan) continue
    const id = identity(orphan.owner)
    const other = conditions.get(id)
    const condition = isStill(context, orphan.row)
    conditions.set(id, { key: orphan.owner, condition: other ? and(other.condition, condition) : condition })
  }
  return [...conditions.values()].map(it => ({ kind: 'check', table: context.model.table.name, ...it }))
}
