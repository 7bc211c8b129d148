/** Values of items as BSON values, and back. Decoding the encoded value is the identity. */
import type { Document } from 'mongodb'
import { type IssuePath, invalid, UnavailableError } from '../../errors/errors.js'
import { MAX_PARTITION_KEY_BYTES } from '../../store/limits.js'
import { Decimal, type NumberValue, numberProblem, numberText } from '../../value/number.js'
import { compareValues, type Item, isSet, type KeyValue, setAttribute, type Value } from '../../value/value.js'
import { bytesOf, hexOf } from './hex.js'
import { attributeName, fieldName, HEX_FIELD, isEscaped, SET_FIELD } from './names.js'
import { decodeNumber, encodeNumber, MAX_DECIMAL_DIGITS, type StoredNumber } from './number.js'

/** A value as the driver writes it. */
export type StoredValue = string | StoredNumber | boolean | null | Uint8Array | readonly StoredValue[] | Document

/**
 * Encodes the attributes of a valid item. The result shares nothing with the item that a caller could change.
 * @throws ValidationError for a number of over 34 digits.
 */
export function encodeAttributes(item: Readonly<Item>): Document {
  const fields: Item = {}
  for (const name of Object.keys(item)) {
    setAttribute(fields, fieldName(name), encodeAttribute(item[name] as Value, name) as Value)
  }
  return fields
}

/**
 * Encodes the value of a top-level attribute, which can be a key: binary up to the length of a key is text.
 * @throws ValidationError for a number of over 34 digits.
 */
export function encodeAttribute(value: Value, name: string): StoredValue {
  if (value instanceof Uint8Array && value.length <= MAX_PARTITION_KEY_BYTES) return { [HEX_FIELD]: hexOf(value) }
  return encodeValue(value, [], name)
}

/** Encodes the value of a key attribute, as an index orders it. Returns undefined for a number of over 34 digits. */
export function encodeKey(value: KeyValue): string | StoredNumber | undefined {
  if (typeof value === 'string') return value
  return value instanceof Uint8Array ? hexOf(value) : encodeNumber(value)
}

function encodeValue(value: Value, path: IssuePath, name: string | number): StoredValue {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value
    case 'number':
    case 'bigint':
      return numberOf(value, path, name)
  }
  if (value === null) return null
  if (value instanceof Uint8Array) return new Uint8Array(value)
  if (value instanceof Decimal) return numberOf(value, path, name)
  if (isSet(value)) return encodeSet(value, path, name)
  const within = [...path, name]
  if (Array.isArray(value)) return value.map((element: Value, i) => encodeValue(element, within, i))
  const fields: Item = {}
  for (const key of Object.keys(value)) {
    setAttribute(fields, fieldName(key), encodeValue((value as Item)[key] as Value, within, key) as Value)
  }
  return fields
}

/** The members are sorted, so that equal sets are equal documents. */
function encodeSet(set: ReadonlySet<KeyValue>, path: IssuePath, name: string | number): StoredValue {
  const members = [...set].sort((a, b) => compareValues(a, b) as number)
  const [first] = members
  const type = typeof first === 'string' ? 'SS' : first instanceof Uint8Array ? 'BS' : 'NS'
  return { [SET_FIELD]: type, values: members.map(member => encodeValue(member, path, name)) }
}

function numberOf(value: NumberValue, path: IssuePath, name: string | number): StoredNumber {
  const stored = encodeNumber(value)
  if (stored !== undefined) return stored
  throw invalid(
    [...path, name],
    `${numberText(value)} has over ${MAX_DECIMAL_DIGITS} significant digits, the most that MongoDB stores; store it as text`,
  )
}

/**
 * Decodes the attributes of an item.
 * @throws UnavailableError for a value that no item has, such as a date that another program wrote.
 */
export function decodeAttributes(fields: Document): Item {
  const item: Item = {}
  for (const field of Object.keys(fields)) {
    setAttribute(item, attributeName(field), decodeValue(fields[field]))
  }
  return item
}

/**
 * Decodes the attributes of an item as {@link decodeAttributes} does, where it can in the given object itself, which
 * becomes the item: most values stay as they are. Nobody else may use the object.
 */
export function takeAttributes(fields: Document): Item {
  const names = Object.keys(fields)
  if (names.some(isEscaped)) return decodeAttributes(fields)
  for (const name of names) {
    const stored = fields[name]
    if (typeof stored === 'string' || typeof stored === 'boolean') continue
    const value = decodeValue(stored)
    if (value !== stored) setAttribute(fields, name, value)
  }
  return fields
}

function decodeValue(stored: unknown): Value {
  switch (typeof stored) {
    case 'string':
    case 'boolean':
      return stored
    case 'bigint':
      return decodeNumber(stored)
    case 'number':
      if (numberProblem(stored) === undefined) return stored === 0 ? 0 : stored
      throw unreadable(`the number ${stored}`)
  }
  if (stored === null) return null
  if (Array.isArray(stored)) return stored.map(decodeValue)
  if (stored instanceof Uint8Array) return new Uint8Array(stored)
  if (Object.getPrototypeOf(stored) === Object.prototype) return decodeDocument(stored as Document)
  return decodeClass(stored as BsonClass)
}

function decodeDocument(fields: Document): Value {
  if (HEX_FIELD in fields) {
    const bytes = typeof fields[HEX_FIELD] === 'string' ? bytesOf(fields[HEX_FIELD]) : undefined
    if (bytes) return bytes
    throw unreadable(`${HEX_FIELD} without hexadecimal text`)
  }
  if (!(SET_FIELD in fields)) return decodeAttributes(fields)
  if (!Array.isArray(fields.values)) throw unreadable(`${SET_FIELD} without values`)
  return new Set(fields.values.map(decodeValue) as string[])
}

interface BsonClass {
  readonly _bsontype?: string
  readonly buffer?: Uint8Array
  readonly position?: number
  toString(): string
}

function decodeClass(stored: BsonClass): Value {
  switch (stored._bsontype) {
    case 'Decimal128':
    case 'Long':
    // Of a client with `promoteValues: false`.
    case 'Int32':
    case 'Double':
      return decodeNumber(stored)
    case 'Binary':
      if (stored.buffer) return new Uint8Array(stored.buffer.subarray(0, stored.position))
  }
  throw unreadable(`a ${stored._bsontype ?? stored.constructor?.name}`)
}

function unreadable(what: string): UnavailableError {
  return new UnavailableError(`A document holds ${what}, which no item has; another program wrote it`, {})
}
