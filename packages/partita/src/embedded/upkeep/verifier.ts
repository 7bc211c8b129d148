/** What the parts of a verification share: the snapshot that they read, and what they have found. */
import { valueText } from '../../errors/errors.js'
import type { Key } from '../../value/value.js'
import { isYieldDue, yieldToEventLoop } from '../event-loop.js'
import { afterKey } from '../storage/key.js'
import type { HeldSnapshot, Kv, Range } from '../storage/kv.js'

/** Two things in a store that do not agree. */
export interface Difference {
  /**
   * `page`: the data file is damaged. `item`: an entry of a table cannot be read, or is not where its key says. `missing`:
   * an item has no entry in an index or in the order of expiry. `stale`: such an entry has no item, or another's content.
   * `leftover`: entries of no table or index that is known. `stream`: records that are out of order or cannot be read.
   */
  readonly kind: 'page' | 'item' | 'missing' | 'stale' | 'leftover' | 'stream'
  readonly table?: string
  readonly index?: string
  /** The item's key, where it can be told. */
  readonly key?: Key
  readonly message: string
}

export interface VerifyOptions {
  /** Told now and then how many entries have been compared. */
  readonly onProgress?: (entries: number) => void
}

/** Keys that are read at once. */
const STEP = 100
const MOST_DIFFERENCES = 1000

export class Verifier {
  readonly kv: Kv
  readonly #held: HeldSnapshot
  readonly #options: VerifyOptions
  readonly differences: Difference[] = []
  differenceCount = 0
  #entries = 0

  constructor(kv: Kv, held: HeldSnapshot, options: VerifyOptions) {
    this.kv = kv
    this.#held = held
    this.#options = options
  }

  /** Reads from the snapshot. */
  read<T>(work: () => T): T {
    return this.#held.run(work)
  }

  report(difference: Difference): void {
    if (++this.differenceCount <= MOST_DIFFERENCES) this.differences.push(difference)
  }

  /** Shows every entry of a range to `check`, in steps. @returns how many there are. */
  async entries(range: Range, check: (key: Uint8Array) => void): Promise<number> {
    let count = 0
    let low = range.low
    for (;;) {
      const keys = this.read(() => this.kv.keys({ low, high: range.high }, STEP))
      for (const key of keys) {
        this.read(() => check(key))
        if (isYieldDue()) await yieldToEventLoop()
      }
      count += keys.length
      this.#entries += keys.length
      const last = keys.at(-1)
      if (!last || keys.length < STEP) return count
      low = afterKey(last)
      this.#options.onProgress?.(this.#entries)
    }
  }
}

/** Bytes that cannot be understood, for a message. */
export function problemText(error: unknown): string {
  return valueText(error instanceof Error ? error.message : String(error))
}
