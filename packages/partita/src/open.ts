/** Opens the engine that a store URL names. */
import { PartitaError } from './errors/errors.js'
import { engines } from './store/engines.js'
import type { Store } from './store/store.js'
import { parseStoreUrl, type StoreLocation } from './store/url.js'

const DEFAULT_URL = 'embedded:./.partita'

/**
 * Opens a store by its URL. The default is the environment variable `PARTITA_STORE`, or else `embedded:./.partita`.
 *
 * Engines are loaded on demand: a program on DynamoDB never loads LMDB, and one on the embedded engine no SDK or driver.
 * The embedded engine is imported by its public name, which bundles for browsers and edge runtimes resolve to a stub.
 * A bundle holds the DynamoDB store only if the program has `import 'partita/dynamodb'`, as it needs the AWS SDK, and the
 * MongoDB store only if it has `import 'partita/mongodb'`, as that needs the package `mongodb`.
 *
 * @example
 * import { openStore } from 'partita'
 *
 * const store = await openStore('memory:')
 * await store.close()
 * @throws ValidationError if the URL is invalid; PartitaError `StoreUnusable` if the engine cannot start or is missing.
 */
export async function openStore(
  // Browsers and edge runtimes may have no `process`.
  url: string = globalThis.process?.env.PARTITA_STORE || DEFAULT_URL,
): Promise<Store> {
  return openLocation(parseStoreUrl(url))
}

/**
 * Opens the engine of a parsed store URL.
 * @throws PartitaError `StoreUnusable` if the engine cannot start or is missing.
 */
export async function openLocation(location: StoreLocation): Promise<Store> {
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
      const dynamodb = await loaded('dynamodb')
      return dynamodb(location)
    }
    case 'mongodb': {
      const mongodb = await loaded('mongodb')
      return mongodb(location)
    }
  }
}

/**
 * Loads an engine that registers itself. The name is a variable with ignore comments, so that bundlers do not follow the
 * import: a driver may not be installed, and a bundle stays small.
 */
async function loaded<Name extends keyof typeof LOADED>(name: Name): Promise<NonNullable<(typeof engines)[Name]>> {
  let cause: unknown
  const entry: string = `partita/${name}`
  if (!engines[name]) {
    const loading = import(/* webpackIgnore: true */ /* turbopackIgnore: true */ /* @vite-ignore */ entry)
    await loading.catch((error: unknown) => {
      cause = error
    })
  }
  const engine = engines[name]
  if (engine) return engine
  const { title, advice } = LOADED[name]
  const message = `The ${title} store is not loaded: ${advice}a bundle holds the store only if the program has import '${entry}'`
  throw new PartitaError('StoreUnusable', message, {}, cause)
}

/** The engines that are loaded by name, and what each needs beside partita. */
const LOADED = {
  dynamodb: { title: 'DynamoDB', advice: '' },
  mongodb: { title: 'MongoDB', advice: 'install mongodb beside partita; ' },
} as const
