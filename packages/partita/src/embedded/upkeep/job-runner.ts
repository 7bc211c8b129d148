/** Runs the jobs of a store in steps, and resumes those whose process died. */
import { setTimeout } from '../../store/timers.js'
import type { Catalog } from '../catalog.js'
import { yieldToEventLoop } from '../event-loop.js'
import type { Kv } from '../storage/kv.js'
import { jobStep, type StepSize } from './job-step.js'
import { type Job, listJobs } from './jobs.js'

/** How jobs are divided and shared between processes. */
export interface RunnerOptions {
  readonly step: StepSize
  /**
   * Milliseconds to wait before working on a job on which another process makes progress. Waiting only spares the writers'
   * lock: with 0 several processes share the steps of a job.
   */
  readonly patience: number
}

/** Runs jobs in the foreground or background. */
export class JobRunner {
  readonly #kv: Kv
  readonly #catalog: Catalog
  readonly #options: RunnerOptions
  /** Whether fillings of versions without jobs have been searched for. */
  #isAttended = false
  /** Whether work was requested since the background last looked for jobs. */
  #isWanted = false
  #background: Promise<void> | undefined

  constructor(kv: Kv, catalog: Catalog, options: RunnerOptions) {
    this.#kv = kv
    this.#catalog = catalog
    this.#options = options
  }

  /**
   * Resolves once the jobs of a table, or of the whole store, are done by any process.
   * @param isOver called before each step; true stops and leaves the rest to other processes.
   */
  async finish(table?: number, isOver: () => boolean = () => false): Promise<void> {
    await this.#attend(isOver)
    let seen: Job | undefined
    while (!isOver()) {
      this.#kv.refresh()
      const job = listJobs(this.#kv).find(candidate => table === undefined || candidate.table === table)
      if (!job) return
      if (this.#options.patience > 0 && seen && isSameJob(seen, job) && !isSameProgress(seen, job)) {
        // Another process works on it. The delay is random, so that two processes do not alternate in lockstep.
        seen = job
        await pause(this.#options.patience * (0.5 + Math.random()))
        continue
      }
      seen = await this.#kv.transact(() => jobStep(this.#kv, this.#catalog, job, this.#options.step))
      await yieldToEventLoop()
    }
  }

  /** Runs all jobs in the background, including new ones. The next round of upkeep retries failed ones. */
  wake(isOver: () => boolean): Promise<void> {
    this.#isWanted = true
    this.#background ??= this.#workWhileWanted(isOver)
    return this.#background
  }

  async #workWhileWanted(isOver: () => boolean): Promise<void> {
    while (this.#isWanted) {
      this.#isWanted = false
      await this.finish(undefined, isOver).catch(() => undefined)
    }
    this.#background = undefined
  }

  /** Makes the next run search again for fillings of older versions, which may still be running. */
  recheck(): void {
    this.#isAttended = false
  }

  async #attend(isOver: () => boolean): Promise<void> {
    if (this.#isAttended || isOver()) return
    this.#kv.refresh()
    for (const name of this.#catalog.withMissingJobs())
      await this.#kv.transact(() => this.#catalog.addMissingJobs(name))
    this.#isAttended = true
  }
}

function isSameJob(a: Job, b: Job): boolean {
  if (a.table !== b.table) return false
  if (a.kind === 'clearing') return b.kind === 'clearing' && a.index === b.index
  return b.kind === 'filling' && a.targets[0] === b.targets[0]
}

/** A clearing stores no progress, so several processes work on it side by side. */
function isSameProgress(a: Job, b: Job): boolean {
  if (a.kind === 'clearing' || b.kind === 'clearing') return true
  return Buffer.compare(a.from ?? START, b.from ?? START) === 0
}

const START = new Uint8Array()

function pause(milliseconds: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, milliseconds))
}
