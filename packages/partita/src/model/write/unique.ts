/**
 * Unique constraints. Each unique value that a row holds has a marker: an item whose key is made of the value and
 * which names the row. Markers are written in the row's own transaction, on two conditions: no other row has the
 * marker, and the row still holds the values whose markers are deleted. So of several concurrent claims of one value
 * one succeeds, and the markers always match the rows. A marker expires with its row; an expired marker can be
 * claimed, and so can an orphaned one (see `write/claim.ts`).
 */
import { and, type Condition, compare, notExists, or, path, value } from '../../expression/ast.js'
import { isAbsent } from '../../keys/expiry.js'
import type { Item, Key, Value } from '../../value/value.js'
import type { CompiledModel, CompiledUnique } from '../compile/compiled-model.js'
import { keyNames, type PhysicalTable, sortKeyOf, tableKey } from '../compile/layout.js'
import { isKeyValue, keyText } from '../define/template.js'
import { upgradeFailure } from '../evolve/form.js'
import { identity } from '../read/loader.js'

const MARKER = 'UNIQUE'

/** The attribute of a unique marker that names its row. */
export const MARKER_OWNER = 'owner'

/** A unique marker of a row. */
export interface UniqueMarker {
  readonly unique: CompiledUnique
  readonly key: Key
  /** Identifies the key, for comparisons. */
  readonly id: string
}

/** The row that a marker names, without the tenant's prefix. */
interface Owner {
  readonly pk: string
  /** Empty in a table without a sort key. */
  readonly sk: string
}

/**
 * The markers that a row implies. A constraint has no marker if the row lacks one of its fields or a key cannot hold
 * it. A soft-deleted row has none, unless the model keeps its unique values.
 */
export function markersOf(model: CompiledModel, row: Item, prefix: string): UniqueMarker[] {
  if (model.isDeleted(row) && !model.softDelete?.keepsUnique) return []
  return model.uniques.flatMap(unique => {
    const values = unique.fields.map(({ attribute, storedDefault }) => row[attribute] ?? storedDefault)
    if (!values.every(isKeyValue)) return []
    return [markerOf(model, unique, values as Value[], prefix)]
  })
}

/** The marker of stored values, in the order of the constraint's fields. */
export function markerOf(
  model: CompiledModel,
  unique: CompiledUnique,
  values: readonly Value[],
  prefix: string,
): UniqueMarker {
  const parts = values.map(stored => textOf(unique, stored))
  const partition = `${prefix}${MARKER}#${model.typeName}#${unique.name}#${parts.join('#')}`
  const key = tableKey(model.table, partition, MARKER)
  return { unique, key, id: identity(model.table, key) }
}

/** Whether a stored item is a unique marker, of any model. */
export function isUniqueMarker({ type }: PhysicalTable, item: Item): boolean {
  return item[type] === MARKER
}

/**
 * Whether a row implies a marker. Which ones a row implies that cannot be upgraded is unknown, so it keeps those that it has.
 */
export function hasMarker(model: CompiledModel, row: Item, prefix: string, { id }: UniqueMarker): boolean {
  return upgradeFailure(model, row) !== undefined || markersOf(model, row, prefix).some(marker => marker.id === id)
}

/**
 * The stored item of a row's marker.
 * @param revision makes a revision for the marker if its row has none, as in an adopted table.
 */
export function markerItem(
  model: CompiledModel,
  marker: UniqueMarker,
  row: Item,
  prefix: string,
  revision: () => string,
): Item {
  const { table } = model
  const expiry = row[table.ttl]
  const item: Item = {
    ...marker.key,
    [table.type]: MARKER,
    [MARKER_OWNER]: ownerOf(model, row, prefix) as unknown as Item,
    [table.revision]: row[table.revision] ?? revision(),
  }
  if (model.expiring.expiresAt !== undefined && expiry !== undefined) item[table.ttl] = expiry
  return item
}

/** True if the value is free or already belongs to the row. */
export function isFreeFor(model: CompiledModel, row: Item, prefix: string, now: number): Condition {
  return or(isAbsent(model.expiring, now), isOwnedBy(model, row, prefix))
}

/** True if the marker belongs to the row or is missing, so that no marker of another row is deleted. */
export function isOwnOrMissing(model: CompiledModel, row: Item, prefix: string): Condition {
  return or(notExists([model.table.pk]), isOwnedBy(model, row, prefix))
}

/** True while the marker is unchanged since it was read: same revision, naming the same row. */
export function isSameMarker({ table }: CompiledModel, read: Item): Condition {
  const token = read[table.revision]
  const isSameWrite =
    token === undefined ? notExists([table.revision]) : compare(path(table.revision), '=', value(token))
  return and(isSameWrite, compare(path(MARKER_OWNER), '=', value(read[MARKER_OWNER] as Value)))
}

/** The key of the row that a marker names; undefined for an item that is not a marker. */
export function ownerKey(model: CompiledModel, marker: Item, prefix: string): Key | undefined {
  const owner = marker[MARKER_OWNER] as unknown as Partial<Owner> | undefined
  if (typeof owner?.pk !== 'string' || typeof owner.sk !== 'string') return undefined
  return tableKey(model.table, prefix + owner.pk, owner.sk)
}

function isOwnedBy(model: CompiledModel, row: Item, prefix: string): Condition {
  return compare(path(MARKER_OWNER), '=', value(ownerOf(model, row, prefix) as unknown as Value))
}

function ownerOf({ table }: CompiledModel, row: Item, prefix: string): Owner {
  return { pk: (row[table.pk] as string).slice(prefix.length), sk: sortKeyOf(table, row) }
}

function textOf({ name, lower, trim }: CompiledUnique, stored: Value): string {
  if (typeof stored !== 'string') return keyText(stored, [name])
  const trimmed = trim ? stored.trim() : stored
  return keyText(lower ? trimmed.toLowerCase() : trimmed, [name])
}

/** Whether a marker belongs to the row. */
export function isOwner(model: CompiledModel, marker: Item, row: Item, prefix: string): boolean {
  const owner = ownerKey(model, marker, prefix)
  return owner !== undefined && keyNames(model.table).every(name => owner[name] === row[name])
}
