/**
 * The records of change streams: one record for each write that changes an item, in the transaction of the write.
 *
 *   record   RECORDS  stream  sequence number
 *
 * The value begins with the sequence number and the time, eight bytes each, so that old records are found without
 * decoding them. The rest is an encoded item.
 *
 * A store has one writer at a time, so sequence numbers become visible in order and a reader misses none.
 */

import { pickKey } from '../store/definition.js'
import type { SizedItem } from '../store/update-result.js'
import { measureItem } from '../value/size.js'
import { equalValues, type Item } from '../value/value.js'
import type { Catalog, Table } from './catalog.js'
import { yieldToEventLoop } from './event-loop.js'
import { decodeSizedRecord, encodeRecord, recordSize } from './storage/codec.js'
import type { Kv, Range } from './storage/kv.js'
import { isClockSetBack, nextSequence, recordClock, removeResets, writtenBefore } from './stream/sequence.js'
import { allStreams, findStream, removeStream, type Stream, saveStream } from './stream/stream.js'

/** A change of one item. */
export interface ItemChange {
  readonly sequence: number
  readonly event: 'INSERT' | 'MODIFY' | 'REMOVE'
  /** Epoch milliseconds. */
  readonly at: number
  /** Whether the item was deleted because it expired. */
  readonly isExpiry: boolean
  readonly keys: Item
  readonly oldImage: Item | undefined
  readonly newImage: Item | undefined
  /** Bytes of keys and images as DynamoDB counts them. */
  readonly size: number
}

/** The origin of a write, for the records of streams. */
export interface ChangeSource {
  /** Epoch milliseconds. */
  readonly clock: () => number
  readonly isExpiry: boolean
}

/** Consecutive records of a stream. */
export interface ChangePage {
  readonly changes: readonly ItemChange[]
  /** The sequence number to continue from; undefined at the end of a stream that has ended. */
  readonly next: number | undefined
}

/** DynamoDB keeps a stream's records, and a stream that has ended, for 24 hours. */
const RETENTION_MILLISECONDS = 24 * 60 * 60 * 1000
/** Maximum size of one page of records. */
const PAGE_BYTES = 1024 * 1024
/** Records removed in one transaction, which blocks other writers for a few milliseconds. */
const STEP = 1000
const RECORDS = 0x05
const HEADER_BYTES = 16
const EVERYTHING: Limit = { at: Number.POSITIVE_INFINITY, sequence: Number.POSITIVE_INFINITY }

/** Records a write. Call it in the transaction of the write. A write that leaves the item unchanged gets no record. */
export function recordChange(
  kv: Kv,
  table: Table,
  stream: Stream,
  before: SizedItem | undefined,
  after: SizedItem | undefined,
  { clock, isExpiry }: ChangeSource,
): void {
  const some = after ?? before
  if (!some || (before && after && equalValues(before.item, after.item))) return
  const { view } = stream
  const keys = pickKey(table.schema, some.item)
  const old = view === 'OLD_IMAGE' || view === 'NEW_AND_OLD_IMAGES' ? before : undefined
  const fresh = view === 'NEW_IMAGE' || view === 'NEW_AND_OLD_IMAGES' ? after : undefined
  const at = clock()
  const sequence = nextSequence(kv, at)
  const record: Item = {
    event: before ? (after ? 'MODIFY' : 'REMOVE') : 'INSERT',
    keys,
    ...(isExpiry && { isExpiry }),
    ...(old && { old: old.item }),
    ...(fresh && { new: fresh.item }),
  }
  const size = measureItem(keys) + (old?.size ?? 0) + (fresh?.size ?? 0)
  const header = Buffer.alloc(HEADER_BYTES)
  header.writeDoubleBE(sequence, 0)
  header.writeDoubleBE(at, 8)
  kv.put(recordKey(stream.id, sequence), Buffer.concat([header, encodeRecord(record, size)]))
}

/** Reads records from a sequence number on: at most `limit` records and 1 MB, but at least one record. */
export function readChanges(kv: Kv, stream: Stream, from: number, limit: number): ChangePage {
  const changes: ItemChange[] = []
  let bytes = 0
  let isWhole = true
  kv.each(recordRange(stream.id, from), record => {
    bytes += recordSize(record.subarray(HEADER_BYTES))
    isWhole = changes.length < limit && (bytes <= PAGE_BYTES || changes.length === 0)
    if (isWhole) changes.push(readChange(record))
    return isWhole
  })
  const last = changes.at(-1)
  return { changes, next: isWhole && stream.ended !== undefined ? undefined : last ? last.sequence + 1 : from }
}

