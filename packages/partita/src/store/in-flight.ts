/** Counts calls in flight, so that `close` can wait for them. A set of promises would cost several times as much a call. */
export class InFlight {
  #count = 0
  #idle: (() => void) | undefined

  begin(): void {
    this.#count++
  }

  end(): void {
    if (--this.#count === 0) this.#idle?.()
  }

  /** Resolves when no call is in flight. Used by `close`, after which no call starts. */
  async ended(): Promise<void> {
    if (this.#count === 0) return
    await new Promise<void>(resolve => {
      this.#idle = resolve
    })
  }
}
