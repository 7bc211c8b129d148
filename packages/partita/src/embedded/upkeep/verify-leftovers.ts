/** Finds entries that belong to no table, index or expiry order, and that no job is going to clear. */
import type { Table } from '../catalog.js'
import { dataRange, indexRange, ownerOf } from '../storage/key.js'
import type { Kv } from '../storage/kv.js'
import { listJobs } from './jobs.js'

/** Returns a message for each unknown table or index. It seeks from one to the next and reads no other entries. */
export function unownedEntries(kv: Kv, tables: readonly Table[]): string[] {
  const known = new Set(tables.flatMap(table => orders(table).map(index => `${table.id} ${index}`)))
  const clearings = listJobs(kv).filter(job => job.kind === 'clearing')
  const isDropped = (table: number, index: number) =>
    clearings.some(job => job.table === table && (job.index === index || job.index === 0))
  const messages: string[] = []
  const { low, high } = dataRange()
  for (let [entry] = kv.keys({ low, high }, 1); entry; ) {
    const { table, index } = ownerOf(entry)
    if (!known.has(`${table} ${index}`) && !isDropped(table, index)) {
      messages.push(`there are entries of index ${index} of table ${table}, which does not exist`)
    }
    ;[entry] = kv.keys({ low: indexRange(table, index).high, high }, 1)
  }
  return messages
}

function orders({ indexes, expiry }: Table): number[] {
  return [0, ...indexes.map(({ id }) => id), ...(expiry ? [expiry.id] : [])]
}
