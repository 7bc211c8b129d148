/**
 * One step of a job, within one transaction of the ordered store.
 *
 * Several processes can work on one job at the same time. A store has one writer at a time, and each step reads the job,
 * its progress and its table in the transaction that writes the entries and the new progress. Every step therefore
 * continues where the previous one ended, whichever process did that, and no step runs after the end of the job.
 *
 * Other writers run between two steps. They maintain indexes that are being built like all others, so an item that is
 * written behind the progress of a filling is indexed by its own write, and a filling always reads current items.
 */

import { isIndexed } from '../../store/index-key.js'
import { measureItem } from '../../value/size.js'
import type { Item } from '../../value/value.js'
import type { Catalog, Table } from '../catalog.js'
import { decodeRecord, encodeRecord } from '../storage/codec.js'
import { afterKey, indexEntry, indexRange, tableEntry, tableRange } from '../storage/key.js'
import type { Kv } from '../storage/kv.js'
import { hasTarget } from '../table-record.js'
import { projectedItem } from '../write/write.js'
import { writeExpiryEntry } from './expiry.js'
import { type Clearing, currentJob, endJob, type Filling, type Job, saveJob } from './jobs.js'

/** Maximum work of one transaction of a job, which blocks other writers and the event loop. */
export interface StepSize {
  /** Entries written or removed. */
  readonly entries: number
  /** Bytes of the items read, multiplied by the entries of each. At least one item is processed. */
  readonly bytes: number
}

/** The default: a few milliseconds of CPU time. */
export const STEP_SIZE: StepSize = { entries: 500, bytes: 256 * 1024 }

/** Runs a step. @returns the job with its new progress; undefined if it is done, by this process or another. */
export function jobStep(kv: Kv, catalog: Catalog, job: Job, size: StepSize): Job | undefined {
  const current = currentJob(kv, job)
  if (!current) return undefined
  return current.kind === 'filling' ? fillStep(kv, catalog, current, size) : clearStep(kv, current, size)
}

function fillStep(kv: Kv, catalog: Catalog, filling: Filling, size: StepSize): Filling | undefined {
  const { name, targets, from } = filling
  const table = catalog.findForWrite(name)
  // A dropped table or index is not filled any more, even if a new one has its name.
  const left = table?.id === filling.table ? targets.filter(target => hasTarget(table, target)) : []
  if (!table || left.length === 0) {
    endJob(kv, filling)
    return undefined
  }
  const range = indexRange(table.id, 0)
  const [most, mostBytes] = [size.entries / left.length, size.bytes / left.length]
  const found: { item: Item; record: Uint8Array }[] = []
  let bytes = 0
  let isWhole = true
  kv.each({ low: from ?? range.low, high: range.high }, shown => {
    const record = Buffer.from(shown.subarray(0, shown.length))
    found.push({ item: decodeRecord(record), record })
    bytes += record.length
    isWhole = found.length < most && bytes < mostBytes
    return isWhole
  })
  for (const { item, record } of found) writeEntries(kv, table, left, item, record)
  const last = found.at(-1)
  if (isWhole || !last) {
    catalog.completeFilling(filling)
    endJob(kv, filling)
    return undefined
  }
  const progress = { ...filling, from: afterKey(tableEntry(table.id, table.schema, last.item)) }
  saveJob(kv, progress)
  return progress
}

function writeEntries(kv: Kv, table: Table, targets: readonly number[], item: Item, record: Uint8Array): void {
  for (const index of table.indexes) {
    if (!targets.includes(index.id) || !isIndexed(index, item)) continue
    const held = projectedItem(index, item)
    const entry = indexEntry(table.id, index.id, index.schema, table.schema, held)
    kv.put(entry, index.projected ? encodeRecord(held, measureItem(held)) : record)
  }
  if (table.expiry && targets.includes(table.expiry.id)) writeExpiryEntry(kv, table, item)
}

function clearStep(kv: Kv, clearing: Clearing, { entries }: StepSize): Clearing | undefined {
  const { table, index } = clearing
  const keys = kv.keys(index === 0 ? tableRange(table) : indexRange(table, index), entries)
  for (const key of keys) kv.remove(key)
  if (keys.length === entries) return clearing
  endJob(kv, clearing)
  return undefined
}
