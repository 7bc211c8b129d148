/** Converts DynamoDB's consumed capacity. */
import { addUnits, type Capacity } from '../store/capacity.js'

/** Units of a table or index, in DynamoDB's names. */
interface Units {
  readonly CapacityUnits?: number
  readonly ReadCapacityUnits?: number
  readonly WriteCapacityUnits?: number
}

/** The consumed capacity of one table, in DynamoDB's names. */
export interface Consumed extends Units {
  readonly TableName?: string
  readonly Table?: Units
  readonly LocalSecondaryIndexes?: Readonly<Record<string, Units>>
  readonly GlobalSecondaryIndexes?: Readonly<Record<string, Units>>
}

/** Only transactions report read and write units separately; the units of other calls have one direction. */
export type Direction = 'read' | 'write'

/** Adds DynamoDB's consumed capacity to a sum. */
export function addConsumed(
  total: Capacity,
  direction: Direction,
  consumed: Consumed | readonly Consumed[] | undefined,
): void {
  if (!consumed) return
  for (const part of Array.isArray(consumed) ? (consumed as readonly Consumed[]) : [consumed as Consumed]) {
    const table = part.TableName ?? ''
    const add = (index: string | undefined, units: Units | undefined): void => {
      if (!units) return
      const split = units.ReadCapacityUnits !== undefined || units.WriteCapacityUnits !== undefined
      const all = split ? 0 : (units.CapacityUnits ?? 0)
      const read = (units.ReadCapacityUnits ?? 0) + (direction === 'read' ? all : 0)
      const write = (units.WriteCapacityUnits ?? 0) + (direction === 'write' ? all : 0)
      addUnits(total, table, index, read, write)
    }
    const { LocalSecondaryIndexes: local, GlobalSecondaryIndexes: global } = part
    const indexes = local || global ? Object.entries({ ...local, ...global }) : []
    // Servers that do not report details report the total.
    add(undefined, part.Table ?? (indexes.length === 0 ? part : undefined))
    for (const [name, units] of indexes) add(name, units)
  }
}
