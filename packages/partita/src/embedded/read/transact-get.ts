/** Transactional reads: up to 100 items from one snapshot. */
import { checkProjection, type Projector, projector } from '../../expression/evaluate/index.js'
import { addUnits, noCapacity } from '../../store/capacity.js'
import { checkKey, checkTransactionBytes } from '../../store/limits.js'
import type { TransactGetRequest, TransactGetResult } from '../../store/store.js'
import { readUnits } from '../../value/size.js'
import type { Item, Key } from '../../value/value.js'
import type { Table } from '../catalog.js'
import { YieldPace } from '../event-loop.js'
import { decodeRecord, recordSize } from '../storage/codec.js'
import { tableEntry } from '../storage/key.js'
import type { Kv } from '../storage/kv.js'

/** A valid read, independent of stored data. */
export interface PreparedRead {
  readonly table: Table
  readonly key: Key
  readonly project: Projector | undefined
}

/** Validates a read. @throws ValidationError, LimitExceededError */
export function prepareRead(table: Table, { key, projection }: TransactGetRequest['gets'][number]): PreparedRead {
  checkKey(table.schema, key)
  if (projection) checkProjection(projection)
  return { table, key, project: projection && projector(projection) }
}

/**
 * Copies the records synchronously, from one snapshot, then decodes them and yields to the event loop meanwhile.
 * @throws LimitExceededError if the items exceed 4 MB, as in DynamoDB.
 */
export async function transactGet(kv: Kv, reads: readonly PreparedRead[]): Promise<TransactGetResult> {
  const capacity = noCapacity()
  let bytes = 0
  for (const { table, key } of reads) {
    const size = kv.get(tableEntry(table.id, table.schema, key), recordSize) ?? 0
    bytes += size
    addUnits(capacity, table.name, undefined, readUnits(size, true) * 2, 0)
  }
  checkTransactionBytes(bytes)
  const records = reads.map(({ table, key }) =>
    kv.get(tableEntry(table.id, table.schema, key), found => Buffer.from(found.subarray(0, found.length))),
  )
  const items: (Item | undefined)[] = []
  const pace = new YieldPace()
  for (const [i, record] of records.entries()) {
    const item = record && decodeRecord(record)
    const { project } = reads[i] as PreparedRead
    items.push(item && project ? project(item) : item)
    if (pace.isDue(record?.length)) await pace.yield()
  }
  return { items, capacity }
}
