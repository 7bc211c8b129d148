/** Items in a given store. */
import { invalid, valueText } from '../errors/errors.js'
import { checkOptions } from '../store/options.js'
import type { Store } from '../store/store.js'
import { systemClock } from '../store/timers.js'
import { SingleTable } from '../table/index.js'
import { checkCategory, checkText, type DBItem, EXPIRY, expiryOf, readable } from './item.js'

const DEFAULT_TABLE = 'partita-items'

/** Options of {@link createItems}. */
export interface ItemsOptions {
  readonly store: Store
  /** Name of the table. Default `partita-items`. */
  readonly table?: string | undefined
  /** Signs `nextToken`, so that it can be given to clients. */
  readonly cursorSecret?: string | undefined
  /** Milliseconds since 1970. Default `Date.now`. */
  readonly clock?: () => number
}

/** Options of `getItem`. */
export interface GetItemOptions {
  /** A strongly consistent read: sees every write acknowledged before the call; costs twice as much. Default false. */
  readonly consistentRead?: boolean
}

/** Options of `listItems`. */
export interface ListItemsOptions extends GetItemOptions {
  /** Maximum items to return. Default: the items of one request, which reads at most 1 MB. */
  readonly limit?: number
  /** The `nextToken` of the previous page. */
  readonly nextToken?: string | undefined
}

/** A page of items, and the token of the next page if there may be more. */
export interface ListItemsResult<T extends DBItem> {
  readonly items: T[]
  /** Present if there may be more items. */
  readonly nextToken?: string
}

/**
 * Every method can throw `ValidationError`, `LimitExceededError`, `TableNotFoundError`, `ThrottledError` and
 * `UnavailableError`.
 */
export interface Items {
  /** Adds an item, or overwrites the one with the same category and key. */
  putItem<T extends DBItem>(item: T): Promise<void>
  /** The item; undefined if it does not exist or has expired. Its attributes are not validated. */
  getItem<T extends DBItem = DBItem>(category: string, key: string, options?: GetItemOptions): Promise<T | undefined>
  /** Deletes the item. A missing item is not an error. */
  deleteItem(category: string, key: string): Promise<void>
  /** Items whose keys begin with the prefix, sorted by key. Every key begins with `''`. Throws `InvalidCursorError`. */
  listItems<T extends DBItem = DBItem>(
    category: string,
    keyPrefix: string,
    options?: ListItemsOptions,
  ): Promise<ListItemsResult<T>>
  /** Yields the same items, with one page in memory at a time. */
  iterateItems<T extends DBItem = DBItem>(
    category: string,
    keyPrefix: string,
    options?: GetItemOptions,
  ): AsyncGenerator<T, void, undefined>
  /** Creates the table, or adds a missing time to live. Needed once on stores that do not provision automatically. */
  createTable(): Promise<void>
  /** The same items as a SingleTable: conditions, updates, transactions, batches. */
  readonly table: SingleTable
}

/**
 * Creates the functions on items for a given store and table.
 *
 * @example
 * import { memory } from 'partita/embedded'
 * import { createItems } from 'partita/items'
 *
 * const items = createItems({ store: memory() })
 * await items.putItem({ category: 'order', key: 'ord-123', total: 12 })
 * const order = await items.getItem('order', 'ord-123')
 */
export function createItems(options: ItemsOptions): Items {
  checkOptions(options, ['store', 'table', 'cursorSecret', 'clock'])
  const { store, table: name = DEFAULT_TABLE, cursorSecret, clock = systemClock } = options
  const table: SingleTable = new SingleTable({
    store,
    table: name,
    partitionKey: 'category',
    rangeKey: 'key',
    expiresAt: EXPIRY,
    autoRemoveTableProperties: false,
    cursorSecret,
    clock,
  })
  return {
    table,
    async putItem(item) {
      const { ttl, expiresAt, ...properties } = item
      checkCategory(item.category)
      checkText(item.key, ['key'])
      await table.create({
        key: { partitionKey: item.category, rangeKey: item.key },
        item: properties,
        expiresAt: expiryOf({ ttl, expiresAt }, clock()),
      })
    },
    async getItem<T extends DBItem>(category: string, key: string, options: GetItemOptions = {}) {
      checkCategory(category)
      checkText(key, ['key'])
      checkOptions(options, ['consistentRead'])
      const { consistentRead } = options
      const stored = await table.get({ partitionKey: category, rangeKey: key, consistentRead })
      return stored && (readable(stored) as T)
    },
    async deleteItem(category, key) {
      checkCategory(category)
      checkText(key, ['key'])
      await table.delete({ partitionKey: category, rangeKey: key })
    },
    async listItems<T extends DBItem>(category: string, keyPrefix: string, options: ListItemsOptions = {}) {
      checkOptions(options, ['limit', 'nextToken', 'consistentRead'])
      const { limit, nextToken, consistentRead } = options
      const page = await table.query({
        ...where(category, keyPrefix),
        limit,
        consistentRead,
        paginationToken: nextToken,
      })
      const items = page.items.map(item => readable(item) as T)
      return page.paginationToken === undefined ? { items } : { items, nextToken: page.paginationToken }
    },
    async *iterateItems<T extends DBItem>(category: string, keyPrefix: string, options: GetItemOptions = {}) {
      checkOptions(options, ['consistentRead'])
      const { consistentRead } = options
      for await (const item of table.iterate({ ...where(category, keyPrefix), consistentRead }))
        yield readable(item) as T
    },
    async createTable() {
      await table.createTable()
    },
  }
}

function where(category: string, keyPrefix: string) {
  checkCategory(category)
  if (typeof keyPrefix !== 'string') {
    throw invalid(['keyPrefix'], `is ${valueText(keyPrefix)}; expected a string, '' for every key`)
  }
  return { partition: category, range: { operation: 'begins_with', value: keyPrefix } } as const
}
