/**
 * Items as documents. A document has the key as text, the attributes below one field, and what the store needs beside
 * them: a revision that is new on every write, the size, and the time of expiry.
 */
import { type Document, ObjectId } from 'mongodb'
import { UnavailableError } from '../../errors/errors.js'
import type { TableDefinition } from '../../store/definition.js'
import { checkIndexKeys } from '../../store/index-key.js'
import { checkItemKey } from '../../store/limits.js'
import type { SizedItem } from '../../store/update-result.js'
import { measureItem } from '../../value/size.js'
import { getAttribute, type Item, isNumber } from '../../value/value.js'
import { documentId } from './document-id.js'
import { partOf } from './part.js'
import { decodeAttributes, encodeAttributes, takeAttributes } from './value.js'

export { documentId } from './document-id.js'

/** A document of a table. */
export interface StoredDocument {
  /** The key as text; see `documentId`. */
  readonly _id: string
  /** All attributes, those of the key included. */
  readonly item: Document
  /** New for every write: a write that read the document before requires it unchanged. */
  readonly rev: ObjectId
  /** An upper bound of the item's size in bytes, as DynamoDB counts it. */
  readonly size: number
  /** The part of the table for parallel scans; see `partOf`. */
  readonly part: number
  /** When the server deletes the document. */
  readonly expires?: Date
  /** New whenever a transaction depends on the document without changing it. */
  readonly lock?: ObjectId
}

/** What one write stores of an item. Of several attempts of the write, one at most is applied. */
export type NewDocument = Omit<StoredDocument, 'lock'>

/** The table of an item: its definition, and the attribute that holds the expiry. */
export interface ItemTable {
  readonly definition: TableDefinition
  readonly timeToLive: string | undefined
}

/** The latest moment of a JavaScript date, in seconds. */
const LATEST_SECONDS = 8.64e12

/**
 * Checks and encodes an item.
 * @throws ValidationError, LimitExceededError for an item that cannot be stored.
 */
export function encodeItem(table: ItemTable, item: Item): NewDocument {
  const size = measureItem(item)
  checkItemKey(table.definition.key, item)
  checkIndexKeys(table.definition, item)
  return documentOf(table, { item, size })
}

/**
 * Encodes an item that has been checked and measured.
 * @throws ValidationError for a number of over 34 digits.
 */
export function documentOf({ definition, timeToLive }: ItemTable, { item, size }: SizedItem): NewDocument {
  const id = documentId(definition.key, item)
  const document = { _id: id, item: encodeAttributes(item), rev: new ObjectId(), size, part: partOf(id) }
  const expires = expiryOf(timeToLive, item)
  return expires ? { ...document, expires } : document
}

/** Decodes the item of a document. @throws UnavailableError for a document without an item, or a value that no item has. */
export function decodeItem(document: MaybeItem): Item {
  return decodeAttributes(fieldsOf(document))
}

/** Decodes the item of a document that is read here only, and cannot be decoded again. @throws as `decodeItem` does */
export function takeItem(document: MaybeItem): Item {
  return takeAttributes(fieldsOf(document))
}

/** A document of the collection, which another program may have written. */
type MaybeItem = Partial<Pick<StoredDocument, 'item'>>

function fieldsOf({ item }: MaybeItem): StoredDocument['item'] {
  if (typeof item === 'object' && item !== null) return item
  throw new UnavailableError('A document has no item; another program wrote it', {})
}

/** Decodes and measures the item of a document. @throws UnavailableError, and as `measureItem` does */
export function sizedItem(document: Pick<StoredDocument, 'item'>): SizedItem {
  const item = decodeItem(document)
  return { item, size: measureItem(item) }
}

/** When an item expires; undefined if it never does. @param timeToLive the attribute that holds the epoch seconds. */
export function expiryOf(timeToLive: string | undefined, item: Readonly<Item>): Date | undefined {
  const value = timeToLive === undefined ? undefined : getAttribute(item, timeToLive)
  if (!isNumber(value)) return undefined
  const seconds = Math.floor(Number(value))
  return seconds >= 0 && seconds <= LATEST_SECONDS ? new Date(seconds * 1000) : undefined
}
