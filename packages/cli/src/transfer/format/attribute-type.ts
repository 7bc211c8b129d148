/** DynamoDB's types of attribute values. */
import { Decimal, type TypeName, type Value } from 'partita'

/** All type names. */
export const TYPE_NAMES: readonly TypeName[] = ['S', 'N', 'B', 'BOOL', 'NULL', 'L', 'M', 'SS', 'NS', 'BS']

/** The type of a value that a store returned. */
export function typeOf(value: Value): TypeName {
  switch (typeof value) {
    case 'string':
      return 'S'
    case 'number':
    case 'bigint':
      return 'N'
    case 'boolean':
      return 'BOOL'
  }
  if (value === null) return 'NULL'
  if (value instanceof Decimal) return 'N'
  if (value instanceof Uint8Array) return 'B'
  if (Array.isArray(value)) return 'L'
  if (!(value instanceof Set)) return 'M'
  const [first] = value
  return first instanceof Uint8Array ? 'BS' : typeof first === 'string' ? 'SS' : 'NS'
}