/** The age limit of records: those written up to a time, and those with lower sequence numbers than a known old one. */
interface Limit {
  /** Epoch milliseconds. */
  readonly at: number
  readonly sequence: number
}

/**
 * Removes records older than 24 hours, and streams that ended more than 24 hours ago. Records are in the order of writing,
 * so all records before an old one are old too, even if a clock that was ahead gave them a later time; the clock resets
 * of `sequence.ts` show where that happened.
 */
export async function trimStreams(kv: Kv, catalog: Catalog, clock: () => number): Promise<void> {
  if (isClockSetBack(kv, clock())) await kv.transact(() => recordClock(kv, clock()))
  const at = clock() - RETENTION_MILLISECONDS
  const limit = { at, sequence: writtenBefore(kv, at) }
  for (const { id } of allStreams(kv)) {
    let more = isDue(kv, id, limit)
    while (more) {
      more = await kv.transact(() => trimStep(kv, catalog, id, limit))
      await yieldToEventLoop()
    }
  }
  if (limit.sequence > 0) await kv.transact(() => removeResets(kv, limit.sequence))
}

/** Runs outside of a transaction, so that upkeep without work blocks no writer. */
function isDue(kv: Kv, id: number, limit: Limit): boolean {
  const stream = findStream(kv, id)
  return stream !== undefined && (isOver(stream, limit) || oldSequences(kv, stream, limit, 1).length > 0)
}

function trimStep(kv: Kv, catalog: Catalog, id: number, limit: Limit): boolean {
  const stream = findStream(kv, id)
  if (!stream) return false
  const isEnd = isOver(stream, limit)
  const old = oldSequences(kv, stream, isEnd ? EVERYTHING : limit, STEP)
  for (const sequence of old) kv.remove(recordKey(id, sequence))
  const trimmed = old.at(-1)
  if (trimmed !== undefined) saveStream(kv, { ...stream, trimmed })
  if (old.length === STEP) return true
  if (isEnd) {
    removeStream(kv, stream)
    catalog.streamsChanged()
  }
  return false
}

function isOver({ ended, last }: Stream, limit: Limit): boolean {
  return ended !== undefined && (ended <= limit.at || (last as number) < limit.sequence)
}

function oldSequences(kv: Kv, stream: Stream, limit: Limit, count: number): number[] {
  const old: number[] = []
  kv.each(recordRange(stream.id, 0), record => {
    const { sequence, at } = readHeader(record)
    const isOld = at <= limit.at || sequence < limit.sequence
    if (isOld) old.push(sequence)
    return isOld && old.length < count
  })
  return old
}

/** Decodes a stored record. */
export function readChange(bytes: Uint8Array): ItemChange {
  const { item, size } = decodeSizedRecord(bytes.subarray(HEADER_BYTES))
  return {
    ...readHeader(bytes),
    event: item.event as ItemChange['event'],
    isExpiry: item.isExpiry === true,
    keys: item.keys as Item,
    oldImage: item.old as Item | undefined,
    newImage: item.new as Item | undefined,
    size,
  }
}

function readHeader(bytes: Uint8Array): Pick<ItemChange, 'sequence' | 'at'> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, HEADER_BYTES)
  return { sequence: view.getFloat64(0), at: view.getFloat64(8) }
}

function recordRange(stream: number, from: number): Range {
  return { low: recordKey(stream, from), high: recordKey(stream + 1, 0) }
}

/** The key range of the records of all streams. */
export function allRecords(): Range {
  return { low: Buffer.from([RECORDS]), high: Buffer.from([RECORDS + 1]) }
}

/** Decodes the key of a record. */
export function readRecordKey(key: Uint8Array): { readonly stream: number; readonly sequence: number } {
  const view = new DataView(key.buffer, key.byteOffset, 13)
  return { stream: view.getUint32(1), sequence: Number(view.getBigUint64(5)) }
}

function recordKey(stream: number, sequence: number): Buffer {
  const key = Buffer.alloc(13)
  key[0] = RECORDS
  key.writeUInt32BE(stream, 1)
  key.writeBigUInt64BE(BigInt(sequence), 5)
  return key
}
