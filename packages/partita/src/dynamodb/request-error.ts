/** Says what is wrong with a request that DynamoDB has refused, as the embedded engine does. */
import {
  invalid,
  LimitExceededError,
  type PartitaError,
  TransactionFailedError,
  ValidationError,
} from '../errors/errors.js'
import { applyUpdate, checkCondition, checkProjection, checkUpdate } from '../expression/evaluate/index.js'
import { type IndexKeySchema, keyNames, type TableDescription } from '../store/definition.js'
import { checkItemKey, checkKey, checkKeyAttribute } from '../store/limits.js'
import type { ScanRequest, UpdateRequest, WriteRequest } from '../store/store.js'
import { measureItem } from '../value/size.js'
import { equalValues, getAttribute, type Item, type Key, type Value } from '../value/value.js'
import { checkDistinct } from './transaction.js'

/** A request that names an item by its key, or holds the whole of it. */
export type Keyed = WriteRequest | { readonly kind?: undefined; readonly table: string; readonly key: Key }

/** What is asked of the server to find the fault. */
export interface Look {
  table(name: string): Promise<TableDescription>
  item(table: string, key: Key): Promise<Item | undefined>
}

/**
 * What to throw where DynamoDB finds a call faulty. Its own answers ("The provided key element does not match the schema")
 * often name no culprit, and within a transaction may not be told from others. The table, and for an update the item, are
 * looked at only then, so a call that succeeds costs nothing. The item may have changed meanwhile: where no fault is found,
 * DynamoDB's answer holds.
 * @returns ValidationError or LimitExceededError naming the attribute; else what the call threw.
 */
export async function requestErrorOr(error: unknown, look: Look, requests: readonly Keyed[]): Promise<unknown> {
  if (!isFaultFound(error)) return error
  // Without the right to describe the table, or to read the item, DynamoDB's own answer has to do.
  return faultOf(error, async () => {
    const names = [...new Set(requests.map(({ table }) => table))]
    const tables = new Map(await Promise.all(names.map(async name => [name, await look.table(name)] as const)))
    // What was refused before it was sent does not depend on what is stored. A transaction tells which update cannot be
    // done by its reasons.
    const dependsOnItem = error.cause !== undefined && !(error instanceof TransactionFailedError)
    for (const request of requests) {
      const table = tables.get(request.table) as TableDescription
      check(table, request)
      if (request.kind === 'update' && dependsOnItem) await checkOutcome(table, request, look)
    }
    // Reads of a batch may name one item twice. What a put's key is only the table knows.
    if (requests.some(({ kind }) => kind === undefined)) return
    checkDistinct(requests.map(request => ({ table: request.table, key: keyOf(tables, request) })))
  })
}

/** The same of a query or scan. */
export async function pageErrorOr(error: unknown, look: Look, request: ScanRequest): Promise<unknown> {
  if (!isFaultFound(error)) return error
  return faultOf(error, async () => {
    const { limit, filter, projection, index, consistent, table } = request
    if (limit !== undefined && !(Number.isInteger(limit) && limit > 0)) {
      throw invalid(['limit'], `is ${limit}; it must be a whole number from 1`)
    }
    if (filter) checkCondition(filter)
    if (projection) checkProjection(projection)
    if (!consistent || index === undefined) return
    const { globalIndexes = {} } = await look.table(table)
    if (!Object.hasOwn(globalIndexes, index)) return
    throw invalid(['consistent'], `index ${index} is global; consistent reads are for the table and its local indexes`)
  })
}

function isFaultFound(error: unknown): error is PartitaError {
  if (!(error instanceof TransactionFailedError))
    return error instanceof ValidationError || error instanceof LimitExceededError
  const { reasons } = error.details
  // DynamoDB Local gives no reasons at all where the key of a transactional read is at fault.
  return reasons.length === 0 || reasons.some(({ code }) => code === 'ValidationFailed' || code === 'LimitExceeded')
}

async function faultOf(refusal: PartitaError, find: () => Promise<void>): Promise<PartitaError> {
  try {
    await find()
    return refusal
  } catch (fault) {
    const isFault = fault instanceof ValidationError || fault instanceof LimitExceededError
    if (!isFault || fault.cause !== undefined) return refusal
    fault.cause = refusal.cause
    return fault
  }
}

function keyOf(tables: ReadonlyMap<string, TableDescription>, request: Keyed): Key {
  if (request.kind !== 'put') return request.key
  const { key } = tables.get(request.table) as TableDescription
  return Object.fromEntries(keyNames(key).map(name => [name, request.item[name]])) as Key
}

function check(table: TableDescription, request: Keyed): void {
  if (request.kind !== undefined && request.condition) checkCondition(request.condition)
  if (request.kind === 'put') {
    checkItemKey(table.key, request.item)
    checkIndexKeys(table, request.item)
    return
  }
  checkKey(table.key, request.key)
  if (request.kind === 'update') checkUpdate(request.update)
}

async function checkOutcome(table: TableDescription, request: UpdateRequest, look: Look): Promise<void> {
  const { key, update } = request
  const after = applyUpdate(update, (await look.item(request.table, key)) ?? key)
  for (const name of keyNames(table.key)) {
    if (!Object.hasOwn(after, name) || !equalValues(after[name] as Value, key[name] as Value)) {
      throw invalid([name], 'is part of the key and cannot be updated; delete the item and put it anew')
    }
  }
  checkIndexKeys(table, after)
  measureItem(after)
}

/** An item may leave an index's key attributes out, but those that it has must be fit to be keys. */
function checkIndexKeys({ globalIndexes = {}, localIndexes = {} }: TableDescription, item: Item): void {
  const indexes: IndexKeySchema[] = [...Object.values(globalIndexes), ...Object.values(localIndexes)]
  for (const { partition, morePartition = [], sort, moreSort = [] } of indexes) {
    for (const attribute of [partition, ...morePartition]) checkPresent(attribute, item, 'partition')
    for (const attribute of sort ? [sort, ...moreSort] : []) checkPresent(attribute, item, 'sort')
  }
}

function checkPresent(attribute: IndexKeySchema['partition'], item: Item, role: 'partition' | 'sort'): void {
  const value = getAttribute(item, attribute.name)
  if (value !== undefined) checkKeyAttribute(attribute, value, role)
}
