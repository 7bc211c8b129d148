/** Why an attempt of a transaction failed although a later one may succeed. */
import type { Guarded } from './commitment.js'

/** A row that was read has changed, or another transaction was in progress. */
export class OutOfDate {
  readonly cause: unknown
  /** The item that another writer changed, if known. */
  readonly changed: Guarded | undefined

  constructor(cause: unknown, changed: Guarded | undefined) {
    this.cause = cause
    this.changed = changed
  }
}
