/**
 * Compares unique markers with the rows, in both directions. A row and its unique marker are read one after the other, and programs
 * may write in between. So a difference is reported only if a snapshot of both shows it too.
 */
import { ValidationError } from '../../errors/errors.js'
import { isExpired } from '../../keys/expiry.js'
import { tenantOf, tenantPrefix } from '../../model/compile/compiled-model.js'
import { keyIn } from '../../model/compile/layout.js'
import { isMarkerOf } from '../../model/evolve/derived.js'
import { upgradeFailure } from '../../model/evolve/form.js'
import { rowDetails } from '../../model/rows/row-details.js'
import { keyOf } from '../../model/rows/rows.js'
import { isOwner, MARKER_OWNER, markersOf, ownerKey, type UniqueMarker } from '../../model/write/unique.js'
import type { Item, Key } from '../../value/value.js'
import type { OrphanInconsistency, UniqueInconsistency } from './inconsistency.js'
import type { StoredRow, TableReader } from './table-reader.js'

/** Items that are read together. They may be 400 KB each. */
const CHUNK = 50

type Problem = UniqueInconsistency['problem']

const MESSAGES: Readonly<Record<Problem, string>> = {
  missing: 'The unique marker of the row is missing',
  otherRow: 'The unique marker names another row, so two rows may have the same value',
  expiry: 'The unique marker expires at another time than its row',
  attributes: 'The unique marker lacks a revision, or has additional attributes',
}

/** The unique values of rows whose markers are wrong. */
export async function checkUniqueValues(
  reader: TableReader,
  rows: readonly StoredRow[],
): Promise<UniqueInconsistency[]> {
  const found: UniqueInconsistency[] = []
  const values = rows.flatMap(stored => impliedBy(stored).map(uniqueMarker => ({ stored, uniqueMarker })))
  for (const chunk of chunks(values)) {
    const markers = await reader.items(chunk.map(({ uniqueMarker }) => uniqueMarker.key))
    for (const [i, { stored, uniqueMarker }] of chunk.entries()) {
      if (!problemOf(stored, markers[i])) continue
      const { model } = stored.context
      const [row, again] = await reader.snapshot([keyOf(model, stored.row), uniqueMarker.key])
      const current = reader.rowOf(row)
      if (!current || !impliedBy(current).some(({ id }) => id === uniqueMarker.id)) continue
      const problem = problemOf(current, again)
      if (!problem) continue
      const details = rowDetails(model, keyOf(model, current.row))
      const constraint = uniqueMarker.unique.name
      found.push({
        kind: 'unique',
        ...details,
        constraint,
        uniqueMarker: uniqueMarker.key,
        problem,
        message: MESSAGES[problem],
      })
    }
  }
  return found
}

/** Markers whose row does not exist or does not have the value. */
export async function checkOrphans(reader: TableReader, markers: readonly Item[]): Promise<OrphanInconsistency[]> {
  const found: OrphanInconsistency[] = []
  for (const chunk of chunks(markers)) {
    const owners = chunk.map(uniqueMarker => ownerOf(reader, uniqueMarker))
    const known = owners.filter(owner => owner !== undefined)
    const rows = known.length > 0 ? await reader.items(known) : []
    for (const [i, uniqueMarker] of chunk.entries()) {
      const owner = owners[i]
      const key = markerKey(reader, uniqueMarker)
      if (owner && isHeld(reader, key, rows[known.indexOf(owner)])) continue
      const [again, row] = await reader.snapshot(owner ? [key, owner] : [key])
      if (!again || reader.isExpired(again) || !isSameKey(ownerOf(reader, again), owner) || isHeld(reader, key, row))
        continue
      const message = 'The unique marker names a row that does not exist or does not have the value'
      found.push({ kind: 'orphan', uniqueMarker: key, owner, message })
    }
  }
  return found
}

/** The markers that a row implies; none if a value cannot be part of a key, which is reported with the keys of the row. */
function impliedBy({ context, row }: StoredRow): readonly UniqueMarker[] {
  try {
    return markersOf(context.model, row, context.scope.prefix)
  } catch (error) {
    if (error instanceof ValidationError) return []
    throw error
  }
}

function problemOf({ context, row }: StoredRow, uniqueMarker: Item | undefined): Problem | undefined {
  const { model, scope, db } = context
  const { pk, sk, type, revision, ttl } = model.table
  if (!uniqueMarker || isExpired(model.expiring, uniqueMarker, db.sources.now())) return 'missing'
  if (!isOwner(model, uniqueMarker, row, scope.prefix)) return 'otherRow'
  if (!isMarkerOf(context, uniqueMarker, row)) return 'expiry'
  const known = [pk, sk, type, revision, MARKER_OWNER, ...(model.expiring.expiresAt === undefined ? [] : [ttl])]
  const isExact =
    typeof uniqueMarker[revision] === 'string' && Object.keys(uniqueMarker).every(name => known.includes(name))
  return isExact ? undefined : 'attributes'
}

/** Whether an item is a live row with the value of a unique marker. It is not known which a row has that cannot be upgraded. */
function isHeld(reader: TableReader, uniqueMarker: Key, item: Item | undefined): boolean {
  const stored = reader.rowOf(item)
  if (stored && upgradeFailure(stored.context.model, stored.row)) return true
  return stored !== undefined && impliedBy(stored).some(({ key }) => isSameKey(key, uniqueMarker))
}

function ownerOf({ models, table }: TableReader, uniqueMarker: Item): Key | undefined {
  const [model] = models
  return model && ownerKey(model, uniqueMarker, tenantPrefix(tenantOf(uniqueMarker[table.pk])))
}

function markerKey({ table }: TableReader, uniqueMarker: Item): Key {
  return keyIn(table, uniqueMarker)
}

function isSameKey(a: Key | undefined, b: Key | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

function* chunks<T>(all: readonly T[]): Generator<readonly T[]> {
  for (let i = 0; i < all.length; i += CHUNK) yield all.slice(i, i + CHUNK)
}
