/** A process that is killed at any moment loses no acknowledged write and leaves no partial transaction. */
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, it } from 'vitest'
import { type EmbeddedStore, embedded } from '../../packages/partita/src/embedded/index.js'
import type { Item } from '../../packages/partita/src/value/value.js'
import { seed, seeded } from '../seeded.js'

const random = seeded(seed)

const ROUNDS = Number(process.env.PARTITA_CRASH_ROUNDS ?? 15)
const LANES = 16
const writer = fileURLToPath(new URL('writer.mjs', import.meta.url))
const path = mkdtempSync(join(tmpdir(), 'partita-crash-'))
const table = 'crash'

afterAll(() => rmSync(path, { recursive: true, force: true }))

it(`a store keeps every acknowledged write and no partial transaction through ${ROUNDS} kills`, async () => {
  const acknowledged = new Map<number, number>()
  let total = 0
  for (let round = 0; round < ROUNDS; round++) {
    const begun = new Map(acknowledged)
    for (const [verb, lane, version] of await killedRun(20 + random() * 250)) {
      if (verb === 'begin') begun.set(lane, version)
      else {
        acknowledged.set(lane, version)
        total++
      }
    }
    const store = embedded({ path, sweepInterval: 0 })
    try {
      if (!(await store.describeTable(table))) continue
      const items = await all(store)
      checkLanes(items, acknowledged, begun)
      await checkIndexes(store, items)
    } finally {
      await store.close()
    }
  }
  console.log(`crash test: ${ROUNDS} kills, ${total} acknowledged writes, none lost`)
  expect(total).toBeGreaterThan(ROUNDS)
})

type Line = readonly [verb: string, lane: number, version: number]

/** Runs the writer, kills it some time after it began, and returns what it recorded. */
async function killedRun(milliseconds: number): Promise<Line[]> {
  const log = join(path, '..', `${basename(path)}-log`)
  rmSync(log, { force: true })
  const child = spawn(process.execPath, [writer, path, String(LANES), log], { stdio: ['ignore', 'pipe', 'pipe'] })
  let complaints = ''
  child.stdout.once('data', () => setTimeout(() => child.kill('SIGKILL'), milliseconds))
  child.stderr.setEncoding('utf8').on('data', text => {
    complaints += text
  })
  const signal = await new Promise<string | null>(resolve => child.on('close', (_, by) => resolve(by)))
  expect(complaints).toBe('')
  expect(signal).toBe('SIGKILL')
  const lines = readFileSync(log, 'utf8').split('\n')
  rmSync(log)
  return lines.slice(0, -1).map((line): Line => {
    const [verb = '', lane, version] = line.split(' ')
    return [verb, Number(lane), Number(version)]
  })
}

function checkLanes(
  items: readonly Item[],
  acknowledged: ReadonlyMap<number, number>,
  begun: ReadonlyMap<number, number>,
) {
  const versions = new Map(items.map(({ pk, version }) => [pk, version as number]))
  for (let lane = 0; lane < LANES; lane++) {
    const low = acknowledged.get(lane) ?? 0
    const high = begun.get(lane) ?? low
    const names = lane % 2 === 0 ? [`single${lane}`] : [`left${lane}`, `right${lane}`]
    const [version = 0, ...others] = names.map(name => versions.get(name) ?? 0)
    expect(version, `lane ${lane} was acknowledged up to ${low}`).toBeGreaterThanOrEqual(low)
    expect(version, `lane ${lane} had begun ${high}`).toBeLessThanOrEqual(high)
    for (const other of others)
      expect(other, `both halves of lane ${lane}`).toBe(version)
      // A version that is stored although it was not acknowledged counts from now on: the writer continues from it.
    ;(acknowledged as Map<number, number>).set(lane, version)
  }
}

/** Compares every index with one that is rebuilt from the table. */
async function checkIndexes(store: EmbeddedStore, items: readonly Item[]) {
  const inIndex = items.filter(item => 'group' in item)
  const pick = (names: readonly string[]) => (item: Item) =>
    Object.fromEntries(names.filter(name => name in item).map(name => [name, item[name]]))
  expect(sorted(await all(store, 'whole'))).toEqual(sorted(inIndex))
  expect(sorted(await all(store, 'keys'))).toEqual(sorted(inIndex.map(pick(['pk', 'sk', 'group']))))
  expect(sorted(await all(store, 'local'))).toEqual(sorted(inIndex.map(pick(['pk', 'sk', 'rank', 'version']))))
}

async function all(store: EmbeddedStore, index?: string): Promise<Item[]> {
  const items: Item[] = []
  let after: Awaited<ReturnType<typeof store.scan>>['next']
  do {
    const page = await store.scan({ table, ...(index && { index }), ...(after && { after }) })
    items.push(...page.items)
    after = page.next
  } while (after)
  return items
}

function sorted(items: readonly unknown[]): string[] {
  return items.map(item => JSON.stringify(Object.entries(item as Item).sort(([a], [b]) => (a < b ? -1 : 1)))).sort()
}
