/** How many items a table and its indexes hold, and of what size: counted where they are few, estimated where many. */
import type { Table } from './catalog.js'
import { recordSize } from './codec.js'
import { indexRange, segmentRange } from './key.js'
import type { Kv, Range } from './kv.js'
import { turn } from './turn.js'

export interface Figures {
  readonly items: number
  /** By DynamoDB's rules for the size of an item. */
  readonly bytes: number
}

export interface TableFigures extends Figures {
  readonly indexes: ReadonlyMap<string, Figures>
}

/** Entries whose sizes are read; the others are taken to be like them. */
const FEW = 10_000
/** Entries that are counted; how many there are beyond is told from how far these went. */
const MANY = 1_000_000
/** Entries counted at a stretch: a few milliseconds. */
const STRETCH = 20_000
/** Partitions are spread evenly over so many shares. */
const SHARES = 256

export async function measureTable(kv: Kv, table: Table): Promise<TableFigures> {
  const items = await measureEntries(kv, table.id, 0)
  const indexes = new Map<string, Figures>()
  for (const { name, id } of table.indexes) {
    await turn()
    indexes.set(name, await measureEntries(kv, table.id, id))
  }
  return { ...items, indexes }
}

async function measureEntries(kv: Kv, table: number, index: number): Promise<Figures> {
  const some = tally(kv, indexRange(table, index), FEW)
  if (some.items < FEW) return some
  let counted = 0
  let share = 0
  let nextTurn = STRETCH
  while (share < SHARES && counted < MANY) {
    counted += kv.count(segmentRange(table, index, { index: share++, total: SHARES }))
    if (counted < nextTurn) continue
    await turn()
    nextTurn = counted + STRETCH
  }
  const items = Math.round((counted * SHARES) / share)
  return { items, bytes: Math.round((some.bytes / some.items) * items) }
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
