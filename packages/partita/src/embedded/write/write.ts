/**
 * Single writes inside a transaction of the ordered store: first a plan, which can fail, then its puts, which cannot.
 * Nothing is put before every plan of a transaction has succeeded.
 */
import { ConditionFailedError, invalid, ValidationError } from '../../errors/errors.js'
import type { Update } from '../../expression/ast.js'
import {
  applyUpdate,
  checkCondition,
  checkUpdate,
  MAX_WRITE_STEPS,
  PreparedCondition,
  updatedAttributes,
  Work,
} from '../../expression/evaluate/index.js'
import { addUnits, type Capacity } from '../../store/capacity.js'
import {
  type IndexKeySchema,
  type KeyAttribute,
  keyNames,
  partitionAttributes,
  sortAttributes,
} from '../../store/definition.js'
import {
  checkItemKey,
  checkKey,
  checkKeyAttribute,
  checkKeyLength,
  isFitForKey,
  isFitTogether,
} from '../../store/limits.js'
import type { WriteRequest } from '../../store/store.js'
import { measureItem, writeUnits } from '../../value/size.js'
import { snapshot } from '../../value/snapshot.js'
import { equalValues, getAttribute, type Item, setAttribute, type Value } from '../../value/value.js'
import { type Index, pickKey, type Table } from '../catalog.js'
import { type ChangeSource, recordChange } from '../change.js'
import type { RequestExtras } from '../engine-store.js'
import {
  decodeRecord,
  decodeSizedRecord,
  encodeLasting,
  encodeRecord,
  recordSize,
  type SizedItem,
} from '../storage/codec.js'
import { indexEntry, tableEntry } from '../storage/key.js'
import type { Kv } from '../storage/kv.js'
import { expirySeconds, removeExpiryEntry, writeExpiryEntry } from '../upkeep/expiry.js'

/** A request whose own faults have been ruled out. */
export interface PreparedWrite {
  readonly table: Table
  readonly request: WriteRequest
  /** The item's key, and a put's other placing attributes: a copy, which the caller can no longer change. */
  readonly keyAttributes: Item
  /** A put's item as it will be stored, and its size as DynamoDB counts it. */
  readonly record: Uint8Array | undefined
  readonly size: number
  readonly extras: RequestExtras
}

