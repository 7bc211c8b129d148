/** Work for the writer of an ordered store, which shares commits without keeping the event loop waiting. */
import { performance, setImmediate } from '../../store/timers.js'

interface Waiting {
  /** Runs the work. @returns what settles its promise, once its commit has ended. */
  readonly run: () => () => void
  readonly reject: (error: unknown) => void
}

/** How long one commit's work may take before the rest is left to the next. */
const MILLISECONDS = 5

/**
 * LMDB runs all work that waits for its next commit in one go, so a thousand large writes at once would keep timers and
 * sockets waiting for all of them. Here each commit takes the work that a few milliseconds allow, and the next takes
 * what is left, in the order in which it came.
 */
export class CommitQueue {
  readonly #commit: (work: () => void) => Promise<void>
  #waiting: Waiting[] = []
  #isAsked = false

  /** @param commit runs `work` within a transaction and resolves when what it wrote is committed. */
  constructor(commit: (work: () => void) => Promise<void>) {
    this.#commit = commit
  }

  /** Resolves once the work is committed, with what it returned; rejects with what it threw, or with the commit's error. */
  add<T>(work: () => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#waiting.push({
        reject,
        run() {
          try {
            const result = work()
            return () => resolve(result)
          } catch (error) {
            return () => reject(error)
          }
        },
      })
      this.#ask()
    })
  }

  #ask(): void {
    if (this.#isAsked || this.#waiting.length === 0) return
    this.#isAsked = true
    let taken: Waiting[] | undefined
    const settled: (() => void)[] = []
    const work = () => {
      this.#isAsked = false
      const end = performance.now() + MILLISECONDS
      do settled.push((this.#waiting[settled.length] as Waiting).run())
      while (settled.length < this.#waiting.length && performance.now() < end)
      taken = this.#waiting.splice(0, settled.length)
      // Not within this commit, which would take it at once.
      if (this.#waiting.length > 0) setImmediate(() => this.#ask())
    }
    this.#commit(work).then(
      () => {
        for (const settle of settled) settle()
      },
      (error: unknown) => {
        // A transaction that could not begin has failed for all who wait.
        if (!taken) this.#isAsked = false
        for (const { reject } of taken ?? this.#waiting.splice(0)) reject(error)
      },
    )
  }
}
