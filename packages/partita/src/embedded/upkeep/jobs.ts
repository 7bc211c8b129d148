/**
 * The jobs of a store: long work that a change of a table leaves to be done. A job is written in the transaction of the
 * change itself and removed in the transaction of its last step, so a process that dies in between leaves it to another.
 *
 *   filling    JOBS      table  first target
 *   clearing   CLEARING  table  index
 *
 * Jobs name tables, indexes and expiry orders by their ids, which are never used again: what was dropped and made anew
 * under the same name has another id, so an old job neither completes nor clears what is new.
 */
import { type Kv, type Range, readText } from '../storage/kv.js'

/** Writes entries for the items that were in a table before its new indexes, or before its time to live was switched on. */
export interface Filling {
  readonly kind: 'filling'
  /** The table's id. */
  readonly table: number
  /** The table's name, to find it by; whether it is still the same table, its id tells. */
  readonly name: string
  /** The ids of the indexes and expiry orders that it fills: at least one. */
  readonly targets: readonly number[]
  /** The key of the first table entry that is still to be read; undefined at the start. */
  readonly from: Uint8Array | undefined
}

/** Removes the entries of an index or an expiry order that was dropped, or with index 0 those of a whole dropped table. */
export interface Clearing {
  readonly kind: 'clearing'
  readonly table: number
  readonly index: number
}

export type Job = Filling | Clearing

/** A filling as it is stored; what identifies it is in its key. */
interface FillingRecord {
  readonly name: string
  readonly targets: readonly number[]
  readonly from?: string
}

const CLEARING = 0x03
const JOBS = 0x06
const PRESENT = Uint8Array.of(1)

/** The jobs of a store that are not done, fillings first: somebody may wait for those. */
export function listJobs(kv: Kv): Job[] {
  const fillings = keysOf(kv, JOBS).flatMap(key => {
    const filling = kv.get(key, bytes => readFilling(key, bytes))
    return filling ? [filling] : []
  })
  return [...fillings, ...keysOf(kv, CLEARING).map((key): Clearing => ({ kind: 'clearing', ...readKey(key) }))]
}

/** Within a transaction: writes a new job, or the progress of one. */
export function saveJob(kv: Kv, job: Job): void {
  kv.put(jobKey(job), job.kind === 'clearing' ? PRESENT : Buffer.from(JSON.stringify(recordOf(job))))
}

function recordOf({ name, targets, from }: Filling): FillingRecord {
  return { name, targets, ...(from && { from: Buffer.from(from).toString('base64') }) }
}

/** The job as it is now, with the progress that others have made; undefined where it is done. */
export function currentJob(kv: Kv, job: Job): Job | undefined {
  const key = jobKey(job)
  return kv.get(key, bytes => (job.kind === 'clearing' ? job : readFilling(key, bytes)))
}

/** Within a transaction: the job is done, or has nothing left to do. */
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
