/** Rows as values that the output can print: times as ISO 8601 text, numbers as short as they are exact. */
import { Decimal, decimal, type Value } from 'partita'

/** Relations may refer to rows that refer back. A row that a command loads is at most eight levels deep. */
const MAX_DEPTH = 64

/** The fields of a row, in their order. */
export function printedRow(row: object, depth = 0): Readonly<Record<string, Value>> {
  const fields = Object.entries(row).filter(([, value]) => value !== undefined && typeof value !== 'function')
  return Object.fromEntries(fields.map(([name, value]) => [name, printedValue(value, depth + 1)]))
}

/** A row, or a part of one, without the methods of records. Undefined fields are omitted. */
function printedValue(value: unknown, depth = 0): Value {
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return value
  if (value instanceof Date) return value.toISOString()
  // Fields of exact kinds hold bigints and decimals also where a plain number has the same digits.
  if (typeof value === 'bigint') return decimal(String(value))
  if (value instanceof Decimal) return decimal(value.text)
  if (value instanceof Uint8Array) return value
  if (typeof value !== 'object' || depth > MAX_DEPTH) return String(value)
  if (value instanceof Set) return new Set([...value].map(it => printedValue(it, depth + 1))) as Value
  if (Array.isArray(value)) return value.map(it => printedValue(it, depth + 1))
  return printedRow(value, depth)
}
