/**
 * Limits how many rows one call may load by `with`: relations can form cycles, and `with` may come from untrusted
 * input.
 */
import { LimitExceededError } from '../../../errors/errors.js'
import type { ModelRecord } from '../../rows/record.js'

/** Rows that one call loads by `with` unless `maxRelated` is set. */
export const MAX_RELATED = 10_000
/** JSON repeats a shared row at every occurrence, so it may hold this many times more rows than were loaded. */
const REPEATED = 10

/** Counts rows, pairs of `through` relations and lists. Empty lists count because each costs a query. */
export class RelatedBudget {
  readonly maximum: number
  #used = 0

  constructor(maximum: number) {
    this.maximum = maximum
  }

  /** @throws LimitExceededError once the call has loaded more than its maximum. */
  take(count = 1): void {
    this.#used += count
    if (this.#used <= this.maximum) return
    throw new LimitExceededError(
      `with loads over ${this.maximum} rows and lists in one call; request fewer relations, set limits, or raise maxRelated`,
      { limit: 'maxRelated', maximum: this.maximum, actual: this.#used },
    )
  }
}

const sizes = new WeakMap<ModelRecord, { rows: number; maximum: number }>()

/** Records how many rows a record holds with its relations; a shared row counts at every occurrence. */
export function recordSize(record: ModelRecord, rows: number, { maximum }: RelatedBudget): void {
  sizes.set(record, { rows, maximum: maximum * REPEATED })
}

/** The number of rows in a record with its relations. */
export function sizeOf(record: ModelRecord): number {
  return sizes.get(record)?.rows ?? 1
}

/** @throws LimitExceededError if the JSON of a record would repeat shared rows too often. */
export function checkSize(record: ModelRecord): void {
  const size = sizes.get(record)
  if (!size || size.rows <= size.maximum) return
  const { rows: actual, maximum } = size
  throw new LimitExceededError(
    `As JSON the rows loaded by with are ${actual}, over ${maximum}, because shared rows are repeated; load fewer levels of relations`,
    { limit: 'rows as JSON', maximum, actual },
  )
}
