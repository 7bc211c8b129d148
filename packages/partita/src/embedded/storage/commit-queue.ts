/** The queue of write transactions, which share commits without blocking the event loop for long. */
import { performance, setImmediate } from '../../store/timers.js'

interface Waiting {
  /** Runs the work. @returns a function that settles its promise, to call after the commit. */
  readonly run: () => () => void
  readonly reject: (error: unknown) => void
}

/** Maximum work of one commit in milliseconds. The next commit takes the rest. */
const MILLISECONDS = 5

/** Maximum duration of a commit on the event loop in milliseconds. */
const ALONE_MILLISECONDS = 2

/** Commits on the event loop. */
export interface DirectCommits {
  /** Whether such a commit waits for no other writer. Called before each. */
  isFree(): boolean
  /** Runs `work` within a transaction and returns when what it wrote is committed. */
  commit(work: () => void): void
}

/**
 * LMDB runs all work that waits for a commit in one synchronous run, so a thousand large writes would block timers and
 * sockets. With this queue, each commit takes a few milliseconds of work, in the order of arrival, and the next commit
 * takes the rest.
 *
 * Commits flush on a thread of their own, so that the event loop continues. Handing over to it and back takes a third of
 * the time of a small commit. Work that is alone when its turn comes therefore commits on the event loop, as long as the
 * last such commit was shorter than the pieces into which other synchronous work is divided. On a slow or busy disk the
 * thread takes over again.
 */
export class CommitQueue {
  readonly #commit: (work: () => void) => Promise<void>
  readonly #direct: DirectCommits | undefined
  readonly #waiting: Waiting[] = []
  #isScheduled = false
  /** Commits that the thread has not finished. */
  #inFlight = 0
  /** Duration of the last commit of work that was alone, in milliseconds. */
  #aloneTook = Number.POSITIVE_INFINITY

  /** @param commit runs `work` within a transaction and resolves when what it wrote is committed. */
  constructor(commit: (work: () => void) => Promise<void>, direct?: DirectCommits) {
    this.#commit = commit
    this.#direct = direct
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
    const isFast = this.#direct && this.#inFlight === 0 && this.#aloneTook <= ALONE_MILLISECONDS
    if (!isFast) this.#begin()
    // After the callers that run now, which may add more work.
    else
      setImmediate(() => (this.#waiting.length === 1 && this.#direct?.isFree() ? this.#commitAlone() : this.#begin()))
  }

  #commitAlone(): void {
    const run = new Run(this.#waiting)
    const start = performance.now()
    try {
      this.#direct?.commit(() => {
        this.#isScheduled = false
        run.take()
      })
      this.#aloneTook = performance.now() - start
      run.settle()
    } catch (error) {
      this.#isScheduled = false
      run.fail(error)
    }
    this.#schedule()
  }

  /** Begins a commit on the thread. */
  #begin(): void {
    const run = new Run(this.#waiting)
    const isAlone = this.#inFlight === 0 && this.#waiting.length === 1
    const start = performance.now()
    this.#inFlight++
    this.#commit(() => {
      this.#isScheduled = false
      run.take()
      // After this commit, which would otherwise take it immediately.
      if (this.#waiting.length > 0) setImmediate(() => this.#schedule())
    }).then(
      () => {
        this.#inFlight--
        if (isAlone && run.length === 1) this.#aloneTook = performance.now() - start
        run.settle()
      },
      (error: unknown) => {
        this.#inFlight--
        // The transaction could not begin, so all queued work fails.
        if (!run.isTaken) this.#isScheduled = false
        run.fail(error)
      },
    )
  }
}

/** The work of one commit. */
class Run {
  readonly #waiting: Waiting[]
  readonly #settled: (() => void)[] = []
  #taken: Waiting[] | undefined

  constructor(waiting: Waiting[]) {
    this.#waiting = waiting
  }

  get isTaken(): boolean {
    return this.#taken !== undefined
  }

  get length(): number {
    return this.#settled.length
  }

  /** Runs work that waits, for a few milliseconds. */
  take(): void {
    const end = performance.now() + MILLISECONDS
    do this.#settled.push((this.#waiting[this.#settled.length] as Waiting).run())
    while (this.#settled.length < this.#waiting.length && performance.now() < end)
    this.#taken = this.#waiting.splice(0, this.#settled.length)
  }

  /** Settles the promises of the work, after its commit. */
  settle(): void {
    for (const settle of this.#settled) settle()
  }

  /** Rejects the promises of the work, or of all work that waits if none was taken. */
  fail(error: unknown): void {
    for (const { reject } of this.#taken ?? this.#waiting.splice(0)) reject(error)
  }
}
