/** One call's work on the items of one store, which is closed at its end. */
import { resolve } from 'node:path'
import { openStore, TableNotFound, ValidationFailed } from 'partita'
import { createItems, type Items } from 'partita/items'
import { CommandFailure, Usage } from '../failure.js'
import type { StoreOptions } from './options.js'

const DEFAULT_URL = 'embedded:./.partita'
const EMBEDDED = 'embedded:'

export async function withItems<T>(options: StoreOptions, work: (items: Items) => Promise<T>): Promise<T> {
  const store = await openStore(storeUrl(options)).catch(error => {
    // Only the URL can be invalid here: that is how the command was called.
    throw error instanceof ValidationFailed ? new Usage(error.message) : error
  })
  try {
    const items = createItems({ store, table: tableName(options) })
    if (options.createTable) await items.createTable()
    return await work(items)
  } catch (error) {
    throw error instanceof TableNotFound ? withoutTable(error) : error
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
function withoutTable(error: TableNotFound): CommandFailure {
  const table = JSON.stringify(error.details.table)
  const message = `there is no table ${table} in this store; --create-table, with put or import, creates it`
  return new CommandFailure(error.code, message, 1, error.details, error)
}

function storeUrl({ store }: StoreOptions): string {
  return store ?? (process.env.PARTITA_STORE || DEFAULT_URL)
}

function tableName({ table }: StoreOptions): string | undefined {
  return table ?? (process.env.PARTITA_ITEMS_TABLE || undefined)
}
