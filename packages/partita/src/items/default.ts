/** Functions on the store that `PARTITA_STORE` names. The first call opens it. */
import { openStore } from '../open.js'
import type { Store } from '../store/store.js'
import type { DBItem } from './item.js'
import { createItems, type GetItemOptions, type Items, type ListItemsOptions, type ListItemsResult } from './items.js'

interface Opened {
  readonly store: Store
  readonly items: Items
}

let opening: Promise<Opened> | undefined

/**
 * Adds an item, or overwrites the one with the same category and key.
 *
 * @example
 * import { putItem } from 'partita/items'
 *
 * await putItem({ category: 'session', key: 'ses-123', accessToken: 'ey...', ttl: 3600 })
 * @throws ValidationError with the path of the wrong property.
 */
export async function putItem<T extends DBItem>(item: T): Promise<void> {
  await (await defaultItems()).putItem(item)
}

/** The item with this category and key; undefined if it does not exist or has expired. */
export async function getItem<T extends DBItem = DBItem>(
  category: string,
  key: string,
  options?: GetItemOptions,
): Promise<T | undefined> {
  return (await defaultItems()).getItem<T>(category, key, options)
}

/** Deletes an item. A missing item is not an error. */
export async function deleteItem(category: string, key: string): Promise<void> {
  await (await defaultItems()).deleteItem(category, key)
}

/**
 * Items of a category whose keys begin with a prefix, sorted by key. Every key begins with `''`.
 *
 * @example
 * import { type DBItem, listItems } from 'partita/items'
 *
 * interface Order extends DBItem {
 *   total: number
 * }
 * const { items, nextToken } = await listItems<Order>('order', '', { limit: 5 })
 * @throws InvalidCursorError if `nextToken` comes from another listing.
 */
export async function listItems<T extends DBItem = DBItem>(
  category: string,
  keyPrefix: string,
  options?: ListItemsOptions,
): Promise<ListItemsResult<T>> {
  return (await defaultItems()).listItems<T>(category, keyPrefix, options)
}

/** Yields the same items, with one page in memory at a time. */
export async function* iterateItems<T extends DBItem = DBItem>(
  category: string,
  keyPrefix: string,
  options?: GetItemOptions,
): AsyncGenerator<T, void, undefined> {
  yield* (await defaultItems()).iterateItems<T>(category, keyPrefix, options)
}

/** Closes the store if one of these functions opened it. The next call opens it again. */
export async function closeItems(): Promise<void> {
  const closing = opening
  opening = undefined
  await (await closing)?.store.close()
}

async function defaultItems(): Promise<Items> {
  opening ??= open()
  const attempt = opening
  try {
    return (await attempt).items
  } catch (error) {
    // The problem may be temporary: the next call opens the store again.
    if (opening === attempt) opening = undefined
    throw error
  }
}

async function open(): Promise<Opened> {
  const store = await openStore()
  return { store, items: createItems({ store, table: process.env.PARTITA_ITEMS_TABLE || undefined }) }
}
