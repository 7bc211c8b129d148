/**
 * Single writes inside a transaction of the ordered store: first a plan, which can fail, then its puts, which cannot.
 * Nothing is put before every plan of a transaction has succeeded.
 */
import { invalid } from '../errors.js'
import { applyUpdate, checkCondition, checkUpdate, matches, updatedAttributes } from '../expression/evaluate.js'
import { addUnits, type Capacity } from '../store/capacity.js'
import { checkItemKey, checkKey, checkKeyAttribute, isFitForKey } from '../store/limits.js'
import type { PutRequest, WriteRequest } from '../store/store.js'
import { measureItem, writeUnits } from '../value/size.js'
import { equalValues, getAttribute, type Item, type Key } from '../value/value.js'
import { type Index, keyNames, pickKey, type Table } from './catalog.js'
import { decodeRecord, decodeSizedRecord, encodeRecord, recordSize, type SizedItem } from './codec.js'
import { expirySeconds, removeExpiryEntry, writeExpiryEntry } from './expiry.js'
import { indexEntry, tableEntry } from './key.js'
import type { Kv } from './kv.js'

/** A request whose own faults have been ruled out. */
export interface PreparedWrite {
  readonly table: Table
  readonly request: WriteRequest
  /** Bytes of a put's item; 0 for other requests. */
  readonly size: number
}

/** The key attributes of the item that a write is about, and nothing else. */
export function keyOf({ table, request }: Pick<PreparedWrite, 'table' | 'request'>): Key {
  return pickKey(table.schema, sourceOf(request))
}

/** Where a write has its key attributes. */
export function sourceOf(request: Pick<PutRequest, 'kind' | 'item'> | { kind: string; key: Key }): Item {
  return 'item' in request ? request.item : request.key
}

/** What a write will do to its item; `before` and `after` are undefined where there is no item. */
export interface Plan {
  readonly table: Table
  readonly request: WriteRequest
  readonly key: Item
  readonly before: SizedItem | undefined
  readonly after: SizedItem | undefined
}

/** The condition was false; the item is given where the request asks for it. */
export interface Refusal {
  readonly refused: true
  readonly item: Item | undefined
}

/**
 * Rules out all that can be wrong with a request whatever is stored.
 * @throws ValidationFailed, LimitExceeded
 */
export function prepareWrite(table: Table, request: WriteRequest): PreparedWrite {
  if (request.condition) checkCondition(request.condition)
  if (request.kind !== 'put') {
    checkKey(table.schema, request.key)
    if (request.kind === 'update') checkUpdate(request.update)
    return { table, request, size: 0 }
  }
  const size = measureItem(request.item)
  checkItemKey(table.schema, request.item)
  checkIndexKeys(table, request.item)
  return { table, request, size }
}

/** @throws ValidationFailed, LimitExceeded when an update's outcome cannot be kept. */
export function planWrite(kv: Kv, { table, request, size }: PreparedWrite): Plan | Refusal {
  const key = sourceOf(request)
  const before = readBefore(kv, table, request, key)
  if (request.condition && !matches(request.condition, before?.item)) {
    return { refused: true, item: request.returnOldOnFailure ? before?.item : undefined }
  }
  return { table, request, key, before, after: outcome(table, request, before, size) }
}

export function isRefusal(plan: Plan | Refusal): plan is Refusal {
  return 'refused' in plan
}

/** Puts what the plan says and counts what it costs; `factor` is 2 within a DynamoDB transaction. */
export function applyPlan(kv: Kv, plan: Plan, capacity: Capacity, factor: 1 | 2): void {
  const { table, request, before, after } = plan
  const bytes = Math.max(before?.size ?? 0, after?.size ?? 0)
  addUnits(capacity, table.name, undefined, 0, writeUnits(bytes) * factor)
  if (request.kind === 'check' || before === after) return
  const entry = tableEntry(table.id, table.schema, plan.key)
  const record = after && encodeRecord(after.item, after.size)
  if (record) kv.put(entry, record)
  else kv.remove(entry)
  // Indexes of whole items share the record's bytes, so they come before those that encode a part of it.
  for (const index of table.indexes) if (!index.projected) writeIndex(kv, plan, index, record, capacity, factor)
  for (const index of table.indexes) if (index.projected) writeIndex(kv, plan, index, undefined, capacity, factor)
  writeExpiry(kv, plan)
}

