/** Opens the store for one call, and closes it afterwards. */
import { resolve } from 'node:path'
import { openStore, type Store, TableNotFoundError, ValidationError } from 'partita'
import { createItems, type Items } from 'partita/items'
import type { KeyAttribute } from 'partita/store'
import { BadLine, CommandFailure, Usage } from '../failure.js'
import type { StoreOptions } from './options.js'

const DEFAULT_URL = 'embedded:./.partita'
/** The table of items if neither an option nor `PARTITA_ITEMS_TABLE` names one. */
export const DEFAULT_TABLE = 'partita-items'
const EMBEDDED = 'embedded:'

/**
 * Calls a function with the items of the store and table in the options.
 * @throws Usage for an invalid URL or table name; CommandFailure `TableNotFound` if the table does not exist,
 *   `WrongTable` if it has another key.
 */
export async function withItems<T>(options: StoreOptions, work: (items: Items) => Promise<T>): Promise<T> {
  const store = await openStore(storeUrl(options)).catch(error => {
    // Only the URL can be invalid here, which is a usage error.
    throw error instanceof ValidationError ? new Usage(error.message) : error
  })
  try {
    const items = createItems({ store, table: tableName(options) })
    if (options.createTable) await items.createTable()
    return await work(items)
  } catch (error) {
    if (error instanceof TableNotFoundError) throw withoutTable(error)
    throw (isRejection(error) && (await tableError(store, tableName(options)))) || error
  } finally {
    await store.close()
  }
}

/** Identifies the store and table that the options name. Equal for different spellings of the same folder. */
export function targetName(options: StoreOptions): string {
  const url = storeUrl(options)
  const location = url.startsWith(EMBEDDED) ? EMBEDDED + resolve(url.slice(EMBEDDED.length)) : url
  return [location, tableName(options) ?? ''].join(' ')
}

/** Items use no index, so the missing resource is the table. On DynamoDB it is created only on request. */
function withoutTable(error: TableNotFoundError): CommandFailure {
  const table = JSON.stringify(error.details.table)
  const message = `there is no table ${table} in this store; put and import create it with --create-table`
  return new CommandFailure(error.code, message, 1, error.details, error)
}

/** Whether the store rejected the request. A table with another key and an invalid item cause the same error. */
function isRejection(error: unknown): boolean {
  return error instanceof ValidationError || (error instanceof BadLine && error.cause instanceof ValidationError)
}

/** The error for a table that is not a table of items; undefined if it is one, or if it cannot be described. */
async function tableError(store: Store, table = DEFAULT_TABLE): Promise<CommandFailure | undefined> {
  try {
    const found = await store.describeTable(table)
    if (!found) return undefined
    const { partition, sort } = found.key
    if (isText(partition, 'category') && isText(sort, 'key')) return undefined
    const key = [partition, sort]
      .flatMap(attribute => (attribute ? `${attribute.name} (${attribute.type})` : []))
      .join(' and ')
    const message = `table ${table} has the key ${key}, but items need category (S) and key (S); use another --table`
    return new CommandFailure('WrongTable', message, 1, { table })
  } catch (error) {
    return error instanceof ValidationError ? new Usage(error.message) : undefined
  }
}

function isText(attribute: KeyAttribute | undefined, name: string): boolean {
  return attribute?.name === name && attribute.type === 'S'
}

function storeUrl({ store }: StoreOptions): string {
  return store ?? (process.env.PARTITA_STORE || DEFAULT_URL)
}

function tableName({ table }: StoreOptions): string | undefined {
  return table ?? (process.env.PARTITA_ITEMS_TABLE || undefined)
}
