/** Whether the entries of a table, of its indexes and of its order of expiry say the same. */
import { measureItem } from '../../value/size.js'
import { equalValues, type Item, type Key } from '../../value/value.js'
import { type Index, pickKey, type Table } from '../catalog.js'
import { decodeSizedRecord, type SizedItem } from '../storage/codec.js'
import { indexEntry, tableEntry } from '../storage/key.js'
import { indexed } from '../write/write.js'
import { expiryEntryOf } from './expiry.js'
import { problemText, type Verifier } from './verifier.js'

/** An entry of the table: it is readable, lies where its key says, and has its entries in all orders that are filled. */
export function checkTableEntry(verifier: Verifier, table: Table, entry: Uint8Array): void {
  const found = readEntry(verifier, table, undefined, entry)
  if (!found) return
  const { item, size } = found
  const key = pickKey(table.schema, item)
  const report = (message: string) => verifier.report({ kind: 'item', table: table.name, key, message })
  if (!isSameKey(entry, () => tableEntry(table.id, table.schema, item))) {
    report('is not where its key says')
    return
  }
  if (size !== measureItem(item)) report(`is noted with ${size} bytes and has ${measureItem(item)}`)
  for (const index of table.indexes) if (!index.building) checkIndexed(verifier, table, index, found)
  const expiry = table.expiry?.building ? undefined : expiryEntryOf(table, item)
  if (expiry && !verifier.kv.get(expiry, () => true)) {
    verifier.report({ kind: 'missing', table: table.name, key, message: 'is not in the order of expiry' })
  }
}

function checkIndexed(verifier: Verifier, table: Table, index: Index, found: SizedItem): void {
  const wanted = indexed(index, found)
  if (!wanted) return
  const entry = indexEntry(table.id, index.id, index.schema, table.schema, wanted.item)
  const held = verifier.kv.get(entry, decodeSizedRecord)
  const place = { table: table.name, index: index.name, key: pickKey(table.schema, found.item) }
  if (!held) verifier.report({ kind: 'missing', ...place, message: `is not in index ${index.name}` })
  else if (held.size !== wanted.size || !equalValues(held.item, wanted.item)) {
    verifier.report({ kind: 'stale', ...place, message: `has another content in index ${index.name}` })
  }
}

/** An entry of an index: its item is there, and belongs at this entry. */
export function checkIndexEntry(verifier: Verifier, table: Table, index: Index, entry: Uint8Array): void {
  const found = readEntry(verifier, table, index.name, entry)
  if (!found) return
  const item = itemOf(verifier, table, found.item)
  const wanted = item && indexed(index, item)
  if (wanted && isSameKey(entry, () => indexEntry(table.id, index.id, index.schema, table.schema, wanted.item))) return
  const message = `is in index ${index.name}, where ${item ? 'the item is not any more' : 'there is no such item'}`
  const key = pickKey(table.schema, found.item)
  verifier.report({ kind: 'stale', table: table.name, index: index.name, key, message })
}

/** An entry of the order of expiry: its item is there, and expires in that second. */
export function checkExpiryEntry(verifier: Verifier, table: Table, entry: Uint8Array): void {
  const found = readEntry(verifier, table, undefined, entry)
  if (!found) return
  const item = itemOf(verifier, table, found.item)?.item
  const expected = item && expiryEntryOf(table, item)
  if (expected && isSameKey(entry, () => expected)) return
  const message = `is in the order of expiry, where ${item ? 'the item is not any more' : 'there is no such item'}`
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

/** The table's own item of a key; undefined where it is not there, or where the key has no form of one. */
function itemOf(verifier: Verifier, table: Table, key: Item): SizedItem | undefined {
  try {
    return verifier.kv.get(tableEntry(table.id, table.schema, key), decodeSizedRecord)
  } catch {
    return undefined
  }
}

/** @param make throws where attributes of the key are missing or of another type. */
function isSameKey(entry: Uint8Array, make: () => Uint8Array): boolean {
  try {
    return Buffer.compare(entry, make()) === 0
  } catch {
    return false
  }
}
