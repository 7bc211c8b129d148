/** Counts and sizes of tables and indexes: exact for few items, estimated for many. */
import { closeSync, openSync } from 'node:fs'
import type { Table } from '../catalog.js'
import { YieldPace, yieldToEventLoop } from '../event-loop.js'
import { recordSize } from '../storage/codec.js'
import { newestMeta } from '../storage/data-file.js'
import { afterKey, indexRange } from '../storage/key.js'
import type { FolderKv, Kv, Range } from '../storage/kv.js'
import { estimateEntries } from './estimate.js'

/** The number of items and their total size. */
export interface Figures {
  readonly items: number
  /** As DynamoDB counts the size of items. */
  readonly bytes: number
}

/** The number of entries of a range. */
export interface EntryCount {
  readonly entries: number
  readonly isEstimated: boolean
}

/** The figures of a table and of its indexes. */
export interface TableFigures extends Figures {
  readonly indexes: ReadonlyMap<string, Figures>
}

/** Entries whose sizes are read. Their average is used for the others. */
const FEW = 10_000
/** This number of entries, which takes some 10 ms to count, and larger ones are estimated. */
const MANY = 100_000
/** Entries counted between two yields to the event loop: a few milliseconds. */
const STEP = 20_000

/** Measures a table and its indexes, in steps. */
export async function measureTable(kv: Kv, table: Table): Promise<TableFigures> {
  const items = await measureEntries(kv, table.id, 0)
  const indexes = new Map<string, Figures>()
  for (const { name, id } of table.indexes) {
    await yieldToEventLoop()
    indexes.set(name, await measureEntries(kv, table.id, id))
  }
  return { ...items, indexes }
}

/**
 * Counts the entries of a range, in steps; estimates the number of 100,000 or more. Concurrent writes may or may not be
 * counted.
 */
export async function countEntries(kv: Kv, range: Range): Promise<EntryCount> {
  let counted = 0
  let from = range.low
  let mayEstimate = true
  for (;;) {
    const [last] = kv.keys({ low: from, high: range.high }, 1, STEP - 1)
    if (!last) return { entries: counted + kv.count({ low: from, high: range.high }), isEstimated: false }
    counted += STEP
    await yieldToEventLoop()
    if (mayEstimate && counted >= MANY) {
      const estimate = await estimateInSteps(kv, range)
      if (estimate !== undefined) return { entries: Math.max(estimate, counted), isEstimated: true }
      mayEstimate = false
    }
    from = afterKey(last)
  }
}

/**
 * Estimates the number of entries in steps, as of one snapshot.
 * @returns undefined for a store in memory, or if its file is not at its path or a page of it cannot be read.
 */
async function estimateInSteps(kv: Kv, range: Range): Promise<number | undefined> {
  const file = openFile(kv)
  if (file === undefined) return undefined
  try {
    const held = kv.hold()
    try {
      const meta = newestMeta(file)
      if (!meta) return undefined
      const estimate = estimateEntries(file, meta, range)
      let step = estimate.next()
      for (; !step.done; step = estimate.next()) await yieldToEventLoop()
      return step.value
    } finally {
      held.release()
    }
  } finally {
    closeSync(file)
  }
}

function openFile(kv: Kv): number | undefined {
  if (!isInFolder(kv) || !kv.presence.isPresent()) return undefined
  try {
    return openSync(kv.dataFile as string, 'r')
  } catch {
    return undefined
  }
}

function isInFolder(kv: Kv): kv is FolderKv {
  return 'presence' in kv
}

async function measureEntries(kv: Kv, table: number, index: number): Promise<Figures> {
  const range = indexRange(table, index)
  const some = await tally(kv, range)
  if (some.items < FEW) return some
  const { entries: items } = await countEntries(kv, range)
  return { items, bytes: Math.round((some.bytes / some.items) * items) }
}

/** Counts and measures the first entries, in steps. */
async function tally(kv: Kv, { low, high }: Range): Promise<Figures> {
  const pace = new YieldPace()
  let items = 0
  let bytes = 0
  let from = low
  for (;;) {
    const before = items
    let isWhole = true
    kv.each({ low: from, high }, record => {
      items++
      bytes += recordSize(record)
      isWhole = items < FEW && !pace.isDue()
      return isWhole
    })
    if (isWhole || items === FEW) return { items, bytes }
    const [last] = kv.keys({ low: from, high }, 1, items - before - 1)
    if (!last) return { items, bytes }
    from = afterKey(last)
    await pace.yield()
  }
}
