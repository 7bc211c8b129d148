/** Checks that every engine makes of queries and scans before it reads. */
import { invalid, ValidationError } from '../errors/errors.js'
import type { Condition, KeyCondition, SortCondition } from '../expression/ast.js'
import { checkCondition, checkProjection } from '../expression/evaluate/index.js'
import { pathsOf } from '../expression/path/walk.js'
import {
  equalValues,
  type Item,
  isPlainObject,
  type Key,
  type KeyValue,
  setAttribute,
  type Value,
} from '../value/value.js'
import {
  type IndexKeySchema,
  type KeyAttribute,
  type KeySchema,
  keyNames,
  partitionAttributes,
  sortAttributes,
} from './definition.js'
import { checkKey, checkKeyAttribute, checkKeyLength } from './limits.js'
import type { GetRequest, QueryRequest, ScanRequest } from './store.js'

/** What a request reads: a table, or one of its indexes. */
export interface ReadKeys {
  readonly tableKey: KeySchema
  /** The key of the index, or of the table. */
  readonly schema: IndexKeySchema
  readonly index: ReadIndex | undefined
}

/** An index as reads see it. */
export interface ReadIndex {
  readonly name: string
  readonly local: boolean
  /** The attributes that it holds; undefined for all. */
  readonly projected: ReadonlySet<string> | undefined
}

/**
 * Checks the parts of a request that do not depend on keys.
 * @param bounded false for AWS's legacy parameters, to which the limits of expressions do not apply.
 * @throws ValidationError, LimitExceededError
 */
export function checkPage({ limit, filter, projection }: ScanRequest, bounded = true): void {
  if (limit !== undefined && !(Number.isInteger(limit) && limit > 0)) {
    throw invalid(['limit'], `is ${limit}; it must be a whole number from 1`)
  }
  if (filter) checkCondition(filter, bounded)
  if (projection) checkProjection(projection)
}

/** Checks what an index can return. @throws ValidationError */
export function checkIndexRead(index: ReadIndex, request: ScanRequest): void {
  if (request.consistent && !index.local) {
    throw invalid(
      ['consistent'],
      `index ${index.name} is global; consistent reads are supported only on the table and its local indexes`,
    )
  }
  checkProjected(index, request)
}

/** Checks the key condition, the filter and the start key of a query. @throws ValidationError, LimitExceededError */
export function checkQuery(keys: ReadKeys, { key, filter, after }: QueryRequest): void {
  checkKeyCondition(keys.schema, key)
  if (filter) checkFilter(keys.schema, filter)
  if (!after) return
  checkStartKey(keys, after)
  for (const { name, value } of partitionConditions(key)) {
    if (!equalValues(after[name] as Value, value)) throw new OutsideStart(name)
  }
}

/** Checks a projection. A local index fetches missing attributes from the table; a global index cannot. */
function checkProjected(index: ReadIndex, { projection }: ScanRequest): void {
  if (index.local || !index.projected || !projection) return
  const absent = projection.map(([name]) => name).filter(name => !index.projected?.has(name))
  if (absent.length > 0) throw invalid(['projection'], `global index ${index.name} does not hold ${absent.join(', ')}`)
}

/** @throws ValidationError unless the segment is one of 1 to 1,000,000. */
export function checkSegment({ index, total }: { readonly index: number; readonly total: number }): void {
  const whole = Number.isInteger(index) && Number.isInteger(total)
  if (!whole || total < 1 || total > 1_000_000 || index < 0 || index >= total) {
    throw invalid(['segment'], `is ${index} of ${total}; it must be one of 1 to 1,000,000 segments, counted from 0`)
  }
}

function checkKeyCondition(schema: IndexKeySchema, key: KeyCondition): void {
  const attributes = partitionAttributes(schema)
  const conditions = partitionConditions(key)
  for (let i = 0; i < Math.max(attributes.length, conditions.length); i++) {
    const [attribute, condition] = [attributes[i], conditions[i]]
    if (!attribute || condition?.name !== attribute.name) {
      const names = attributes.map(({ name }) => name).join(' and ')
      throw invalid(['key', condition?.name ?? (attribute as KeyAttribute).name], `the partition key here is ${names}`)
    }
    checkKeyAttribute(attribute, condition.value, 'partition')
  }
  if (conditions.length > 1) checkKeyLength(attributes, itemOf(conditions), 'partition')
  const sorts = sortConditions(key)
  for (let i = 0; i < sorts.length; i++) checkSortCondition(schema, sorts, i)
  if (sorts.length > 1) checkSortLength(schema, sorts)
}

