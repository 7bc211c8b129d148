/** Queries and scans as `find` commands. */
import type { Document } from 'mongodb'
import { type KeyAttribute, keyNames, partitionAttributes, sortAttributes } from '../../store/definition.js'
import {
  checkIndexRead,
  checkPage,
  checkQuery,
  checkSegment,
  checkStartKey,
  OutsideStart,
  type ReadKeys,
} from '../../store/page-request.js'
import type { QueryRequest, ScanRequest } from '../../store/store.js'
import type { Key } from '../../value/value.js'
import { documentId } from '../document/codec.js'
import { fieldPath, keyPath } from '../document/names.js'
import { partOf, partsOf } from '../document/part.js'
import type { MongoIndex, MongoTable } from '../table/catalog.js'
import { typeFilter } from '../table/indexes.js'
import { afterFilters, coordinates, keyFilters } from './key-filter.js'

/** A `find` command that returns the items of a page and, if it is not stopped, all items after them. */
export interface PagePlan {
  readonly table: MongoTable
  /** The index of the request; undefined for the table. */
  readonly index: MongoIndex | undefined
  readonly filter: Document
  readonly sort: Document
  /** The name of the server's index. */
  readonly hint: string
  /** The attributes that the index holds, as fields; undefined for all. */
  readonly projection: Document | undefined
  /** Whether attributes that a local index does not hold are read from the table. */
  readonly isFetched: boolean
}

/** MongoDB's own index of `_id`. */
const ID_INDEX = '_id_'

/** Plans a query. @throws ValidationError, IndexNotFoundError, UnavailableError */
export function planQuery(table: MongoTable, request: QueryRequest): PagePlan {
  const { index, keys } = sourceOf(table, request)
  checkQuery(keys, request)
  const { after, key, order } = request
  const attributes = sortAttributes(keys.schema)
  // In the table, a sort key occurs once in a partition.
  const start = after && coordinates(attributes, after, index && documentId(table.definition.key, after))
  const direction = order === 'desc' ? -1 : 1
  return {
    ...planOf(table, index, request),
    filter: allOf([
      ...(index ? [indexFilter(index)] : []),
      ...keyFilters(keys.schema, key),
      ...(start ? afterFilters(start, order === 'desc') : []),
    ]),
    sort: sortOf(attributes, index !== undefined, direction),
    hint: index?.hint ?? table.hint,
  }
}

/** Plans a scan, or a segment of one. @throws ValidationError, IndexNotFoundError, UnavailableError */
export function planScan(table: MongoTable, request: ScanRequest): PagePlan {
  const { index, keys } = sourceOf(table, request)
  const { after, segment } = request
  if (segment) checkSegment(segment)
  if (after) checkStartKey(keys, after)
  const id = after && documentId(table.definition.key, after)
  if (segment && id !== undefined && !isInSegment(segment, id)) throw new OutsideStart('after')
  const attributes = index ? [...partitionAttributes(keys.schema), ...sortAttributes(keys.schema)] : []
  const start = after && coordinates(attributes, after, id)
  return {
    ...planOf(table, index, request),
    filter: allOf([
      ...(index ? [indexFilter(index)] : []),
      ...(segment ? [segmentFilter(segment)] : []),
      ...(start ? afterFilters(start, false) : []),
    ]),
    sort: sortOf(attributes, true, 1),
    hint: index?.hint ?? ID_INDEX,
  }
}

/** The key to continue after: the key attributes of the table and of the index. */
export function nextKey({ table, index }: PagePlan, item: Readonly<Record<string, unknown>>): Key {
  const names = [...keyNames(table.definition.key), ...(index ? keyNames(index.schema) : [])]
  return Object.fromEntries(names.map(name => [name, item[name]])) as Key
}

function sourceOf(table: MongoTable, request: ScanRequest): { index: MongoIndex | undefined; keys: ReadKeys } {
  checkPage(request)
  const tableKey = table.definition.key
  if (request.index === undefined) return { index: undefined, keys: { tableKey, schema: tableKey, index: undefined } }
  const index = table.index(request.index)
  const { name, isLocal: local, projected, schema } = index
  checkIndexRead({ name, local, projected }, request)
  return { index, keys: { tableKey, schema, index: { name, local, projected } } }
}

function planOf(table: MongoTable, index: MongoIndex | undefined, { projection }: ScanRequest) {
  const isFetched =
    index?.isLocal === true && projection?.some(([name]) => index.projected?.has(name) === false) === true
  const isPart = index?.projected && !isFetched
  return {
    table,
    index,
    isFetched,
    projection: isPart ? Object.fromEntries([...index.projected].map(name => [fieldPath(name), 1])) : undefined,
  }
}

/** The condition of the index itself, without which the server does not use it. */
function indexFilter({ schema }: MongoIndex): Document {
  return typeFilter([...partitionAttributes(schema), ...sortAttributes(schema)])
}

/** The first segment includes documents without a part, which another program wrote. */
function segmentFilter(segment: { readonly index: number; readonly total: number }): Document {
  const [first, end] = partsOf(segment)
  return { part: segment.index === 0 ? { $not: { $gte: end } } : { $gte: first, $lt: end } }
}

function isInSegment(segment: { readonly index: number; readonly total: number }, id: string): boolean {
  const [first, end] = partsOf(segment)
  const part = partOf(id)
  return part >= first && part < end
}

function sortOf(attributes: readonly KeyAttribute[], byId: boolean, direction: 1 | -1): Document {
  const sort = Object.fromEntries(attributes.map(it => [keyPath(it), direction]))
  return byId ? { ...sort, _id: direction } : sort
}

function allOf(filters: readonly Document[]): Document {
  return filters.length < 2 ? (filters[0] ?? {}) : { $and: filters }
}
