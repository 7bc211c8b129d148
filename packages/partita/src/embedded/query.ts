/** Pages of items: queries and scans of a table or one of its indexes. */
import { invalid, NotFound, PartitaError, valueText } from '../errors.js'
import type { Condition, KeyCondition, SortCondition } from '../expression/ast.js'
import { checkCondition, checkProjection, matches, project } from '../expression/evaluate.js'
import { addUnits, noCapacity } from '../store/capacity.js'
import type { KeyAttribute, KeySchema } from '../store/definition.js'
import { checkKey, checkKeyAttribute, PAGE_BYTES } from '../store/limits.js'
import type { Page, QueryRequest, ScanRequest } from '../store/store.js'
import { readUnits } from '../value/size.js'
import { equalValues, type Item, type Key, type Value } from '../value/value.js'
import { type Index, keyNames, type Table } from './catalog.js'
import { decodeRecord, recordSize } from './codec.js'
import {
  afterKey,
  indexEntry,
  indexRange,
  keyBytes,
  partitionPrefix,
  segmentRange,
  sortBytes,
  sortPrefix,
  successor,
  tableEntry,
} from './key.js'
import type { Kv, Range } from './kv.js'

/** What is read: a table, or one of its indexes. */
interface Source {
  readonly table: Table
  readonly index: Index | undefined
  readonly schema: KeySchema
}

/** @throws ValidationFailed, NotFound */
export function query(kv: Kv, table: Table, request: QueryRequest): Page {
  const source = findSource(table, request)
  checkKeyCondition(source.schema, request.key)
  if (request.filter) checkFilter(source.schema, request.filter)
  let range = keyRange(source, request.key)
  if (request.after) {
    checkStartKey(source, request.after)
    const { name, value } = request.key.partition
    if (!equalValues(request.after[name] as Value, value)) throw outside(name)
    range = resume(range, startEntry(source, request.after), request.order === 'desc')
  }
  return readPage(kv, source, { ...range, descending: request.order === 'desc' }, request)
}

/** @throws ValidationFailed, NotFound */
export function scan(kv: Kv, table: Table, request: ScanRequest): Page {
  const source = findSource(table, request)
  const { segment } = request
  if (segment) checkSegment(segment)
  const index = source.index?.id ?? 0
  let range = segment ? segmentRange(table.id, index, segment) : indexRange(table.id, index)
  if (request.after) {
    checkStartKey(source, request.after)
    const start = startEntry(source, request.after)
    if (Buffer.compare(start, range.low) < 0 || Buffer.compare(start, range.high) >= 0) throw outside('after')
    range = resume(range, start, false)
  }
  return readPage(kv, source, range, request)
}

function findSource(table: Table, request: ScanRequest): Source {
  if (request.limit !== undefined && !(Number.isInteger(request.limit) && request.limit > 0)) {
    throw invalid(['limit'], `is ${request.limit}; it must be a whole number from 1`)
  }
  if (request.filter) checkCondition(request.filter)
  if (request.projection) checkProjection(request.projection)
  if (request.index === undefined) return { table, index: undefined, schema: table.schema }
  const index = table.indexes.find(({ name }) => name === request.index)
  if (!index) {
    const known = table.indexes.map(({ name }) => name).join(', ') || 'none'
    const message = `Table ${table.name} has no index ${valueText(request.index)}; it has ${known}`
    throw new NotFound(message, { table: table.name, index: request.index })
  }
  if (index.building) {
    const message = `Index ${index.name} of table ${table.name} is still being filled; run updateTable with it again to go on`
    throw new PartitaError('Unavailable', message, { operation: 'query' })
  }
  if (request.consistent && !index.local) {
    throw invalid(
      ['consistent'],
      `index ${index.name} is global; consistent reads are for the table and its local indexes`,
    )
  }
  checkProjected(index, request)
  return { table, index, schema: index.schema }
}

/** A local index fetches what it does not hold from the table; a global one cannot. */
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

function checkKeyCondition(schema: KeySchema, { partition, sort }: KeyCondition): void {
  if (partition.name !== schema.partition.name) {
    throw invalid(['key', partition.name], `the partition key here is ${schema.partition.name}`)
  }
  checkKeyAttribute(schema.partition, partition.value, 'partition')
  if (!sort) return
  if (sort.name !== schema.sort?.name) {
    throw invalid(
      ['key', sort.name],
      schema.sort ? `the sort key here is ${schema.sort.name}` : 'there is no sort key here',
    )
  }
  if (sort.kind === 'beginsWith' && schema.sort.type === 'N') {
    throw invalid(['key', sort.name], 'is a number; beginsWith is for strings and binary')
  }
  for (const value of sortValues(sort)) checkKeyAttribute(schema.sort, value, 'sort')
}

function sortValues(sort: SortCondition): Value[] {
  if (sort.kind === 'between') return [sort.low, sort.high]
  return [sort.kind === 'compare' ? sort.value : sort.prefix]
}

