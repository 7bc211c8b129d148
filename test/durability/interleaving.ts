/**
 * Runs programs that use one ordered store at the same time, in every order in which their commits can follow each
 * other. A scheduler lets one commit through at a time; what was chosen is counted on from run to run, until every choice
 * has been made at every point.
 */
import { expect } from 'vitest'
import { Engine } from '../../packages/partita/src/embedded/engine.js'
import type { EngineStore } from '../../packages/partita/src/embedded/engine-store.js'
import type { Kv } from '../../packages/partita/src/embedded/storage/kv.js'
import { openMemoryKv } from '../../packages/partita/src/embedded/storage/memory-kv.js'
import { NOON, SMALL_STEPS } from './crash-points.js'

/** What one process does; it has its own store. */
export type Program = (store: EngineStore) => Promise<unknown>

export interface Meeting {
  /** Makes what is there before, with what a process that died has left. */
  prepare(kv: Kv): Promise<void>
  readonly programs: readonly Program[]
  /** Looked at after every commit, whoever made it. */
  always(kv: Kv): void
  /** Looked at once all programs have ended. */
  finally(kv: Kv, outcomes: readonly PromiseSettledResult<unknown>[]): Promise<void>
}

interface Request {
  readonly program: number
  readonly grant: () => void
}

/** Runs that are too many for a test: the meeting is to be made smaller. */
const MOST_RUNS = 20_000
/** Turns of the event loop in which nothing is asked for, after which nothing will be: steps yield one or two. */
const QUIET_TURNS = 8

/** A store of small steps over an ordered store that others use as well. */
export function openSmall(kv: Kv): EngineStore {
  return new Engine(kv, async () => undefined, { clock: () => NOON, sweepInterval: 0 }, SMALL_STEPS)
}

/** @returns in how many orders the commits followed each other. */
export async function meetInEveryOrder(meeting: Meeting): Promise<number> {
  let choices: number[] = []
  for (let runs = 1; ; runs++) {
    expect(runs, 'runs').toBeLessThan(MOST_RUNS)
    const options = await meetOnce(meeting, choices)
    // The next number in a system whose digits have the bases that the run has met.
    let last = options.length - 1
    while (last >= 0 && (choices[last] ?? 0) + 1 >= (options[last] as number)) last--
    if (last < 0) return runs
    choices = [...options.slice(0, last).map((_, i) => choices[i] ?? 0), (choices[last] ?? 0) + 1]
  }
}

/** @returns how many commits could have been next, at each of them. */
async function meetOnce(meeting: Meeting, choices: readonly number[]): Promise<number[]> {
  const kv = openMemoryKv()
  const requests: Request[] = []
  // Opened before there is anything to do: each then does no more than its program asks it for.
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

/** Each commit waits for its turn. The order of what one program asks for is kept by the order of the requests. */
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
