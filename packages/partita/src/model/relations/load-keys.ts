/** Rows whose keys other rows hold, read in one batch for all. */
import type { ModelRecord } from '../model-record.js'
import { namedKey } from '../row-key.js'
import { rowsOf } from '../rows/access.js'
import type { RowCaller } from '../rows/rows.js'
import type { RowReader } from '../unreadable.js'
import { fieldsFrom, type ResolvedOne } from './resolve.js'

/** One entry for each record; undefined where it names no row, or one that cannot be read. What it holds may be anything. */
export async function loadKeys(
  caller: RowCaller,
  { pairs }: ResolvedOne,
  records: readonly (object | undefined)[],
  reader: RowReader,
): Promise<(ModelRecord | undefined)[]> {
  const keys = records.map(record => {
    const fields = record && fieldsFrom(pairs, record)
    return fields && namedKey(caller, fields)
  })
  const present = keys.filter(key => key !== undefined)
  const [first] = present
  const rows =
    first && present.length === 1
      ? [await rowsOf(caller).read(caller, first, false)]
      : await rowsOf(caller).readMany(caller, present, false)
  let read = 0
  return keys.map(key => {
    const row = key && rows[read++]
    return row && reader.record(caller, row)
  })
}
