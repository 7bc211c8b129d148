/**
 * The sequence numbers that all streams of a store share, and their relation to time.
 *
 *   counter   META  4             newest number and its time, eight bytes each
 *   mark      MARKS  sequence     time
 *
 * Numbers follow the order of writing. Times come from a system clock, which may have been ahead and then set back, or may
 * differ between two processes. A clock mark is written whenever the clock reads less than at the previous number. It
 * states that every record with a lower number was written before that time, even if the record itself has a later one.
 */
import type { Kv, Range } from '../storage/kv.js'

const COUNTER = Buffer.from([0x00, 4])
const MARKS = 0x0b
/** Two processes with different clocks would write a mark with every other write, so each minute keeps only its last. */
const MINUTE = 60_000
const ALL_MARKS: Range = { low: Buffer.from([MARKS]), high: Buffer.from([MARKS + 1]) }

interface Counter {
  readonly sequence: number
  /** Epoch milliseconds. Infinity if a version without clock marks wrote it: the clock may have been ahead. */
  readonly at: number
}

interface ClockMark {
  readonly sequence: number
  /** Epoch milliseconds. */
  readonly at: number
}

const START: Counter = { sequence: 0, at: 0 }

/** Returns the newest sequence number. */
export function currentSequence(kv: Kv): number {
  return readCounter(kv).sequence
}

/** Returns the next sequence number. Call it within a transaction. */
export function nextSequence(kv: Kv, now: number): number {
  const { sequence, at } = readCounter(kv)
  if (now < at) putMark(kv, { sequence: sequence + 1, at: now })
  putCounter(kv, { sequence: sequence + 1, at: now })
  return sequence + 1
}

/** Whether the clock was set back after the last write. */
export function isClockSetBack(kv: Kv, now: number): boolean {
  return now < readCounter(kv).at
}

/** Writes a clock mark if the clock was set back and no write has recorded it. Call it within a transaction. */
export function recordClock(kv: Kv, now: number): void {
  const { sequence, at } = readCounter(kv)
  if (now >= at) return
  putMark(kv, { sequence: sequence + 1, at: now })
  putCounter(kv, { sequence, at: now })
}

/** Returns the number below which all records are known, by the clock marks, to be older than a time; 0 if none is. */
export function writtenBefore(kv: Kv, moment: number): number {
  let sequence = 0
  kv.each(ALL_MARKS, bytes => {
    const mark = readMark(bytes)
    if (mark.at <= moment) sequence = mark.sequence
    return true
  })
  return sequence
}

/** Removes the marks up to a number, once all records with lower numbers are gone. Call it within a transaction. */
export function removeMarks(kv: Kv, sequence: number): void {
  for (const key of kv.keys({ ...ALL_MARKS, high: markKey(sequence + 1) }, Number.MAX_SAFE_INTEGER)) kv.remove(key)
}

function putMark(kv: Kv, mark: ClockMark): void {
  kv.each({ ...ALL_MARKS, descending: true }, bytes => {
    const last = readMark(bytes)
    if (Math.floor(last.at / MINUTE) === Math.floor(mark.at / MINUTE)) kv.remove(markKey(last.sequence))
    return false
  })
  const value = Buffer.alloc(16)
  value.writeDoubleBE(mark.sequence, 0)
  value.writeDoubleBE(mark.at, 8)
  kv.put(markKey(mark.sequence), value)
}

function readMark(bytes: Uint8Array): ClockMark {
  const view = new DataView(bytes.buffer, bytes.byteOffset, 16)
  return { sequence: view.getFloat64(0), at: view.getFloat64(8) }
}

function markKey(sequence: number): Buffer {
  const key = Buffer.alloc(9)
  key[0] = MARKS
  key.writeBigUInt64BE(BigInt(sequence), 1)
  return key
}

function readCounter(kv: Kv): Counter {
  return kv.get(COUNTER, decodeCounter) ?? START
}

function decodeCounter(bytes: Uint8Array): Counter {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  return { sequence: view.getFloat64(0), at: bytes.length < 16 ? Number.POSITIVE_INFINITY : view.getFloat64(8) }
}

function putCounter(kv: Kv, { sequence, at }: Counter): void {
  const bytes = Buffer.alloc(16)
  bytes.writeDoubleBE(sequence, 0)
  bytes.writeDoubleBE(at, 8)
  kv.put(COUNTER, bytes)
}
