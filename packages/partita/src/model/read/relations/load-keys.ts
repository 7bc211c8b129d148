/** Loads rows whose keys other rows hold, in one batch for all. */
import type { Key } from '../../../value/value.js'
import { fieldsFrom, type ResolvedOne } from '../../compile/relations.js'
import { namedKey } from '../../compile/row-key.js'
import { rowsOf } from '../../rows/access.js'
import type { ModelRecord } from '../../rows/record.js'
import type { RowContext } from '../../rows/rows.js'
import { identity } from '../loader.js'
import type { RowReader } from '../unreadable.js'
import type { RelatedBudget } from './budget.js'

/** State shared by several reads of one relation. */
export interface Shared {
  readonly budget?: RelatedBudget
  /** Records made so far, by the identity of their keys; undefined for rows that are missing or unreadable. */
  readonly records?: Map<string, ModelRecord | undefined>
}

/**
 * Loads one entry for each record; undefined if it names no row or an unreadable one. Key fields of a record may
 * hold any value. Records that name the same row get the same record.
 */
export async function loadKeys(
  context: RowContext,
  { pairs }: ResolvedOne,
  records: readonly (object | undefined)[],
  reader: RowReader,
  { budget, records: made = new Map() }: Shared = {},
): Promise<(ModelRecord | undefined)[]> {
  const ids: (string | undefined)[] = []
  const unread = new Map<string, Key>()
  for (const record of records) {
    const fields = record && fieldsFrom(pairs, record)
    const key = fields && namedKey(context, fields)
    const id = key && identity(context.model.table, key)
    ids.push(id)
    if (id !== undefined && !made.has(id)) unread.set(id, key as Key)
  }
  budget?.take(unread.size)
  const keys = [...unread.values()]
  const rows =
    keys.length === 1
      ? [await rowsOf(context).read(context, keys[0] as Key, false)]
      : await rowsOf(context).readMany(context, keys, false)
  let read = 0
  for (const id of unread.keys()) {
    const row = rows[read++]
    if (!made.has(id)) made.set(id, row && reader.record(context, row))
  }
  return ids.map(id => (id === undefined ? undefined : made.get(id)))
}
