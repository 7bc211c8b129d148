/** Queries and scans as `find` commands. */
import type { Document } from 'mongodb'
import { type KeyAttribute, partitionAttributes, pickKey, sortAttributes } from '../../store/definition.js'
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
import type { Item, Key } from '../../value/value.js'
import { documentId } from '../document/codec.js'
import { fieldPath, ITEM_FIELD, keyPath } from '../document/names.js'
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
  /** The fields that are read: the attributes, or those that the index holds. */
  readonly projection: Document
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
  const filters = index ? [indexFilter(index)] : []
  filters.push(...keyFilters(keys.schema, key))
  if (start) filters.push(...afterFilters(start, order === 'desc'))
  const sort = sortOf(attributes, index !== undefined, direction)
  return planOf(table, index, request, { filter: allOf(filters), sort, hint: index?.hint ?? table.hint })
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
  const filters = index ? [indexFilter(index)] : []
  if (segment) filters.push(segmentFilter(segment))
  if (start) filters.push(...afterFilters(start, false))
  const sort = sortOf(attributes, true, 1)
  return planOf(table, index, request, { filter: allOf(filters), sort, hint: index?.hint ?? ID_INDEX })
}

/** The key to continue after: the key attributes of the table and of the index. */
export function nextKey({ table, index }: PagePlan, item: Readonly<Item>): Key {
  const key = pickKey(table.definition.key, item)
  return index ? { ...key, ...pickKey(index.schema, item) } : key
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

function planOf(
  table: MongoTable,
  index: MongoIndex | undefined,
  { projection }: ScanRequest,
  { filter, sort, hint }: Pick<PagePlan, 'filter' | 'sort' | 'hint'>,
): PagePlan {
  const isFetched =
    index?.isLocal === true && projection?.some(([name]) => index.projected?.has(name) === false) === true
  const isPart = index?.projected && !isFetched
  const fields = isPart ? Object.fromEntries([...index.projected].map(name => [fieldPath(name), 1])) : ATTRIBUTES
  return { table, index, filter, sort, hint, projection: fields, isFetched }
}

/** What an item needs of its document. */
const ATTRIBUTES: Document = { [ITEM_FIELD]: 1, _id: 0 }

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
  const sort: Document = {}
  for (const attribute of attributes) sort[keyPath(attribute)] = direction
  if (byId) sort._id = direction
  return sort
}

function allOf(filters: readonly Document[]): Document {
  return filters.length < 2 ? (filters[0] ?? {}) : { $and: filters }
}
