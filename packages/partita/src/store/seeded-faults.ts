/** Seeded injection of failures into any store: throttling and transaction conflicts. */
import { ConflictError, invalid, ThrottledError } from '../errors/errors.js'

/** Failures to inject into the requests of a store. Chances are numbers from 0 to 1, and default to 0. */
export interface RequestFaults {
  /** Seed of the random generator: the same seed and calls produce the same failures. Default 1. */
  readonly seed?: number
  /** Chance that a request fails with `ThrottledError`. */
  readonly throttle?: number
  /** Chance that a transaction fails with `ConflictError`. */
  readonly conflict?: number
  /** Called before each request: false suspends the failures, for example during the setup of a test. Default: always true. */
  readonly enabled?: () => boolean
}

/** Injects the failures of {@link RequestFaults} into the requests of one store. */
export class SeededFaults {
  readonly #faults: RequestFaults
  readonly #random: () => number

  /** @throws ValidationError if a chance is not a number from 0 to 1. */
  constructor(faults: RequestFaults) {
    checkChance('throttle', faults.throttle)
    checkChance('conflict', faults.conflict)
    this.#faults = faults
    this.#random = generator(faults.seed ?? 1)
  }

  /** @throws ThrottledError */
  beforeRequest(): void {
    if (!this.happens(this.#faults.throttle)) return
    throw new ThrottledError('The request was throttled by an injected fault; retry it later', {
      done: 0,
      undone: 1,
      undoneKeys: [],
    })
  }

  /** @throws ConflictError */
  beforeTransaction(operations: number): void {
    if (!this.happens(this.#faults.conflict)) return
    const reasons = Array.from(
      { length: operations },
      (_, index) => ({ index, code: index === 0 ? 'Conflict' : 'None' }) as const,
    )
    throw new ConflictError('The transaction failed with an injected conflict; retry it', { reasons })
  }

  /** Whether a failure with this chance happens now. */
  protected happens(chance: number | undefined): boolean {
    return chance !== undefined && chance > 0 && this.isEnabled() && this.#random() < chance
  }

  protected isEnabled(): boolean {
    return this.#faults.enabled?.() ?? true
  }
}

/** @throws ValidationError if a chance is neither undefined nor a number from 0 to 1. */
export function checkChance(name: string, chance: number | undefined): void {
  if (chance !== undefined && !(chance >= 0 && chance <= 1))
    throw invalid(['faults', name], `is ${chance}; it must be a number from 0 to 1`)
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
