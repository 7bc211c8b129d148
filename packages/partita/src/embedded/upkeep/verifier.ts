/** The shared state of a verification: its snapshot, and the differences found. */
import { valueText } from '../../errors/errors.js'
import type { Key } from '../../value/value.js'
import { isYieldDue, yieldToEventLoop } from '../event-loop.js'
import { afterKey } from '../storage/key.js'
import type { HeldSnapshot, Kv, Range } from '../storage/kv.js'

/** An inconsistency in a store. */
export interface Difference {
  /**
   * `page`: the data file is damaged. `item`: a table entry cannot be read, or has the wrong key. `missing`: an item has no
   * entry in an index or in the expiry order. `stale`: such an entry has no item, or different content. `leftover`: entries
   * of an unknown table or index. `stream`: stream records that are out of order or cannot be read.
   */
  readonly kind: 'page' | 'item' | 'missing' | 'stale' | 'leftover' | 'stream'
  /** The table's name, if known. */
  readonly table?: string
  /** The index's name, if an index is concerned. */
  readonly index?: string
  /** The item's key, if it can be read. */
  readonly key?: Key
  /** A description, which follows the key in a report. */
  readonly message: string
}

/** Options of `verify`. */
export interface VerifyOptions {
  /** Called now and then with the number of entries that have been compared so far. */
  readonly onProgress?: (entries: number) => void
}

/** Keys read in one step. */
const STEP = 100
const MOST_DIFFERENCES = 1000

/** Reads one snapshot in steps and collects differences. */
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

  /** Adds a difference. Only the first 1,000 are kept. */
  report(difference: Difference): void {
    if (++this.differenceCount <= MOST_DIFFERENCES) this.differences.push(difference)
  }

  /** Calls `check` for every key of a range, in steps. @returns the number of keys. */
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

/** Returns the text of a decoding error, shortened for a message. */
export function problemText(error: unknown): string {
  return valueText(error instanceof Error ? error.message : String(error))
}
