/** The total order of BSON values, by which MongoDB sorts and keeps its indexes. */
import type { Binary, Document } from 'mongodb'
import { compareNumbers, isNumber, numberKey } from './numbers.js'

/** The rank of a type in the order; values of types of one rank are compared by value. */
export function typeRank(value: unknown): number {
  if (value === undefined) return 0
  if (value === null) return 5
  switch (typeof value) {
    case 'string':
      return 15
    case 'boolean':
      return 40
  }
  if (Array.isArray(value)) return 25
  if (value instanceof Date) return 45
  const type = (value as { _bsontype?: string })._bsontype
  return type === undefined ? 20 : (RANKS[type] ?? 60)
}

const RANKS: Readonly<Record<string, number>> = {
  MinKey: -1,
  Int32: 10,
  Long: 10,
  Double: 10,
  Decimal128: 10,
  BSONSymbol: 15,
  Binary: 30,
  UUID: 30,
  ObjectId: 35,
  Timestamp: 47,
  BSONRegExp: 50,
  MaxKey: 127,
}

/** An embedded document, not a value of BSON's own types. */
export function isDocument(value: unknown): value is Document {
  return typeRank(value) === 20
}

export function compareValues(a: unknown, b: unknown): number {
  const rank = typeRank(a)
  const difference = rank - typeRank(b)
  if (difference !== 0) return difference
  switch (rank) {
    case 10:
      return isNumber(a) && isNumber(b) ? compareNumbers(a, b) : 0
    case 15:
      return compareText(String(a), String(b))
    case 20:
      return compareDocuments(a as Document, b as Document)
    case 25:
      return compareArrays(a as unknown[], b as unknown[])
    case 30:
      return compareBinary(a as Binary, b as Binary)
    case 35:
    case 47:
    case 50:
      return compareText(String(a), String(b))
    case 40:
    case 45:
      return Number(a) - Number(b)
    default:
      return 0
  }
}

export function equalValues(a: unknown, b: unknown): boolean {
  return compareValues(a, b) === 0
}

/** Text that equal values share and others do not. */
export function valueKey(value: unknown): string {
  if (typeof value === 'string') return `s${value}`
  if (isNumber(value)) return `n${numberKey(value)}`
  if (Array.isArray(value)) return JSON.stringify(['a', ...value.map(valueKey)])
  if (isDocument(value)) return JSON.stringify(['d', ...Object.entries(value).flatMap(([k, v]) => [k, valueKey(v)])])
  if (typeRank(value) === 30) {
    const { sub_type, buffer, position } = value as Binary
    return `b${sub_type} ${Buffer.from(buffer.subarray(0, position)).toString('hex')}`
  }
  return `${typeRank(value)} ${value instanceof Date ? value.getTime() : String(value)}`
}

/** By UTF-8 bytes, which is the order of code points; UTF-16 differs above U+FFFF. */
function compareText(a: string, b: string): number {
  if (a === b) return 0
  const shared = Math.min(a.length, b.length)
  let i = 0
  while (i < shared && a.charCodeAt(i) === b.charCodeAt(i)) i++
  if (i === shared) return a.length - b.length
  const [left, right] = [a.charCodeAt(i), b.charCodeAt(i)]
  const high = (unit: number) => (unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit)
  return high(left) - high(right)
}

/** Field by field, in the order of the fields: the type of the value, the name, the value. */
function compareDocuments(a: Document, b: Document): number {
  const [left, right] = [Object.entries(a), Object.entries(b)]
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const [[name, value], [otherName, otherValue]] = [left[i] as [string, unknown], right[i] as [string, unknown]]
    const difference =
      typeRank(value) - typeRank(otherValue) || compareText(name, otherName) || compareValues(value, otherValue)
    if (difference !== 0) return difference
  }
  return left.length - right.length
}

function compareArrays(a: readonly unknown[], b: readonly unknown[]): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const difference = compareValues(a[i], b[i])
    if (difference !== 0) return difference
  }
  return a.length - b.length
}

/** The length first, then the subtype, then the bytes. */
function compareBinary(a: Binary, b: Binary): number {
  return (
    a.position - b.position ||
    a.sub_type - b.sub_type ||
    Buffer.compare(a.buffer.subarray(0, a.position), b.buffer.subarray(0, b.position))
  )
}
