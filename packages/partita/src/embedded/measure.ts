/** How many items a table and its indexes hold, and of what size: counted where they are few, estimated where many. */
import type { Table } from './catalog.js'
import { recordSize } from './codec.js'
import { indexRange, segmentRange } from './key.js'
import type { Kv, Range } from './kv.js'

export interface Figures {
  readonly items: number
  /** By DynamoDB's rules for the size of an item. */
  readonly bytes: number
}

export interface TableFigures extends Figures {
  readonly indexes: ReadonlyMap<string, Figures>
}

/** Entries counted at a stretch: a few milliseconds. */
const FEW = 10_000
/** Entries looked at in all; from there on the rest is taken to be like them. */
const MANY = 100_000
/** Partitions are spread evenly over so many shares. */
const SHARES = 256

export async function measureTable(kv: Kv, table: Table): Promise<TableFigures> {
  const items = await measureEntries(kv, table.id, 0)
  const indexes = new Map<string, Figures>()
  for (const { name, id } of table.indexes) indexes.set(name, await measureEntries(kv, table.id, id))
  return { ...items, indexes }
}

async function measureEntries(kv: Kv, table: number, index: number): Promise<Figures> {
  const all = tally(kv, indexRange(table, index), FEW)
  if (all.items < FEW) return all
  let items = 0
  let bytes = 0
  let shares = 0
  while (shares < SHARES && items < MANY) {
    await new Promise(resolve => setImmediate(resolve))
    const share = tally(kv, segmentRange(table, index, { index: shares, total: SHARES }), MANY)
    items += share.items
    bytes += share.bytes
    shares++
  }
  const scale = SHARES / shares
  return { items: Math.round(items * scale), bytes: Math.round(bytes * scale) }
}

function tally(kv: Kv, range: Range, limit: number): Figures {
  let items = 0
  let bytes = 0
  kv.each(range, record => {
    items++
    bytes += recordSize(record)
    return items < limit
  })
  return { items, bytes }
}
