/** Sets the time of expiry of documents that were written before time to live was switched on. */
import type { AnyBulkWriteOperation } from 'mongodb'
import { UnavailableError } from '../../errors/errors.js'
import type { MongoConnection } from '../connection/connection.js'
import { decodeItem, expiryOf, type StoredDocument } from '../document/codec.js'
import { fieldPath } from '../document/names.js'

/** Documents that are read and changed at once. */
const STEP = 1000

/**
 * Sets `expires` of every document by the attribute, and removes it where an attribute of earlier times set it. Repeating
 * it is harmless.
 */
export async function fillExpiry(connection: MongoConnection, table: string, attribute: string): Promise<void> {
  const collection = connection.collection<StoredDocument>(table)
  const attempt = { operation: 'updateTable', table }
  const path = fieldPath(attribute)
  const projection = { [path]: 1, expires: 1, rev: 1 }
  for (let after: string | undefined; ; ) {
    connection.checkOpen()
    const filter = {
      ...(after !== undefined && { _id: { $gt: after } }),
      $or: [{ [path]: { $exists: true } }, { expires: { $exists: true } }],
    }
    const found = await connection.send(attempt, 'read', connection.limit(), limits =>
      collection.find(filter, { ...limits, projection, sort: { _id: 1 }, limit: STEP }).toArray(),
    )
    const changes = found.flatMap(document => changeOf(document, attribute))
    if (changes.length > 0) {
      // Repeating the whole step after a lost answer is harmless, so its outcome need not be known.
      const { matchedCount } = await connection.send(attempt, 'read', connection.limit(), limits =>
        collection.bulkWrite(changes, { ...limits, ordered: false }),
      )
      // A write of other attributes leaves the expiry as it is, so a document that was written meanwhile is read again.
      if (matchedCount < changes.length) continue
    }
    after = found.at(-1)?._id
    if (found.length < STEP || after === undefined) return
  }
}

/** The revision closes the race with a writer who changes the attribute meanwhile. */
function changeOf(document: StoredDocument, attribute: string): AnyBulkWriteOperation<StoredDocument>[] {
  const { _id, rev, expires: before } = document
  const expires = expiryIn(document, attribute)
  if (before?.getTime() === expires?.getTime()) return []
  const update = expires ? { $set: { expires } } : { $unset: { expires: true as const } }
  return [{ updateOne: { filter: { _id, rev }, update } }]
}

/** A value that no item has, such as a date of another program, is no time of expiry. */
function expiryIn(document: StoredDocument, attribute: string): Date | undefined {
  try {
    return expiryOf(attribute, decodeItem(document))
  } catch (error) {
    if (error instanceof UnavailableError) return undefined
    throw error
  }
}
