/** Seeded fault injection: throttling, transaction conflicts, unprocessed batch items and delayed indexes. */
import { checkChance, type RequestFaults, SeededFaults } from '../store/seeded-faults.js'
import type { HeldSnapshot, Kv } from './storage/kv.js'

/** Failures to inject. All chances are numbers from 0 to 1, and default to 0. */
export interface Faults extends RequestFaults {
  /** Chance that an item of a batch stays unprocessed. The batch retries it until the deadline of the call. */
  readonly unprocessed?: number
  /** Minimum age of the state that reads of global indexes return, in milliseconds. Default 0. */
  readonly indexDelay?: number
}

/** Injects the failures of {@link Faults} into the requests of one store. */
export class FaultInjection extends SeededFaults {
  readonly #unprocessed: number | undefined
  readonly #indexDelay: number | undefined
  readonly #clock: () => number
  /** Snapshots of the store for delayed indexes: reads use the older one until the newer one is old enough. */
  #shown: Held | undefined
  #coming: Held | undefined

  constructor(faults: Faults, clock: () => number) {
    super(faults)
    checkChance('unprocessed', faults.unprocessed)
    this.#unprocessed = faults.unprocessed
    this.#indexDelay = faults.indexDelay
    this.#clock = clock
  }

  /** Whether the next item of a batch stays unprocessed. */
  leavesUnprocessed(): boolean {
    return this.happens(this.#unprocessed)
  }

  /** Runs a read of a global index on a snapshot that is at least `indexDelay` old. */
  readIndex<T>(kv: Kv, read: () => T): T {
    if (!this.#indexDelay || !this.isEnabled()) return read()
    const now = this.#clock()
    if (this.#coming && now - this.#coming.since >= this.#indexDelay) {
      this.#shown?.state.release()
      this.#shown = this.#coming
      this.#coming = undefined
    }
    if (!this.#coming) {
      kv.refresh()
      this.#coming = { since: now, state: kv.hold() }
    }
    return this.#shown ? this.#shown.state.run(read) : this.#coming.state.run(read)
  }

  /** Releases the snapshots. */
  close(): void {
    this.#shown?.state.release()
    this.#coming?.state.release()
  }
}

interface Held {
  readonly since: number
  readonly state: HeldSnapshot
}
