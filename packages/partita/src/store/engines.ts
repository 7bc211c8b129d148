/** Engines that this copy of the library has loaded, for opening a store by its URL. */
import type { Store } from './store.js'
import type { StoreLocation } from './url.js'

/**
 * `partita/dynamodb` enters itself when it is imported. That is how a program that was bundled finds it: bundlers do not
 * follow the import by which it is loaded elsewhere, and another copy of the library would throw errors of other classes.
 */
export const engines: { dynamodb?: (location: Extract<StoreLocation, { engine: 'dynamodb' }>) => Store } = {}
