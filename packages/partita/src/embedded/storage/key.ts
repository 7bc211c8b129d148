/**
 * Keys of the ordered store.
 *
 *   table entry   DATA  table  0      slot  length  partition key  sort key
 *   index entry   DATA  table  index  slot  length  partition key  sort key, in groups  item key
 *   expiry entry  DATA  table  order  seconds  item key
 *
 * Partition keys are compared for equality only, so they are prefixed with their length and not escaped. The sort key of a
 * table is the end of the entry and is stored as is. In an index the item key follows, so the sort key is divided into
 * groups of eight bytes, each followed by the number of significant bytes. This adds an eighth to the size, while escaping
 * could double it. Multi-attribute keys are concatenated, each attribute in this form.
 * `slot` spreads partitions over 256 equal ranges, from which the segments of a parallel scan are made.
 */
import { createHash } from 'node:crypto'
import type { IndexKeySchema, KeyAttribute, KeySchema } from '../../store/definition.js'
import { checkKey } from '../../store/limits.js'
import { type NumberValue, significantDigits } from '../../value/number.js'
import type { Item, Value } from '../../value/value.js'
import type { Range } from './kv.js'

/** Number of slots over which partitions are spread evenly. Slots are in order. */
const SHARES = 256
const SLOT_AT = 7
/** Where the partition key begins. */
const START = 10
const DATA = 0x10
/**
 * The id of the expiry order of a table that was created with time to live. Expiry orders that are enabled later get ids
 * like indexes. Ids of indexes are lower than this one.
 */
export const EXPIRY_INDEX = 0xffff
const GROUP = 8
const MORE = GROUP + 1
/**
 * Maximum length of an item key at the end of an entry; a longer one is replaced by a digest. An entry then has at most
 * 10 + 2048 + 1152 + 257 bytes, and some 40 more for multi-attribute keys. LMDB allows 4,026.
 */
const MAX_TAIL = 256

/** LMDB copies keys immediately, so all keys are built in one buffer. */
const scratch = Buffer.allocUnsafeSlow(8192)
const tailScratch = Buffer.allocUnsafeSlow(1 + MAX_TAIL)

/** Views of the first bytes of `scratch`, by length: making one takes longer than writing a key. */
const views: (Buffer | undefined)[] = []

function written(length: number): Buffer {
  views[length] ??= scratch.subarray(0, length)
  return views[length]
}

/** Encodes a key attribute. The order of the bytes is the order of the values. */
export function keyBytes(attribute: KeyAttribute, value: Value): Uint8Array {
  if (attribute.type === 'S') return Buffer.from(value as string, 'utf8')
  return attribute.type === 'B' ? (value as Uint8Array) : numberBytes(value as NumberValue)
}

/** Returns the key of an item's table entry, valid until the next call. The key attributes of `item` must be valid. */
export function tableEntry(table: number, schema: KeySchema, item: Item): Buffer {
  return written(writeTableEntry(table, schema, item))
}

/**
 * Checks a key and returns its entry, valid until the next call.
 * @throws ValidationError, LimitExceededError
 */
export function checkedEntry(table: number, schema: KeySchema, key: Item): Buffer {
  const short = shortEntry(table, schema, key)
  if (short) return short
  checkKey(schema, key)
  return tableEntry(table, schema, key)
}

/** Attributes up to this length are valid in every key. */
const SHORT_TEXT = 64

/** Writes the entry of a key of short ASCII strings, as most are, in one pass; undefined for all others. */
function shortEntry(table: number, schema: KeySchema, key: Item): Buffer | undefined {
  const { partition, sort } = schema
  if (!hasExactly(key, partition.name, sort?.name)) return undefined
  let end = START
  const value = key[partition.name]
  if (partition.type !== 'S' || typeof value !== 'string') return undefined
  end = writeShortText(value, end)
  if (end < 0) return undefined
  writePrefix(table, 0)
  scratch[SLOT_AT] = slotOf(START, end)
  scratch[START - 2] = 0
  scratch[START - 1] = end - START
  if (!sort) return written(end)
  const sortValue = key[sort.name]
  if (sort.type !== 'S' || typeof sortValue !== 'string') return undefined
  end = writeShortText(sortValue, end)
  return end < 0 ? undefined : written(end)
}

/** Whether a key has these attributes and no others. */
function hasExactly(key: Item, partition: string, sort: string | undefined): boolean {
  const names = Object.keys(key)
  if (names.length === 1) return sort === undefined && names[0] === partition
  const isInOrder = names[0] === partition
  return names.length === 2 && names[isInOrder ? 0 : 1] === partition && names[isInOrder ? 1 : 0] === sort
}

/** @returns the end of the text; -1 if it is empty, long or not ASCII. */
function writeShortText(text: string, start: number): number {
  const { length } = text
  if (length === 0 || length > SHORT_TEXT) return -1
  for (let i = 0; i < length; i++) {
    const unit = text.charCodeAt(i)
    if (unit >= 0x80) return -1
    scratch[start + i] = unit
  }
  return start + length
}

