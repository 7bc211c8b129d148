/** The JavaScript values that items can hold, and how they are compared. */
import { MemberIndex } from './member.js'
import { compareNumbers, Decimal, type NumberValue } from './number.js'

/** The value of an attribute. Numbers that a double cannot hold exactly are a `bigint` or a {@link Decimal}. */
export type Value =
  | string
  | NumberValue
  | boolean
  | null
  | Uint8Array
  | ReadonlySet<string>
  | ReadonlySet<NumberValue>
  | ReadonlySet<Uint8Array>
  | readonly Value[]
  | { readonly [name: string]: Value }

/** Attributes by name. At most 400 KB in all, as DynamoDB counts: see `measureItem`. */
export interface Item {
  [name: string]: Value
}

/** A value that a key attribute can hold: a string, a number or binary. */
export type KeyValue = string | NumberValue | Uint8Array

/** The key attributes of one item. */
export interface Key {
  [name: string]: KeyValue
}

/** DynamoDB's names of the types, as `attribute_type` takes them. */
export type TypeName = 'S' | 'N' | 'B' | 'BOOL' | 'NULL' | 'L' | 'M' | 'SS' | 'NS' | 'BS'

/** All names of types. */
export const TYPE_NAMES: readonly TypeName[] = ['S', 'N', 'B', 'BOOL', 'NULL', 'L', 'M', 'SS', 'NS', 'BS']

/** The DynamoDB type of a valid value; an empty set counts as `SS`. */
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
  if (Array.isArray(value)) return 'L'
  if (value instanceof Uint8Array) return 'B'
  if (value instanceof Decimal) return 'N'
  if (isSet(value)) {
    const [first] = value
    return first instanceof Uint8Array ? 'BS' : first === undefined || typeof first === 'string' ? 'SS' : 'NS'
  }
  return 'M'
}

/** Whether a value is one of the JavaScript types that store a DynamoDB number. */
export function isNumber(value: unknown): value is NumberValue {
  return typeof value === 'number' || typeof value === 'bigint' || value instanceof Decimal
}

/** Whether a value is a JavaScript Set; its members are not checked. */
export function isSet(value: unknown): value is ReadonlySet<string | NumberValue | Uint8Array> {
  return value instanceof Set
}

/** Whether a valid value is of the DynamoDB type `M`. */
export function isMap(value: unknown): value is { readonly [name: string]: Value } {
  return typeof value === 'object' && value !== null && typeOf(value as Value) === 'M'
}

/** Texts up to this length are copied, measured and encoded about as fast as other small values. */
const SMALL_TEXT = 256

/** Whether a value may be large, so that work on it should not be repeated. */
export function isLarge(value: Value): boolean {
  if (typeof value === 'string') return value.length > SMALL_TEXT
  return typeof value === 'object' && value !== null && !isNumber(value)
}

/** Whether a value is an object literal or has no prototype: not a class instance and not an array. */
export function isPlainObject(input: unknown): input is { readonly [name: string]: unknown } {
  if (typeof input !== 'object' || input === null) return false
  const prototype = Object.getPrototypeOf(input)
  return prototype === Object.prototype || prototype === null
}

/** Sets one attribute, `__proto__` included, as an own property. */
export function setAttribute(item: { [name: string]: Value }, name: string, value: Value): void {
  if (name === '__proto__')
    Object.defineProperty(item, name, { value, enumerable: true, configurable: true, writable: true })
  else item[name] = value
}

/** The attribute itself, never something inherited such as `constructor`. */
export function getAttribute(item: { readonly [name: string]: Value }, name: string): Value | undefined {
  return Object.hasOwn(item, name) ? item[name] : undefined
}

/** Equality as DynamoDB sees it: numbers by value, sets without order, no equality across types. */
export function equalValues(a: Value, b: Value): boolean {
  if (a === b) return true
  const type = typeOf(a)
  if (type !== typeOf(b)) return false
  switch (type) {
    case 'N':
      return compareNumbers(a as NumberValue, b as NumberValue) === 0
    case 'B':
      return compareBytes(a as Uint8Array, b as Uint8Array) === 0
    case 'L': {
      const left = a as readonly Value[]
      const right = b as readonly Value[]
      return left.length === right.length && left.every((value, i) => equalValues(value, right[i] as Value))
    }
    case 'M': {
      const left = a as Item
      const right = b as Item
      const names = Object.keys(left)
      if (names.length !== Object.keys(right).length) return false
      return names.every(name => Object.hasOwn(right, name) && equalValues(left[name] as Value, right[name] as Value))
    }
    case 'SS':
    case 'NS':
    case 'BS': {
      const left = a as ReadonlySet<KeyValue>
      const right = b as ReadonlySet<KeyValue>
      return left.size === right.size && holdsAll(right, left)
    }
    default:
      return false
  }
}

/** The members are of one type. */
function holdsAll(set: ReadonlySet<KeyValue>, members: ReadonlySet<KeyValue>): boolean {
  const index = new MemberIndex(set)
  for (const member of members) if (!index.has(member)) return false
  return true
}

/**
 * Order of two values of one type: strings by their UTF-8 bytes, numbers by value, binary by unsigned bytes.
 * @returns undefined if DynamoDB defines no order: for other types, and for two different types.
 */
export function compareValues(a: Value, b: Value): number | undefined {
  if (typeof a === 'string') return typeof b === 'string' ? compareStrings(a, b) : undefined
  if (isNumber(a)) return isNumber(b) ? compareNumbers(a, b) : undefined
  if (a instanceof Uint8Array) return b instanceof Uint8Array ? compareBytes(a, b) : undefined
  return undefined
}

/** Order of the strings' UTF-8 bytes. */
export function compareStrings(a: string, b: string): number {
  if (a === b) return 0
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const left = a.charCodeAt(i)
    const right = b.charCodeAt(i)
    if (left !== right) {
      // UTF-16 puts surrogates before U+E000..U+FFFF, UTF-8 puts the code points that they encode after.
      const leftSurrogate = (left & 0xf800) === 0xd800
      const rightSurrogate = (right & 0xf800) === 0xd800
      return leftSurrogate === rightSurrogate ? left - right : leftSurrogate ? 1 : -1
    }
  }
  return a.length - b.length
}

/** Compares two byte arrays as unsigned bytes; a prefix sorts first. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const difference = (a[i] as number) - (b[i] as number)
    if (difference !== 0) return difference
  }
  return a.length - b.length
}
