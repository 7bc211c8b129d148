/** Queries and scans. */
import { noCapacity } from '../store/capacity.js'
import type { ItemPage, QueryRequest, ScanRequest } from '../store/store.js'
import { measureKey } from '../value/size.js'
import type { Key } from '../value/value.js'
import { addConsumed } from './capacity.js'
import { expressionFields } from './expression.js'
import type { Outputs } from './protocol/operations.js'
import { prepare } from './protocol/print.js'
import type { Sender } from './sender.js'

/** Reads a page of a query. */
export async function queryPage(sender: Sender, request: QueryRequest): Promise<ItemPage> {
  const { table, index, key, filter, projection, order, countOnly } = request
  const prepared = prepare('Query', {
    ...pageFields(request),
    ...expressionFields({ key, filter, projection: countOnly ? undefined : projection }),
    ...(order === 'desc' && { ScanIndexForward: false }),
  })
  const attempted = { operation: 'query', table, ...(index !== undefined && { index }) }
  return toPage(await sender.send(prepared, attempted, 'read', sender.limit(request)))
}

/** Reads a page of a scan. */
export async function scanPage(sender: Sender, request: ScanRequest): Promise<ItemPage> {
  const { table, index, filter, projection, segment, countOnly } = request
  const prepared = prepare('Scan', {
    ...pageFields(request),
    ...expressionFields({ filter, projection: countOnly ? undefined : projection }),
    ...(segment && { Segment: segment.index, TotalSegments: segment.total }),
  })
  const attempted = { operation: 'scan', table, ...(index !== undefined && { index }) }
  return toPage(await sender.send(prepared, attempted, 'read', sender.limit(request)))
}

function pageFields({ table, index, limit, after, consistent, countOnly }: ScanRequest) {
  if (after) measureKey(after)
  return {
    TableName: table,
    ReturnConsumedCapacity: 'INDEXES' as const,
    ...(index !== undefined && { IndexName: index }),
    ...(limit !== undefined && { Limit: limit }),
    ...(after && { ExclusiveStartKey: after }),
    ...(consistent && { ConsistentRead: true }),
    ...(countOnly && { Select: 'COUNT' as const }),
  }
}

function toPage(output: Outputs['Scan']): ItemPage {
  const { Items: items = [], Count: count = 0, ScannedCount: scanned = 0, LastEvaluatedKey: last } = output
  const capacity = noCapacity()
  addConsumed(capacity, 'read', output.ConsumedCapacity)
  return {
    items,
    count,
    scanned,
    ...(last && { next: last as Key }),
    capacity,
  }
}
