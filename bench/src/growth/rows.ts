/** Rows of about 300 bytes, loaded durably in batches. */
import type { Item } from 'partita'
import { encodeRecord, measureItem, type Store } from '../../internals.mjs'

export const TABLE = 'events'
/** Items in one call of batchWrite, and calls in flight: one is prepared while another is flushed. */
const BATCH = 4000
const IN_FLIGHT = 3
const TEXT = 'It weaves algebraical patterns just as the loom weaves flowers and leaves. '

/** The partition of a row by its number. */
export type PartitionOf = (number: number) => string

export function createTable(store: Store): Promise<unknown> {
  return store.createTable({
    name: TABLE,
    key: { partition: { name: 'pk', type: 'S' }, sort: { name: 'sk', type: 'S' } },
  })
}

export function keyOf(number: number, partitionOf: PartitionOf): { pk: string; sk: string } {
  return { pk: partitionOf(number), sk: `EVENT#${String(number).padStart(9, '0')}` }
}

function rowOf(number: number, partitionOf: PartitionOf): Item {
  const { pk, sk } = keyOf(number, partitionOf)
  return {
    pk,
    sk,
    _type: 'Event',
    kind: `kind-${number % 20}`,
    count: number,
    title: `Event ${number} of many`,
    at: new Date(1_700_000_000_000 + number * 1000).toISOString(),
    text: TEXT + TEXT,
  }
}

/** The length of the record of a row. */
export function recordBytes(partitionOf: PartitionOf): number {
  const row = rowOf(123_456, partitionOf)
  return encodeRecord(row, measureItem(row)).length
}

/** Loads the rows with these numbers. @returns rows a second, and microseconds of CPU for one of them. */
export async function loadRows(
  store: Store,
  from: number,
  end: number,
  partitionOf: PartitionOf,
): Promise<{ readonly rate: number; readonly cost: number }> {
  const start = performance.now()
  const before = process.cpuUsage()
  let next = from
  const work = async (): Promise<void> => {
    while (next < end) {
      const first = next
      next = Math.min(first + BATCH, end)
      const rows = Array.from({ length: next - first }, (_, i) => rowOf(first + i, partitionOf))
      await store.batchWrite({ writes: rows.map(item => ({ kind: 'put', table: TABLE, item })) })
    }
  }
  await Promise.all(Array.from({ length: IN_FLIGHT }, work))
  const { user, system } = process.cpuUsage(before)
  return {
    rate: ((end - from) / (performance.now() - start)) * 1000,
    cost: (user + system) / (end - from),
  }
}
