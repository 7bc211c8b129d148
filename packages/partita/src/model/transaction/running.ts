/** Tracks which transaction's function is running, for the calls made inside it. */
import { AsyncLocalStorage } from 'node:async_hooks'
import type { Overlay } from './overlay.js'

interface Caller {
  readonly overlay: Overlay | undefined
  readonly waiting: Overlay | undefined
}

/** The running transactions, found through `AsyncLocalStorage`. */
export class RunningTransactions {
  readonly #context = new AsyncLocalStorage<Caller>()
  #count = 0

  /** The transaction whose function the caller runs in, if any. */
  get current(): Overlay | undefined {
    return this.#caller?.overlay
  }

  /** The transaction whose write waits for the hook that the caller runs in, if any. */
  get waiting(): Overlay | undefined {
    return this.#caller?.waiting
  }

  get #caller(): Caller | undefined {
    return this.#count === 0 ? undefined : this.#context.getStore()
  }

  async run<T>(overlay: Overlay, work: () => Promise<T>): Promise<T> {
    this.#count++
    try {
      return await this.#context.run({ overlay, waiting: this.waiting }, work)
    } finally {
      this.#count--
      if (this.#count === 0) this.#disable()
    }
  }

  /**
   * On Node 20 an enabled AsyncLocalStorage slows every promise of the process. Edge runtimes define disable() but
   * throw.
   */
  #disable(): void {
    try {
      this.#context.disable?.()
    } catch {
      // The storage stays enabled, which has no cost there.
    }
  }

  /** Runs a function outside any transaction. */
  outside<T>(work: () => T): T {
    return this.#count === 0 ? work() : this.#context.run({ overlay: undefined, waiting: this.waiting }, work)
  }

  /** Runs a hook, for which a write of the transaction waits. Its calls are not part of the transaction. */
  hook<T>(waiting: Overlay | undefined, work: () => T): T {
    return this.#count === 0 ? work() : this.#context.run({ overlay: undefined, waiting }, work)
  }
}
