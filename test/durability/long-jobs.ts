/** The long jobs of the engine and of the layers above it, each as small as still takes every step. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { importLines, itemEntry } from '../../packages/cli/src/items/import-lines.js'
import { openFile } from '../../packages/cli/src/items/import-source.js'
import { readLines } from '../../packages/cli/src/json/json-lines.js'
import type { EngineStore } from '../../packages/partita/src/embedded/engine-store.js'
import { createItems } from '../../packages/partita/src/items/index.js'
import type { TableDefinition } from '../../packages/partita/src/store/definition.js'
import type { Item } from '../../packages/partita/src/value/value.js'
import { type LongJob, NOON } from './crash-points.js'

const SECOND = NOON / 1000
const name = 'notes'
const key = { partition: { name: 'id', type: 'S' } } as const
const byKind = { partition: { name: 'kind', type: 'S' }, sort: { name: 'rank', type: 'N' } } as const
const byRank = { partition: { name: 'rank', type: 'N' }, projection: 'keysOnly' } as const

/** Seven items: six are in the index, and five have expired. */
const items = Array.from(
  { length: 7 },
  (_, i): Item => ({
    id: `n${i}`,
    rank: i,
    ...(i !== 3 && { kind: `k${i % 2}` }),
    ...(i > 0 && { until: SECOND - (i < 6 ? 10 : -10) }),
  }),
)

/** Creates the table with its items, and does what must precede the job. */
const begin =
  (definition: Partial<TableDefinition>, then: (store: EngineStore) => Promise<unknown> = async () => undefined) =>
  async (store: EngineStore) => {
    await store.createTable({ name, key, ...definition })
    for (const item of items) await store.write({ kind: 'put', table: name, item })
    // Another table, whose entries must remain.
    await store.createTable({ name: 'others', key, globalIndexes: { byKind }, timeToLive: 'until' })
    await store.write({ kind: 'put', table: 'others', item: { id: 'other', kind: 'k0', rank: 1, until: SECOND + 10 } })
    await then(store)
  }

const change = (...changes: Parameters<EngineStore['updateTable']>[1][]) => {
  return async (store: EngineStore) => {
    for (const it of changes) await store.updateTable(name, it)
  }
}

/** The time that a stream keeps its records, in milliseconds. */
const DAY = 24 * 60 * 60 * 1000

/** All long jobs. The crash tests kill each of them after each of its commits. */
export const longJobs: readonly LongJob[] = [
  {
    name: 'filling an index',
    prepare: begin({}),
    run: change({ createIndexes: { byKind } }),
  },
  {
    name: 'filling two indexes and time to live at once',
    prepare: begin({ globalIndexes: { byKind } }),
    run: change({ createIndexes: { byRank, second: byKind }, timeToLive: 'until' }),
  },
  {
    name: 'filling time to live',
    prepare: begin({}),
    run: change({ timeToLive: 'until' }),
  },
  {
    name: 'adding time to live to a table that was created without it',
    prepare: begin({}),
    run: async store => void (await store.createTable({ name, key, timeToLive: 'until' })),
  },
  {
    name: 'switching time to live off',
    prepare: begin({ timeToLive: 'until' }),
    run: change({ timeToLive: false }),
  },
  {
    name: 'changing an index',
    prepare: begin({ globalIndexes: { byKind } }),
    run: change({ deleteIndexes: ['byKind'], createIndexes: { byKind: byRank } }),
  },
  {
    name: 'dropping an index',
    prepare: begin({ globalIndexes: { byKind, byRank } }),
    run: change({ deleteIndexes: ['byKind'] }),
  },
  {
    name: 'dropping a table',
    prepare: begin({ globalIndexes: { byKind }, timeToLive: 'until' }),
    run: store => store.deleteTable(name),
  },
  {
    name: 'dropping a table whose index is being filled',
    prepare: begin({}, store => store.updateTable(name, { createIndexes: { byKind } }, { inBackground: true })),
    run: store => store.deleteTable(name),
  },
  {
    name: 'a sweep',
    prepare: begin({ globalIndexes: { byKind }, timeToLive: 'until' }, store =>
      store.updateTable(name, {}, { stream: 'OLD_IMAGE' }),
    ),
    run: async store => void (await store.sweep()),
    isBegunByCommit: false,
  },
  {
    name: 'trimming a stream',
    prepare: begin({}, fillStream),
    after: DAY,
    run: async store => void (await store.sweep()),
    isBegunByCommit: false,
  },
  {
    name: 'clearing a stream that was switched off',
    prepare: begin({}, async store => {
      await fillStream(store)
      await store.updateTable(name, {}, { stream: false })
    }),
    after: DAY,
    run: async store => void (await store.sweep()),
    isBegunByCommit: false,
  },
  importJob(),
]

/** More records than one step of trimming takes. */
async function fillStream(store: EngineStore): Promise<void> {
  await store.updateTable(name, {}, { stream: 'KEYS_ONLY' })
  const writes = Array.from({ length: 2100 }, (_, i) => ({ kind: 'put', table: name, item: { id: `s${i}` } }) as const)
  await store.batchWrite({ writes })
}

/** A resumed import continues at the line that its progress file names. */
function importJob(): LongJob {
  const text = Array.from({ length: 9 }, (_, i) => JSON.stringify({ category: 'c', key: `k${i % 4}`, value: i }))
  const table = 'imported'
  let folder = ''
  const run = async (store: EngineStore, resume: boolean) => {
    const source = await openFile(join(folder, 'items.jsonl'), 'here', resume)
    const target = createItems({ store, table })
    await importLines({
      lines: readLines(source.chunks, { from: source.start.line, start: source.start }),
      read: line =>
        itemEntry(line, async item => {
          await target.putItem(item)
          return true
        }),
      done: async ({ number, end }) => {
        await source.remember?.({ line: number + 1, offset: end }, 'now')
      },
      signal: new AbortController().signal,
    })
    await source.forget?.()
  }
  return {
    name: 'an import of items',
    async prepare(store) {
      folder = mkdtempSync(join(tmpdir(), 'partita-import-'))
      writeFileSync(join(folder, 'items.jsonl'), text.join('\n'))
      await createItems({ store, table }).createTable()
    },
    run: store => run(store, false),
    resume: store => run(store, true),
    isBegunByCommit: false,
    end: () => rmSync(folder, { recursive: true }),
  }
}
