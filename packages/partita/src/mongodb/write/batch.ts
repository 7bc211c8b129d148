/** Batch writes: one `bulkWrite` for many puts and deletes of a table. */
import { type AnyBulkWriteOperation, MongoBulkWriteError, type WriteError } from 'mongodb'
import { chunksOf, runBatch } from '../../store/batch.js'
import { noCapacity } from '../../store/capacity.js'
import type { BatchWriteRequest, BatchWriteResult } from '../../store/store.js'
import type { MongoConnection } from '../connection/connection.js'
import { lostAnswer } from '../connection/errors.js'
import type { TimeLimit } from '../connection/time-limit.js'
import type { StoredDocument } from '../document/codec.js'
import { readItems } from '../read/batch.js'
import type { MongoCatalog, MongoTable } from '../table/catalog.js'
import { addWriteUnits } from './capacity.js'
import { type DocumentWrite, effectOf, prepareWrite } from './plan.js'

/** Writes in one command, and their bytes: the server accepts 48 MB. */
const MAX_CHUNK_WRITES = 100
const MAX_CHUNK_BYTES = 4 * 1024 * 1024
/** The codes for two writers that insert one document, and for a transaction that is not committed. */
const TRANSIENT: ReadonlySet<number> = new Set([11000, 112])

interface Entry {
  readonly table: MongoTable
  readonly write: DocumentWrite
}

/** Writes a batch. @param request a copy that the caller cannot change. */
export async function batchWrite(
  connection: MongoConnection,
  catalog: MongoCatalog,
  request: BatchWriteRequest,
): Promise<BatchWriteResult> {
  const capacity = noCapacity()
  await runBatch<Entry>({
    verb: 'written',
    chunks: await chunksOfTables(catalog, request, connection.limit(request)),
    keyOf: ({ write }) => write.key,
    pace: connection.pace,
    ...(request.deadline !== undefined && { deadline: request.deadline }),
    ...(request.signal && { signal: request.signal }),
    async attempt(chunk) {
      const { table } = chunk[0] as Entry
      const limit = connection.limit(request)
      const ids = chunk.map(({ write }) => write.id)
      // Only for the capacity: a write is charged for the larger of the old and the new item, and for changes of indexes.
      const before = await readItems(connection, 'batchWrite', table.name, ids, limit)
      const left = await sendChunk(connection, chunk, limit)
      for (const entry of chunk) {
        if (left.includes(entry)) continue
        const effect = effectOf(entry.write, before.get(entry.write.id))
        addWriteUnits(capacity, table, effect.before, effect.after)
      }
      return left
    },
  })
  return { capacity }
}

/** @returns the writes that met another writer, to be sent again. */
async function sendChunk(connection: MongoConnection, chunk: readonly Entry[], limit: TimeLimit): Promise<Entry[]> {
  const { name } = (chunk[0] as Entry).table
  const documents = connection.collection<StoredDocument>(name)
  const attempt = { operation: 'batchWrite', table: name }
  return connection.send(attempt, 'write', limit, async limits => {
    try {
      await documents.bulkWrite(chunk.map(operationOf), { ...limits, ordered: false })
      return []
    } catch (error) {
      if (!(error instanceof MongoBulkWriteError)) throw error
      const errors = writeErrorsOf(error)
      if (isPartlyOpen(error, errors)) throw lostAnswer(attempt, error)
      if (errors.length === 0 || !errors.every(isTransient)) throw error
      return errors.map(({ index }) => chunk[index] as Entry)
    }
  })
}

function operationOf({ write: { id, document } }: Entry): AnyBulkWriteOperation<StoredDocument> {
  if (!document) return { deleteOne: { filter: { _id: id } } }
  return { replaceOne: { filter: { _id: id }, replacement: document, upsert: true } }
}

function writeErrorsOf({ writeErrors }: MongoBulkWriteError): readonly WriteError[] {
  return Array.isArray(writeErrors) ? writeErrors : [writeErrors as WriteError]
}

/**
 * Whether writes are done that the error says nothing about: the majority has not acknowledged them, or they were in a
 * command before the one that failed.
 */
function isPartlyOpen({ result }: MongoBulkWriteError, errors: readonly WriteError[]): boolean {
  if (result.getWriteConcernError()) return true
  return errors.length === 0 && result.matchedCount + result.upsertedCount + result.deletedCount > 0
}

/** A duplicate in an index of another program stays one, however often the write is sent. */
function isTransient({ code, errmsg = '' }: WriteError): boolean {
  return TRANSIENT.has(code) && (code !== 11000 || /index: _id_/.test(errmsg))
}

/** Checks all writes before the first one, keeps the last of several writes to one item, and divides them by table. */
async function chunksOfTables(
  catalog: MongoCatalog,
  { writes }: BatchWriteRequest,
  limit: TimeLimit,
): Promise<Entry[][]> {
  const tables = new Map<string, Map<string, Entry>>()
  for (const request of writes) {
    const table = await catalog.table(request.table, limit)
    const write = prepareWrite(table, request)
    let entries = tables.get(request.table)
    if (!entries) tables.set(request.table, (entries = new Map()))
    entries.set(write.id, { table, write })
  }
  return [...tables.values()].flatMap(entries =>
    chunksOf([...entries.values()], MAX_CHUNK_WRITES, MAX_CHUNK_BYTES, ({ write }) => write.document?.size ?? 0),
  )
}
