/** Limits the capacity units that a transfer uses in a second. */
import { setTimeout as sleep } from 'node:timers/promises'

/** A clock and a way to wait; tests pass their own. */
export interface Waiting {
  readonly now: () => number
  readonly sleep: (milliseconds: number, signal: AbortSignal | undefined) => Promise<void>
}

/** Spreads capacity units over time. Without a rate, it waits for nothing. */
export class CapacityPace {
  /** Units for each second; undefined for no limit. */
  readonly rate: number | undefined
  readonly #waiting: Waiting
  #free = 0

  constructor(rate: number | undefined, waiting: Waiting = realWaiting) {
    this.rate = rate
    this.#waiting = waiting
  }

  /** Waits until the units that were spent are paid for, or the signal is aborted. */
  async ready(signal?: AbortSignal): Promise<void> {
    const wait = this.#free - this.#waiting.now()
    if (this.rate !== undefined && wait > 0) await this.#waiting.sleep(wait, signal)
  }

  /** Records units that a call has used. */
  spend(units: number): void {
    if (this.rate === undefined) return
    this.#free = Math.max(this.#free, this.#waiting.now()) + (units / this.rate) * 1000
  }
}

const realWaiting: Waiting = {
  now: () => performance.now(),
  sleep: async (milliseconds, signal) => {
    await sleep(milliseconds, undefined, signal && { signal }).catch(error => {
      if (!signal?.aborted) throw error
    })
  },
}
