/**
 * A single write within a transaction of the ordered store: first a plan, which can fail, then the puts, which cannot.
 * Nothing is put before all plans of a transaction have succeeded.
 */

import { ConditionFailedError } from '../../errors/errors.js'
import {
  checkCondition,
  checkUpdate,
  MAX_WRITE_STEPS,
  PreparedCondition,
  Work,
} from '../../expression/evaluate/index.js'
import { addUnits, type Capacity } from '../../store/capacity.js'
import { pickKey } from '../../store/definition.js'
import { checkIndexKeys, isIndexed } from '../../store/index-key.js'
import { checkItemKey, checkKey } from '../../store/limits.js'
import type { WriteRequest } from '../../store/store.js'
import type { SizedItem } from '../../store/update-result.js'
import { returnedItem, updateResult } from '../../store/update-result.js'
import { measureItem, writeUnits } from '../../value/size.js'
import { snapshot } from '../../value/snapshot.js'
import { equalValues, getAttribute, type Item, setAttribute, type Value } from '../../value/value.js'
import type { Index, Table } from '../catalog.js'
import { type ChangeSource, recordChange } from '../change.js'
import type { RequestExtras } from '../engine-store.js'
import { decodeRecord, decodeSizedRecord, encodeLasting, encodeRecord, recordSize } from '../storage/codec.js'
import { indexEntry, tableEntry } from '../storage/key.js'
import type { Kv } from '../storage/kv.js'
import { expirySeconds, removeExpiryEntry, writeExpiryEntry } from '../upkeep/expiry.js'

/** A valid request, independent of stored data. */
export interface PreparedWrite {
  readonly table: Table
  readonly request: WriteRequest
  /** A copy of the item's key attributes; for a put, also those of indexes and the time-to-live attribute. */
  readonly keyAttributes: Item
  /** The encoded item of a put, and its size as DynamoDB counts it. */
  readonly record: Uint8Array | undefined
  readonly size: number
  readonly extras: RequestExtras
}

/** The effect of a write on its item. `before` and `after` are undefined if the item does not exist then. */
export interface Plan {
  readonly write: PreparedWrite
  readonly before: SizedItem | undefined
  readonly after: SizedItem | undefined
}

/** The condition was false. `item` is the old item if the request asks for it. */
export interface Refusal {
  readonly refused: true
  readonly item: Item | undefined
}

/**
 * Validates a request as far as this does not depend on stored items.
 * @throws ValidationError, LimitExceededError
 */
export function prepareWrite(table: Table, request: WriteRequest, extras: RequestExtras = {}): PreparedWrite {
  if (request.condition) checkCondition(request.condition, !extras.isLegacy)
  if (request.kind === 'put') return preparePut(table, request, request.item, extras)
  if (!isChecked(table, extras)) checkKey(table.schema, request.key)
  if (request.kind === 'update') checkUpdate(request.update, !extras.isLegacy)
  return {
    table,
    request: ownRequest(request),
    keyAttributes: keyAttributesOf(table, request.key),
    record: undefined,
    size: 0,
    extras,
  }
}

/** Copies the parts of a request that are used later, in the transaction. A put's item is already encoded then. */
function ownRequest(request: WriteRequest): WriteRequest {
  if (request.kind !== 'put') return snapshot(request)
  return request.condition ? { ...request, condition: snapshot(request.condition) } : { ...request }
}

/** Prepares a write again, for the current definition of its table. */
export function prepareAnew(table: Table, { request, record, extras }: PreparedWrite): PreparedWrite {
  return record ? preparePut(table, request, decodeRecord(record), extras) : prepareWrite(table, request, extras)
}

function preparePut(table: Table, request: WriteRequest, item: Item, extras: RequestExtras): PreparedWrite {
  const size = extras.checked?.size ?? measureItem(item)
  if (!isChecked(table, extras)) {
    checkItemKey(table.schema, item)
    checkIndexKeys(table.definition, item)
  }
  const record = encodeLasting(item, size)
  return { table, request: ownRequest(request), keyAttributes: keyAttributesOf(table, item), record, size, extras }
}

/** Whether the caller has checked the keys. They are checked again if the table has changed since. */
function isChecked({ definition }: Table, { checked }: RequestExtras): boolean {
  return checked?.definition === definition
}

