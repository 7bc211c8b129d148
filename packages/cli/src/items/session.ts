/** One call's work on the items of one store, which is closed at its end. */
import { resolve } from 'node:path'
import { openStore, type Store, TableNotFoundError, ValidationError } from 'partita'
import { createItems, type Items } from 'partita/items'
import type { KeyAttribute } from 'partita/store'
import { BadLine, CommandFailure, Usage } from '../failure.js'
import type { StoreOptions } from './options.js'

const DEFAULT_URL = 'embedded:./.partita'
/** The table of items where nothing names another. */
export const DEFAULT_TABLE = 'partita-items'
const EMBEDDED = 'embedded:'

/**
 * Runs the work on the items that the options name.
 * @throws Usage for a URL that is none, or a table's name that no table can have; CommandFailure `TableNotFoundError` where
 * there is no such table, `WrongTable` where there is one with another key.
 */
export async function withItems<T>(options: StoreOptions, work: (items: Items) => Promise<T>): Promise<T> {
  const store = await openStore(storeUrl(options)).catch(error => {
    // Only the URL can be invalid here: that is how the command was called.
    throw error instanceof ValidationError ? new Usage(error.message) : error
  })
  try {
    const items = createItems({ store, table: tableName(options) })
    if (options.createTable) await items.createTable()
    return await work(items)
  } catch (error) {
    if (error instanceof TableNotFoundError) throw withoutTable(error)
    throw (isRefusal(error) && (await tableFault(store, tableName(options)))) || error
  } finally {
    await store.close()
  }
}

/** One text for the store and table that the options name, the same however the path of a folder is written. */
export function targetName(options: StoreOptions): string {
  const url = storeUrl(options)
  const place = url.startsWith(EMBEDDED) ? EMBEDDED + resolve(url.slice(EMBEDDED.length)) : url
  return [place, tableName(options) ?? ''].join(' ')
}

/** Items are never asked for an index, so what is not there is the table: on DynamoDB only the user creates one. */
function withoutTable(error: TableNotFoundError): CommandFailure {
  const table = JSON.stringify(error.details.table)
  const message = `there is no table ${table} in this store; --create-table, with put or import, creates it`
  return new CommandFailure(error.code, message, 1, error.details, error)
}

/** Whether the store refused a request as such: one for a table that does not fit looks like one with a bad item. */
function isRefusal(error: unknown): boolean {
  return error instanceof ValidationError || (error instanceof BadLine && error.cause instanceof ValidationError)
}

/** What is wrong with the table; undefined where it is fit for items, or cannot be asked. */
async function tableFault(store: Store, table = DEFAULT_TABLE): Promise<CommandFailure | undefined> {
  try {
    const found = await store.describeTable(table)
    if (!found) return undefined
    const { partition, sort } = found.key
    if (isText(partition, 'category') && isText(sort, 'key')) return undefined
    const key = [partition, sort].flatMap(it => (it ? `${it.name} (${it.type})` : [])).join(' and ')
    const message = `table ${table} has the key ${key}, and items need category (S) and key (S); name another --table`
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
