/** Opens the items of the store for one call, and closes the store afterwards. */
import { type Store, TableNotFoundError, ValidationError } from 'partita'
import { createItems, type Items } from 'partita/items'
import type { KeyAttribute } from 'partita/store'
import { readSettings, type Settings } from '../config/settings.js'
import type { Context } from '../context.js'
import { BadLine, CommandFailure, Usage } from '../failure.js'
import { nameStore } from '../session/location.js'
import { type StoreSession, withSettings } from '../session/store-session.js'
import type { ItemsOptions } from './options.js'

/** The table of items if neither an option nor `PARTITA_ITEMS_TABLE` names one. */
export const DEFAULT_TABLE = 'partita-items'

/**
 * Calls a function with the items of the store and table in the options. An embedded store is created on demand.
 * @throws Usage for an invalid URL or table name; CommandFailure `TableNotFound` if the table does not exist,
 *   `WrongTable` if it has another key.
 */
export async function withItems<T>(
  options: ItemsOptions,
  context: Context,
  work: (items: Items, session: StoreSession) => Promise<T>,
): Promise<T> {
  const withTable = async (session: StoreSession) => {
    const { store, table } = session
    try {
      const items = createItems({ store, table })
      if (options.createTable) await items.createTable()
      return await work(items, session)
    } catch (error) {
      if (error instanceof TableNotFoundError) throw withoutTable(error)
      throw (isRejection(error) && (await tableError(store, table))) || error
    }
  }
  return withSettings(await itemsSettings(options), context, withTable, { create: true, defaultTable: DEFAULT_TABLE })
}

/** Identifies the store and table that the options name. */
export async function targetName(options: ItemsOptions): Promise<string> {
  const settings = await itemsSettings(options)
  return [nameStore(settings).identity, settings.table ?? ''].join(' ')
}

/** Items have a table of their own: the settings' is that of the models. */
async function itemsSettings(options: ItemsOptions): Promise<Settings> {
  return { ...(await readSettings(options)), table: options.table ?? (process.env.PARTITA_ITEMS_TABLE || undefined) }
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
async function tableError(store: Store, table: string): Promise<CommandFailure | undefined> {
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