function keyAttributesOf(table: Table, item: Item): Item {
  const attributes: Item = {}
  for (const name of table.keyAttributes) {
    if (!Object.hasOwn(item, name)) continue
    const value = item[name] as Value
    setAttribute(attributes, name, value instanceof Uint8Array ? new Uint8Array(value) : value)
  }
  return attributes
}

/**
 * Reads the item, tests the condition and plans the write. Call it within a transaction.
 * @param allowance limits the evaluation steps of the plan, since it blocks other writers.
 * @throws ValidationError, LimitExceededError if the result of an update cannot be stored.
 */
export function planWrite(kv: Kv, write: PreparedWrite, allowance = new Work(MAX_WRITE_STEPS)): Plan | Refusal {
  const before = readBefore(kv, write, allowance)
  const { condition } = write.request
  const isMet = !condition || new PreparedCondition(condition, allowance).test(before?.item)
  return planOf(write, before, isMet)
}

/**
 * Plans the write for an item that has been read.
 * @param isMet whether the condition of the write is true.
 * @throws ValidationError, LimitExceededError if the result of an update cannot be stored.
 */
export function planOf(write: PreparedWrite, before: SizedItem | undefined, isMet: boolean): Plan | Refusal {
  if (isMet) return { write, before, after: outcome(write, before) }
  return { refused: true, item: write.request.returnOldOnFailure ? before?.item : undefined }
}

/** Whether a condition was false. */
export function isRefusal(plan: Plan | Refusal): plan is Refusal {
  return 'refused' in plan
}

/** Creates the error of a single write whose condition was false. */
export function refused({ table, keyAttributes }: PreparedWrite, item: Item | undefined): ConditionFailedError {
  return new ConditionFailedError({
    table: table.name,
    key: pickKey(table.schema, keyAttributes),
    ...(item && { item }),
  })
}

/**
 * Applies a plan and adds the consumed capacity. `factor` is 2 within a DynamoDB transaction, which prepares and commits
 * each item; indexes are written once, afterwards.
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
  // The encoder's buffer is reused: indexes that store the whole record come before those that encode a projection.
  for (const index of table.indexes) if (!index.projected) writeIndex(kv, plan, index, record, capacity)
  for (const index of table.indexes) if (index.projected) writeIndex(kv, plan, index, undefined, capacity)
  writeExpiry(kv, plan)
  if (table.stream) recordChange(kv, table, table.stream, before, after, source)
}

/** The item that the request returns, in the form in which a later read returns it. */
export function returned({ write: { request }, before, after }: Plan): Item | undefined {
  if (!('returns' in request) || request.returns === 'none') return undefined
  const isNew = request.returns === 'new' || request.returns === 'updatedNew'
  return returnedItem(
    request,
    before?.item,
    isNew && after ? decodeRecord(encodeRecord(after.item, after.size)) : undefined,
  )
}

/** Reads the old item, or only its size if nothing else of it is needed. */
function readBefore(kv: Kv, { table, request, keyAttributes }: PreparedWrite, work: Work): SizedItem | undefined {
  const entry = tableEntry(table.id, table.schema, keyAttributes)
  const unseen =
    request.kind !== 'update' &&
    !request.condition &&
    // Not the number of key attributes: an index may have the same ones as the table.
    table.indexes.length === 0 &&
    !table.expiry &&
    table.stream === undefined &&
    (request.kind === 'check' || (request.returns ?? 'none') === 'none')
  if (!unseen) {
    return kv.get(entry, record => {
      // Processing an item takes about one step for each byte.
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
      // A keys-only index needs only the key attributes, and an index of whole items needs only the record of a new item.
      const isWanted = table.stream || table.indexes.some(index => !index.keysOnly && (before || index.projected))
      return { item: record && isWanted ? decodeRecord(record) : keyAttributes, size }
    }
    case 'update':
      return updateResult(table.definition, request.update, keyAttributes, before?.item)
    case 'delete':
      return undefined
    case 'check':
      return before
  }
}

/** Returns the projection of an item to an index. */
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

/** Returns the projection of an item to an index; undefined if the item is not in the index. */
export function indexed(index: Index, found: SizedItem | undefined): SizedItem | undefined {
  if (!found || !isIndexed(index, found.item)) return undefined
  if (!index.projected) return found
  const item = projectedItem(index, found.item)
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