/** What the request wants back, as a later read would give it. */
export function returned({ request, before, after }: Plan): Item | undefined {
  const returns = 'returns' in request ? request.returns : undefined
  if (returns === undefined || returns === 'none') return undefined
  if (returns === 'old') return before?.item
  const item = after && decodeRecord(encodeRecord(after.item, after.size))
  if (returns === 'new' || request.kind !== 'update') return item
  const source = returns === 'updatedOld' ? before?.item : item
  return source && updatedAttributes(request.update, source)
}

/** Where nobody looks at the old item, its size is enough. */
function readBefore(kv: Kv, table: Table, request: WriteRequest, key: Item): SizedItem | undefined {
  const entry = tableEntry(table.id, table.schema, key)
  const unseen =
    request.kind !== 'update' &&
    !request.condition &&
    table.indexes.length === 0 &&
    table.timeToLive === undefined &&
    (request.kind === 'check' || (request.returns ?? 'none') === 'none')
  if (!unseen) return kv.get(entry, decodeSizedRecord)
  const size = kv.get(entry, recordSize)
  return size === undefined ? undefined : { item: key, size }
}

function outcome(
  table: Table,
  request: WriteRequest,
  before: SizedItem | undefined,
  size: number,
): SizedItem | undefined {
  switch (request.kind) {
    case 'put':
      return { item: request.item, size }
    case 'update': {
      const item = applyUpdate(request.update, before?.item ?? request.key)
      for (const name of keyNames(table.schema)) {
        if (!Object.hasOwn(item, name) || !equalValues(item[name]!, request.key[name]!)) {
          throw invalid([name], 'is part of the key and cannot be updated; delete the item and put it anew')
        }
      }
      checkIndexKeys(table, item)
      return { item, size: measureItem(item) }
    }
    case 'delete':
      return undefined
    case 'check':
      return before
  }
}

/**
 * An item may leave an index's key attributes out, but those that it has must be fit to be keys.
 * @throws ValidationFailed, LimitExceeded
 */
function checkIndexKeys(table: Table, item: Item): void {
  for (const { schema } of table.indexes) {
    const partition = getAttribute(item, schema.partition.name)
    if (partition !== undefined) checkKeyAttribute(schema.partition, partition, 'partition')
    if (!schema.sort) continue
    const sort = getAttribute(item, schema.sort.name)
    if (sort !== undefined) checkKeyAttribute(schema.sort, sort, 'sort')
  }
}

/**
 * Whether the item is in the index: it has all of the index's key attributes. Those of an item that is older than the
 * index may be unfit to be keys, which leaves it out, as in DynamoDB.
 */
export function isIndexed(index: Index, item: Item): boolean {
  const { partition, sort } = index.schema
  if (!isFitForKey(partition, getAttribute(item, partition.name), 'partition')) return false
  return !sort || isFitForKey(sort, getAttribute(item, sort.name), 'sort')
}

/** The part of an item that an index holds. */
export function projectedItem(index: Index, item: Item): Item {
  if (!index.projected) return item
  return Object.fromEntries(Object.entries(item).filter(([name]) => index.projected?.has(name)))
}

function writeIndex(
  kv: Kv,
  plan: Plan,
  index: Index,
  record: Uint8Array | undefined,
  capacity: Capacity,
  factor: 1 | 2,
): void {
  const { table } = plan
  const old = indexed(index, plan.before)
  const fresh = indexed(index, plan.after)
  if (old && fresh && equalValues(old.item, fresh.item)) return
  const oldEntry = old && indexEntry(table.id, index.id, index.schema, table.schema, old.item)
  const freshEntry = fresh && indexEntry(table.id, index.id, index.schema, table.schema, fresh.item)
  const count = (bytes: number) => addUnits(capacity, table.name, index.name, 0, writeUnits(bytes) * factor)
  if (old && oldEntry && !(freshEntry && Buffer.compare(oldEntry, freshEntry) === 0)) {
    kv.remove(oldEntry)
    count(old.size)
  }
  if (fresh && freshEntry) {
    kv.put(freshEntry, record ?? encodeRecord(fresh.item, fresh.size))
    count(fresh.size)
  }
}

/** What the index holds of an item; undefined where the item is not in it. */
function indexed(index: Index, it: SizedItem | undefined): SizedItem | undefined {
  if (!it || !isIndexed(index, it.item)) return undefined
  if (!index.projected) return it
  const item = projectedItem(index, it.item)
  return { item, size: measureItem(item) }
}

function writeExpiry(kv: Kv, { table, before, after }: Plan): void {
  if (table.timeToLive === undefined) return
  const old = before && expirySeconds(table, before.item)
  const fresh = after && expirySeconds(table, after.item)
  if (old === fresh) return
  if (before) removeExpiryEntry(kv, table, before.item)
  if (after) writeExpiryEntry(kv, table, after.item)
}
