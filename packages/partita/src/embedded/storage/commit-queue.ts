/** The queue of write transactions, which share commits without blocking the event loop for long. */
import { performance, setImmediate } from '../../store/timers.js'

interface Waiting {
  /** Runs the work. @returns a function that settles its promise, to call after the commit. */
  readonly run: () => () => void
  readonly reject: (error: unknown) => void
}

/** Maximum work of one commit in milliseconds. The next commit takes the rest. */
const MILLISECONDS = 5

/**
 * LMDB runs all work that waits for a commit in one synchronous run, so a thousand large writes would block timers and
 * sockets. With this queue, each commit takes a few milliseconds of work, in the order of arrival, and the next commit
 * takes the rest.
 */
export class CommitQueue {
  readonly #commit: (work: () => void) => Promise<void>
  #waiting: Waiting[] = []
  #isScheduled = false

  /** @param commit runs `work` within a transaction and resolves when what it wrote is committed. */
  constructor(commit: (work: () => void) => Promise<void>) {
    this.#commit = commit
  }

  /** Queues work. Resolves with its result once it is committed; rejects with its error or that of the commit. */
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
      this.#schedule()
    })
  }

  #schedule(): void {
    if (this.#isScheduled || this.#waiting.length === 0) return
    this.#isScheduled = true
    let taken: Waiting[] | undefined
    const settled: (() => void)[] = []
    const work = () => {
      this.#isScheduled = false
      const end = performance.now() + MILLISECONDS
      do settled.push((this.#waiting[settled.length] as Waiting).run())
      while (settled.length < this.#waiting.length && performance.now() < end)
      taken = this.#waiting.splice(0, settled.length)
      // After this commit, which would otherwise take it immediately.
      if (this.#waiting.length > 0) setImmediate(() => this.#schedule())
    }
    this.#commit(work).then(
      () => {
        for (const settle of settled) settle()
      },
      (error: unknown) => {
        // The transaction could not begin, so all queued work fails.
        if (!taken) this.#isScheduled = false
        for (const { reject } of taken ?? this.#waiting.splice(0)) reject(error)
      },
    )
  }
}
