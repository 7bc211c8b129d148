/** What a run of `reindex` takes, tells and gives. */
import type { RowFields, UnreadableError } from '../../errors/errors.js'
import type { IncompleteEvent } from '../types/events.js'

export interface ReindexOptions {
  /** Called after each batch with the counts so far; what it throws ends the run, which the next call takes up. */
  readonly onProgress?: (progress: ReindexProgress) => void
  /** Ends the run between two batches: the call throws the signal's reason, and the next call takes the run up. */
  readonly signal?: AbortSignal
  /** Items of the table that are read at a time, those of other models included. 1 to 10,000. Default 500. */
  readonly batchSize?: number
  /** Rows that are written at the same time. 1 to 100. Default 8. */
  readonly parallel?: number
}

/** How far a run has come; of one that was taken up, from its beginning. */
export interface ReindexProgress {
  /** Items of the table that were read, those of other models included. */
  readonly scanned: number
  /** Rows of the model, without those past their time to live. */
  readonly rows: number
  /** Rows that lacked something and were written. */
  readonly written: number
  /** Values of unique constraints that a row holds and another row has taken. */
  readonly duplicates: number
  /** Rows with fields that do not fit the model. What can be derived of the others is written. */
  readonly unreadable: number
}

/** Two rows with the same value of a unique constraint. Both are left as they are. */
export interface Duplicate {
  /** The name of the constraint. */
  readonly constraint: string
  /** Left out for rows of no tenant. */
  readonly tenant?: string
  /** Key fields of the row that `findBy` finds; undefined where the marker of the value names no row. */
  readonly holder: RowFields | undefined
  /** Key fields of the other row. */
  readonly other: RowFields
}

export interface UnreadableRow {
  /** Left out for rows of no tenant. */
  readonly tenant?: string
  /** Carries the row's key, the raw item and every fault. */
  readonly error: UnreadableError
}

/** A part of the model that rows may still lack. */
export interface IncompletePart extends Pick<IncompleteEvent, 'part' | 'name'> {
  /**
   * `duplicates`: rows share a value of the constraint; change or delete one of each pair and run again. `olderProgram`: a
   * program without the part connected while the run lasted; run again once none is left.
   */
  readonly reason: 'duplicates' | 'olderProgram'
}

export interface ReindexResult {
  readonly counts: ReindexProgress
  /** The first 1,000 that this call met. Those of a run that it took up are counted, and listed by the next run. */
  readonly duplicates: readonly Duplicate[]
  /** The first 1,000 that this call met. */
  readonly unreadable: readonly UnreadableRow[]
  /** Empty where every row now has all parts of the model, and the table's record says so. */
  readonly incomplete: readonly IncompletePart[]
  /** Whether the call continued an earlier run that was stopped or died. */
  readonly isResumed: boolean
}
