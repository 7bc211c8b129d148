/**
 * Unique constraints. Each value that a row holds has a marker: an item under a key made of the value, that names the
 * row. A marker is written in the row's own transaction, on two conditions: that no other row's marker is there, and
 * that the row still holds the values whose markers go. So of many claims of one value one succeeds, and markers are
 * always just those that the rows imply. A marker expires with its row, and one that has expired is free to be taken; so
 * is one that a program without the constraint left behind, which `rows/claim.ts` tells.
 */
import { and, type Condition, compare, notExists, or, path, value } from '../../expression/ast.js'
import { isAbsent } from '../../keys/expiry.js'
import type { Item, Key, Value } from '../../value/value.js'
import type { CompiledModel, CompiledUnique } from '../compile/compiled-model.js'
import { isKeyValue, keyText } from '../define/template.js'
import { identity } from '../read/loader.js'

const MARK = 'UNIQUE'
const OWNER = 'owner'

export interface Marker {
  readonly unique: CompiledUnique
  readonly key: Key
  /** Of its key, for comparing with others. */
  readonly id: string
}

/** The row that a marker names, without the tenant's prefix. */
interface Owner {
  readonly pk: string
  readonly sk: string
}

/** The markers that a row implies; of a constraint whose fields it does not all have, or not as a key can, there is none. */
export function markersOf(model: CompiledModel, row: Item, prefix: string): Marker[] {
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
): Marker {
  const parts = values.map(it => textOf(unique, it))
  const key = {
    [model.table.pk]: `${prefix}${MARK}#${model.mark}#${unique.name}#${parts.join('#')}`,
    [model.table.sk]: MARK,
  }
  return { unique, key, id: identity(key) }
}

/** Whether a row implies a marker. */
export function implies(model: CompiledModel, row: Item, prefix: string, { id }: Marker): boolean {
  return markersOf(model, row, prefix).some(marker => marker.id === id)
}

/**
 * What is stored for a marker of a row.
 * @param revision gives the marker a token of its own where its row has none, as in a table that something else filled.
 */
export function markerItem(
  model: CompiledModel,
  marker: Marker,
  row: Item,
  prefix: string,
  revision: () => string,
): Item {
  const { table } = model
  const expiry = row[table.ttl]
  const item: Item = {
    ...marker.key,
    [table.type]: MARK,
    [OWNER]: ownerOf(model, row, prefix) as unknown as Item,
    [table.revision]: row[table.revision] ?? revision(),
  }
  if (model.ttl && expiry !== undefined) item[table.ttl] = expiry
  return item
}

/** True where the value is free, or the row's already. */
export function isFreeFor(model: CompiledModel, row: Item, prefix: string, now: number): Condition {
  return or(isAbsent(model.expiring, now), isOwnedBy(model, row, prefix))
}

/** True where the marker is the row's, or is not there: nothing of another row is deleted. */
export function isOwnOrGone(model: CompiledModel, row: Item, prefix: string): Condition {
  return or(notExists([model.table.pk]), isOwnedBy(model, row, prefix))
}

/** True where the marker is the one that was read: of the same write, naming the same row. */
export function isSameMarker({ table }: CompiledModel, read: Item): Condition {
  const token = read[table.revision]
  const isSameWrite =
    token === undefined ? notExists([table.revision]) : compare(path(table.revision), '=', value(token))
  return and(isSameWrite, compare(path(OWNER), '=', value(read[OWNER] as Value)))
}

/** The key of the row that a marker names; undefined for an item that is no marker. */
export function ownerKey(model: CompiledModel, marker: Item, prefix: string): Key | undefined {
  const owner = marker[OWNER] as unknown as Partial<Owner> | undefined
  if (typeof owner?.pk !== 'string' || typeof owner.sk !== 'string') return undefined
  return { [model.table.pk]: prefix + owner.pk, [model.table.sk]: owner.sk }
}

function isOwnedBy(model: CompiledModel, row: Item, prefix: string): Condition {
  return compare(path(OWNER), '=', value(ownerOf(model, row, prefix) as unknown as Value))
}

function ownerOf({ table }: CompiledModel, row: Item, prefix: string): Owner {
  return { pk: (row[table.pk] as string).slice(prefix.length), sk: row[table.sk] as string }
}

function textOf({ name, lower, trim }: CompiledUnique, stored: Value): string {
  if (typeof stored !== 'string') return keyText(stored, [name])
  const trimmed = trim ? stored.trim() : stored
  return keyText(lower ? trimmed.toLowerCase() : trimmed, [name])
}

/** Whether a marker is the row's. */
export function isOwner(model: CompiledModel, marker: Item, row: Item, prefix: string): boolean {
  const owner = ownerKey(model, marker, prefix)
  const { pk, sk } = model.table
  return owner?.[pk] === row[pk] && owner?.[sk] === row[sk]
}
