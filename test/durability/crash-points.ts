/** Runs a long job once for every commit that it could die after, and sees what becomes of what it leaves. */
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
import { storeFaults, storeText } from './store-state.js'

/** Work that takes more than one commit, and what makes it whole after a crash. */
export interface LongJob {
  /** Completes the sentence "... ends as if nothing had happened". */
  readonly name: string
  /** Makes what the job begins with. */
  prepare(store: EngineStore): Promise<void>
  /** How long after its preparation it begins, in milliseconds. Default 0. */
  readonly after?: number
  /** Begins the job and waits for its end. Every call of it is in another process; the last one ends unharmed. */
  run(store: EngineStore): Promise<void>
  /**
   * What is done with a store after the crash, where the upkeep of the store is not all: what the program or its user
   * does again. Default: nothing.
   */
  readonly resume?: (store: EngineStore) => Promise<void>
  /** Whether the job's first commit decides that it is done. Default true; else it is a part of any upkeep or resumption. */
  readonly isBegunByCommit?: boolean
  /** Removes what it has outside of the store. */
  readonly end?: () => void
}

/** Makes stores of small steps over one ordered store, as processes of their own would. */
export interface Machine {
  readonly kv: Kv
  /** The clock of all its stores: epoch milliseconds. */
  now: number
  open(kv?: Kv): EngineStore
  end(): Promise<void>
}

/** When everything begins. */
export const NOON = Date.UTC(2026, 0, 1, 12)

/** Two entries a step; and whoever can work on a job does so at once. */
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

/** Who takes up what the dead process has left. */
export type Survivor = 'a store opened afterwards' | 'a store that was open' | 'both at once'
export const SURVIVORS: readonly Survivor[] = ['a store opened afterwards', 'a store that was open', 'both at once']

/**
 * Runs the job for every n until it ends before its nth commit.
 * @returns at how many points it died.
 */
export async function dieEverywhere(job: LongJob, machine: () => Machine, survivor: Survivor): Promise<number> {
  const untouched = await outcome(job, machine, 0)
  const finished = await outcome(job, machine, Number.POSITIVE_INFINITY)
  for (let commits = 0; ; commits++) {
    const it = machine()
    try {
      await job.prepare(it.open())
      const witness = it.open()
      // What it has seen of the tables must not make it blind for what comes.
      for (const name of await witness.listTables()) await witness.describeTable(name)
      it.now += job.after ?? 0
      const hasEnded = await runAndDie(job, it, commits)
      expect(storeFaults(it.kv), `after ${commits} commits`).toEqual([])
      await takeUp(job, it, witness, survivor)
      const expected = commits === 0 && job.isBegunByCommit !== false ? untouched : finished
      expect(storeFaults(it.kv), `taken up after ${commits} commits`).toEqual([])
      expect(it.open().jobs(), `taken up after ${commits} commits`).toEqual([])
      expect(storeText(it.kv), `taken up after ${commits} commits`).toEqual(expected)
      if (hasEnded) return commits
    } finally {
      await it.end()
      job.end?.()
    }
  }
}

/** @returns whether the job came to its end before the process did. */
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

/** Errors of the layers above keep what caused them. */
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

/** Opening a store is enough for the jobs that are written in it. */
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
