/**
 * The store on MongoDB: a replica set, a sharded cluster, or MongoDB Atlas. It needs the package `mongodb`.
 *
 * @module partita/mongodb
 */
import { engines } from '../store/engines.js'
import type { MongoDBOptions } from './connection/client.js'
import { MongoDBStore } from './store.js'

export type { MongoDBOptions } from './connection/client.js'
export type { ExplainedCommand } from './explain.js'
export type { MongoDBStore } from './store.js'

/**
 * Opens a store on MongoDB. Nothing is sent before the first call.
 *
 * A table is a collection, and an item a document: its key as text in `_id`, its attributes below `item`. Conditions,
 * updates, filters and projections mean what they mean on DynamoDB. Reads come from the primary and see every write that
 * was acknowledged; writes are acknowledged by a majority. A number has at most 34 digits.
 *
 * @example
 * import { mongodb } from 'partita/mongodb'
 *
 * const store = mongodb({ url: 'mongodb://localhost:27017/shop' })
 * await store.close()
 * @throws ValidationError for unknown options, options that contradict each other, an invalid URL, or one without a
 *   database.
 */
export function mongodb(options: MongoDBOptions): MongoDBStore {
  return new MongoDBStore(options)
}

engines.mongodb = ({ url, database }) => mongodb({ url, database })
