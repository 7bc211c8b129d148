/** ConsumedCapacity in the answers of operations. */
import type { KnownTable } from '../../embedded/catalog.js'
import type { Capacity, CapacityUnits, TableCapacity } from '../../store/capacity.js'
import type { Wire } from '../dispatch.js'
import type { Member } from './shape.js'

/** `ReturnConsumedCapacity`. */
export const RETURN_CAPACITY = {
  type: 'string',
  values: ['INDEXES', 'TOTAL', 'NONE'],
} as const satisfies Member

/** The value of `ReturnConsumedCapacity`; undefined means `NONE`. */
export type ReturnCapacity = 'INDEXES' | 'TOTAL' | 'NONE' | undefined

/** Capacity units as AWS writes them: in total for most operations, also by kind for transactions. */
interface Reported {
  readonly CapacityUnits: number
  readonly ReadCapacityUnits?: number
  readonly WriteCapacityUnits?: number
}

/**
 * The capacity that one table's part of an operation used; undefined if the request does not ask for it.
 * @param kinds whether to report reads and writes separately, as AWS does for transactions.
 */
export function consumed(
  { definition }: KnownTable,
  capacity: Capacity,
  requested: ReturnCapacity,
  kinds = false,
): object | undefined {
  if (requested !== 'TOTAL' && requested !== 'INDEXES') return undefined
  const { name } = definition
  const used: TableCapacity = capacity.tables[name] ?? { read: 0, write: 0, indexes: {} }
  const indexes = Object.entries(used.indexes)
  const total = indexes.reduce((sum, [, { read, write }]) => ({ read: sum.read + read, write: sum.write + write }), {
    read: used.read,
    write: used.write,
  })
  if (requested === 'TOTAL') return { TableName: name, ...reported(total, kinds) }
  const locals = Object.keys(definition.localIndexes ?? {})
  const of = (isLocal: boolean) =>
    indexes
      .filter(([index]) => locals.includes(index) === isLocal)
      .map(([index, units]) => [index, reported(units, kinds)])
  const [local, global] = [of(true), of(false)]
  return {
    TableName: name,
    ...reported(total, kinds),
    Table: reported(used, kinds),
    ...(local.length > 0 && { LocalSecondaryIndexes: Object.fromEntries(local) }),
    ...(global.length > 0 && { GlobalSecondaryIndexes: Object.fromEntries(global) }),
  }
}

/** The same for an operation on several tables: a list with one entry per table. */
export function consumedByAll(
  wire: Wire,
  tables: Iterable<string>,
  capacity: Capacity,
  requested: ReturnCapacity,
  kinds = false,
): object[] | undefined {
  if (requested !== 'TOTAL' && requested !== 'INDEXES') return undefined
  return [...new Set(tables)].flatMap(name => {
    const table = wire.store.table(name)
    return (table && consumed(table, capacity, requested, kinds)) ?? []
  })
}

function reported({ read, write }: CapacityUnits, kinds: boolean): Reported {
  if (!kinds) return { CapacityUnits: read + write }
  return {
    CapacityUnits: read + write,
    ...(read > 0 && { ReadCapacityUnits: read }),
    ...(write > 0 && { WriteCapacityUnits: write }),
  }
}
