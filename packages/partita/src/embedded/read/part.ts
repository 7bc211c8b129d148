/** Decodes of records what a projection wants. */
import type { Projection } from '../../expression/ast.js'
import { type Projector, projector } from '../../expression/evaluate/index.js'
import type { SizedItem } from '../../store/update-result.js'
import type { Item } from '../../value/value.js'
import { decodeRecord, recordSize } from '../storage/codec.js'
import { RecordSelection } from '../storage/selection.js'

/** Records up to this length are decoded sooner than a selection for a single one of them is compiled. */
export const SHORT_RECORD = 2048

/** Returns a function that decodes and projects one record after another. */
export function partReader(projection: Projection, project: Projector): (record: Uint8Array) => Item {
  const selection = new RecordSelection(projection)
  return record => project(selection.read(record))
}

/** Decodes and projects a single record. The size is that of the whole item. @param projection a valid one. */
export function readPart(projection: Projection, record: Uint8Array): SizedItem {
  const size = recordSize(record)
  const project = projector(projection)
  if (record.length <= SHORT_RECORD) return { item: project(decodeRecord(record)), size }
  return { item: partReader(projection, project)(record), size }
}
