/** Iteration over all rows of a model, one bucket of its iteration index after another. */
import type { UnreadableError } from '../../errors/errors.js'
import type { AnyModel } from '../define/definition.js'
import type { UnreadableOptions } from './unreadable.js'
import type { Where } from './where.js'

/** Options of `iterate`. */
export interface IterationOptions<M extends AnyModel> extends UnreadableOptions {
  /** Filter of the rows. It is evaluated in the client, since the iteration index holds only keys. */
  readonly where?: Where<M>
  /** Also visits soft-deleted rows. Default: as the scope. */
  readonly withDeleted?: boolean
  /** How many rows are read in one batch. Default 100. */
  readonly batchSize?: number
  /** How many buckets are read concurrently. Default 1. */
  readonly parallel?: number
  /** Resumes an earlier iteration after the batch with this `cursor`. */
  readonly after?: string | undefined
}

/** Rows that were read together, and the position after them. */
export interface RowBatch<Row> {
  /** The rows. */
  readonly items: Row[]
  /** Errors for the rows of the batch that do not fit their model; `items` omits them. */
  readonly unreadable: UnreadableError[]
  /** Pass it as `after` to resume after this batch; undefined for the last batch. */
  readonly cursor: string | undefined
}

/**
 * An iteration over all rows, with one batch in memory at a time.
 *
 * @throws InvalidCursorError while iterating, for an `after` that is not a cursor of this model.
 */
export interface Iteration<Row> extends AsyncIterable<Row> {
  /** Iterates by batches, each with the cursor that resumes after it. */
  batches(): AsyncIterable<RowBatch<Row>>
}