function writeTableEntry(table: number, schema: KeySchema, item: Item): number {
  let end = writePartition(table, 0, schema.partition, item[schema.partition.name] as Value)
  if (schema.sort) end = writeBytes(end, schema.sort, item[schema.sort.name] as Value)
  return end
}

/** Returns a copy of the key of an item's index entry. The key attributes of table and index must be valid. */
export function indexEntry(
  table: number,
  index: number,
  indexSchema: IndexKeySchema,
  schema: KeySchema,
  item: Item,
): Uint8Array {
  const tail = itemTail(schema, item)
  const { partition, morePartition, sort, moreSort } = indexSchema
  let end = writePartition(table, index, partition, item[partition.name] as Value)
  if (morePartition) end = writeMorePartition(end, morePartition, item)
  if (sort) end = writeGroups(end, keyBytes(sort, item[sort.name] as Value))
  if (moreSort) for (const more of moreSort) end = writeGroups(end, keyBytes(more, item[more.name] as Value))
  scratch.set(tail, end)
  return Buffer.from(scratch.subarray(0, end + tail.length))
}

/** Returns a copy of the key of an item's entry in an expiry order. */
export function expiryEntry(table: number, order: number, seconds: number, schema: KeySchema, item: Item): Uint8Array {
  const tail = itemTail(schema, item)
  const end = writeExpiry(table, order, seconds)
  scratch.set(tail, end)
  return Buffer.from(scratch.subarray(0, end + tail.length))
}

/** Returns the range of a segment: one of `total` equal shares of a table (index 0) or index. */
export function segmentRange(
  table: number,
  index: number,
  segment: { readonly index: number; readonly total: number },
): Range {
  const { low: prefix, high: end } = indexRange(table, index)
  const boundary = (slot: number) => (slot >= SHARES ? end : Buffer.concat([prefix, Uint8Array.of(slot)]))
  const slot = (number: number) => Math.ceil((number * SHARES) / segment.total)
  return { low: boundary(slot(segment.index)), high: boundary(slot(segment.index + 1)) }
}

/** Returns the range of all entries of a table, including those of its indexes and expiry orders. */
export function tableRange(table: number): Range {
  const low = Buffer.from(scratch.subarray(0, writePrefix(table, 0) - 2))
  return { low, high: successor(low) }
}

/** Returns the range of all entries of all tables. */
export function dataRange(): Range {
  return { low: Uint8Array.of(DATA), high: Uint8Array.of(DATA + 1) }
}

/** Returns the table and index of an entry. */
export function ownerOf(entry: Uint8Array): { readonly table: number; readonly index: number } {
  const view = new DataView(entry.buffer, entry.byteOffset, 7)
  return { table: view.getUint32(1), index: view.getUint16(5) }
}

/** Returns the range of an index or expiry order, or of a table with index 0. */
export function indexRange(table: number, index: number): Range {
  const low = Buffer.from(scratch.subarray(0, writePrefix(table, index)))
  return { low, high: successor(low) }
}

/** Returns the range of entries that expire from the second `from` (inclusive) to `to` (exclusive). */
export function expiredRange(table: number, order: number, from: number, to: number): Range {
  const low = Buffer.from(scratch.subarray(0, writeExpiry(table, order, from)))
  return { low, high: Buffer.from(scratch.subarray(0, writeExpiry(table, order, to))) }
}

/** Returns the common prefix of the entries of a partition. `item` has its key attributes. */
export function partitionPrefix(table: number, index: number, schema: IndexKeySchema, item: Item): Uint8Array {
  let end = writePartition(table, index, schema.partition, item[schema.partition.name] as Value)
  if (schema.morePartition) end = writeMorePartition(end, schema.morePartition, item)
  return Buffer.from(scratch.subarray(0, end))
}

/** Encodes a sort key for an entry: as is in a table, in groups in an index. */
export function sortBytes(inIndex: boolean, bytes: Uint8Array): Uint8Array {
  return inIndex ? Buffer.from(scratch.subarray(0, writeGroups(0, bytes))) : bytes
}

/** Returns the common prefix of all encoded sort keys that begin with these bytes. */
export function sortPrefix(inIndex: boolean, bytes: Uint8Array): Uint8Array {
  if (!inIndex) return bytes
  const marks = bytes.length === 0 ? 0 : Math.ceil(bytes.length / GROUP) - 1
  const prefix = Buffer.alloc(bytes.length + marks)
  let end = 0
  for (let start = 0; start < bytes.length; start += GROUP) {
    if (start > 0) prefix[end++] = MORE
    const group = bytes.subarray(start, start + GROUP)
    prefix.set(group, end)
    end += group.length
  }
  return prefix
}

