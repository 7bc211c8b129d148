/** Capacity units used, in total and by table and index. A read unit is 4 KB, strongly consistent; a write unit is 1 KB. */

export interface CapacityUnits {
  read: number
  write: number
}

export interface TableCapacity extends CapacityUnits {
  /** Units of secondary indexes by name, not included in the table's own units. */
  indexes: Record<string, CapacityUnits>
}

export interface Capacity extends CapacityUnits {
  tables: Record<string, TableCapacity>
}

/** An empty capacity. Its records have no prototype, because a table may be named `__proto__`. */
export function noCapacity(): Capacity {
  return { read: 0, write: 0, tables: Object.create(null) }
}

/** Adds units of a table, or of one of its indexes. */
export function addUnits(
  capacity: Capacity,
  table: string,
  index: string | undefined,
  read: number,
  write: number,
): void {
  capacity.read += read
  capacity.write += write
  const ofTable = (capacity.tables[table] ??= { read: 0, write: 0, indexes: Object.create(null) })
  const target = index === undefined ? ofTable : (ofTable.indexes[index] ??= { read: 0, write: 0 })
  target.read += read
  target.write += write
}

export function addCapacity(total: Capacity, part: Capacity): void {
  for (const [table, units] of Object.entries(part.tables)) {
    addUnits(total, table, undefined, units.read, units.write)
    for (const [index, { read, write }] of Object.entries(units.indexes)) addUnits(total, table, index, read, write)
  }
}
