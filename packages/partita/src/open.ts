/** The room above the engines: opens the one that a store URL names. */
import type { Store } from './store/store.js'
import { parseStoreUrl } from './store/url.js'

const DEFAULT_URL = 'embedded:./.partita'

/**
 * Opens a store by its URL: the one given, else `PARTITA_STORE`, else `embedded:./.partita`.
 *
 * Engines are loaded when they are asked for, so a program on DynamoDB never loads LMDB, nor the other way round. The
 * embedded one goes by its public name, which bundles for browsers and edge runtimes resolve to a stub that refuses.
 *
 * @example const store = await openStore('memory:')
 * @throws ValidationFailed when the URL makes no sense; what the engine throws when it cannot start, or is not there.
 */
export async function openStore(
  // Browsers and edge runtimes may have no process to ask.
  url: string = globalThis.process?.env.PARTITA_STORE || DEFAULT_URL,
): Promise<Store> {
  const location = parseStoreUrl(url)
  switch (location.engine) {
    case 'memory': {
      const { memory } = await import('partita/embedded')
      return memory()
    }
    case 'embedded': {
      const { embedded } = await import('partita/embedded')
      return embedded({ path: location.path, ...(location.readOnly && { readOnly: true }) })
    }
    case 'dynamodb': {
      const { dynamodb } = await import('./dynamodb/index.js')
      return dynamodb(location)
    }
  }
}