/** What a write will do to its item; `before` and `after` are undefined where there is no item. */
export interface Plan {
  readonly write: PreparedWrite
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
 * @throws ValidationError, LimitExceededError
 */
export function prepareWrite(table: Table, request: WriteRequest, extras: RequestExtras = {}): PreparedWrite {
  if (request.condition) checkCondition(request.condition, !extras.isLegacy)
  if (request.kind === 'put') return preparePut(table, request, request.item, extras)
  checkKey(table.schema, request.key)
  if (request.kind === 'update') checkUpdate(request.update, !extras.isLegacy)
  return { table, request: ownRequest(request), keyAttributes: keyAttributesOf(table, request.key), record: undefined, size: 0, extras }
}

/** What is looked at once the write is in its transaction: a put's item is encoded by then. */
function ownRequest(request: WriteRequest): WriteRequest {
  if (request.kind !== 'put') return snapshot(request)
  return request.condition ? { ...request, condition: snapshot(request.condition) } : { ...request }
}

/** The same write for its table as it is now. */
export function prepareAnew(table: Table, { request, record, extras }: PreparedWrite): PreparedWrite {
  return record ? preparePut(table, request, decodeRecord(record), extras) : prepareWrite(table, request, extras)
}

function preparePut(table: Table, request: WriteRequest, item: Item, extras: RequestExtras): PreparedWrite {
  const size = measureItem(item)
  checkItemKey(table.schema, item)
  checkIndexKeys(table, item)
  const record = encodeLasting(item, size)
  return { table, request: ownRequest(request), keyAttributes: keyAttributesOf(table, item), record, size, extras }
}

function keyAttributesOf(table: Table, item: Item): Item {
  const place: Item = {}
  for (const name of table.keyAttributes) {
    if (!Object.hasOwn(item, name)) continue
    const value = item[name] as Value
    setAttribute(place, name, value instanceof Uint8Array ? new Uint8Array(value) : value)
  }
  return place
}

/**
 * @param allowance what the plan may take, where others wait for it.
 * @throws ValidationError, LimitExceededError when an update's outcome cannot be kept.
 */
export function planWrite(kv: Kv, write: PreparedWrite, allowance = new Work(MAX_WRITE_STEPS)): Plan | Refusal {
  const before = readBefore(kv, write, allowance)
  const { condition } = write.request
  const isMet = !condition || new PreparedCondition(condition, allowance).test(before?.item)
  return planOf(write, before, isMet)
}

/**
 * The plan for the item that is there. @param isMet whether the condition of the write is true of it.
 * @throws ValidationError, LimitExceededError when an update's outcome cannot be kept.
 */
export function planOf(write: PreparedWrite, before: SizedItem | undefined, isMet: boolean): Plan | Refusal {
  if (isMet) return { write, before, after: outcome(write, before) }
  return { refused: true, item: write.request.returnOldOnFailure ? before?.item : undefined }
}

export function isRefusal(plan: Plan | Refusal): plan is Refusal {
  return 'refused' in plan
}

/** The error of a single write whose condition failed. */
export function refused({ table, keyAttributes }: PreparedWrite, item: Item | undefined): ConditionFailedError {
  return new ConditionFailedError({ table: table.name, key: pickKey(table.schema, keyAttributes), ...(item && { item }) })
}

/**
 * Puts what the plan says and counts what it costs. `factor` is 2 within a DynamoDB transaction: the item is prepared and
 * committed. Its indexes are written once, after that.
 */
export function applyPlan(kv: Kv, plan: Plan, capacity: Capacity, factor: 1 | 2, source: ChangeSource): void {
  const { before, after } = plan
  const { table, request, keyAttributes } = plan.write
  const bytes = Math.max(before?.size ?? 0, after?.size ?? 0)
  addUnits(capacity, table.name, undefined, 0, writeUnits(bytes) * factor)
  if (request.kind === 'check' || before === after) return
  const entry = tableEntry(table.id, table.schema, keyAttributes)
  const record = plan.write.record ?? (after && encodeRecord(after.item, after.size))
  if (record) kv.put(entry, record)
  else kv.remove(entry)
  // Indexes of whole items share the record's bytes, so they come before those that encode a part of it anew.
  for (const index of table.indexes) if (!index.projected) writeIndex(kv, plan, index, record, capacity)
  for (const index of table.indexes) if (index.projected) writeIndex(kv, plan, index, undefined, capacity)
  writeExpiry(kv, plan)
  if (table.stream) recordChange(kv, table, table.stream, before, after, source)
}

/** What the request wants back, as a later read would give it. */
export function returned({ write: { request }, before, after }: Plan): Item | undefined {
  const returns = 'returns' in request ? request.returns : undefined
  if (returns === undefined || returns === 'none') return undefined
  if (returns === 'old') return before?.item
  const item = after && decodeRecord(encodeRecord(after.item, after.size))
  if (returns === 'new' || request.kind !== 'update') return item
  const source = returns === 'updatedOld' ? before?.item : item
  return source && updatedAttributes(request.update, source)
}

/** Where nobody looks at the old item, its size is enough. */
function readBefore(kv: Kv, { table, request, keyAttributes }: PreparedWrite, work: Work): SizedItem | undefined {
  const entry = tableEntry(table.id, table.schema, keyAttributes)
  const unseen =
    request.kind !== 'update' &&
    !request.condition &&
    // Not by the count of placing attributes: an index may have those of the table's own key.
    table.indexes.length === 0 &&
    !table.expiry &&
    table.stream === undefined &&
    (request.kind === 'check' || (request.returns ?? 'none') === 'none')
  if (!unseen) {
    return kv.get(entry, record => {
      // All that is done with an item takes about as long as a step for each of its bytes.
      work.steps += recordSize(record)
      work.check()
      return decodeSizedRecord(record)
    })
  }
  const size = kv.get(entry, recordSize)
  return size === undefined ? undefined : { item: keyAttributes, size }
}

function outcome(write: PreparedWrite, before: SizedItem | undefined): SizedItem | undefined {
  const { table, request, keyAttributes, record, size } = write
  switch (request.kind) {
    case 'put': {
      // Indexes of keys need no more than the place, and those of whole items what is new to them no more than the record.
      const isWanted = table.stream || table.indexes.some(index => !index.keysOnly && (before || index.projected))
      return { item: record && isWanted ? decodeRecord(record) : keyAttributes, size }
    }
    case 'update': {
      if (!before && onlyRemoves(request.update)) return undefined
      const item = applyUpdate(request.update, before?.item ?? keyAttributes)
      for (const name of keyNames(table.schema)) {
        if (!Object.hasOwn(item, name) || !equalValues(item[name]!, keyAttributes[name]!)) {
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
 * Whether an update has REMOVE and DELETE actions and no others: DynamoDB does not create an absent item for them, wherever
 * their paths lead. An update without any action creates it.
 */
function onlyRemoves({ set, add, remove, delete: removed }: Update): boolean {
  return set.length === 0 && add.length === 0 && remove.length + removed.length > 0
}

/** A value that an index cannot have as a key, though the item might. */
export class UnfitIndexKey extends ValidationError {
  readonly index: string
  readonly attribute: KeyAttribute
  readonly value: Value

  constructor(index: string, attribute: KeyAttribute, value: Value, fault: ValidationError) {
    super(fault.details.issues)
    this.index = index
    this.attribute = attribute
    this.value = value
  }
}

/**
 * An item may leave an index's key attributes out, but those that it has must be fit to be keys.
 * @throws UnfitIndexKey; LimitExceededError for one that is too long.
 */
function checkIndexKeys(table: Table, item: Item): void {
  for (const { name, schema } of table.indexes) {
    checkIndexKey(name, schema.partition, item, 'partition')
    if (schema.sort) checkIndexKey(name, schema.sort, item, 'sort')
    if (schema.morePartition || schema.moreSort) checkMoreKeys(name, schema, item)
  }
}

function checkMoreKeys(index: string, schema: IndexKeySchema, item: Item): void {
  for (const attribute of schema.morePartition ?? []) checkIndexKey(index, attribute, item, 'partition')
  for (const attribute of schema.moreSort ?? []) checkIndexKey(index, attribute, item, 'sort')
  checkKeyLength(partitionAttributes(schema), item, 'partition')
  checkKeyLength(sortAttributes(schema), item, 'sort')
}

/** @throws UnfitIndexKey; LimitExceededError for one that is too long. */
export function checkIndexKey(index: string, attribute: KeyAttribute, item: Item, role: 'partition' | 'sort'): void {
  const value = getAttribute(item, attribute.name)
  if (value === undefined || isFitForKey(attribute, value, role)) return
  try {
    checkKeyAttribute(attribute, value, role)
  } catch (error) {
    throw error instanceof ValidationError ? new UnfitIndexKey(index, attribute, value, error) : error
  }
}

/**
 * Whether the item is in the index: it has all of the index's key attributes. Those of an item that is older than the
 * index may be unfit to be keys, which leaves it out, as in DynamoDB.
 */
export function isIndexed({ schema }: Index, item: Item): boolean {
  const { partition, sort } = schema
  if (!isFitForKey(partition, getAttribute(item, partition.name), 'partition')) return false
  if (sort && !isFitForKey(sort, getAttribute(item, sort.name), 'sort')) return false
  return (!schema.morePartition && !schema.moreSort) || hasAll(schema, item)
}

/** Whether the item has every attribute of a key that has several of a kind. */
function hasAll(schema: IndexKeySchema, item: Item): boolean {
  return (
    isFitTogether(partitionAttributes(schema), item, 'partition') && isFitTogether(sortAttributes(schema), item, 'sort')
  )
}

/** The part of an item that an index holds. */
export function projectedItem(index: Index, item: Item): Item {
  if (!index.projected) return item
  const projected: Item = {}
  for (const name of index.projected) {
    const value = getAttribute(item, name)
    if (value !== undefined) setAttribute(projected, name, value)
  }
  return projected
}

function writeIndex(kv: Kv, plan: Plan, index: Index, record: Uint8Array | undefined, capacity: Capacity): void {
  const { before, after } = plan
  const { table } = plan.write
  if (before && after && isSameInIndex(index, before.item, after.item)) return
  const old = indexed(index, before)
  const fresh = indexed(index, after)
  const oldEntry = old && indexEntry(table.id, index.id, index.schema, table.schema, old.item)
  const freshEntry = fresh && indexEntry(table.id, index.id, index.schema, table.schema, fresh.item)
  const count = (bytes: number) => addUnits(capacity, table.name, index.name, 0, writeUnits(bytes))
  if (old && oldEntry && !(freshEntry && Buffer.compare(oldEntry, freshEntry) === 0)) {
    kv.remove(oldEntry)
    count(old.size)
  }
  if (fresh && freshEntry) {
    kv.put(freshEntry, record ?? encodeRecord(fresh.item, fresh.size))
    count(fresh.size)
  }
}

function isSameInIndex({ projected }: Index, before: Item, after: Item): boolean {
  if (!projected) return equalValues(before, after)
  for (const name of projected) {
    const old = getAttribute(before, name)
    const fresh = getAttribute(after, name)
    if (old !== fresh && (old === undefined || fresh === undefined || !equalValues(old, fresh))) return false
  }
  return true
}

/** What the index holds of an item; undefined where the item is not in it. */
export function indexed(index: Index, it: SizedItem | undefined): SizedItem | undefined {
  if (!it || !isIndexed(index, it.item)) return undefined
  if (!index.projected) return it
  const item = projectedItem(index, it.item)
  return { item, size: measureItem(item) }
}

function writeExpiry(kv: Kv, { write: { table }, before, after }: Plan): void {
  if (!table.expiry) return
  const old = before && expirySeconds(table, before.item)
  const fresh = after && expirySeconds(table, after.item)
  if (old === fresh) return
  if (before) removeExpiryEntry(kv, table, before.item)
  if (after) writeExpiryEntry(kv, table, after.item)
}
