/**
 * Runs programs that use one ordered store concurrently, in every possible order of their commits. A scheduler lets one
 * commit through at a time. Each run makes the next combination of choices, until all combinations have run.
 */
import { expect } from 'vitest'
import { Engine } from '../../packages/partita/src/embedded/engine.js'
import type { EngineStore } from '../../packages/partita/src/embedded/engine-store.js'
import type { Kv } from '../../packages/partita/src/embedded/storage/kv.js'
import { openMemoryKv } from '../../packages/partita/src/embedded/storage/memory-kv.js'
import { NOON, SMALL_STEPS } from './crash-points.js'

/** The work of one process, with its own store. */
export type Program = (store: EngineStore) => Promise<unknown>

export interface Meeting {
  /** Prepares the store, including the jobs of processes that died. */
  prepare(kv: Kv): Promise<void>
  readonly programs: readonly Program[]
  /** Checks the store after every commit. */
  always(kv: Kv): void
  /** Checks the store after all programs have ended. */
  finally(kv: Kv, outcomes: readonly PromiseSettledResult<unknown>[]): Promise<void>
}

interface Request {
  readonly program: number
  readonly grant: () => void
}

/** The most runs of one test. A test that exceeds it needs fewer commits. */
const MOST_RUNS = 20_000
/** Turns of the event loop without a request after which none will follow: a step yields for one or two turns. */
const QUIET_TURNS = 8

/** Opens a store with small steps on an ordered store that others use too. */
export function openSmall(kv: Kv): EngineStore {
  return new Engine(kv, async () => undefined, { clock: () => NOON, sweepInterval: 0 }, SMALL_STEPS)
}

/** @returns the number of orders that ran. */
export async function meetInEveryOrder(meeting: Meeting): Promise<number> {
  let choices: number[] = []
  for (let runs = 1; ; runs++) {
    expect(runs, 'runs').toBeLessThan(MOST_RUNS)
    const options = await meetOnce(meeting, choices)
    // The choices are the digits of a number; the base of each digit is the number of options at that commit.
    let last = options.length - 1
    while (last >= 0 && (choices[last] ?? 0) + 1 >= (options[last] as number)) last--
    if (last < 0) return runs
    choices = [...options.slice(0, last).map((_, i) => choices[i] ?? 0), (choices[last] ?? 0) + 1]
  }
}

/** @returns for each commit the number of commits that could have been next. */
async function meetOnce(meeting: Meeting, choices: readonly number[]): Promise<number[]> {
  const kv = openMemoryKv()
  const requests: Request[] = []
  // Opened before there are jobs, so that each does only what its program requests.
  const stores = meeting.programs.map((_, program) => openSmall(gated(kv, program, requests)))
  await untilQuiet(requests)
  await meeting.prepare(kv)
  const running = Promise.allSettled(meeting.programs.map((run, i) => run(stores[i] as EngineStore)))
  const options: number[] = []
  const order: number[] = []
  for (;;) {
    await untilQuiet(requests)
    withOrder(order, () => meeting.always(kv))
    if (requests.length === 0) break
    const [request] = requests.splice(choices[options.length] ?? 0, 1)
    options.push(requests.length + 1)
    order.push(request?.program as number)
    request?.grant()
  }
  const outcomes = await running
  try {
    await meeting.finally(kv, outcomes)
  } catch (error) {
    withOrder(order, () => {
      throw error
    })
  }
  await Promise.all(stores.map(store => store.close()))
  return options
}

function withOrder(order: readonly number[], check: () => void): void {
  try {
    check()
  } catch (error) {
    ;(error as Error).message += `\nin this order of commits by programs: ${order.join(' ')}`
    throw error
  }
}

/** Makes each commit wait for its turn. Commits of one program keep their order. */
function gated(kv: Kv, program: number, requests: Request[]): Kv {
  return {
    ...kv,
    async transact(work) {
      await new Promise<void>(resolve => requests.push({ program, grant: resolve }))
      return kv.transact(work)
    },
    close: async () => undefined,
  }
}

async function untilQuiet(requests: readonly Request[]): Promise<void> {
  let known = -1
  for (let quiet = 0; quiet < QUIET_TURNS; quiet++) {
    if (requests.length !== known) {
      known = requests.length
      quiet = 0
    }
    await new Promise(resolve => setImmediate(resolve))
  }
}
