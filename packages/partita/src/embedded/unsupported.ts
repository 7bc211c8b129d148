/**
 * What `partita/embedded` is in bundles for browsers and edge runtimes (see `exports` in package.json): they have no
 * files to keep data in, and would stumble over LMDB's binary already while they bundle.
 */
import { PartitaError } from '../errors/errors.js'

/** @throws PartitaError `StoreUnusable`, always. */
export const embedded: typeof import('./index.js').embedded = refuse

/** @throws PartitaError `StoreUnusable`, always. */
export const memory: typeof import('./index.js').memory = refuse

function refuse(): never {
  const message =
    'The embedded engine needs files, so bundles for browsers and edge runtimes leave it out; ' +
    "give another store, such as dynamodb({ region, credentials }) from 'partita/dynamodb'"
  throw new PartitaError('StoreUnusable', message, {})
}
