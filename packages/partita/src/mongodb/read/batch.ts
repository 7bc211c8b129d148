/** Batch reads: one `find` for up to 100 keys of a table. */
import { checkProjection, project } from '../../expression/evaluate/index.js'
import { chunksOf, MAX_BATCH_GETS, runBatch } from '../../store/batch.js'
import { addUnits, noCapacity } from '../../store/capacity.js'
import { checkKey } from '../../store/limits.js'
import type { BatchGetRequest, BatchGetResult, GetRequest } from '../../store/store.js'
import type { SizedItem } from '../../store/update-result.js'
import { readUnits } from '../../value/size.js'
import type { Item } from '../../value/value.js'
import type { MongoConnection } from '../connection/connection.js'
import type { TimeLimit } from '../connection/time-limit.js'
import { documentId, type StoredDocument, sizedItem } from '../document/codec.js'
import type { MongoCatalog } from '../table/catalog.js'

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
      const ids = [...new Set(chunk.map(({ id }) => id))]
      const found = await readItems(connection, 'batchGet', table, ids, connection.limit(request))
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

/** Checks all gets before the first read, merges equal ones, and divides them by table. */
async function chunksOfTables(
  catalog: MongoCatalog,
  { gets }: BatchGetRequest,
  limit: TimeLimit,
): Promise<Reading[][]> {
  const tables = new Map<string, Map<string, Reading>>()
  for (const [position, get] of gets.entries()) {
    const table = await catalog.table(get.table, limit)
    checkKey(table.definition.key, get.key)
    if (get.projection) checkProjection(get.projection)
    const id = documentId(table.definition.key, get.key)
    const identity = JSON.stringify([id, get.consistent === true, get.projection])
    let readings = tables.get(get.table)
    if (!readings) tables.set(get.table, (readings = new Map()))
    const known = readings.get(identity)
    if (known) known.positions.push(position)
    else readings.set(identity, { get, id, positions: [position] })
  }
  return [...tables.values()].flatMap(readings => chunksOf([...readings.values()], MAX_BATCH_GETS))
}
