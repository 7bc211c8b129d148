/**
 * The upkeep of an open store: it takes up the jobs of processes that died, deletes what has expired, and clears away
 * what is too old. Every process that has a store open does it; what several do at the same time is done once.
 */
import { clearInterval, setImmediate, setInterval } from '../../store/timers.js'
import type { Catalog } from '../catalog.js'
import { trimStreams } from '../change.js'
import type { Kv } from '../storage/kv.js'
import { TokenUpkeep } from '../write/token.js'
import { JobRunner, type RunnerOptions } from './job-runner.js'
import { sweepExpired } from './sweep.js'

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

  /** @param whileOpen keeps the store open until this work is done. */
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

  /** @param interval milliseconds between two rounds; 0 for none. Jobs that are there are taken up in any case. */
  begin(interval: number): void {
    // Not before the one who opens the store can close it.
    setImmediate(() => this.workInBackground())
    if (interval > 0) this.#timer = setInterval(() => this.#round(), interval).unref()
  }

  /** Ends what runs in the background at its next step, and begins nothing more. */
  end(): void {
    this.#isOver = true
    clearInterval(this.#timer)
  }

  /** One round at once, jobs to their ends. Returns how many items it deleted. */
  async run(): Promise<number> {
    this.jobs.recheck()
    await this.jobs.finish()
    return this.#sweep()
  }

  /** Works off jobs while their callers go on. */
  workInBackground(): void {
    if (!this.#isOver) void this.#whileOpen(this.jobs.wake(() => this.#isOver))
  }

  /** A round that fails, on a full disk say, is made up for by the next; writers hear of the cause themselves. */
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
    // First: what dead readers kept is free for the writes of the rest.
    this.#kv.clearDeadReaders()
    const deleted = await sweepExpired(this.#kv, this.#catalog, this.#clock(), this.#work.step)
    await this.#tokens.run()
    await trimStreams(this.#kv, this.#catalog, this.#clock)
    return deleted
  }
}
