/** Validates queries and scans, and translates them to ranges of keys. */
import { IndexNotFoundError, invalid, UnavailableError, ValidationError } from '../../errors/errors.js'
import type { Condition, KeyCondition, SortCondition } from '../../expression/ast.js'
import { checkCondition, checkProjection } from '../../expression/evaluate/index.js'
import { pathsOf } from '../../expression/path/walk.js'
import {
  type IndexKeySchema,
  type KeyAttribute,
  keyNames,
  partitionAttributes,
  sortAttributes,
} from '../../store/definition.js'
import { checkKey, checkKeyAttribute, checkKeyLength } from '../../store/limits.js'
import type { QueryRequest, ScanRequest } from '../../store/store.js'
import { equalValues, type Item, type Key, type KeyValue, setAttribute, type Value } from '../../value/value.js'
import type { Index, Table } from '../catalog.js'
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
  checkKeyCondition(source.schema, request.key)
  if (request.filter) checkFilter(source.schema, request.filter)
  let range = keyRange(source, request.key)
  if (request.after) {
    checkStartKey(source, request.after)
    for (const { name, value } of partitionConditions(request.key)) {
      if (!equalValues(request.after[name] as Value, value)) throw new OutsideStart(name)
    }
    range = resume(range, startEntry(source, request.after), request.order === 'desc')
  }
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
    checkStartKey(source, request.after)
    const start = startEntry(source, request.after)
    if (Buffer.compare(start, range.low) < 0 || Buffer.compare(start, range.high) >= 0) throw new OutsideStart('after')
    range = resume(range, start, false)
  }
  return new PageReader(kv, source, range, request)
}

function findSource(table: Table, request: ScanRequest, { isLegacy }: RequestExtras): ReadSource {
  if (request.limit !== undefined && !(Number.isInteger(request.limit) && request.limit > 0)) {
    throw invalid(['limit'], `is ${request.limit}; it must be a whole number from 1`)
  }
  if (request.filter) checkCondition(request.filter, !isLegacy)
  if (request.projection) checkProjection(request.projection)
  if (request.index === undefined) return { table, index: undefined, schema: table.schema }
  const index = table.indexes.find(({ name }) => name === request.index)
  if (!index) {
    throw new IndexNotFoundError(table.name, request.index)
  }
  if (index.building) {
    const message = `Index ${index.name} of table ${table.name} is still being filled; wait for it with updateTable and an empty change`
    throw new UnavailableError(message, { operation: 'query' })
  }
  if (request.consistent && !index.local) {
    throw invalid(
      ['consistent'],
      `index ${index.name} is global; consistent reads are supported only on the table and its local indexes`,
    )
  }
  checkProjected(index, request)
  return { table, index, schema: index.schema }
}

/** Checks a projection. A local index fetches missing attributes from the table; a global index cannot. */
function checkProjected(index: Index, { projection }: ScanRequest): void {
  if (index.local || !index.projected || !projection) return
  const absent = projection.map(([name]) => name).filter(name => !index.projected?.has(name))
  if (absent.length > 0) throw invalid(['projection'], `global index ${index.name} does not hold ${absent.join(', ')}`)
}

function checkSegment({ index, total }: { readonly index: number; readonly total: number }): void {
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

function itemOf(conditions: readonly KeyCondition['partition'][]): Item {
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

function partitionConditions({ partition, morePartition = [] }: KeyCondition): readonly KeyCondition['partition'][] {
  return [partition, ...morePartition]
}

function sortConditions({ sort, moreSort = [] }: KeyCondition): readonly SortCondition[] {
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

/** Checks that a start key has exactly the key attributes of the table and the index. @throws ValidationError */
function checkStartKey({ table, index, schema }: ReadSource, start: Key): void {
  const names = new Set([...keyNames(table.schema), ...keyNames(schema)])
  for (const name of Object.keys(start)) {
    if (!names.has(name))
      throw invalid(['after', name], 'is not a key attribute here; pass the `next` of the previous page')
  }
  const own = keyNames(table.schema).filter(name => Object.hasOwn(start, name))
  checkKey(table.schema, Object.fromEntries(own.map(name => [name, start[name] as KeyValue])))
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
