/** Warnings of one database: delivered as they occur; those that `connect` found are kept for listeners added later. */
import type { WarningEvent, WarningListener } from '../types/events.js'

/** Collects and delivers the warnings of one database. */
export class Warnings {
  readonly #listeners = new Set<WarningListener>()
  #kept: WarningEvent[] = []

  /** Calls every listener. A failing listener must not fail the operation that it observes. */
  emit(event: WarningEvent): void {
    for (const listener of this.#listeners) call(listener, event)
  }

  /** Emits a warning and keeps it: nobody can listen before `connect` returns. */
  keep(event: WarningEvent): void {
    this.#kept.push(event)
    this.emit(event)
  }

  /** Drops kept warnings whose cause is gone. */
  drop(isGone: (event: WarningEvent) => boolean): void {
    this.#kept = this.#kept.filter(event => !isGone(event))
  }

  /** Adds a listener, and calls it at once with the kept warnings. */
  add(listener: WarningListener): () => void {
    // A wrapper, so that a function that was added twice is called twice, and each registration is removed separately.
    const added: WarningListener = event => listener(event)
    this.#listeners.add(added)
    for (const event of this.#kept) call(added, event)
    return () => void this.#listeners.delete(added)
  }
}

function call(listener: WarningListener, event: WarningEvent): void {
  try {
    listener(event)
  } catch {
    // See emit().
  }
}
