/** Translates queries and scans to ranges of keys. */
import { IndexNotFoundError, UnavailableError } from '../../errors/errors.js'
import type { KeyCondition, SortCondition } from '../../expression/ast.js'
import { type KeyAttribute, sortAttributes } from '../../store/definition.js'
import {
  checkIndexRead,
  checkPage,
  checkQuery,
  checkSegment,
  checkStartKey,
  itemOf,
  OutsideStart,
  partitionConditions,
  type ReadKeys,
  sortConditions,
} from '../../store/page-request.js'
import type { QueryRequest, ScanRequest } from '../../store/store.js'
import type { Value } from '../../value/value.js'
import type { Table } from '../catalog.js'
import type { RequestExtras } from '../engine-store.js'
import {
  afterKey,
  indexRange,
  keyBytes,
  partitionPrefix,
  segmentRange,
  sortBytes,
  sortPrefix,
  successor,
} from '../storage/key.js'
import type { Kv, Range } from '../storage/kv.js'
import { PageReader, type ReadSource, resume, startEntry } from './page.js'

/** Opens a page of a query. @throws ValidationError, TableNotFoundError, IndexNotFoundError */
export function query(kv: Kv, table: Table, request: QueryRequest, extras: RequestExtras): PageReader {
  const source = findSource(table, request, extras)
  checkQuery(keysOf(source), request)
  let range = keyRange(source, request.key)
  if (request.after) range = resume(range, startEntry(source, request.after), request.order === 'desc')
  return new PageReader(kv, source, { ...range, descending: request.order === 'desc' }, request)
}

/** Opens a page of a scan. @throws ValidationError, TableNotFoundError, IndexNotFoundError */
export function scan(kv: Kv, table: Table, request: ScanRequest, extras: RequestExtras): PageReader {
  const source = findSource(table, request, extras)
  const { segment } = request
  if (segment) checkSegment(segment)
  const index = source.index?.id ?? 0
  let range = segment ? segmentRange(table.id, index, segment) : indexRange(table.id, index)
  if (request.after) {
    checkStartKey(keysOf(source), request.after)
    const start = startEntry(source, request.after)
    if (Buffer.compare(start, range.low) < 0 || Buffer.compare(start, range.high) >= 0) throw new OutsideStart('after')
    range = resume(range, start, false)
  }
  return new PageReader(kv, source, range, request)
}

function findSource(table: Table, request: ScanRequest, { isLegacy }: RequestExtras): ReadSource {
  checkPage(request, !isLegacy)
  if (request.index === undefined) return { table, index: undefined, schema: table.schema }
  const index = table.indexes.find(({ name }) => name === request.index)
  if (!index) {
    throw new IndexNotFoundError(table.name, request.index)
  }
  if (index.building) {
    const message = `Index ${index.name} of table ${table.name} is still being filled; wait for it with updateTable and an empty change`
    throw new UnavailableError(message, { operation: 'query' })
  }
  checkIndexRead(index, request)
  return { table, index, schema: index.schema }
}

function keysOf({ table, index, schema }: ReadSource): ReadKeys {
  return { tableKey: table.schema, schema, index }
}

function keyRange({ table, index, schema }: ReadSource, condition: KeyCondition): Range {
  const prefix = partitionPrefix(table.id, index?.id ?? 0, schema, itemOf(partitionConditions(condition)))
  if (!condition.moreSort?.length) return sortRange(prefix, schema.sort, condition.sort, index !== undefined)
  // All but the last are equalities, so their bytes are part of the prefix.
  const attributes = sortAttributes(schema)
  const sorts = sortConditions(condition) as Extract<SortCondition, { kind: 'compare' }>[]
  const last = sorts.length - 1
  const equal = sorts
    .slice(0, last)
    .map(({ value }, i) => sortBytes(true, keyBytes(attributes[i] as KeyAttribute, value)))
  return sortRange(Buffer.concat([prefix, ...equal]), attributes[last], sorts[last], true)
}

/** Returns the range of entries with this prefix whose next attribute meets the condition. */
function sortRange(
  prefix: Uint8Array,
  sortAttribute: KeyAttribute | undefined,
  sort: SortCondition | undefined,
  inIndex: boolean,
): Range {
  const all = { low: prefix, high: successor(prefix) }
  if (!sort) return all
  const attribute = sortAttribute as KeyAttribute
  const key = (value: Value) => Buffer.concat([prefix, sortBytes(inIndex, keyBytes(attribute, value))])
  /** The first key after all entries with this sort key. */
  const behind = (value: Value) => (inIndex ? successor(key(value)) : afterKey(key(value)))
  switch (sort.kind) {
    case 'beginsWith': {
      // Starts at the prefix as a complete key: the padding of a shorter key could equal the last bytes of the prefix.
      const shared = Buffer.concat([prefix, sortPrefix(inIndex, keyBytes(attribute, sort.prefix))])
      return { low: key(sort.prefix), high: successor(shared) }
    }
    case 'between':
      return { low: key(sort.low), high: behind(sort.high) }
    case 'compare':
      switch (sort.comparator) {
        case '=':
          return { low: key(sort.value), high: behind(sort.value) }
        case '<':
          return { ...all, high: key(sort.value) }
        case '<=':
          return { ...all, high: behind(sort.value) }
        case '>':
          return { ...all, low: behind(sort.value) }
        case '>=':
          return { ...all, low: key(sort.value) }
      }
  }
}
