/** Which transaction's function is running, for the calls that it makes. */
import { AsyncLocalStorage } from 'node:async_hooks'
import type { Overlay } from './overlay.js'

export class RunningTransactions {
  readonly #context = new AsyncLocalStorage<Overlay | undefined>()
  #count = 0

  /** The transaction in whose function the caller runs, if any. */
  get current(): Overlay | undefined {
    return this.#count === 0 ? undefined : this.#context.getStore()
  }

  async run<T>(overlay: Overlay, work: () => Promise<T>): Promise<T> {
    this.#count++
    try {
      return await this.#context.run(overlay, work)
    } finally {
      this.#count--
      if (this.#count === 0) this.#disable()
    }
  }

  /** On Node 20 a storage in use slows every promise of the process down. Edge runtimes offer disable() and refuse it. */
  #disable(): void {
    try {
      this.#context.disable?.()
    } catch {
      // The storage stays in use, which costs nothing there.
    }
  }

  /** Runs a function that is in no transaction. */
  outside<T>(work: () => T): T {
    return this.#count === 0 ? work() : this.#context.run(undefined, work)
  }
}
