/** Opens a store: what programs call. The code behind it is loaded by the first call. */
import type { Store } from './store/store.js'

/**
 * Opens a store by its URL. The default is the environment variable `PARTITA_STORE`, or else `embedded:./.partita`.
 *
 * Engines are loaded on demand: a program on DynamoDB never loads LMDB, and one on the embedded engine never loads what speaks
 * to DynamoDB.
 *
 * @example
 * import { openStore } from 'partita'
 *
 * const store = await openStore('memory:')
 * await store.close()
 * @throws ValidationError if the URL is invalid; PartitaError `StoreUnusable` if the engine cannot start or is missing.
 */
export async function openStore(url?: string): Promise<Store> {
  const open = await import('./open.js')
  return open.openStore(url)
}
