/** Engines that this copy of the library has loaded, for opening a store by its URL. */
import type { Store } from './store.js'
import type { StoreLocation } from './url.js'

/**
 * `partita/dynamodb` and `partita/mongodb` register themselves when they are imported. Bundled programs depend on this:
 * bundlers do not follow the dynamic import in `open.ts`, and a second copy of the library would throw errors of other
 * classes.
 */
export const engines: {
  dynamodb?: (location: Extract<StoreLocation, { engine: 'dynamodb' }>) => Store
  mongodb?: (location: Extract<StoreLocation, { engine: 'mongodb' }>) => Store
} = {}