function checkSortLength(schema: IndexKeySchema, sorts: readonly SortCondition[]): void {
  const given = sortAttributes(schema).slice(0, sorts.length)
  const equal = sorts.slice(0, -1).map(sort => ({ name: sort.name, value: sortValues(sort)[0] as Value }))
  const { name } = sorts.at(-1) as SortCondition
  for (const value of sortValues(sorts.at(-1) as SortCondition)) {
    checkKeyLength(given, itemOf([...equal, { name, value }]), 'sort')
  }
}

/** The key attributes that equalities name. */
export function itemOf(conditions: readonly KeyCondition['partition'][]): Item {
  const item: Item = {}
  for (const { name, value } of conditions) setAttribute(item, name, value)
  return item
}

/** Checks that sort key conditions name consecutive attributes from the first on, and that all but the last are equalities. */
function checkSortCondition(schema: IndexKeySchema, sorts: readonly SortCondition[], position: number): void {
  const sort = sorts[position] as SortCondition
  const attributes = sortAttributes(schema)
  const attribute = attributes[position]
  if (sort.name !== attribute?.name) {
    const names = attributes.map(({ name }) => name).join(', then ')
    throw invalid(['key', sort.name], names ? `the sort key here is ${names}` : 'there is no sort key here')
  }
  if (position < sorts.length - 1 && !(sort.kind === 'compare' && sort.comparator === '=')) {
    throw invalid(['key', sort.name], 'must be an equality, as a condition on the next sort key attribute follows')
  }
  if (sort.kind === 'beginsWith' && attribute.type === 'N') {
    throw invalid(['key', sort.name], 'is a number; beginsWith is for strings and binary')
  }
  for (const value of sortValues(sort)) checkKeyAttribute(attribute, value, 'sort')
}

/** The equalities on all partition key attributes, in order. */
export function partitionConditions({
  partition,
  morePartition = [],
}: KeyCondition): readonly KeyCondition['partition'][] {
  return [partition, ...morePartition]
}

/** The conditions on sort key attributes, in order; all but the last are equalities. */
export function sortConditions({ sort, moreSort = [] }: KeyCondition): readonly SortCondition[] {
  return sort ? [sort, ...moreSort] : moreSort
}

function sortValues(sort: SortCondition): Value[] {
  if (sort.kind === 'between') return [sort.low, sort.high]
  return [sort.kind === 'compare' ? sort.value : sort.prefix]
}

/** Rejects filters on key attributes, as DynamoDB does: they belong in the key condition. */
function checkFilter(schema: IndexKeySchema, filter: Condition): void {
  const names = new Set(keyNames(schema))
  const found = pathsOf(filter).find(([name]) => names.has(name))
  if (found) throw invalid(['filter', found[0]], 'is a key attribute here; use the key condition for it')
}

/** Checks that a start key has exactly the key attributes of the table and the index. @throws ValidationError */
export function checkStartKey({ tableKey, index, schema }: ReadKeys, start: Key): void {
  const names = new Set([...keyNames(tableKey), ...keyNames(schema)])
  for (const name of Object.keys(start)) {
    if (!names.has(name))
      throw invalid(['after', name], 'is not a key attribute here; pass the `next` of the previous page')
  }
  const own = keyNames(tableKey).filter(name => Object.hasOwn(start, name))
  checkKey(tableKey, Object.fromEntries(own.map(name => [name, start[name] as KeyValue])))
  if (!index) return
  for (const attribute of partitionAttributes(schema)) checkKeyAttribute(attribute, start[attribute.name], 'partition')
  for (const attribute of sortAttributes(schema)) checkKeyAttribute(attribute, start[attribute.name], 'sort')
  if (schema.morePartition) checkKeyLength(partitionAttributes(schema), start, 'partition')
  if (schema.moreSort) checkKeyLength(sortAttributes(schema), start, 'sort')
}

/** A start key in another partition or segment, which no page of this request can have returned. */
export class OutsideStart extends ValidationError {
  constructor(name: string) {
    const message = 'is outside of the range of this request; pass the `next` of its previous page'
    super([{ path: ['after', name], message }])
  }
}

/**
 * Whether a request for items by a key is a query. The key of a query has a condition on the partition key; that of a get
 * has values, also of an attribute `partition`.
 */
export function isQuery(request: GetRequest | QueryRequest): request is QueryRequest {
  return isPlainObject(request.key?.partition)
}
