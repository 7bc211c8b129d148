/** Batches: deduplicated, processed in steps, with unprocessed items retried as DynamoDB requires. */

import { chunksOf, runBatch } from '../../store/batch.js'
import { addCapacity, type Capacity, noCapacity } from '../../store/capacity.js'
import { pickKey } from '../../store/definition.js'
import { checkKey } from '../../store/limits.js'
import type {
  BatchGetRequest,
  BatchGetResult,
  BatchWriteRequest,
  BatchWriteResult,
  GetRequest,
} from '../../store/store.js'
import { snapshot } from '../../value/snapshot.js'
import type { Item } from '../../value/value.js'
import type { Table } from '../catalog.js'
import { YieldPace, yieldToEventLoop } from '../event-loop.js'
import { tableEntry } from '../storage/key.js'
import { prepareAll } from './prepare.js'
import type { PreparedWrite } from './write.js'

/** Items and bytes written in one transaction of the ordered store, which blocks other writers for a few milliseconds. */
const STEP = 250
const STEP_BYTES = 256 * 1024
/** Writes that are sorted at once, in a few milliseconds. */
const SORTED = 4000
/** Items in a chunk of reads. */
const READ_STEP = 1000

/** The operations of the engine that batches use. */
export interface BatchEngine {
  /** @throws NotFoundError */
  tableOf(name: string): Table
  prepare(write: BatchWriteRequest['writes'][number]): PreparedWrite
  /** Reads an item and its size in bytes. */
  read(get: GetRequest, capacity: Capacity): [item: Item | undefined, bytes: number]
  /** Writes items in one commit. */
  write(writes: readonly PreparedWrite[]): Promise<Capacity>
  /** Whether an injected fault leaves the next item unprocessed. */
  leavesUnprocessed(): boolean
}

interface Reading {
  readonly get: GetRequest
  readonly positions: number[]
}

/** Reads a batch. @throws ValidationError, NotFoundError before the first read. */
export async function batchGet(engine: BatchEngine, request: BatchGetRequest): Promise<BatchGetResult> {
  const capacity = noCapacity()
  const items: (Item | undefined)[] = new Array(request.gets.length).fill(undefined)
  const pace = new YieldPace()
  await runBatch<Reading>({
    verb: 'read',
    chunks: chunksOf(await distinctReads(engine, snapshot(request.gets), pace), READ_STEP),
    keyOf: ({ get }) => get.key,
    ...(request.deadline !== undefined && { deadline: request.deadline }),
    async attempt(chunk) {
      const [left, taken] = divide(engine, chunk)
      for (const { get, positions } of taken) {
        const [item, bytes] = engine.read(get, capacity)
        for (const position of positions) items[position] = item
        if (pace.isDue(bytes)) await pace.yield()
      }
      return left
    },
  })
  return { items, capacity }
}

/** Writes a batch. @throws ValidationError, LimitExceededError, NotFoundError before the first write. */
export async function batchWrite(engine: BatchEngine, request: BatchWriteRequest): Promise<BatchWriteResult> {
  const capacity = noCapacity()
  const chunks = chunksOf(await lastWrites(engine, request), STEP, STEP_BYTES, ({ size }) => size).map(inTwoPasses)
  await runBatch<PreparedWrite>({
    verb: 'written',
    chunks,
    keyOf: ({ table, keyAttributes }) => pickKey(table.schema, keyAttributes),
    ...(request.deadline !== undefined && { deadline: request.deadline }),
    async attempt(chunk) {
      // Commits that do not flush complete synchronously, and nothing else would yield between two of them.
      if (chunks.length > 1) await yieldToEventLoop()
      const [left, taken] = divide(engine, chunk)
      if (taken.length > 0) addCapacity(capacity, await engine.write(taken))
      return left
    },
  })
  return { capacity }
}

function divide<Entry>(engine: BatchEngine, chunk: readonly Entry[]): [left: Entry[], taken: Entry[]] {
  const left: Entry[] = []
  const taken: Entry[] = []
  for (const entry of chunk) (engine.leavesUnprocessed() ? left : taken).push(entry)
  return [left, taken]
}

/** Merges equal reads into one, whose result is used at several positions. */
async function distinctReads(engine: BatchEngine, gets: readonly GetRequest[], pace: YieldPace): Promise<Reading[]> {
  const readings = new Map<string, Reading>()
  for (const [position, get] of gets.entries()) {
    const table = engine.tableOf(get.table)
    checkKey(table.schema, get.key)
    const manner = `${get.consistent === true} ${get.projection ? JSON.stringify(get.projection) : ''}`
    const identity = `${identityOf(table, get.key)} ${manner}`
    const known = readings.get(identity)
    if (known) known.positions.push(position)
    else readings.set(identity, { get, positions: [position] })
    if (pace.isDue()) await pace.yield()
  }
  return [...readings.values()]
}

/**
 * Keeps the last of several writes to one item. If they need several commits, they are sorted by their keys, so that each
 * commit changes few pages of the ordered store.
 */
async function lastWrites(engine: BatchEngine, { writes }: BatchWriteRequest): Promise<PreparedWrite[]> {
  const last = new Map<string, PreparedWrite>()
  await prepareAll(writes, write => {
    const prepared = engine.prepare(write)
    last.set(identityOf(prepared.table, prepared.keyAttributes), prepared)
    return prepared
  })
  if (last.size <= STEP) return [...last.values()]
  const sorted: PreparedWrite[] = []
  for (const keys of chunksOf([...last.keys()], SORTED)) {
    for (const key of keys.sort()) sorted.push(last.get(key) as PreparedWrite)
    await yieldToEventLoop()
  }
  return sorted
}

/**
 * Splits a sorted chunk into three of every five writes, and then the others, which go between them. The ordered store
 * splits a full page in half and seldom fills the lower half of keys that come in order. The first pass leaves such halves,
 * and the second fills them to five sixths. With just half of the writes in the first, many pages would overflow again.
 */
function inTwoPasses(chunk: readonly PreparedWrite[]): PreparedWrite[] {
  const isFirst = (_: PreparedWrite, position: number) => position % 5 < 3
  return [...chunk.filter(isFirst), ...chunk.filter((write, position) => !isFirst(write, position))]
}

function identityOf(table: Table, key: Item): string {
  return tableEntry(table.id, table.schema, key).toString('latin1')
}
