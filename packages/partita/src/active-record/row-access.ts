/** The rows behind records, as the model layer keeps them. */
import { NotFoundError } from '../errors/errors.js'
import { encodeKey } from '../model/compile/row-key.js'
import { refreshRow } from '../model/evolve/refresh.js'
import { rowsOf } from '../model/rows/access.js'
import { ModelRecord } from '../model/rows/record.js'
import type { SaveOptions } from '../model/types/record.js'
import type { Key } from '../value/value.js'
import type { Meter } from './meter.js'
import { type KeyFields, primaryIdOf } from './primary-id.js'
import type { FieldValues } from './record-fields.js'
import type { ModelShape } from './shape.js'

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

/** The repository of the model, as far as deletes need it. */
interface Deleting {
  delete(key: object, options: object): Promise<object | undefined>
}

/**
 * Deletes a row.
 * @returns its last state.
 * @throws NotFoundError if there is none.
 */
export async function deleteRow(
  shape: ModelShape,
  rows: Deleting,
  key: KeyFields,
  condition: FieldValues | undefined,
): Promise<object> {
  const row = await rows.delete(key, condition ? { if: condition } : {})
  if (!row) throw notFound(shape, key)
  return row
}

/** The error for a row that does not exist. */
export function notFound(shape: ModelShape, key: KeyFields): NotFoundError {
  const message = `There is no ${shape.name} ${primaryIdOf(shape, key)}`
  return new NotFoundError(message, { model: shape.name, key: key as Key })
}
