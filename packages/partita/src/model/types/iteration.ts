/** All rows of a model, bucket by bucket of its iteration index. */
import type { UnreadableError } from '../../errors/errors.js'
import type { AnyModel } from '../define/definition.js'
import type { UnreadableOptions } from '../read/unreadable.js'
import type { Where } from './where.js'

export interface IterationOptions<M extends AnyModel> extends UnreadableOptions {
  /** What the rows must be like; it is looked at here, as the index holds keys alone. */
  readonly where?: Where<M>
  /** How many rows are read at a time. Default 100. */
  readonly batchSize?: number
  /** How many buckets are read at the same time. Default 1. */
  readonly parallel?: number
  /** Where an earlier walk ended: the `cursor` of its last batch. */
  readonly after?: string | undefined
}

export interface RowBatch<Row> {
  readonly items: Row[]
  /** Rows of the batch that do not fit their model and were left out. Empty where all fit. */
  readonly unreadable: UnreadableError[]
  /** For `after`, to go on behind this batch; undefined after the last. */
  readonly cursor: string | undefined
}

/** A walk over all rows, with one batch of them in memory at a time. Throws `InvalidCursorError`. */
export interface Iteration<Row> extends AsyncIterable<Row> {
  /** Batch by batch, each with the cursor to go on behind it. */
  batches(): AsyncIterable<RowBatch<Row>>
}
