/** Reads a whole table. */
import type { Item, Key } from 'partita'
import type { Store, TableDescription } from 'partita/store'
import { Usage } from '../../failure.js'
import { parseJson, printJson } from '../../json/exact-json.js'
import type { CapacityPace } from '../target/capacity-pace.js'
import type { Reader } from './reader.js'

/** Milliseconds for which throttled reads are retried. */
const DEADLINE = 300_000
/** How many items the first page of a limited read has. */
const FIRST_PAGE = 25

/** A table, and how to read it. */
export interface TableReading {
  readonly store: Store
  readonly table: TableDescription
  readonly pace: CapacityPace
  /** Strongly consistent reads, at twice the price. */
  readonly consistent: boolean
}

/** Reads the items of a table as they are, in the order of a scan. */
export function tableReader({ store, table, pace, consistent }: TableReading): Reader {
  const { name, key } = table
  return {
    keyNames: key.sort ? [key.partition.name, key.sort.name] : [key.partition.name],
    itemCount: table.itemCount > 0 ? table.itemCount : undefined,
    async *pages(token, signal) {
      let after = token === undefined ? undefined : parseKey(token)
      // A page of 1 MB uses 128 units at once, so a limited read asks for as many items as a second pays for.
      let limit = pace.rate === undefined ? undefined : FIRST_PAGE
      do {
        await pace.ready(signal)
        if (signal.aborted) return
        const page = await store.scan({
          table: name,
          consistent,
          deadline: DEADLINE,
          ...(after && { after }),
          ...(limit && { limit }),
        })
        pace.spend(page.capacity.read)
        if (pace.rate !== undefined && page.scanned > 0) {
          limit = Math.max(1, Math.floor((pace.rate * page.scanned) / Math.max(page.capacity.read, 0.5)))
        }
        after = page.next
        yield { items: page.items, next: after && printJson(after) }
      } while (after)
    },
  }
}

function parseKey(token: string): Key {
  try {
    return parseJson(token) as Item as Key
  } catch {
    throw new Usage('the position to continue at is damaged; start without it')
  }
}
