/** Transactional reads: up to 100 items from one snapshot. */
import { projector } from '../../expression/evaluate/index.js'
import { addUnits, noCapacity } from '../../store/capacity.js'
import { checkTransactionBytes, checkTransactionLength } from '../../store/limits.js'
import type { TransactGetRequest, TransactGetResult } from '../../store/store.js'
import { readUnits } from '../../value/size.js'
import type { MongoConnection } from '../connection/connection.js'
import { sizedItem } from '../document/codec.js'
import { checkedId } from '../read/get.js'
import type { MongoCatalog, MongoTable } from '../table/catalog.js'
import { readDocuments, tablesOf } from './documents.js'
import { inTransaction } from './session.js'
import { checkDistinct } from './write.js'

/** Reads items of any tables in one snapshot. @throws LimitExceededError if the items exceed 4 MB, as in DynamoDB. */
export async function transactGet(
  connection: MongoConnection,
  catalog: MongoCatalog,
  request: TransactGetRequest,
): Promise<TransactGetResult> {
  const limit = connection.limit(request)
  checkTransactionLength(request.gets.length)
  const tables = await tablesOf(catalog, request.gets, limit)
  const reads = request.gets.map(get => {
    const table = tables.get(get.table) as MongoTable
    const id = checkedId(table, get)
    return { table, key: get.key, id, project: get.projection && projector(get.projection) }
  })
  checkDistinct(reads)
  const documents = await inTransaction(connection, { operation: 'transactGet' }, 'read', limit, session =>
    readDocuments(connection, reads, limit, session),
  )
  const capacity = noCapacity()
  let bytes = 0
  const items = reads.map(read => {
    const document = documents.of(read)
    const found = document && sizedItem(document)
    bytes += found?.size ?? 0
    addUnits(capacity, read.table.name, undefined, readUnits(found?.size ?? 0, true) * 2, 0)
    return found && read.project ? read.project(found.item) : found?.item
  })
  checkTransactionBytes(bytes)
  return { items, capacity }
}
