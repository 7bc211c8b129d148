/** Checks that the entries of a table, of its indexes and of its expiry order agree. */

import { pickKey } from '../../store/definition.js'
import type { SizedItem } from '../../store/update-result.js'
import { measureItem } from '../../value/size.js'
import { equalValues, type Item, type Key } from '../../value/value.js'
import type { Index, Table } from '../catalog.js'
import { decodeSizedRecord } from '../storage/codec.js'
import { indexEntry, tableEntry } from '../storage/key.js'
import { indexed } from '../write/write.js'
import { expiryEntryOf } from './expiry.js'
import { problemText, type Verifier } from './verifier.js'

/** Checks a table entry: it is readable, has the right key, and has its entries in all indexes and the expiry order. */
export function checkTableEntry(verifier: Verifier, table: Table, entry: Uint8Array): void {
  const found = readEntry(verifier, table, undefined, entry)
  if (!found) return
  const { item, size } = found
  const key = pickKey(table.schema, item)
  const report = (message: string) => verifier.report({ kind: 'item', table: table.name, key, message })
  if (!isSameKey(entry, () => tableEntry(table.id, table.schema, item))) {
    report('is stored under another key')
    return
  }
  if (size !== measureItem(item)) report(`has ${measureItem(item)} bytes, but ${size} are recorded`)
  for (const index of table.indexes) if (!index.building) checkIndexed(verifier, table, index, found)
  const expiry = table.expiry?.building ? undefined : expiryEntryOf(table, item)
  if (expiry && !verifier.kv.get(expiry, () => true)) {
    verifier.report({ kind: 'missing', table: table.name, key, message: 'is not in the expiry order' })
  }
}

function checkIndexed(verifier: Verifier, table: Table, index: Index, found: SizedItem): void {
  const wanted = indexed(index, found)
  if (!wanted) return
  const entry = indexEntry(table.id, index.id, index.schema, table.schema, wanted.item)
  const held = verifier.kv.get(entry, decodeSizedRecord)
  const subject = { table: table.name, index: index.name, key: pickKey(table.schema, found.item) }
  if (!held) verifier.report({ kind: 'missing', ...subject, message: `is not in index ${index.name}` })
  else if (held.size !== wanted.size || !equalValues(held.item, wanted.item)) {
    verifier.report({ kind: 'stale', ...subject, message: `has different content in index ${index.name}` })
  }
}

/** Checks an index entry: its item exists and belongs there. */
export function checkIndexEntry(verifier: Verifier, table: Table, index: Index, entry: Uint8Array): void {
  const found = readEntry(verifier, table, index.name, entry)
  if (!found) return
  const item = itemOf(verifier, table, found.item)
  const wanted = item && indexed(index, item)
  if (wanted && isSameKey(entry, () => indexEntry(table.id, index.id, index.schema, table.schema, wanted.item))) return
  const message = `is in index ${index.name}, but ${item ? 'the item no longer belongs there' : 'the item does not exist'}`
  const key = pickKey(table.schema, found.item)
  verifier.report({ kind: 'stale', table: table.name, index: index.name, key, message })
}

/** Checks an entry of the expiry order: its item exists and expires in that second. */
export function checkExpiryEntry(verifier: Verifier, table: Table, entry: Uint8Array): void {
  const found = readEntry(verifier, table, undefined, entry)
  if (!found) return
  const item = itemOf(verifier, table, found.item)?.item
  const expected = item && expiryEntryOf(table, item)
  if (expected && isSameKey(entry, () => expected)) return
  const message = `is in the expiry order, but ${item ? 'the item no longer belongs there' : 'the item does not exist'}`
  verifier.report({ kind: 'stale', table: table.name, key: found.item as Key, message })
}

function readEntry(verifier: Verifier, table: Table, index: string | undefined, entry: Uint8Array) {
  try {
    return verifier.kv.get(entry, decodeSizedRecord)
  } catch (error) {
    const at = `entry ${Buffer.from(entry).toString('hex')}`
    const message = `${at} cannot be read: ${problemText(error)}`
    verifier.report({ kind: 'item', table: table.name, ...(index !== undefined && { index }), message })
    return undefined
  }
}

/** Reads the table's item of a key; undefined if it does not exist or the key is invalid. */
function itemOf(verifier: Verifier, table: Table, key: Item): SizedItem | undefined {
  try {
    return verifier.kv.get(tableEntry(table.id, table.schema, key), decodeSizedRecord)
  } catch {
    return undefined
  }
}

/** @param make returns the expected key; it throws if key attributes are missing or have the wrong type. */
function isSameKey(entry: Uint8Array, make: () => Uint8Array): boolean {
  try {
    return Buffer.compare(entry, make()) === 0
  } catch {
    return false
  }
}
