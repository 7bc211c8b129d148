/** The types of BSON by number and alias, as `$type` names them. */

import { failed } from '../errors.js'
import { isNumber, toDouble } from './numbers.js'

const ALIASES: Readonly<Record<string, readonly number[]>> = {
  double: [1],
  string: [2],
  object: [3],
  array: [4],
  binData: [5],
  objectId: [7],
  bool: [8],
  date: [9],
  null: [10],
  regex: [11],
  int: [16],
  timestamp: [17],
  long: [18],
  decimal: [19],
  minKey: [-1],
  maxKey: [127],
  number: [1, 16, 18, 19],
}

const BSON_TYPES: Readonly<Record<string, number>> = {
  Double: 1,
  Binary: 5,
  UUID: 5,
  ObjectId: 7,
  BSONRegExp: 11,
  Int32: 16,
  Timestamp: 17,
  Long: 18,
  Decimal128: 19,
  MinKey: -1,
  MaxKey: 127,
}

/** The number of a value's type. */
export function typeNumber(value: unknown): number | undefined {
  if (value === undefined) return undefined
  if (value === null) return 10
  if (typeof value === 'string') return 2
  if (typeof value === 'boolean') return 8
  if (Array.isArray(value)) return 4
  if (value instanceof Date) return 9
  return BSON_TYPES[(value as { _bsontype?: string })._bsontype ?? ''] ?? 3
}

/** The types that the operand of `$type` names. */
export function typeNumbers(operand: unknown): ReadonlySet<number> {
  const types = (Array.isArray(operand) ? operand : [operand]).flatMap(one => {
    if (isNumber(one)) return [toDouble(one)]
    const found = typeof one === 'string' && Object.hasOwn(ALIASES, one) ? ALIASES[one] : undefined
    if (!found) throw failed(2, `Unknown type name alias: ${String(one)}`)
    return found
  })
  if (types.length === 0) throw failed(9, '$type must match at least one type')
  return new Set(types)
}
