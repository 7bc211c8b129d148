/** Explains a request that DynamoDB has rejected with the same errors as the embedded engine. */
import {
  invalid,
  LimitExceededError,
  type PartitaError,
  TransactionFailedError,
  ValidationError,
} from '../errors/errors.js'
import { applyUpdate, checkCondition, checkProjection, checkUpdate } from '../expression/evaluate/index.js'
import { type IndexKeySchema, keyNames, pickKey, type TableDescription } from '../store/definition.js'
import { checkItemKey, checkKey, checkKeyAttribute } from '../store/limits.js'
import type { ScanRequest, UpdateRequest, WriteRequest } from '../store/store.js'
import { measureItem } from '../value/size.js'
import { equalValues, getAttribute, type Item, type Key, type Value } from '../value/value.js'
import { checkDistinct } from './transaction.js'

/** A request with the key of an item, or with a whole item. */
export type Keyed = WriteRequest | { readonly kind?: undefined; readonly table: string; readonly key: Key }

/** Reads from the server to find the cause. */
export interface Look {
  table(name: string): Promise<TableDescription>
  item(table: string, key: Key): Promise<Item | undefined>
}

/**
 * Returns the error to throw for a call that DynamoDB has rejected as invalid. Its own messages ("The provided key element
 * does not match the schema") often do not name the attribute, and in a transaction not the operation. The table, and for
 * an update the item, are read only then, so successful calls cost nothing. The item may have changed meanwhile: if no
 * cause is found, DynamoDB's error is returned.
 * @returns a ValidationError or LimitExceededError that names the attribute; else the original error.
 */
export async function requestErrorOr(error: unknown, look: Look, requests: readonly Keyed[]): Promise<unknown> {
  if (!isInvalidRequest(error)) return error
  // Without permission to describe the table or to read the item, DynamoDB's own error is returned.
  return explain(error, async () => {
    const names = [...new Set(requests.map(({ table }) => table))]
    const tables = new Map(await Promise.all(names.map(async name => [name, await look.table(name)] as const)))
    // Errors from before the request was sent do not depend on stored items. The reasons of a transaction show which
    // update cannot be applied.
    const dependsOnItem = error.cause !== undefined && !(error instanceof TransactionFailedError)
    for (const request of requests) {
      const table = tables.get(request.table) as TableDescription
      check(table, request)
      if (request.kind === 'update' && dependsOnItem) await checkOutcome(table, request, look)
    }
    // A batch may read one item twice. The key of a put depends on the table.
    if (requests.some(({ kind }) => kind === undefined)) return
    checkDistinct(requests.map(request => ({ table: request.table, key: keyOf(tables, request) })))
  })
}

/** Returns the error to throw for a query or scan that DynamoDB has rejected as invalid. */
export async function pageErrorOr(error: unknown, look: Look, request: ScanRequest): Promise<unknown> {
  if (!isInvalidRequest(error)) return error
  return explain(error, async () => {
    const { limit, filter, projection, index, consistent, table } = request
    if (limit !== undefined && !(Number.isInteger(limit) && limit > 0)) {
      throw invalid(['limit'], `is ${limit}; it must be a whole number from 1`)
    }
    if (filter) checkCondition(filter)
    if (projection) checkProjection(projection)
    if (!consistent || index === undefined) return
    const { globalIndexes = {} } = await look.table(table)
    if (!Object.hasOwn(globalIndexes, index)) return
    throw invalid(
      ['consistent'],
      `index ${index} is global; consistent reads are supported only on the table and its local indexes`,
    )
  })
}

function isInvalidRequest(error: unknown): error is PartitaError {
  if (!(error instanceof TransactionFailedError))
    return error instanceof ValidationError || error instanceof LimitExceededError
  const { reasons } = error.details
  // DynamoDB Local returns no reasons for an invalid key in a transactional read.
  return reasons.length === 0 || reasons.some(({ code }) => code === 'ValidationFailed' || code === 'LimitExceeded')
}

async function explain(rejection: PartitaError, find: () => Promise<void>): Promise<PartitaError> {
  try {
    await find()
    return rejection
  } catch (found) {
    const isExplained = found instanceof ValidationError || found instanceof LimitExceededError
    if (!isExplained || found.cause !== undefined) return rejection
    found.cause = rejection.cause
    return found
  }
}

function keyOf(tables: ReadonlyMap<string, TableDescription>, request: Keyed): Key {
  if (request.kind !== 'put') return request.key
  const { key } = tables.get(request.table) as TableDescription
  return pickKey(key, request.item)
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
      throw invalid([name], 'is part of the key and cannot be updated; delete the item and put a new one')
    }
  }
  checkIndexKeys(table, after)
  measureItem(after)
}

/** Checks index keys: they are optional in an item, but present ones must be valid keys. */
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
