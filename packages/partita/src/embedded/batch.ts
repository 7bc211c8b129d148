/** Batches: equal keys once, many items in one step, and what a fault leaves over tried again as DynamoDB wants it. */
import { chunksOf, runBatch } from '../store/batch.js'
import { addCapacity, type Capacity, noCapacity } from '../store/capacity.js'
import type {
  BatchGetRequest,
  BatchGetResult,
  BatchWriteRequest,
  BatchWriteResult,
  GetRequest,
} from '../store/store.js'
import type { Item } from '../value/value.js'
import { pickKey, type Table } from './catalog.js'
import { tableEntry } from './key.js'
import type { PreparedWrite } from './write.js'

/** Items handled in one go: a few milliseconds. */
const STEP = 1000

export interface BatchEngine {
  tableOf(name: string): Table
  prepare(write: BatchWriteRequest['writes'][number]): PreparedWrite
  /** Reads at one moment. */
  read(gets: readonly GetRequest[], capacity: Capacity): (Item | undefined)[]
  /** Writes, each alone, sharing one flush. */
  write(writes: readonly PreparedWrite[]): Promise<Capacity>
  /** Whether a fault leaves this item over. */
  leavesUnprocessed(): boolean
}

interface Reading {
  readonly get: GetRequest
  readonly places: number[]
}

export async function batchGet(engine: BatchEngine, request: BatchGetRequest): Promise<BatchGetResult> {
  const capacity = noCapacity()
  const items: (Item | undefined)[] = new Array(request.gets.length).fill(undefined)
  await runBatch<Reading>({
    verb: 'read',
    chunks: chunksOf(distinctReads(engine, request.gets), STEP),
    keyOf: ({ get }) => get.key,
    ...(request.deadline !== undefined && { deadline: request.deadline }),
    async attempt(chunk) {
      const [left, taken] = divide(engine, chunk)
      const found = engine.read(
        taken.map(({ get }) => get),
        capacity,
      )
      taken.forEach(({ places }, i) => {
        for (const place of places) items[place] = found[i]
      })
      return left
    },
  })
  return { items, capacity }
}

export async function batchWrite(engine: BatchEngine, request: BatchWriteRequest): Promise<BatchWriteResult> {
  const capacity = noCapacity()
  await runBatch<PreparedWrite>({
    verb: 'written',
    chunks: chunksOf(lastWrites(engine, request), STEP),
    keyOf: ({ table, place }) => pickKey(table.schema, place),
    ...(request.deadline !== undefined && { deadline: request.deadline }),
    async attempt(chunk) {
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

/** Reads of one item in one way are one read, whose answer goes to several places. */
function distinctReads(engine: BatchEngine, gets: readonly GetRequest[]): Reading[] {
  const readings = new Map<string, Reading>()
  gets.forEach((get, place) => {
    const manner = `${get.consistent === true} ${get.projection ? JSON.stringify(get.projection) : ''}`
    const identity = `${identityOf(engine.tableOf(get.table), get.key)} ${manner}`
    const known = readings.get(identity)
    if (known) known.places.push(place)
    else readings.set(identity, { get, places: [place] })
  })
  return [...readings.values()]
}

/** Of several writes to one item the last holds. */
function lastWrites(engine: BatchEngine, { writes }: BatchWriteRequest): PreparedWrite[] {
  const last = new Map<string, PreparedWrite>()
  for (const write of writes) {
    const prepared = engine.prepare(write)
    last.set(identityOf(prepared.table, prepared.place), prepared)
  }
  return [...last.values()]
}

function identityOf(table: Table, key: Item): string {
  return tableEntry(table.id, table.schema, key).toString('latin1')
}
