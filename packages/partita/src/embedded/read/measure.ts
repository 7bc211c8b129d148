/** Counts and sizes of tables and indexes: exact for few items, estimated for many. */
import type { Table } from '../catalog.js'
import { YieldPace, yieldToEventLoop } from '../event-loop.js'
import { recordSize } from '../storage/codec.js'
import { afterKey, indexRange, SHARES, shareOf } from '../storage/key.js'
import type { Kv, Range } from '../storage/kv.js'

/** The number of items and their total size. */
export interface Figures {
  readonly items: number
  /** As DynamoDB counts the size of items. */
  readonly bytes: number
}

/** The figures of a table and of its indexes. */
export interface TableFigures extends Figures {
  readonly indexes: ReadonlyMap<string, Figures>
}

/** Entries whose sizes are read. Their average is used for the others. */
const FEW = 10_000
/** Entries that are counted. The total is extrapolated from the share of the key space that they cover. */
const MANY = 1_000_000
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

/** Counts the entries of a range, in steps. Concurrent writes may or may not be counted. */
export async function countEntries(kv: Kv, range: Range): Promise<number> {
  return (await countUntil(kv, range, () => false)).counted
}

/** Counts until the range ends or `isEnough` returns true for the last key of a step, which is returned as `at`. */
async function countUntil(
  kv: Kv,
  { low, high }: Range,
  isEnough: (key: Uint8Array, counted: number) => boolean,
): Promise<{ counted: number; at?: Uint8Array }> {
  let counted = 0
  let from = low
  for (;;) {
    const [last] = kv.keys({ low: from, high }, 1, STEP - 1)
    if (!last) return { counted: counted + kv.count({ low: from, high }) }
    counted += STEP
    if (isEnough(last, counted)) return { counted, at: last }
    from = afterKey(last)
    await yieldToEventLoop()
  }
}

async function measureEntries(kv: Kv, table: number, index: number): Promise<Figures> {
  const range = indexRange(table, index)
  const some = await tally(kv, range)
  if (some.items < FEW) return some
  let share = 0
  // The covered part of the key space is known only at the start of a share.
  const { counted, at } = await countUntil(kv, range, (key, count) => {
    const before = share
    share = shareOf(key)
    return count >= MANY && share > before
  })
  const items = at ? Math.round((counted * SHARES) / shareOf(at)) : counted
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
