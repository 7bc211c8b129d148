/** Values of documents: their identity, and whether they can be compared at all. */
import { isPlainObject } from '../../value/value.js'

/** A value of a document, as the driver or Mongoose gives it. */
export type BsonValue = unknown

/** The name by which every version of the driver tells its classes. */
function bsonType(value: BsonValue): string | undefined {
  return typeof value === 'object' && value !== null && '_bsontype' in value ? String(value._bsontype) : undefined
}

/**
 * A text that is the same for equal values: numbers of every type by their amount, bytes and UUIDs by their bytes, maps
 * whatever the order of their names.
 */
export function bsonIdentity(value: BsonValue): string {
  switch (typeof value) {
    case 'string':
      return `text ${value}`
    case 'number':
      return `number ${exactNumber(Object.is(value, -0) ? '0' : String(value))}`
    case 'bigint':
      return `number ${exactNumber(String(value))}`
    case 'boolean':
    case 'undefined':
      return `${value}`
    default:
      return value === null ? 'null' : objectIdentity(value as object)
  }
}

function objectIdentity(value: object): string {
  if (value instanceof Date) return `date ${value.getTime()}`
  if (value instanceof Uint8Array) return `bytes ${Buffer.from(value).toString('hex')}`
  if (value instanceof Map) return bsonIdentity(Object.fromEntries(value))
  if (Array.isArray(value)) return `[${joined(value.map(bsonIdentity))}]`
  const type = bsonType(value)
  switch (type) {
    case 'ObjectId':
      return `id ${String(value)}`
    case 'Binary':
      // Only the bytes that are in use: the buffer of a Binary can be longer.
      return `bytes ${Buffer.from((value as { value(): Uint8Array }).value()).toString('hex')}`
    case 'Long':
    case 'Int32':
    case 'Double':
    case 'Decimal128':
      return `number ${exactNumber(String(value))}`
    case undefined:
      return isPlainObject(value)
        ? `{${joined(
            Object.keys(value)
              .sort()
              .map(name => `${joined([name])}${bsonIdentity(value[name])}`),
          )}}`
        : `object ${String(value)}`
    default:
      return `${type} ${String(value)}`
  }
}

/** Texts with their lengths, so that no content can look like another. */
function joined(texts: readonly string[]): string {
  return texts.map(text => `${text.length} ${text}`).join(',')
}

/** One text for each amount: `1`, `1.0` and `10E-1` are equal. */
function exactNumber(text: string): string {
  const found = /^(-?)(\d*)\.?(\d*)(?:e([+-]?\d+))?$/i.exec(text)
  if (!found) return text
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = found
  const digits = `${whole}${fraction}`.replace(/^0+/, '')
  const significant = digits.replace(/0+$/, '')
  if (significant === '') return '0'
  return `${sign}${significant}e${Number(exponent) - fraction.length + digits.length - significant.length}`
}

/** Whether a value can be looked up: neither a document nor a list, and no pattern, which MongoDB would match instead. */
export function isScalar(value: BsonValue): boolean {
  if (typeof value !== 'object') return !['undefined', 'function', 'symbol'].includes(typeof value)
  if (value === null) return false
  const types = ['ObjectId', 'Binary', 'Long', 'Int32', 'Double', 'Decimal128']
  return value instanceof Date || value instanceof Uint8Array || types.includes(bsonType(value) ?? '')
}

/** Whether a value of this type counts as an ObjectId. */
export function isObjectId(value: BsonValue): boolean {
  return bsonType(value) === 'ObjectId'
}

/** A value as messages show it. */
export function shownValue(value: BsonValue): BsonValue {
  return bsonType(value) === undefined ? value : String(value)
}
