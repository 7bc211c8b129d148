/**
 * Replaces `partita/embedded` in bundles for browsers and edge runtimes (see `exports` in package.json). They have no
 * file system, and their bundlers would fail on LMDB's native binary.
 */
import { PartitaError } from '../errors/errors.js'

/** Not available in this runtime. @throws PartitaError `StoreUnusable`, always. */
export const embedded: typeof import('./index.js').embedded = refuse

/** Not available in this runtime. @throws PartitaError `StoreUnusable`, always. */
export const memory: typeof import('./index.js').memory = refuse

function refuse(): never {
  const message =
    'The embedded engine needs files, so bundles for browsers and edge runtimes leave it out; ' +
    "use another store, such as dynamodb({ region, credentials }) from 'partita/dynamodb'"
  throw new PartitaError('StoreUnusable', message, {})
}
