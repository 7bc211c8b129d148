/** The rows behind records, as the model layer keeps them. */
import { encodeKey } from '../model/compile/row-key.js'
import { refreshRow } from '../model/evolve/refresh.js'
import { rowsOf } from '../model/rows/access.js'
import { ModelRecord } from '../model/rows/record.js'
import type { SaveOptions } from '../model/types/record.js'
import type { Meter } from './meter.js'
import type { FieldValues } from './record-fields.js'

/** A row that was read or written, with its method that writes changes. */
export type Row = FieldValues & {
  save(options?: SaveOptions<never>): Promise<unknown>
}

/** A row from the store, for the constructor of its record. */
export class LoadedRow {
  readonly row: Row
  readonly meter: Meter
  /** The scope that read or wrote it. */
  readonly scope: object

  constructor(row: object, meter: Meter, scope: object) {
    this.row = row as Row
    this.meter = meter
    this.scope = scope
  }
}

/** Writes the index keys and unique markers that a row lacks. No field changes, and concurrent writes are not undone. */
export async function completeKeys(row: object, key: FieldValues): Promise<void> {
  const context = ModelRecord.callerOf(row as ModelRecord)
  const stored = await rowsOf(context).read(context, encodeKey(context, key).key, true)
  if (stored) await refreshRow(context, stored)
}
