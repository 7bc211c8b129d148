/** Reads of one item by its key. */
import { checkProjection, project } from '../../expression/evaluate/index.js'
import { addUnits, noCapacity } from '../../store/capacity.js'
import { checkKey } from '../../store/limits.js'
import type { GetRequest, GetResult } from '../../store/store.js'
import { measureItem, readUnits } from '../../value/size.js'
import type { MongoConnection } from '../connection/connection.js'
import { documentId, type StoredDocument, takeItem } from '../document/codec.js'
import type { MongoCatalog, MongoTable } from '../table/catalog.js'

/**
 * Reads an item. Every read is strongly consistent; `consistent` only changes the units.
 * @param request a copy that the caller cannot change.
 */
export async function getItem(
  connection: MongoConnection,
  catalog: MongoCatalog,
  request: GetRequest,
): Promise<GetResult> {
  const { table: name, key, projection, consistent = false } = request
  const limit = connection.limit(request)
  const table = await catalog.table(name, limit)
  const _id = checkedId(table, request)
  const documents = connection.collection<StoredDocument>(name)
  const attempt = { operation: 'get', table: name, key }
  const document = await connection.send(attempt, 'read', limit, limits => documents.findOne({ _id }, limits))
  const item = document ? takeItem(document) : undefined
  const capacity = noCapacity()
  addUnits(capacity, name, undefined, readUnits(item ? measureItem(item) : 0, consistent), 0)
  return { item: item && (projection ? project(projection, item) : item), capacity }
}

/** Checks a read of one item. @returns the `_id` of its document. @throws ValidationError */
export function checkedId({ definition }: MongoTable, { key, projection }: GetRequest): string {
  checkKey(definition.key, key)
  if (projection) checkProjection(projection)
  return documentId(definition.key, key)
}