/** DynamoDB filters after reading, and refuses to filter by what the key condition should say. */
function checkFilter(schema: KeySchema, filter: Condition): void {
  const names = new Set(keyNames(schema))
  const found = attributesOf(filter).find(name => names.has(name))
  if (found !== undefined) throw invalid(['filter', found], 'is a key attribute here; use the key condition for it')
}

function attributesOf(node: unknown): string[] {
  if (Array.isArray(node)) return node.flatMap(attributesOf)
  if (typeof node !== 'object' || node === null) return []
  if ('path' in node) return [(node.path as readonly [string])[0]]
  if ('kind' in node && node.kind === 'value') return []
  return Object.values(node).flatMap(attributesOf)
}

function keyRange({ table, index, schema }: Source, { partition, sort }: KeyCondition): Range {
  const prefix = partitionPrefix(table.id, index?.id ?? 0, schema.partition, partition.value)
  if (!sort) return { low: prefix, high: successor(prefix) }
  const attribute = schema.sort as KeyAttribute
  const inIndex = index !== undefined
  const key = (value: Value) => Buffer.concat([prefix, sortBytes(inIndex, keyBytes(attribute, value))])
  /** The first entry behind all those with this sort key. */
  const behind = (value: Value) => (inIndex ? successor(key(value)) : afterKey(key(value)))
  const all = { low: prefix, high: successor(prefix) }
  switch (sort.kind) {
    case 'beginsWith': {
      // From the prefix as a key of its own: what fills up a shorter key could pass for the prefix's last bytes.
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

function resume(range: Range, start: Uint8Array, descending: boolean): Range {
  if (descending) return Buffer.compare(start, range.high) < 0 ? { ...range, high: start } : range
  const next = afterKey(start)
  return Buffer.compare(next, range.low) > 0 ? { ...range, low: next } : range
}

/** @throws ValidationFailed unless it has exactly the key attributes of the table, and those of the index read. */
function checkStartKey({ table, index, schema }: Source, start: Key): void {
  const names = new Set([...keyNames(table.schema), ...keyNames(schema)])
  const own: Key = {}
  for (const [name, value] of Object.entries(start)) {
    if (!names.has(name)) throw invalid(['after', name], 'is no key attribute here; pass the `next` of the page before')
    if (keyNames(table.schema).includes(name)) own[name] = value
  }
  checkKey(table.schema, own)
  if (!index) return
  checkKeyAttribute(schema.partition, start[schema.partition.name], 'partition')
  if (schema.sort) checkKeyAttribute(schema.sort, start[schema.sort.name], 'sort')
}

function startEntry({ table, index, schema }: Source, start: Key): Uint8Array {
  return index
    ? indexEntry(table.id, index.id, schema, table.schema, start)
    : Buffer.from(tableEntry(table.id, table.schema, start))
}

function outside(name: string) {
  return invalid(['after', name], 'is outside what this request reads; pass the `next` of its own page before')
}

function readPage(kv: Kv, source: Source, range: Range, request: ScanRequest): Page {
  const { table, index } = source
  const { filter, projection, limit, countOnly } = request
  const fetched = index?.local && index.projected && projection?.some(([name]) => !index.projected?.has(name))
  const capacity = noCapacity()
  const items: Item[] = []
  let count = 0
  let scanned = 0
  let bytes = 0
  let last: Item | undefined
  if (Buffer.compare(range.low, range.high) < 0) {
    kv.each(range, record => {
      const size = recordSize(record)
      bytes += size
      scanned++
      const full = scanned === limit || bytes >= PAGE_BYTES
      if (filter || !countOnly || full) {
        const item = decodeRecord(record)
        if (full) last = item
        if (filter && !matches(filter, item)) return !full
        if (!countOnly) items.push(projection && !fetched ? project(projection, item) : item)
      }
      count++
      return !full
    })
  }
  addUnits(capacity, table.name, index?.name, readUnits(bytes, request.consistent === true), 0)
  const found = fetched ? items.map(item => fetch(kv, source, item, request, capacity)) : items
  return { items: found, count, scanned, ...(last && { next: startKey(source, last) }), capacity }
}

/** The whole item behind an entry of a local index, for attributes that the index does not hold. */
function fetch(kv: Kv, { table }: Source, entry: Item, request: ScanRequest, capacity: Page['capacity']): Item {
  let bytes = 0
  const item = kv.get(tableEntry(table.id, table.schema, entry), record => {
    bytes = recordSize(record)
    return decodeRecord(record)
  })
  addUnits(capacity, table.name, undefined, readUnits(bytes, request.consistent === true), 0)
  return project(request.projection!, item ?? entry)
}

function startKey({ table, schema }: Source, item: Item): Key {
  const key: Key = {}
  for (const name of [...keyNames(table.schema), ...keyNames(schema)]) key[name] = item[name] as Key[string]
  return key
}
