/** Seeded fault injection: throttling, transaction conflicts, unprocessed batch items and delayed indexes. */
import { ConflictError, invalid, ThrottledError } from '../errors/errors.js'
import type { HeldSnapshot, Kv } from './storage/kv.js'

export interface Faults {
  /** Same seed, same faults for the same calls. Default 1. */
  readonly seed?: number
  /** Chance, from 0 to 1, that a request is refused with `ThrottledError`. */
  readonly throttle?: number
  /** Chance that a transaction is refused with `ConflictError`. */
  readonly conflict?: number
  /** Chance that one item of a batch is left over and must be tried again; the batch does so until its deadline. */
  readonly unprocessed?: number
  /** Global indexes show a state that is at least this many milliseconds old. */
  readonly indexDelay?: number
  /** Asked at each request whether faults happen now, so that a test can be set up without them. Default: always. */
  readonly enabled?: () => boolean
}

export class FaultInjection {
  readonly #faults: Faults
  readonly #clock: () => number
  #random: () => number
  /** States of the store with the moment they were held: the older is shown, the younger will take its place. */
  #shown: Held | undefined
  #coming: Held | undefined

  constructor(faults: Faults, clock: () => number) {
    for (const name of ['throttle', 'conflict', 'unprocessed'] as const) {
      const chance = faults[name]
      if (chance !== undefined && !(chance >= 0 && chance <= 1))
        throw invalid(['faults', name], `is ${chance}; a chance is 0 to 1`)
    }
    this.#faults = faults
    this.#clock = clock
    this.#random = generator(faults.seed ?? 1)
  }

  /** @throws ThrottledError */
  beforeRequest(): void {
    if (!this.#happens(this.#faults.throttle)) return
    throw new ThrottledError('The request was throttled by a fault that was asked for; try again later', {
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
    throw new ConflictError('The transaction met a conflict that was asked for; try again', { reasons })
  }

  leavesUnprocessed(): boolean {
    return this.#happens(this.#faults.unprocessed)
  }

  /** Runs a read of a global index on a state that is old enough. */
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

/** Numbers from 0 to 1 that depend on the seed alone (mulberry32). */
function generator(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
