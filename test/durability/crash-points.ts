/** Runs a long job once for every commit after which its process could die, and checks how others complete it. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import { Engine } from '../../packages/partita/src/embedded/engine.js'
import type { EngineStore } from '../../packages/partita/src/embedded/engine-store.js'
import { type Kv, openKv } from '../../packages/partita/src/embedded/storage/kv.js'
import { openMemoryKv } from '../../packages/partita/src/embedded/storage/memory-kv.js'
import type { RunnerOptions } from '../../packages/partita/src/embedded/upkeep/job-runner.js'
import { Stopped, stoppingKv } from './stopping-kv.js'
import { storeProblems, storeText } from './store-state.js'

/** Work that takes more than one commit, and what completes it after a crash. */
export interface LongJob {
  readonly name: string
  /** Prepares the store for the job. */
  prepare(store: EngineStore): Promise<void>
  /** The time between preparation and start, in milliseconds. Default 0. */
  readonly after?: number
  /** Runs the job to its end. Each call is in a new process; the last one is not killed. */
  run(store: EngineStore): Promise<void>
  /** Steps after a crash that the upkeep of the store does not include, such as running a command again. Default: none. */
  readonly resume?: (store: EngineStore) => Promise<void>
  /** Whether the first commit starts the job. Default true; otherwise upkeep or resumption runs the job in any case. */
  readonly isBegunByCommit?: boolean
  /** Removes files outside of the store. */
  readonly end?: () => void
}

/** Opens stores with small steps on one ordered store, as separate processes would. */
export interface Machine {
  readonly kv: Kv
  /** The clock of all stores, in epoch milliseconds. */
  now: number
  open(kv?: Kv): EngineStore
  end(): Promise<void>
}

/** The time at which all tests begin. */
export const NOON = Date.UTC(2026, 0, 1, 12)

/** Two entries in a step, and no wait before another store takes over a job. */
export const SMALL_STEPS: RunnerOptions = { step: { entries: 2, bytes: 1_000_000 }, patience: 0 }

export function memoryMachine(): Machine {
  return machineOver(openMemoryKv(), async () => undefined)
}

export function diskMachine(): Machine {
  const path = mkdtempSync(join(tmpdir(), 'partita-crash-points-'))
  return machineOver(openKv(path, { relaxed: true }), async () => rmSync(path, { recursive: true, force: true }))
}

function machineOver(kv: Kv, remove: () => Promise<void>): Machine {
  const opened: EngineStore[] = []
  const machine: Machine = {
    kv,
    now: NOON,
    open(own = kv) {
      const store = new Engine(own, async () => undefined, { clock: () => machine.now, sweepInterval: 0 }, SMALL_STEPS)
      opened.push(store)
      return store
    },
    async end() {
      for (const store of opened) await store.close()
      await kv.close()
      await remove()
    },
  }
  return machine
}

/** The store that completes the job of the dead process. */
export type Survivor = 'a store opened afterwards' | 'a store that was open' | 'both at once'
export const SURVIVORS: readonly Survivor[] = ['a store opened afterwards', 'a store that was open', 'both at once']

/**
 * Runs the job for each n, killed after n commits, until it ends earlier.
 * @returns the number of points at which it died.
 */
export async function dieEverywhere(job: LongJob, machine: () => Machine, survivor: Survivor): Promise<number> {
  const untouched = await outcome(job, machine, 0)
  const finished = await outcome(job, machine, Number.POSITIVE_INFINITY)
  for (let commits = 0; ; commits++) {
    const it = machine()
    try {
      await job.prepare(it.open())
      const witness = it.open()
      // The witness has read the tables before, and must notice later changes.
      for (const name of await witness.listTables()) await witness.describeTable(name)
      it.now += job.after ?? 0
      const hasEnded = await runAndDie(job, it, commits)
      expect(storeProblems(it.kv), `after ${commits} commits`).toEqual([])
      await takeUp(job, it, witness, survivor)
      const expected = commits === 0 && job.isBegunByCommit !== false ? untouched : finished
      expect(storeProblems(it.kv), `taken up after ${commits} commits`).toEqual([])
      expect(it.open().jobs(), `taken up after ${commits} commits`).toEqual([])
      expect(storeText(it.kv), `taken up after ${commits} commits`).toEqual(expected)
      if (hasEnded) return commits
    } finally {
      await it.end()
      job.end?.()
    }
  }
}

/** @returns whether the job ended before its process died. */
async function runAndDie(job: LongJob, machine: Machine, commits: number): Promise<boolean> {
  const { kv, wasMissed } = stoppingKv(machine.kv, commits)
  try {
    await job.run(machine.open(kv))
  } catch (error) {
    if (!wasMissed()) throw error
    expect(rootOf(error)).toBeInstanceOf(Stopped)
  }
  return !wasMissed()
}

/** @returns the innermost cause of an error: the layers above wrap it. */
function rootOf(error: unknown): unknown {
  return error instanceof Error && error.cause !== undefined ? rootOf(error.cause) : error
}

async function takeUp(job: LongJob, machine: Machine, witness: EngineStore, survivor: Survivor): Promise<void> {
  const survivors = [
    ...(survivor === 'a store that was open' ? [] : [machine.open()]),
    ...(survivor === 'a store opened afterwards' ? [] : [witness]),
  ]
  if (survivor === 'a store opened afterwards') await untilIdle(survivors[0] as EngineStore)
  await Promise.all(survivors.map(store => store.sweep()))
  await job.resume?.(survivors[0] as EngineStore)
}

/** Waits until the open store has done all recorded jobs without further calls. */
async function untilIdle(store: EngineStore): Promise<void> {
  for (let turns = 0; store.jobs().length > 0; turns++) {
    expect(turns, 'turns of the event loop until the jobs are done').toBeLessThan(10_000)
    await new Promise(resolve => setImmediate(resolve))
  }
}

async function outcome(job: LongJob, machine: () => Machine, commits: number): Promise<string[]> {
  const it = machine()
  try {
    await job.prepare(it.open())
    it.now += job.after ?? 0
    await runAndDie(job, it, commits)
    const store = it.open()
    await store.sweep()
    await job.resume?.(store)
    return storeText(it.kv)
  } finally {
    await it.end()
    job.end?.()
  }
}
