/**
 * Sizes and capacity units as DynamoDB counts them, and validation of values.
 *
 * Source: "DynamoDB item sizes and formats" and "Read and write capacity" in AWS's developer guide. A name or string
 * counts its UTF-8 bytes; a number one byte per two significant digits, plus one, plus one for a minus sign; binary
 * its bytes; null and booleans 1; a list or map 3, plus 1 per element, plus its elements; a set its members.
 */
import { type IssuePath, invalid, LimitExceededError, type ValidationError, withArticle } from '../errors/errors.js'
import { holdsOneTwice } from './member.js'
import { Decimal, type NumberValue, numberProblem, significantDigits } from './number.js'
import { type Item, isSet, type Key, type Value } from './value.js'

/** Largest item, in bytes: 400 KB. */
export const MAX_ITEM_BYTES = 400 * 1024
/** Deepest nesting of lists and maps. */
export const MAX_DEPTH = 32
/** Longest attribute name, in bytes. */
export const MAX_NAME_BYTES = 65_535

/** Bytes read for one read unit. */
const READ_UNIT_BYTES = 4096
/** Bytes written for one write unit. */
export const WRITE_UNIT_BYTES = 1024

/** Read units for items with this total size: half as many for an eventually consistent read. */
export function readUnits(bytes: number, consistent: boolean): number {
  return Math.max(1, Math.ceil(bytes / READ_UNIT_BYTES)) * (consistent ? 1 : 0.5)
}

/** Write units for one item of this size. */
export function writeUnits(bytes: number): number {
  return Math.max(1, Math.ceil(bytes / WRITE_UNIT_BYTES))
}

/**
 * Checks an item and measures it.
 * @returns its size in bytes as DynamoDB counts it.
 * @throws ValidationError naming the attribute whose value DynamoDB cannot store.
 * @throws LimitExceededError if the item is over 400 KB.
 */
export function measureItem(item: Item): number {
  const bytes = measureAttributes(item, [], 0)
  checkItemBytes(bytes)
  return bytes
}

/** @param bytes the size of an item, or of its known part. @throws LimitExceededError if it is over 400 KB. */
export function checkItemBytes(bytes: number): void {
  if (bytes <= MAX_ITEM_BYTES) return
  throw new LimitExceededError(`The item has ${bytes} bytes; an item may have ${MAX_ITEM_BYTES} (400 KB)`, {
    limit: 'item size in bytes',
    maximum: MAX_ITEM_BYTES,
    actual: bytes,
  })
}

/** Checks one value, such as an operand of a condition, and measures it. */
export function measureValue(value: Value, path: IssuePath = []): number {
  return measure(value, path, 0)
}

/** Checks and measures the attributes of a key. The caller checks them against the table's key schema. */
export function measureKey(key: Key): number {
  return measureAttributes(key, [], 0)
}

function measureAttributes(item: Item, path: IssuePath, perElement: number): number {
  let bytes = 0
  for (const name of Object.keys(item)) {
    const nameBytes = utf8Length(name)
    if (nameBytes === undefined || nameBytes === 0 || nameBytes > MAX_NAME_BYTES) throw badName(name, nameBytes, path)
    const value = item[name] as Value
    // Paths are built only for errors: every write runs this walk.
    bytes +=
      nameBytes +
      perElement +
      (typeof value === 'object' ? measureObject(value, path, name) : measureScalar(value, path, name))
  }
  return bytes
}

/** The path of a value: a child of `path`, or `path` itself. Built only for errors. */
function pathOf(path: IssuePath, name: string | number | undefined): IssuePath {
  return name === undefined ? path : [...path, name]
}

function measureScalar(value: Value, path: IssuePath, name: string | number | undefined): number {
  switch (typeof value) {
    case 'string': {
      const bytes = utf8Length(value)
      if (bytes === undefined) throw invalid(pathOf(path, name), LONE_SURROGATE)
      return bytes
    }
    case 'number':
    case 'bigint':
      return measureNumber(value, path, name)
    case 'boolean':
      return 1
    case 'undefined':
      throw invalid(pathOf(path, name), 'is undefined; leave the attribute out, or store null')
    default:
      throw invalid(pathOf(path, name), `is ${withArticle(typeof value)}, which a store cannot keep`)
  }
}

function measureObject(value: Value, path: IssuePath, name: string | number): number {
  if (value === null) return 1
  if (value instanceof Uint8Array) return value.length
  if (value instanceof Decimal) return measureNumber(value, path, name)
  return measure(value, [...path, name], path.length + 1)
}

