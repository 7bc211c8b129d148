/**
 * The jobs of a store: long work that follows a change of a table. A job is written in the transaction of the change and
 * removed in the transaction of its last step. If a process dies in between, another one resumes the job.
 *
 *   filling    JOBS      table  first target
 *   clearing   CLEARING  table  index
 *
 * Jobs refer to tables, indexes and expiry orders by their ids, which are never reused. A table that is dropped and created
 * again has another id, so an old job neither completes nor clears the new table.
 */
import { type Kv, type Range, readText } from '../storage/kv.js'

/** A job that writes entries of existing items to new indexes, or to the expiry order after time to live was enabled. */
export interface Filling {
  readonly kind: 'filling'
  /** The table's id. */
  readonly table: number
  /** The table's name, for the lookup; its id shows whether it is still the same table. */
  readonly name: string
  /** The ids of the indexes and expiry orders to fill: at least one. */
  readonly targets: readonly number[]
  /** The key of the next table entry to read; undefined at the start. */
  readonly from: Uint8Array | undefined
}

/** A job that removes the entries of a dropped index or expiry order, or with index 0 those of a dropped table. */
export interface Clearing {
  readonly kind: 'clearing'
  readonly table: number
  readonly index: number
}

/** An unfinished job of a store. */
export type Job = Filling | Clearing

/** The stored form of a filling; its key contains the rest. */
interface FillingRecord {
  readonly name: string
  readonly targets: readonly number[]
  readonly from?: string
}

const CLEARING = 0x03
const JOBS = 0x06
const PRESENT = Uint8Array.of(1)

/** Lists the unfinished jobs, fillings first, since callers may wait for those. */
export function listJobs(kv: Kv): Job[] {
  const fillings = keysOf(kv, JOBS).flatMap(key => {
    const filling = kv.get(key, bytes => readFilling(key, bytes))
    return filling ? [filling] : []
  })
  return [...fillings, ...keysOf(kv, CLEARING).map((key): Clearing => ({ kind: 'clearing', ...readKey(key) }))]
}

/** Writes a new job, or the progress of a job. Call it within a transaction. */
export function saveJob(kv: Kv, job: Job): void {
  kv.put(jobKey(job), job.kind === 'clearing' ? PRESENT : Buffer.from(JSON.stringify(recordOf(job))))
}

function recordOf({ name, targets, from }: Filling): FillingRecord {
  return { name, targets, ...(from && { from: Buffer.from(from).toString('base64') }) }
}

/** Returns the job with its current progress; undefined if it is done. */
export function currentJob(kv: Kv, job: Job): Job | undefined {
  const key = jobKey(job)
  return kv.get(key, bytes => (job.kind === 'clearing' ? job : readFilling(key, bytes)))
}

/** Removes a finished job. Call it within a transaction. */
export function endJob(kv: Kv, job: Job): void {
  kv.remove(jobKey(job))
}

function readFilling(key: Uint8Array, bytes: Uint8Array): Filling {
  const { name, targets, from } = JSON.parse(readText(bytes)) as FillingRecord
  const { table } = readKey(key)
  return { kind: 'filling', table, name, targets, from: from === undefined ? undefined : Buffer.from(from, 'base64') }
}

function jobKey(job: Job): Uint8Array {
  const key = Buffer.alloc(7)
  key[0] = job.kind === 'filling' ? JOBS : CLEARING
  key.writeUInt32BE(job.table, 1)
  key.writeUInt16BE(job.kind === 'filling' ? (job.targets[0] as number) : job.index, 5)
  return key
}

function readKey(key: Uint8Array): { readonly table: number; readonly index: number } {
  const view = Buffer.from(key)
  return { table: view.readUInt32BE(1), index: view.readUInt16BE(5) }
}

function keysOf(kv: Kv, kind: number): Uint8Array[] {
  const range: Range = { low: Buffer.from([kind]), high: Buffer.from([kind + 1]) }
  return kv.keys(range, Number.MAX_SAFE_INTEGER)
}
