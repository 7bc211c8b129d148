/** Aborts commands of the driver that have no time left. */

type Listener = Parameters<AbortSignal['addEventListener']>[1]

/** For reuse by later commands, one after the other: creating a controller costs more than using it. */
const idle: Stop[] = []
const MAX_IDLE = 16

/**
 * A controller whose signal holds its listeners in a set of its own. The driver adds and removes several for every
 * command, and with those of the runtime's events a read costs a fifth more.
 */
export class Stop {
  readonly signal: AbortSignal
  readonly #controller = new AbortController()
  readonly #listeners = new Set<Listener>()

  private constructor() {
    this.signal = this.#controller.signal
    const listeners = this.#listeners
    Object.defineProperties(this.signal, {
      addEventListener: { value: (_: string, listener: Listener) => void listeners.add(listener) },
      removeEventListener: { value: (_: string, listener: Listener) => void listeners.delete(listener) },
    })
  }

  /** Returns one that no command uses. */
  static take(): Stop {
    return idle.pop() ?? new Stop()
  }

  /** Makes the command fail. */
  abort(reason: unknown): void {
    this.#controller.abort(reason)
    const event = new Event('abort')
    for (const listener of [...this.#listeners]) {
      if (typeof listener === 'function') listener.call(this.signal, event)
      else listener.handleEvent(event)
    }
    this.#listeners.clear()
  }

  /** Gives it back after a success. A failed command may still use its signal. */
  putBack(): void {
    if (this.signal.aborted || idle.length >= MAX_IDLE) return
    // Those of cursors stay until the cursor is collected.
    this.#listeners.clear()
    idle.push(this)
  }
}