function measure(value: Value, path: IssuePath, depth: number): number {
  if (typeof value !== 'object') return measureScalar(value, path, undefined)
  if (value === null) return 1
  if (value instanceof Uint8Array) return value.length
  if (value instanceof Decimal) return measureNumber(value, path, undefined)
  if (isSet(value)) return measureSet(value, path)
  if (depth > MAX_DEPTH) throw invalid(path.slice(0, 3), `is nested over ${MAX_DEPTH} levels deep`)
  if (Array.isArray(value)) {
    let bytes = 3
    for (let i = 0; i < value.length; i++) {
      const element = value[i] as Value
      bytes += 1 + (typeof element === 'object' ? measureObject(element, path, i) : measureScalar(element, path, i))
    }
    return bytes
  }
  const prototype = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) {
    throw invalid(
      path,
      `is a ${prototype.constructor?.name ?? 'class instance'}; only plain objects can be kept${hint(value)}`,
    )
  }
  return 3 + measureAttributes(value as Item, path, 1)
}

function measureSet(set: ReadonlySet<string | NumberValue | Uint8Array>, path: IssuePath): number {
  if (set.size === 0) throw invalid(path, 'is an empty set, which DynamoDB does not keep; remove the attribute instead')
  let bytes = 0
  let kind: string | undefined
  for (const member of set) {
    const memberKind = member instanceof Uint8Array ? 'binary' : typeof member === 'string' ? 'string' : 'number'
    if (
      memberKind === 'number' &&
      typeof member !== 'number' &&
      typeof member !== 'bigint' &&
      !(member instanceof Decimal)
    ) {
      throw invalid(
        path,
        `is a set with a ${member === null ? 'null' : typeof member}; a set holds strings, numbers or binary`,
      )
    }
    kind ??= memberKind
    if (kind !== memberKind) throw invalid(path, `is a set of ${kind} and ${memberKind}; a set holds one type`)
    bytes += typeof member === 'object' ? measureObject(member, path, 0) : measureScalar(member, path, 0)
  }
  // A set larger than an item is rejected by the caller, so it need not be searched.
  const isSearched = kind !== 'string' && bytes <= MAX_ITEM_BYTES
  if (isSearched && hasEqualMembers(set)) throw invalid(path, 'is a set with a duplicate value')
  return bytes
}

/** A JavaScript Set distinguishes 1 from 1n and equal byte arrays; a store does not. */
function hasEqualMembers(set: ReadonlySet<string | NumberValue | Uint8Array>): boolean {
  const members = [...set]
  return !members.every(member => typeof member === 'number') && holdsOneTwice(members)
}

function measureNumber(value: NumberValue, path: IssuePath, name: string | number | undefined): number {
  const problem = numberProblem(value)
  if (problem) throw invalid(pathOf(path, name), problem)
  return numberSize(value)
}

/** Pairs of significant digits, aligned at the decimal point, with a byte for the exponent and one for a minus. */
export function numberSize(value: NumberValue): number {
  if (Number.isSafeInteger(value)) return integerSize(value as number)
  const { negative, digits, magnitude } = significantDigits(value)
  if (digits === '') return 1
  const last = magnitude - digits.length + 1
  return 1 + Math.floor(magnitude / 2) - Math.floor(last / 2) + 1 + (negative ? 1 : 0)
}

function integerSize(value: number): number {
  let rest = Math.abs(value)
  while (rest !== 0 && rest % 100 === 0) rest /= 100
  let bytes = value < 0 ? 2 : 1
  for (; rest >= 1; rest = Math.floor(rest / 100)) bytes++
  return bytes
}

/** Bytes of a string in UTF-8; undefined if it has a lone surrogate, which UTF-8 cannot encode. */
export function utf8Length(text: string): number | undefined {
  let bytes = text.length
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit < 0x80) continue
    if (unit < 0x800) bytes += 1
    else if ((unit & 0xf800) !== 0xd800) bytes += 2
    else {
      const next = text.charCodeAt(i + 1)
      if (unit >= 0xdc00 || (next & 0xfc00) !== 0xdc00) return undefined
      bytes += 2
      i++
    }
  }
  return bytes
}

const LONE_SURROGATE =
  'holds a lone surrogate, which is not a character; clean the text with String.prototype.toWellFormed'

function badName(name: string, bytes: number | undefined, path: IssuePath): ValidationError {
  if (bytes === undefined) return invalid(path, `an attribute name ${LONE_SURROGATE}`)
  if (bytes === 0) return invalid(path, 'an attribute has an empty name')
  return invalid(
    path,
    `an attribute name has ${bytes} bytes; a name may have ${MAX_NAME_BYTES} (it begins ${name.slice(0, 20)})`,
  )
}

function hint(value: object): string {
  if (value instanceof Date) return '; store toISOString(), or epoch seconds'
  if (value instanceof Map) return '; use Object.fromEntries'
  if (value instanceof ArrayBuffer) return '; use a Uint8Array'
  return ''
}
