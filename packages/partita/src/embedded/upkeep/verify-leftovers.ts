/** Entries that belong to no table, index or order of expiry, and that no job is about to clear away. */
import type { Table } from '../catalog.js'
import { dataRange, indexRange, ownerOf } from '../storage/key.js'
import type { Kv } from '../storage/kv.js'
import { listJobs } from './jobs.js'

/** One message for each table or index that is not known. Hops from one to the next, so it takes as many steps. */
export function unownedEntries(kv: Kv, tables: readonly Table[]): string[] {
  const known = new Set(tables.flatMap(table => orders(table).map(index => `${table.id} ${index}`)))
  const clearings = listJobs(kv).filter(job => job.kind === 'clearing')
  const isDropped = (table: number, index: number) =>
    clearings.some(it => it.table === table && (it.index === index || it.index === 0))
  const messages: string[] = []
  const { low, high } = dataRange()
  for (let [entry] = kv.keys({ low, high }, 1); entry; ) {
    const { table, index } = ownerOf(entry)
    if (!known.has(`${table} ${index}`) && !isDropped(table, index)) {
      messages.push(`there are entries of index ${index} of table ${table}, which is not known`)
    }
    ;[entry] = kv.keys({ low: indexRange(table, index).high, high }, 1)
  }
  return messages
}

function orders({ indexes, expiry }: Table): number[] {
  return [0, ...indexes.map(({ id }) => id), ...(expiry ? [expiry.id] : [])]
}
