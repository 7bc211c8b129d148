/** Transactions: a snapshot to read, and the rows that they have written and nobody else sees. */
import type { Collection, Row } from './collection.js'

/** What a reader sees: everything committed up to a time, and the writes of its own transaction. */
export interface View {
  readonly time: number
  readonly transaction?: Transaction
}

/** The latest committed versions. */
export const LATEST: View = { time: Number.POSITIVE_INFINITY }

/** Time of commits, and the transactions that are open; old versions are kept for as long as one of them may read them. */
export class Clock {
  time = 0
  readonly open = new Set<Transaction>()
  readonly #outdated = new Map<Row, Collection>()

  /** Drops the old versions of a row as soon as no transaction can read them. */
  outdate(collection: Collection, row: Row): void {
    if (this.open.size === 0) collection.prune(row)
    else this.#outdated.set(row, collection)
  }

  settle(): void {
    if (this.open.size > 0) return
    for (const [row, collection] of this.#outdated) collection.prune(row)
    this.#outdated.clear()
  }
}

/** A transaction from its first statement to its commit or abort. */
export class Transaction implements View {
  readonly time: number
  readonly ended: Promise<void>
  readonly written = new Map<Row, Collection>()
  readonly #clock: Clock
  #end: () => void = () => {}

  constructor(clock: Clock) {
    this.#clock = clock
    this.time = clock.time
    this.ended = new Promise(resolve => {
      this.#end = resolve
    })
    clock.open.add(this)
  }

  get transaction(): Transaction {
    return this
  }

  /** Makes all its writes visible at one time. */
  commit(): void {
    if (!this.#clock.open.delete(this)) return
    const time = ++this.#clock.time
    for (const [row, collection] of this.written) {
      row.versions.push({ time, document: row.pending?.document })
      row.pending = undefined
      this.#clock.outdate(collection, row)
    }
    this.#finish()
  }

  abort(): void {
    if (!this.#clock.open.delete(this)) return
    for (const [row, collection] of this.written) {
      row.pending = undefined
      this.#clock.outdate(collection, row)
    }
    this.#finish()
  }

  #finish(): void {
    this.#clock.settle()
    this.#end()
  }
}

/** A write met one that is not committed. Inside a transaction it fails; outside, it waits for the other's end. */
export class Busy extends Error {
  constructor(readonly transaction: Transaction) {
    super('The document is being written by a transaction')
  }
}
