/** Three processes on one store that are killed repeatedly while they write and change its tables. */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'
import { Engine } from '../../packages/partita/src/embedded/engine.js'
import { type Kv, openKv } from '../../packages/partita/src/embedded/storage/kv.js'
import { prepareFolder } from '../../packages/partita/src/embedded/storage/location.js'
import type { Item, Key } from '../../packages/partita/src/value/value.js'
import type { Dice } from '../models/random/dice.js'
import { storeProblems } from './store-state.js'

const worker = fileURLToPath(new URL('killed-worker.mjs', import.meta.url))
const PROCESSES = 3
const LANES = 4
/** The number of rows that never change, so that a filling takes many steps. */
const FILLERS = 3000
/** The number of kills between two checks of the store without other processes. */
const KILLS_A_ROUND = 25
const table = 'partita'

/** A row that only one process writes: the last version that was acknowledged, and the last that was begun. */
interface Lane {
  acknowledged: number
  begun: number
}

interface Running {
  readonly child: ChildProcess
  readonly log: string
  readonly begun: Promise<unknown>
  readonly ended: Promise<string>
}

export interface Toll {
  readonly kills: number
  readonly acknowledged: number
  readonly fillingsCut: number
}

/**
 * Kills a process `kills` times and compares the store with the acknowledged writes after each. From time to time it kills
 * all processes and checks that their jobs are completed.
 */
