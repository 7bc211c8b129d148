/**
 * The upkeep of an open store: resumes jobs of processes that died, deletes expired items, and removes stream records and
 * tokens that are too old. Every process that has the store open runs it; concurrent rounds do not repeat work.
 */
import { clearInterval, setImmediate, setInterval } from '../../store/timers.js'
import type { Catalog } from '../catalog.js'
import { trimStreams } from '../change.js'
import type { Kv } from '../storage/kv.js'
import { TokenUpkeep } from '../write/token.js'
import { JobRunner, type RunnerOptions } from './job-runner.js'
import { sweepExpired } from './sweep.js'

/** Runs upkeep at intervals or on request. */
export class Upkeep {
  readonly jobs: JobRunner
  readonly #kv: Kv
  readonly #catalog: Catalog
  readonly #clock: () => number
  readonly #work: RunnerOptions
  readonly #tokens: TokenUpkeep
  readonly #whileOpen: <T>(work: Promise<T>) => Promise<T>
  #timer: NodeJS.Timeout | undefined
  #sweeping: Promise<unknown> | undefined
  #isOver = false

  /** @param whileOpen makes `close` wait for a promise. */
  constructor(
    kv: Kv,
    catalog: Catalog,
    clock: () => number,
    work: RunnerOptions,
    whileOpen: <T>(work: Promise<T>) => Promise<T>,
  ) {
    this.#kv = kv
    this.#catalog = catalog
    this.#clock = clock
    this.#work = work
    this.#whileOpen = whileOpen
    this.#tokens = new TokenUpkeep(kv, clock)
    this.jobs = new JobRunner(kv, catalog, work)
  }

  /** Starts upkeep. Existing jobs are resumed in any case. @param interval milliseconds between two rounds; 0 for none. */
  begin(interval: number): void {
    // Asynchronous, so that the caller has the store and can close it.
    setImmediate(() => this.workInBackground())
    if (interval > 0) this.#timer = setInterval(() => this.#round(), interval).unref()
  }

  /** Stops background work at its next step, and starts no more. */
  end(): void {
    this.#isOver = true
    clearInterval(this.#timer)
  }

  /** Runs one round now and finishes all jobs. @returns the number of deleted items. */
  async run(): Promise<number> {
    this.jobs.recheck()
    await this.jobs.finish()
    return this.#sweep()
  }

  /** Runs jobs in the background. */
  workInBackground(): void {
    if (!this.#isOver) void this.#whileOpen(this.jobs.wake(() => this.#isOver))
  }

  /** Runs one round. The next round retries a failed one; writers get the cause, such as a full disk, from their own calls. */
  #round(): void {
    this.jobs.recheck()
    this.workInBackground()
    this.#sweeping ??= this.#whileOpen(this.#sweep())
      .catch(() => undefined)
      .finally(() => {
        this.#sweeping = undefined
      })
  }

  async #sweep(): Promise<number> {
    // First, so that the following writes can reuse the pages that dead readers kept.
    this.#kv.clearDeadReaders()
    const deleted = await sweepExpired(this.#kv, this.#catalog, this.#clock(), this.#work.step)
    await this.#tokens.run()
    await trimStreams(this.#kv, this.#catalog, this.#clock)
    return deleted
  }
}
