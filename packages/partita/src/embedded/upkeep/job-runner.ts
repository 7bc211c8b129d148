/** Works off the jobs of a store, in steps, and takes up those whose process died. */
import { setTimeout } from '../../store/timers.js'
import type { Catalog } from '../catalog.js'
import { yieldToEventLoop } from '../event-loop.js'
import type { Kv } from '../storage/kv.js'
import { jobStep, type StepSize } from './job-step.js'
import { type Job, listJobs } from './jobs.js'

export interface RunnerOptions {
  readonly step: StepSize
  /**
   * For how long a job must have made no progress until this process works on it beside another, in milliseconds. It
   * spares the store's writers many processes that wait for one filling; it is right at 0 as well.
   */
  readonly patience: number
}

export class JobRunner {
  readonly #kv: Kv
  readonly #catalog: Catalog
  readonly #options: RunnerOptions
  /** Whether what programs before the jobs left has been looked for. */
  #isAttended = false
  /** Whether somebody has asked for work since the background last looked for some. */
  #isWanted = false
  #background: Promise<void> | undefined

  constructor(kv: Kv, catalog: Catalog, options: RunnerOptions) {
    this.#kv = kv
    this.#catalog = catalog
    this.#options = options
  }

  /**
   * Returns once the jobs of a table are done, or those of the whole store, whoever does them.
   * @param isOver asked before each step: whether to leave the rest to others.
   */
  async finish(table?: number, isOver: () => boolean = () => false): Promise<void> {
    await this.#attend(isOver)
    let seen: Job | undefined
    while (!isOver()) {
      this.#kv.refresh()
      const job = listJobs(this.#kv).find(it => table === undefined || it.table === table)
      if (!job) return
      if (this.#options.patience > 0 && seen && isSameJob(seen, job) && !isSameProgress(seen, job)) {
        // Another process is at it. The time is random, so that two do not wait for each other in step.
        seen = job
        await pause(this.#options.patience * (0.5 + Math.random()))
        continue
      }
      seen = await this.#kv.transact(() => jobStep(this.#kv, this.#catalog, job, this.#options.step))
      await yieldToEventLoop()
    }
  }

  /** Works off all jobs in the background, those too that come meanwhile. What fails is left to the next round. */
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

  /** Looks anew for fillings that older programs began: they may be running still. */
  recheck(): void {
    this.#isAttended = false
  }

  async #attend(isOver: () => boolean): Promise<void> {
    if (this.#isAttended || isOver()) return
    this.#kv.refresh()
    for (const name of this.#catalog.withMissingJobs()) await this.#kv.transact(() => this.#catalog.addMissingJobs(name))
    this.#isAttended = true
  }
}

function isSameJob(a: Job, b: Job): boolean {
  if (a.table !== b.table) return false
  if (a.kind === 'clearing') return b.kind === 'clearing' && a.index === b.index
  return b.kind === 'filling' && a.targets[0] === b.targets[0]
}

/** What is left of a clearing is not noted, so that two do it side by side. */
function isSameProgress(a: Job, b: Job): boolean {
  if (a.kind === 'clearing' || b.kind === 'clearing') return true
  return Buffer.compare(a.from ?? START, b.from ?? START) === 0
}

const START = new Uint8Array()

function pause(milliseconds: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, milliseconds))
}