export async function killOften(kills: number, dice: Dice): Promise<Toll> {
  const folder = mkdtempSync(join(tmpdir(), 'partita-kills-'))
  const path = join(folder, 'store')
  const lanes = Array.from({ length: PROCESSES }, (_, process) =>
    Object.fromEntries(Array.from({ length: LANES }, (_, i) => [`p${process}-${i}`, { acknowledged: 0, begun: 0 }])),
  ) as Record<string, Lane>[]
  const kept = new Set<string>()
  const running: Running[] = []
  let [acknowledged, fillingsCut, started] = [0, 0, 0]
  const start = (process: number): Running => {
    const log = join(folder, `log-${started++}`)
    const versions = Object.fromEntries(
      Object.entries(lanes[process]!).map(([name, lane]) => [name, lane.acknowledged]),
    )
    const seed = String(dice.below(2 ** 30))
    const child = spawn(globalThis.process.execPath, [worker, path, JSON.stringify(versions), log, seed], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let complaints = ''
    child.stderr.setEncoding('utf8').on('data', text => {
      complaints += text
    })
    const ended = new Promise<string>(resolve => child.on('close', () => resolve(complaints)))
    return {
      child,
      log,
      ended,
      begun: Promise.race([new Promise(resolve => child.stdout.once('data', resolve)), ended]),
    }
  }
  const kill = async (process: number) => {
    const { child, log, ended, begun } = running[process]!
    await begun
    child.kill('SIGKILL')
    expect(await ended).toBe('')
    expect(child.signalCode).toBe('SIGKILL')
    acknowledged += readLog(log, lanes[process]!, kept)
    rmSync(log, { force: true })
  }
  const kv = openKv(prepareFolder(path), { relaxed: false })
  try {
    await prepare(kv)
    for (let process = 0; process < PROCESSES; process++) running[process] = start(process)
    for (let done = 1; done <= kills; done++) {
      await new Promise(resolve => setTimeout(resolve, 30 + dice.below(250)))
      const process = dice.below(PROCESSES)
      await kill(process)
      await recover(kv)
      expect(storeProblems(kv), `after ${done} kills`).toEqual([])
      const store = new Engine(kv, async () => undefined, { sweepInterval: 0 })
      if (store.jobs().some(job => job.kind === 'filling')) fillingsCut++
      await checkLanes(store, lanes[process]!)
      await store.close()
      if (done % KILLS_A_ROUND === 0 || done === kills) {
        const others = running.map((_, i) => i).filter(i => i !== process)
        await Promise.all(others.map(kill))
        await recover(kv)
        await checkAlone(kv, lanes, kept)
        if (done < kills) for (const other of others) running[other] = start(other)
      }
      if (done < kills) running[process] = start(process)
    }
  } finally {
    for (const { child } of running) child.kill('SIGKILL')
    await Promise.all(running.map(({ ended }) => ended))
    await kv.close()
    rmSync(folder, { recursive: true, force: true })
  }
  return { kills, acknowledged, fillingsCut }
}

/**
 * Makes a last commit visible that is on disk but was not announced to readers, because its process died in between. It
 * was not acknowledged. The next writer announces it; until then the version of a lane is not settled.
 */
async function recover(kv: Kv): Promise<void> {
  await kv.transact(() => undefined)
  kv.refresh()
}

/** Creates the table of the models as they would, with rows that never change. */
async function prepare(kv: Kv): Promise<void> {
  const store = new Engine(kv, async () => undefined, { sweepInterval: 0 })
  const text = (name: string) => ({ name, type: 'S' }) as const
  await store.createTable({
    name: table,
    key: { partition: text('pk'), sort: text('sk') },
    globalIndexes: { gsi1: { partition: text('gsi1pk'), sort: text('gsi1sk') } },
  })
  const item = (i: number): Item => ({
    pk: `filler${i}`,
    sk: 'x',
    author: `a${i % 5}`,
    text: 'f'.repeat((i * 37) % 300),
  })
  await store.batchWrite({ writes: Array.from({ length: FILLERS }, (_, i) => ({ kind: 'put', table, item: item(i) })) })
  await store.close()
}

/** @returns the number of acknowledged writes. */
function readLog(log: string, lanes: Record<string, Lane>, kept: Set<string>): number {
  let count = 0
  for (const line of existsSync(log) ? readFileSync(log, 'utf8').split('\n').slice(0, -1) : []) {
    const [verb, name = '', version] = line.split(' ')
    if (verb !== 'begin') count++
    if (verb === 'kept') kept.add(name)
    else if (verb === 'begin') lanes[name]!.begun = Number(version)
    else lanes[name]!.acknowledged = Number(version)
  }
  return count
}

/** Checks that each lane is at a version between acknowledged and begun, which counts as acknowledged from now on. */
async function checkLanes(store: Engine, lanes: Record<string, Lane>): Promise<void> {
  for (const [name, lane] of Object.entries(lanes)) {
    const { acknowledged, begun } = lane
    const key = { pk: `Post#${name}`, sk: 'Post' }
    const { item } = await store.get({ table, key, consistent: true })
    const candidates = Array.from({ length: begun - acknowledged + 1 }, (_, i) => acknowledged + i)
    const version = candidates.find(it => (it % 7 === 0 ? undefined : it) === item?.n)
    expect(version, `${name} is ${JSON.stringify(item)}, acknowledged ${acknowledged}, begun ${begun}`).toBeDefined()
    lane.acknowledged = version as number
    lane.begun = version as number
    // Each row has the marker of its unique value, and its earlier values are free.
    for (const it of candidates) await checkMarker(store, name, it, item?.n)
  }
}

async function checkMarker(store: Engine, name: string, version: number, current: unknown): Promise<void> {
  const { item } = await store.get({
    table,
    key: { pk: `UNIQUE#Post#slug#${name}-${version}`, sk: 'UNIQUE' },
    consistent: true,
  })
  expect(item !== undefined, `the marker of ${name}-${version} exists`).toBe(version === current)
}

/** Checks a store that no other process has open: opening it completes all jobs, and a sweep deletes all expired rows. */
async function checkAlone(kv: Kv, lanes: readonly Record<string, Lane>[], kept: ReadonlySet<string>): Promise<void> {
  const store = new Engine(kv, async () => undefined, { sweepInterval: 0 })
  while (store.jobs().length > 0) await new Promise(resolve => setTimeout(resolve, 5))
  expect(await store.describeTable(table)).toMatchObject({ status: 'active' })
  for (const own of lanes) await checkLanes(store, own)
  await store.updateTable(table, { timeToLive: 'ttl' })
  await store.sweep()
  expect(storeProblems(kv)).toEqual([])
  const keys = new Set<string>()
  let after: Key | undefined
  do {
    const page = await store.scan({ table, ...(after && { after }) })
    for (const { pk } of page.items) keys.add(pk as string)
    after = page.next
  } while (after)
  expect([...keys].filter(pk => pk.startsWith('Session#over-'))).toEqual([])
  expect([...kept].filter(name => !keys.has(`Session#${name}`))).toEqual([])
  expect([...keys].filter(pk => pk.startsWith('filler'))).toHaveLength(FILLERS)
  await store.close()
}
