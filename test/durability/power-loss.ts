/** Power failures at random moments of two processes that write, made from a recording of their writes and flushes. */
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'
import { embedded } from '../../packages/partita/src/embedded/index.js'
import type { Item } from '../../packages/partita/src/value/value.js'
import type { Dice } from '../models/random/dice.js'
import { afterPowerFailure, type DiskTrace, type Survivors, traceDisk } from './disk-trace.js'

const worker = fileURLToPath(new URL('power-worker.mjs', import.meta.url))
const LANES = 4
const LANES_OF_A_PROCESS = 2
const ROUNDS = 30
/** Ids of a lane, which its versions take in turn. */
const IDS = 12
/** Items that do not change, so that the tree has several levels. */
const STILL = 500
const table = 'items'
const DATA = 'data.mdb'
/** In memory, since thousands of stores are made. */
const root = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()

/** What two processes have done with the file of a store, and the file before that. */
export interface Recording {
  readonly folder: string
  readonly before: Buffer
  readonly trace: DiskTrace
  end(): void
}

/** Runs two processes that write to a store. They are killed at their ends, so nothing is flushed by closing. */
export async function record(durability: 'durable' | 'relaxed'): Promise<Recording> {
  const folder = mkdtempSync(join(tmpdir(), 'partita-power-'))
  const path = join(folder, 'store')
  const store = embedded({ path, sweepInterval: 0 })
  const text = { type: 'S' } as const
  await store.createTable({
    name: table,
    key: { partition: { name: 'id', ...text } },
    globalIndexes: { byGroup: { partition: { name: 'group', ...text } } },
  })
  const still = (i: number): Item => ({ id: `still-${i}`, group: `g${i % 5}`, filler: 'x'.repeat(500) })
  await store.batchWrite({ writes: Array.from({ length: STILL }, (_, i) => ({ kind: 'put', table, item: still(i) })) })
  await store.close()
  const before = readFileSync(join(path, DATA))
  const program = [
    worker,
    path,
    durability,
    ...[LANES - LANES_OF_A_PROCESS, LANES_OF_A_PROCESS, ROUNDS, IDS].map(String),
  ]
  const trace = traceDisk(join(path, DATA), program, folder)
  const acknowledged = trace.lines.filter(({ text }) => text.startsWith('acknowledged'))
  expect(acknowledged.length, 'the processes have ended').toBe(LANES * ROUNDS)
  return { folder, before, trace, end: () => rmSync(folder, { recursive: true, force: true }) }
}

/** A moment shortly after the begin or the end of one of the writes and flushes. */
export function someMoment({ trace }: Recording, dice: Dice): number {
  const { begun, ended } = dice.pick([...trace.writes, ...trace.flushes])
  return dice.pick([begun, ended].filter(Number.isFinite)) + 1 + dice.below(3)
}

/** Opens the store as a power failure leaves it. @returns what is wrong with it. */
export async function powerFailure(
  { folder, before, trace }: Recording,
  moment: number,
  survivors: Survivors,
  dice: Dice,
): Promise<string[]> {
  const path = mkdtempSync(join(root, 'partita-power-'))
  try {
    copyFileSync(join(folder, 'store', 'partita.json'), join(path, 'partita.json'))
    writeFileSync(join(path, DATA), afterPowerFailure(trace, before, moment, survivors, dice))
    return await problemsOf(path, trace, moment)
  } finally {
    rmSync(path, { recursive: true, force: true })
  }
}

async function problemsOf(path: string, { lines }: DiskTrace, moment: number): Promise<string[]> {
  const store = embedded({ path, sweepInterval: 0 })
  try {
    const problems = (await store.verify()).differences.map(difference => JSON.stringify(difference))
    const { items } = await store.scan({ table })
    const found = new Map(items.map(item => [item.id as string, Number(item.version ?? 0)]))
    if (items.filter(({ id }) => String(id).startsWith('still')).length !== STILL) problems.push('items are missing')
    for (let lane = 0; lane < LANES; lane++)
      problems.push(...laneProblems(lane, found, versionsAt(lines, lane, moment)))
    await store.write({ kind: 'put', table, item: { id: 'after', group: 'g0' } })
    return problems
  } finally {
    await store.close()
  }
}

interface Versions {
  readonly begun: number
  readonly acknowledged: number
}

function versionsAt(lines: DiskTrace['lines'], lane: number, moment: number): Versions {
  const last = (verb: string) => {
    const found = lines.findLast(({ at, text }) => at < moment && text.startsWith(`${verb} ${lane} `))
    return Number(found?.text.split(' ')[2] ?? 0)
  }
  return { begun: last('begun'), acknowledged: last('acknowledged') }
}

/** An id has its last acknowledged version, or the one that was begun and not acknowledged, in all items of the write. */
function laneProblems(lane: number, found: ReadonlyMap<string, number>, { begun, acknowledged }: Versions): string[] {
  const problems: string[] = []
  const halves = lane % 2 === 0 ? ['a', 'b'] : ['a']
  for (let id = 0; id < IDS; id++) {
    const latest = (limit: number) => Math.max(0, limit - ((limit - id + IDS) % IDS))
    const stored = halves.map(half => found.get(`${lane}-${id}${half}`) ?? 0)
    const isAllowed = [latest(acknowledged), latest(begun)].some(version =>
      stored.every(one => one === (version % 7 === 0 ? 0 : version)),
    )
    if (!isAllowed) problems.push(`lane ${lane}, id ${id}: ${stored} after ${acknowledged} to ${begun}`)
  }
  return problems
}
