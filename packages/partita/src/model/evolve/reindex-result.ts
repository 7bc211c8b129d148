/** Options, progress and result of `reindex`. */
import type { RowFields, UnreadableError } from '../../errors/errors.js'
import type { IncompleteEvent } from '../types/events.js'

/** Options of `reindex`. */
export interface ReindexOptions {
  /**
   * Called after each batch with the counts so far. An error that it throws ends the run; the next call resumes it.
   */
  readonly onProgress?: (progress: ReindexProgress) => void
  /** Ends the run between two batches: the call throws the signal's reason, and the next call resumes the run. */
  readonly signal?: AbortSignal
  /** Items of the table read at a time, including items of other models. 1 to 10,000. Default 500. */
  readonly batchSize?: number
  /** Rows written concurrently. 1 to 100. Default 8. */
  readonly parallel?: number
}

/** Progress of a run. A resumed run counts from its original beginning. */
export interface ReindexProgress {
  /** Items of the table that were read, including items of other models. */
  readonly scanned: number
  /** Rows of the model, except expired ones. */
  readonly rows: number
  /** Rows that lacked something, or held a wrong count, and were written. */
  readonly written: number
  /** Unique values held by a row while another row has their marker. */
  readonly duplicates: number
  /**
   * Rows with fields that do not fit the model. What can be derived from their other fields is written. Rows that cannot be
   * upgraded are left.
   */
  readonly unreadable: number
}

/** Two rows with the same value of a unique constraint. Both are left unchanged. */
export interface Duplicate {
  /** The name of the constraint. */
  readonly constraint: string
  /** Omitted for rows without a tenant. */
  readonly tenant?: string
  /** Key fields of the row that `findBy` finds; undefined if the marker names no row. */
  readonly holder: RowFields | undefined
  /** Key fields of the other row. */
  readonly other: RowFields
}

/** A row that does not fit its model. */
export interface UnreadableRow {
  /** Omitted for rows without a tenant. */
  readonly tenant?: string
  /** Carries the row's key, the stored item and every issue. */
  readonly error: UnreadableError
}

/** A part of the model that rows may still lack. */
export interface IncompletePart extends Pick<IncompleteEvent, 'part' | 'name'> {
  /**
   * `duplicates`: rows share a value of the constraint; change or delete one of each pair and run again.
   * `notUpgraded`: `upgrade` failed for some rows, which are listed as unreadable; correct its steps and run again.
   * `olderProgram`: a program without the part connected during the run; run again once no such program is left.
   * `busy`: programs wrote some rows of the model so often that their counts could not be compared; run again. The name
   * is that of the counted ref, such as `Comment.postId`.
   */
  readonly reason: 'duplicates' | 'olderProgram' | 'busy' | 'notUpgraded'
}

/** The result of `reindex`. */
export interface ReindexResult {
  readonly counts: ReindexProgress
  /** The first 1,000 found by this call. Those of a resumed run are counted, and listed by the next run. */
  readonly duplicates: readonly Duplicate[]
  /** The first 1,000 found by this call. */
  readonly unreadable: readonly UnreadableRow[]
  /** Empty if every row now has all parts of the model; the table's record is then up to date. */
  readonly incomplete: readonly IncompletePart[]
  /** Whether the call resumed an earlier run that was stopped or died. */
  readonly isResumed: boolean
}
