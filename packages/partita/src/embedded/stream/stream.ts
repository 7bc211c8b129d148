/**
 * A table's change stream: what it is, kept apart from its table because it outlives it.
 *
 *   stream   STREAMS  id
 */
import { randomBytes } from 'node:crypto'
import type { KeySchema } from '../../store/definition.js'
import { type Kv, type Range, readText } from '../storage/kv.js'
import { nextSequence } from './sequence.js'

/** What a stream's records show of an item beside its key, in DynamoDB's words. */
export type StreamView = 'KEYS_ONLY' | 'NEW_IMAGE' | 'OLD_IMAGE' | 'NEW_AND_OLD_IMAGES'

export interface Stream {
  /** Never used again. */
  readonly id: number
  /** The name that its table has, or had. */
  readonly table: string
  readonly key: KeySchema
  readonly view: StreamView
  /** When it began, such as `2026-11-24T18:00:00.000`; two streams of tables of one name differ in it. */
  readonly label: string
  /** Epoch milliseconds. */
  readonly since: number
  /** A sequence number before all of its records. */
  readonly first: number
  /** When it was switched off, or its table deleted: epoch milliseconds. Its records can be read for another 24 hours. */
  readonly ended?: number
  /** Present once it has ended: a sequence number behind all of its records. */
  readonly last?: number
  /** The newest sequence number whose record is gone because of its age; `first` where none is. */
  readonly trimmed: number
  /** For sealing what only this stream should take back: base 64. */
  readonly secret: string
}

const STREAMS = 0x04
const NEXT_STREAM = Buffer.from([0x00, 3])
const ALL_STREAMS: Range = { low: Buffer.from([STREAMS]), high: Buffer.from([STREAMS + 1]) }

/** Within a transaction. */
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
  return stream
}

/** Within a transaction. */
export function endStream(kv: Kv, id: number, now: number): void {
  const stream = findStream(kv, id)
  if (stream) saveStream(kv, { ...stream, ended: now, last: nextSequence(kv, now) })
}

export function findStream(kv: Kv, id: number): Stream | undefined {
  return kv.get(streamKey(id), bytes => JSON.parse(readText(bytes)) as Stream)
}

/** In the order in which they began. */
export function allStreams(kv: Kv): Stream[] {
  const streams: Stream[] = []
  kv.each(ALL_STREAMS, bytes => {
    streams.push(JSON.parse(readText(bytes)) as Stream)
    return true
  })
  return streams
}

export function saveStream(kv: Kv, stream: Stream): void {
  kv.put(streamKey(stream.id), Buffer.from(JSON.stringify(stream)))
}

export function removeStream(kv: Kv, id: number): void {
  kv.remove(streamKey(id))
}

/**
 * A stream switched off and on again within a millisecond gets a label of its own. Streams are in the order in which they
 * began, so only the last few can have a label of this moment or a later one: others need not be looked at.
 */
function freeLabel(kv: Kv, table: string, now: number): string {
  const taken = new Set<string>()
  const from = labelOf(now)
  kv.each({ ...ALL_STREAMS, descending: true }, bytes => {
    const stream = JSON.parse(readText(bytes)) as Stream
    if (stream.table === table) taken.add(stream.label)
    return stream.label >= from
  })
  for (let at = now; ; at++) {
    const label = labelOf(at)
    if (!taken.has(label)) return label
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

function nextId(kv: Kv): number {
  const id = (kv.get(NEXT_STREAM, readCount) ?? 0) + 1
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleBE(id)
  kv.put(NEXT_STREAM, bytes)
  return id
}

function readCount(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset, 8).getFloat64(0)
}
