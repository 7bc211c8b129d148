/**
 * Items with a category and a key: put, get, delete, list by prefix, with an optional expiry.
 *
 * The functions use the store that `PARTITA_STORE` names (default `embedded:./.partita`) and the table that
 * `PARTITA_ITEMS_TABLE` names (default `partita-items`). Pass both explicitly to `createItems` instead.
 *
 * @module partita/items
 */
export { closeItems, deleteItem, getItem, iterateItems, listItems, putItem } from './default.js'
export { hierarchicalKey, hierarchicalPrefix } from './hierarchy.js'
export type { DBItem } from './item.js'
export {
  createItems,
  type GetItemOptions,
  type Items,
  type ItemsOptions,
  type ListItemsOptions,
  type ListItemsResult,
} from './items.js'
