/** How many rows one call may load by `with`: relations can lead back and forth, and what is asked for may come from outside. */
import { LimitExceededError } from '../../../errors/errors.js'
import type { ModelRecord } from '../../rows/record.js'

/** Rows that one call loads by `with` where `maxRelated` says nothing else. */
export const MAX_RELATED = 10_000
/** In JSON a row is repeated wherever it is, so there may be more of them than were loaded. */
const REPEATED = 10

/** Counts rows, pairs of `through` relations and lists: an empty list has cost a query too. */
export class RelatedBudget {
  readonly maximum: number
  #used = 0

  constructor(maximum: number) {
    this.maximum = maximum
  }

  /** @throws LimitExceededError once more was loaded than the call may. */
  take(count = 1): void {
    this.#used += count
    if (this.#used <= this.maximum) return
    throw new LimitExceededError(
      `with loads over ${this.maximum} rows and lists in one call; ask for fewer relations, give limits, or raise maxRelated`,
      { limit: 'maxRelated', maximum: this.maximum, actual: this.#used },
    )
  }
}

const sizes = new WeakMap<ModelRecord, { rows: number; maximum: number }>()

/** Notes how many rows a record has with those in its relations, each counted wherever it is. */
export function noteSize(record: ModelRecord, rows: number, { maximum }: RelatedBudget): void {
  sizes.set(record, { rows, maximum: maximum * REPEATED })
}

export function sizeOf(record: ModelRecord): number {
  return sizes.get(record)?.rows ?? 1
}

/** @throws LimitExceededError for a record whose JSON would repeat shared rows without measure. */
export function checkSize(record: ModelRecord): void {
  const size = sizes.get(record)
  if (!size || size.rows <= size.maximum) return
  const { rows: actual, maximum } = size
  throw new LimitExceededError(
    `As JSON the rows loaded by with are ${actual}, over ${maximum}, since rows that are shared are repeated; load fewer levels of relations`,
    { limit: 'rows as JSON', maximum, actual },
  )
}
