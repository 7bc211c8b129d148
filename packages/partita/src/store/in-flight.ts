/** Counts calls in flight so that `close` can wait for them. A set of promises costs each call several times as much. */
export class UnderWay {
  #count = 0
  #idle: (() => void) | undefined

  begin(): void {
    this.#count++
  }

  end(): void {
    if (--this.#count === 0) this.#idle?.()
  }

  /** Waits until no call is in flight. Only `close` calls it, after which no call begins. */
  async ended(): Promise<void> {
    if (this.#count === 0) return
    await new Promise<void>(resolve => {
      this.#idle = resolve
    })
  }
}
