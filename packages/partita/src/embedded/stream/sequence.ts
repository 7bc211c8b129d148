/**
 * The sequence numbers that all streams of a store share, and their relation to time.
 *
 *   counter   META  4             newest number and its time, eight bytes each
 *   reset     RESETS  sequence    time
 *
 * Numbers follow the order of writing. Times come from a system clock, which may have been ahead and then set back, or may
 * differ between two processes. A clock reset is recorded whenever the clock reads less than at the previous number. It
 * states that every record with a lower number was written before that time, even if the record itself has a later one.
 */
import type { Kv, Range } from '../storage/kv.js'

const COUNTER = Buffer.from([0x00, 4])
const RESETS = 0x0b
/** Two processes with different clocks would record a reset with every other write, so each minute keeps only its last. */
const MINUTE = 60_000
const ALL_RESETS: Range = { low: Buffer.from([RESETS]), high: Buffer.from([RESETS + 1]) }

interface Counter {
  readonly sequence: number
  /** Epoch milliseconds. Infinity if a version without clock resets wrote it: the clock may have been ahead. */
  readonly at: number
}

interface ClockReset {
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
  if (now < at) putReset(kv, { sequence: sequence + 1, at: now })
  putCounter(kv, { sequence: sequence + 1, at: now })
  return sequence + 1
}

/** Whether the clock was set back after the last write. */
export function isClockSetBack(kv: Kv, now: number): boolean {
  return now < readCounter(kv).at
}

/** Records a clock reset if the clock was set back and no write has recorded it. Call it within a transaction. */
export function recordClock(kv: Kv, now: number): void {
  const { sequence, at } = readCounter(kv)
  if (now >= at) return
  putReset(kv, { sequence: sequence + 1, at: now })
  putCounter(kv, { sequence, at: now })
}

/** Returns the number below which all records are known, by the clock resets, to be older than a time; 0 if none is. */
export function writtenBefore(kv: Kv, moment: number): number {
  let sequence = 0
  kv.each(ALL_RESETS, bytes => {
    const reset = readReset(bytes)
    if (reset.at <= moment) sequence = reset.sequence
    return true
  })
  return sequence
}

/** Removes the resets up to a number, once all records with lower numbers are gone. Call it within a transaction. */
export function removeResets(kv: Kv, sequence: number): void {
  for (const key of kv.keys({ ...ALL_RESETS, high: resetKey(sequence + 1) }, Number.MAX_SAFE_INTEGER)) kv.remove(key)
}

function putReset(kv: Kv, reset: ClockReset): void {
  kv.each({ ...ALL_RESETS, descending: true }, bytes => {
    const last = readReset(bytes)
    if (Math.floor(last.at / MINUTE) === Math.floor(reset.at / MINUTE)) kv.remove(resetKey(last.sequence))
    return false
  })
  const value = Buffer.alloc(16)
  value.writeDoubleBE(reset.sequence, 0)
  value.writeDoubleBE(reset.at, 8)
  kv.put(resetKey(reset.sequence), value)
}

function readReset(bytes: Uint8Array): ClockReset {
  const view = new DataView(bytes.buffer, bytes.byteOffset, 16)
  return { sequence: view.getFloat64(0), at: view.getFloat64(8) }
}

function resetKey(sequence: number): Buffer {
  const key = Buffer.alloc(9)
  key[0] = RESETS
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
