/**
 * Items of a category and a key: put, get, delete, list by prefix, with an end where one is wanted.
 *
 * The functions work on the store that `PARTITA_STORE` names (default `embedded:./.partita`), in the table that
 * `PARTITA_ITEMS_TABLE` names (default `partita-items`); `createItems` takes both explicitly.
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
