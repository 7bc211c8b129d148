/** Data derived from a row's fields and stored beside them: index keys, iteration keys and unique markers. */
import { PartitaError } from '../../errors/errors.js'
import { type Update, update, value } from '../../expression/ast.js'
import { isExpired } from '../../keys/expiry.js'
import type { Item, Value } from '../../value/value.js'
import type { CompiledIndex, CompiledModel } from '../compile/compiled-model.js'
import { possible } from '../compile/row-key.js'
import { calls } from '../connect/context.js'
import type { RowContext } from '../rows/rows.js'
import { equalStored } from '../write/seen.js'
import { isOwner, markersOf, type UniqueMarker } from '../write/unique.js'
import { asStored, isOlder } from './form.js'

/**
 * Indexes whose stored keys differ from those that the row's fields imply. Excludes indexes whose keys cannot hold a
 * stored value; such a row is reported as unreadable instead.
 */
export function staleIndexes(model: CompiledModel, row: Item, prefix: string): CompiledIndex[] {
  return model.indexes.filter(index => index.derivedAttributes.length > 0 && isStale(model, index, row, prefix))
}

function isStale(model: CompiledModel, index: CompiledIndex, row: Item, prefix: string): boolean {
  try {
    const keys = model.keysIn(index, row, prefix)
    return index.derivedAttributes.some(name => row[name] !== (name === index.pkAttribute ? keys?.pk : keys?.sk))
  } catch (error) {
    if (error instanceof PartitaError) return false
    throw error
  }
}

/** Whether the row lacks keys that its fields imply, or is of an older form. */
export function lacksKeys(model: CompiledModel, row: Item, prefix: string): boolean {
  return isOlder(model, row) || !model.isInIteration(row, prefix) || staleIndexes(model, row, prefix).length > 0
}

/** The row in the present form, with the keys that its fields imply, and the attributes in which the stored row differs. */
export function withKeys(model: CompiledModel, row: Item, prefix: string): { after: Item; changed: string[] } {
  const indexes = staleIndexes(model, row, prefix)
  const isInIteration = model.isInIteration(row, prefix)
  const isStoredSo = !isOlder(model, row)
  if (indexes.length === 0 && isInIteration && isStoredSo) return { after: row, changed: [] }
  const after = { ...row }
  model.setIndexKeys(after, prefix, indexes)
  const names = indexes.flatMap(index => index.derivedAttributes)
  if (!isInIteration) {
    model.setIterationKey(after, prefix)
    names.push(model.table.iteration.pk, model.table.iteration.sk)
  }
  if (isStoredSo) return { after, changed: names.filter(name => row[name] !== after[name]) }
  const stored = asStored(model, row)
  const all = Object.keys({ ...stored, ...after })
  return { after, changed: all.filter(name => !equalStored(stored[name], after[name])) }
}

/** An update that sets attributes to the values of `after`, or removes those that `after` lacks. */
export function copyAttributes(attributes: readonly string[], after: Item): Pick<Update, 'set' | 'remove'> {
  const set = attributes
    .filter(name => name in after)
    .map(name => ({ path: [name] as const, value: value(after[name] as Value) }))
  const remove = attributes.filter(name => !(name in after)).map(name => [name] as const)
  return update({ set, remove })
}

/** Markers that a row has from its older form and no longer has in the present one. */
export function outdatedMarkers(model: CompiledModel, row: Item, prefix: string): readonly UniqueMarker[] {
  if (!isOlder(model, row)) return []
  const kept = new Set(markersOf(model, row, prefix).map(({ id }) => id))
  return (possible(() => markersOf(model, asStored(model, row), prefix)) ?? []).filter(({ id }) => !kept.has(id))
}

/** The given markers of a row that are not stored with its key and expiry time. */
export async function missingMarkers(
  context: RowContext,
  markers: readonly UniqueMarker[],
  row: Item,
): Promise<readonly UniqueMarker[]> {
  if (markers.length === 0) return markers
  const gets = markers.map(({ key }) => ({ table: context.model.table.name, key }))
  const { items } = await calls.batchGet(context, { gets })
  return markers.filter((_, i) => !isMarkerOf(context, items[i], row))
}

/** Whether a stored marker belongs to the row, for as long as the row lives. */
export function isMarkerOf({ model, db, scope }: RowContext, stored: Item | undefined, row: Item): boolean {
  if (!stored || !isOwner(model, stored, row, scope.prefix)) return false
  if (model.expiring.expiresAt === undefined) return true
  const { ttl } = model.table
  return String(stored[ttl]) === String(row[ttl]) && !isExpired(model.expiring, stored, db.sources.now())
}
