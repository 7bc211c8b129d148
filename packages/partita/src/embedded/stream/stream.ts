/**
 * The change stream of a table. It is stored apart from the table because it outlives it.
 *
 *   stream   STREAMS       id
 *   name     STREAM_NAMES  table  label     id
 */
import { randomBytes } from 'node:crypto'
import type { KeySchema } from '../../store/definition.js'
import { type Kv, type Range, readText } from '../storage/kv.js'
import { nextSequence } from './sequence.js'

/** Which images of an item the records contain in addition to its key: DynamoDB's StreamViewType. */
export type StreamView = 'KEYS_ONLY' | 'NEW_IMAGE' | 'OLD_IMAGE' | 'NEW_AND_OLD_IMAGES'

/** A change stream. */
export interface Stream {
  /** Unique in the store; never reused. */
  readonly id: number
  /** The name of its table, which may have been deleted. */
  readonly table: string
  readonly key: KeySchema
  readonly view: StreamView
  /** When it began, such as `2026-11-24T18:00:00.000`. Unique among the streams of one table name. */
  readonly label: string
  /** When it began, in epoch milliseconds. */
  readonly since: number
  /** A sequence number lower than those of all its records. */
  readonly first: number
  /** When it or its table was removed, in epoch milliseconds. Its records stay readable for another 24 hours. */
  readonly ended?: number
  /** Present once it has ended: a sequence number higher than those of all its records. */
  readonly last?: number
  /** The sequence number of the newest record that was removed for its age; `first` if none was. */
  readonly trimmed: number
  /** Key for signing iterators of this stream, in base 64. */
  readonly secret: string
}

const STREAMS = 0x04
const STREAM_NAMES = 0x07
const NEXT_STREAM = Buffer.from([0x00, 3])
const ALL_STREAMS: Range = { low: Buffer.from([STREAMS]), high: Buffer.from([STREAMS + 1]) }

/** Starts a stream. Call it within a transaction. */
export function beginStream(
  kv: Kv,
  table: { readonly name: string; readonly key: KeySchema },
  view: StreamView,
  now: number,
): Stream {
  const id = nextId(kv)
  const first = nextSequence(kv, now)
  const stream: Stream = {
    id,
    table: table.name,
    key: table.key,
    view,
    label: freeLabel(kv, table.name, now),
    since: now,
    first,
    trimmed: first,
    secret: randomBytes(16).toString('base64'),
  }
  saveStream(kv, stream)
  kv.put(nameKey(stream), numberBytes(id))
  return stream
}

/** Ends a stream. Call it within a transaction. */
export function endStream(kv: Kv, id: number, now: number): void {
  const stream = findStream(kv, id)
  if (stream) saveStream(kv, { ...stream, ended: now, last: nextSequence(kv, now) })
}

/** Returns a stream; undefined if it no longer exists. */
export function findStream(kv: Kv, id: number): Stream | undefined {
  return kv.get(streamKey(id), bytes => JSON.parse(readText(bytes)) as Stream)
}

/** Returns the stream of a table with that label; undefined if it no longer exists. */
export function findStreamByLabel(kv: Kv, table: string, label: string): Stream | undefined {
  const id = kv.get(nameKey({ table, label }), readNumber)
  return id === undefined ? undefined : findStream(kv, id)
}

/** Lists all streams in the order in which they began. */
export function allStreams(kv: Kv): Stream[] {
  const streams: Stream[] = []
  kv.each(ALL_STREAMS, bytes => {
    streams.push(JSON.parse(readText(bytes)) as Stream)
    return true
  })
  return streams
}

/** Stores a stream. Call it within a transaction. */
export function saveStream(kv: Kv, stream: Stream): void {
  kv.put(streamKey(stream.id), Buffer.from(JSON.stringify(stream)))
}

/** Removes a stream. Call it within a transaction. */
export function removeStream(kv: Kv, stream: Stream): void {
  kv.remove(streamKey(stream.id))
  kv.remove(nameKey(stream))
}

/** Returns an unused label, also for a stream that is switched off and on again within a millisecond. */
function freeLabel(kv: Kv, table: string, now: number): string {
  for (let at = now; ; at++) {
    const label = labelOf(at)
    if (!findStreamByLabel(kv, table, label)) return label
  }
}

function labelOf(moment: number): string {
  return new Date(moment).toISOString().slice(0, -1)
}

function streamKey(id: number): Buffer {
  const key = Buffer.alloc(5)
  key[0] = STREAMS
  key.writeUInt32BE(id, 1)
  return key
}

/** Names of tables have no colon. */
function nameKey({ table, label }: Pick<Stream, 'table' | 'label'>): Buffer {
  return Buffer.concat([Buffer.from([STREAM_NAMES]), Buffer.from(`${table}:${label}`)])
}

function nextId(kv: Kv): number {
  const id = (kv.get(NEXT_STREAM, readNumber) ?? 0) + 1
  kv.put(NEXT_STREAM, numberBytes(id))
  return id
}

function numberBytes(value: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleBE(value)
  return bytes
}

function readNumber(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset, 8).getFloat64(0)
}
