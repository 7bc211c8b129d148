/** Seeded fault injection: throttling, transaction conflicts, unprocessed batch items and delayed indexes. */
import { ConflictError, invalid, ThrottledError } from '../errors/errors.js'
import type { HeldSnapshot, Kv } from './storage/kv.js'

/** Failures to inject. All chances are numbers from 0 to 1, and default to 0. */
export interface Faults {
  /** Seed of the random generator: the same seed and calls produce the same failures. Default 1. */
  readonly seed?: number
  /** Chance that a request fails with `ThrottledError`. */
  readonly throttle?: number
  /** Chance that a transaction fails with `ConflictError`. */
  readonly conflict?: number
  /** Chance that an item of a batch stays unprocessed. The batch retries it until the deadline of the call. */
  readonly unprocessed?: number
  /** Minimum age of the state that reads of global indexes return, in milliseconds. Default 0. */
  readonly indexDelay?: number
  /** Called before each request: false suspends the failures, for example during the setup of a test. Default: always true. */
  readonly enabled?: () => boolean
}

/** Injects the failures of {@link Faults} into the requests of one store. */
export class FaultInjection {
  readonly #faults: Faults
  readonly #clock: () => number
  #random: () => number
  /** Snapshots of the store for delayed indexes: reads use the older one until the newer one is old enough. */
  #shown: Held | undefined
  #coming: Held | undefined

  constructor(faults: Faults, clock: () => number) {
    for (const name of ['throttle', 'conflict', 'unprocessed'] as const) {
      const chance = faults[name]
      if (chance !== undefined && !(chance >= 0 && chance <= 1))
        throw invalid(['faults', name], `is ${chance}; it must be a number from 0 to 1`)
    }
    this.#faults = faults
    this.#clock = clock
    this.#random = generator(faults.seed ?? 1)
  }

  /** @throws ThrottledError */
  beforeRequest(): void {
    if (!this.#happens(this.#faults.throttle)) return
    throw new ThrottledError('The request was throttled by an injected fault; retry it later', {
      done: 0,
      undone: 1,
      undoneKeys: [],
    })
  }

  /** @throws ConflictError */
  beforeTransaction(operations: number): void {
    if (!this.#happens(this.#faults.conflict)) return
    const reasons = Array.from(
      { length: operations },
      (_, index) => ({ index, code: index === 0 ? 'Conflict' : 'None' }) as const,
    )
    throw new ConflictError('The transaction failed with an injected conflict; retry it', { reasons })
  }

  /** Whether the next item of a batch stays unprocessed. */
  leavesUnprocessed(): boolean {
    return this.#happens(this.#faults.unprocessed)
  }

  /** Runs a read of a global index on a snapshot that is at least `indexDelay` old. */
  readIndex<T>(kv: Kv, read: () => T): T {
    const { indexDelay } = this.#faults
    if (!indexDelay || !this.#isEnabled()) return read()
    const now = this.#clock()
    if (this.#coming && now - this.#coming.since >= indexDelay) {
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

  #happens(chance: number | undefined): boolean {
    return chance !== undefined && chance > 0 && this.#isEnabled() && this.#random() < chance
  }

  #isEnabled(): boolean {
    return this.#faults.enabled?.() ?? true
  }
}

interface Held {
  readonly since: number
  readonly state: HeldSnapshot
}

/** Returns a pseudorandom generator of numbers from 0 to 1 (mulberry32). */
function generator(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
