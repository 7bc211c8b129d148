/** Batch reads: one `find` for up to 100 keys of a table. */
import { project } from '../../expression/evaluate/index.js'
import { chunksOf, MAX_BATCH_GETS, runBatch } from '../../store/batch.js'
import { addUnits, noCapacity } from '../../store/capacity.js'
import type { BatchGetRequest, BatchGetResult, GetRequest } from '../../store/store.js'
import type { SizedItem } from '../../store/update-result.js'
import { readUnits } from '../../value/size.js'
import type { Item } from '../../value/value.js'
import type { MongoConnection } from '../connection/connection.js'
import type { TimeLimit } from '../connection/time-limit.js'
import { type StoredDocument, sizedItem } from '../document/codec.js'
import type { MongoCatalog } from '../table/catalog.js'
import { checkedId } from './get.js'

/** Equal gets, which are read once. */
interface Reading {
  readonly get: GetRequest
  readonly id: string
  /** Their positions in the request. */
  readonly positions: number[]
}

/** Reads a batch. @param request a copy that the caller cannot change. */
export async function batchGet(
  connection: MongoConnection,
  catalog: MongoCatalog,
  request: BatchGetRequest,
): Promise<BatchGetResult> {
  const capacity = noCapacity()
  const items: (Item | undefined)[] = new Array(request.gets.length).fill(undefined)
  await runBatch<Reading>({
    verb: 'read',
    chunks: await chunksOfTables(catalog, request, connection.limit(request)),
    keyOf: ({ get }) => get.key,
    pace: connection.pace,
    ...(request.deadline !== undefined && { deadline: request.deadline }),
    ...(request.signal && { signal: request.signal }),
    async attempt(chunk) {
      const { table } = (chunk[0] as Reading).get
      const found = await readItems(connection, 'batchGet', table, idsOf(chunk), connection.limit(request))
      for (const { get, id, positions } of chunk) {
        const read = found.get(id)
        addUnits(capacity, table, undefined, readUnits(read?.size ?? 0, get.consistent === true), 0)
        if (!read) continue
        const item = get.projection ? project(get.projection, read.item) : read.item
        for (const position of positions) items[position] = item
      }
      return []
    },
  })
  return { items, capacity }
}

/** Reads documents by their ids. */
export async function readItems(
  connection: MongoConnection,
  operation: string,
  table: string,
  ids: readonly string[],
  limit: TimeLimit,
): Promise<Map<string, SizedItem>> {
  const documents = connection.collection<StoredDocument>(table)
  const found = await connection.send({ operation, table }, 'read', limit, limits =>
    documents.find({ _id: { $in: [...ids] } }, { ...limits, batchSize: ids.length }).toArray(),
  )
  return new Map(found.map(document => [document._id, sizedItem(document)]))
}

/** The documents that the commands of a batch read, by `_id`. @throws as the batch does */
export async function batchReads(
  catalog: MongoCatalog,
  request: BatchGetRequest,
  limit: TimeLimit,
): Promise<{ readonly table: string; readonly ids: readonly string[] }[]> {
  const chunks = await chunksOfTables(catalog, request, limit)
  return chunks.map(chunk => ({ table: (chunk[0] as Reading).get.table, ids: idsOf(chunk) }))
}

/** Gets with different projections can read one document. */
function idsOf(chunk: readonly Reading[]): string[] {
  return [...new Set(chunk.map(({ id }) => id))]
}

/** Checks all gets before the first read, merges equal ones, and divides them by table. */
async function chunksOfTables(
  catalog: MongoCatalog,
  { gets }: BatchGetRequest,
  limit: TimeLimit,
): Promise<Reading[][]> {
  const tables = new Map<string, Map<string, Reading>>()
  for (const [position, get] of gets.entries()) {
    const table = await catalog.table(get.table, limit)
    const id = checkedId(table, get)
    const identity = JSON.stringify([id, get.consistent === true, get.projection])
    let readings = tables.get(get.table)
    if (!readings) tables.set(get.table, (readings = new Map()))
    const known = readings.get(identity)
    if (known) known.positions.push(position)
    else readings.set(identity, { get, id, positions: [position] })
  }
  return [...tables.values()].flatMap(readings => chunksOf([...readings.values()], MAX_BATCH_GETS))
}
