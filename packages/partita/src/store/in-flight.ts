/** Counts what is under way, so that closing can wait for it; a set of promises costs each call several times as much. */
export class UnderWay {
  #count = 0
  #idle: (() => void) | undefined

  begin(): void {
    this.#count++
  }

  end(): void {
    if (--this.#count === 0) this.#idle?.()
  }

  /** Waits until nothing is; for the one who closes, after whom nothing begins any more. */
  async ended(): Promise<void> {
    if (this.#count === 0) return
    await new Promise<void>(resolve => {
      this.#idle = resolve
    })
  }
}
