/**
 * Unique markers at the end of a transaction: those of the rows as they were are compared with those of the rows as they
 * will be.
 */
import { isExpired } from '../../keys/expiry.js'
import type { Item, Key } from '../../value/value.js'
import type { CompiledUnique } from '../compile/compiled-model.js'
import { isMarkerOf, outdatedMarkers } from '../evolve/derived.js'
import { isOlder } from '../evolve/form.js'
import { keyOf, type RowContext } from '../rows/rows.js'
import { live, withDeleted } from '../write/guard.js'
import { hasMarker, isFreeFor, isOwner, markerItem, markersOf, ownerKey, type UniqueMarker } from '../write/unique.js'
import { uniqueViolation } from '../write/write-errors.js'
import type { Entry } from './commitment.js'

/** The view of a transaction, as settling its markers needs it. */
export interface MarkerView {
  readonly entries: ReadonlyMap<string, Entry>
  /** The entry of an item, which is read if it is not in the view yet. */
  entry(context: RowContext, key: Key, unique?: CompiledUnique): Promise<Entry>
  /** Adds the entry of an item that is not read. */
  add(id: string, entry: Entry): Entry
}

/** A unique value that a row holds at the end or held at the beginning. */
interface Holding {
  readonly context: RowContext
  readonly marker: UniqueMarker
  readonly row: Item
}

/**
 * Deletes markers of values that rows no longer hold; writes markers of new values and those with a new expiry
 * time.
 */
export async function settleMarkers(view: MarkerView): Promise<void> {
  const released = new Map<string, Holding>()
  const claimed = new Map<string, Holding & { readonly isKept: boolean }>()
  for (const { context, read, current } of [...view.entries.values()]) {
    if (read === current || context.model.uniques.length === 0) continue
    const before = holdings(context, live(withDeleted(context), read))
    const after = holdings(context, current)
    const isRenewed = read?.[context.model.table.ttl] !== current?.[context.model.table.ttl]
    for (const [id, holding] of before) if (!after.has(id)) released.set(id, holding)
    for (const marker of read ? outdatedMarkers(context.model, read, context.scope.prefix) : []) {
      if (!after.has(marker.id)) released.set(marker.id, { context, marker, row: read as Item })
    }
    for (const [id, holding] of after) {
      const isKept = before.has(id)
      const mayLack = context.db.parts.lacksMarkers(context.model) || isOlder(context.model, read)
      if (isKept && !isRenewed && !mayLack) continue
      const other = claimed.get(id)
      if (other?.isKept && isKept) continue
      if (other) throw uniqueViolation(context.model, holding.marker.unique, keyOf(context.model, holding.row))
      claimed.set(id, { ...holding, isKept })
    }
  }
  await Promise.all(
    [...released.values()].map(({ context, marker: { key, unique } }) => view.entry(context, key, unique)),
  )
  for (const [id, { context, row }] of released) {
    const entry = view.entries.get(id) as Entry
    // A marker of another row is kept: rows older than the constraint may share a value.
    if (entry.current && isOwner(context.model, entry.current, row, context.scope.prefix)) entry.current = undefined
  }
  for (const [id, { isKept, ...holding }] of claimed) await claim(view, id, holding, isKept)
}

/** A value that the row held before is left to the row that already has its marker. */
async function claim(view: MarkerView, id: string, { context, marker, row }: Holding, isKept: boolean): Promise<void> {
  const { model, db, scope } = context
  const item = markerItem(model, marker, row, scope.prefix, db.revision)
  const entry = isKept ? await view.entry(context, marker.key, marker.unique) : view.entries.get(id)
  const failure = (): Error => uniqueViolation(model, marker.unique, keyOf(model, row))
  if (!entry) {
    const unread = { condition: isFreeFor(model, row, scope.prefix, db.sources.now()), failure }
    view.add(id, { key: marker.key, unique: marker.unique, context, read: undefined, unread, current: item })
    return
  }
  const { current } = entry
  const isOthers =
    current && !isExpired(model.expiring, current, db.sources.now()) && !isOwner(model, current, row, scope.prefix)
  if (isOthers && (await isHeld(view, context, marker, current))) {
    if (isKept) return
    throw failure()
  }
  if (!isKept || !isMarkerOf(context, current, row)) entry.current = item
}

/** Whether the row that a marker names holds the value in this view, which is guarded at the end. */
async function isHeld(view: MarkerView, context: RowContext, marker: UniqueMarker, stored: Item): Promise<boolean> {
  const { model, scope } = context
  const owner = ownerKey(model, stored, scope.prefix)
  const row = owner && live(withDeleted(context), (await view.entry(context, owner)).current)
  return !owner || (row !== undefined && hasMarker(model, row, scope.prefix, marker))
}

function holdings(context: RowContext, row: Item | undefined): Map<string, Holding> {
  const markers = row ? markersOf(context.model, row, context.scope.prefix) : []
  return new Map(markers.map(marker => [marker.id, { context, marker, row: row as Item }]))
}