/** Returns the first key after all keys with a prefix. */
export function successor(prefix: Uint8Array): Uint8Array {
  let end = prefix.length
  while (prefix[end - 1] === 0xff) end--
  const next = Buffer.from(prefix.subarray(0, end))
  next[end - 1] = (next[end - 1] as number) + 1
  return next
}

/** Returns the next possible key. */
export function afterKey(key: Uint8Array): Uint8Array {
  const next = Buffer.alloc(key.length + 1)
  next.set(key)
  return next
}

function writePrefix(table: number, index: number): number {
  scratch[0] = DATA
  scratch[1] = table >>> 24
  scratch[2] = table >>> 16
  scratch[3] = table >>> 8
  scratch[4] = table
  scratch[5] = index >>> 8
  scratch[6] = index
  return 7
}

function writePartition(table: number, index: number, attribute: KeyAttribute, value: Value): number {
  const start = writePrefix(table, index) + 3
  const end = writeBytes(start, attribute, value)
  scratch[start - 3] = slotOf(start, end)
  scratch.writeUInt16BE(end - start, start - 2)
  return end
}

/** Writes the other attributes of a partition key. All attributes determine the slot. */
function writeMorePartition(from: number, attributes: readonly KeyAttribute[], item: Item): number {
  let end = from
  for (const attribute of attributes) {
    const start = end + 2
    end = writeBytes(start, attribute, item[attribute.name] as Value)
    scratch.writeUInt16BE(end - start, start - 2)
  }
  scratch[SLOT_AT] = slotOf(SLOT_AT + 3, end)
  return end
}

function writeBytes(start: number, attribute: KeyAttribute, value: Value): number {
  if (attribute.type === 'S') return start + writeText(value as string, start)
  const bytes = keyBytes(attribute, value)
  scratch.set(bytes, start)
  return start + bytes.length
}

function writeText(text: string, start: number): number {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit >= 0x80 || i === 64) return scratch.write(text, start, 'utf8')
    scratch[start + i] = unit
  }
  return text.length
}

/** FNV-1a over the partition key's bytes, folded to one byte. */
function slotOf(start: number, end: number): number {
  let hash = 0x811c9dc5
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ (scratch[i] as number), 0x01000193)
  return (hash ^ (hash >>> 8) ^ (hash >>> 16) ^ (hash >>> 24)) & 0xff
}

function writeGroups(start: number, bytes: Uint8Array): number {
  let end = start
  let from = 0
  do {
    const count = Math.min(GROUP, bytes.length - from)
    for (let i = 0; i < GROUP; i++) scratch[end++] = i < count ? (bytes[from + i] as number) : 0
    from += count
    scratch[end++] = from < bytes.length ? MORE : count
  } while (from < bytes.length)
  return end
}

function writeExpiry(table: number, order: number, seconds: number): number {
  const start = writePrefix(table, order)
  scratch.writeBigUInt64BE(BigInt(seconds), start)
  return start + 8
}

/** Returns the item key at the end of an entry, or its digest if it is long. Valid until the next call. */
function itemTail(schema: KeySchema, item: Item): Uint8Array {
  const end = writeTableEntry(0, schema, item)
  const key = scratch.subarray(TAIL_START, end)
  const isWhole = key.length <= MAX_TAIL
  const tail = isWhole ? key : createHash('sha256').update(key).digest()
  tailScratch[0] = isWhole ? WHOLE : DIGEST
  tailScratch.set(tail, 1)
  return tailScratch.subarray(0, 1 + tail.length)
}

/** Skips table and slot, which do not identify an item. */
const TAIL_START = 8
const WHOLE = 0
const DIGEST = 1

/**
 * Encodes a number so that byte order is numeric order: a sign, the magnitude, then two digits per byte. For negative
 * numbers, magnitude and digits are complemented, and 0xff follows so that more digits sort before fewer.
 */
export function numberBytes(value: NumberValue): Uint8Array {
  const { negative, digits, magnitude } = significantDigits(value)
  if (digits === '') return ZERO
  const pairs = Math.ceil(digits.length / 2)
  const bytes = new Uint8Array(2 + pairs + (negative ? 1 : 0))
  bytes[0] = negative ? 0 : 2
  bytes[1] = negative ? 255 - (magnitude + MAGNITUDE_BIAS) : magnitude + MAGNITUDE_BIAS
  for (let i = 0; i < pairs; i++) {
    const pair = digitAt(digits, 2 * i) * 10 + digitAt(digits, 2 * i + 1) + 1
    bytes[2 + i] = negative ? 101 - pair : pair
  }
  if (negative) bytes[2 + pairs] = 0xff
  return bytes
}

function digitAt(digits: string, position: number): number {
  return position < digits.length ? digits.charCodeAt(position) - 0x30 : 0
}

const ZERO = Uint8Array.of(1)
/** Magnitudes range from -130 to 125, so with this bias they fit one byte. */
const MAGNITUDE_BIAS = 130
