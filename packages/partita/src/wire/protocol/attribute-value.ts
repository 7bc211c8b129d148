/** Converts attribute values, after `readShape`, to plain values and back. Numbers keep all digits. */
import { holdsOneTwice } from '../../value/member.js'
import { Decimal, decimal, type NumberValue } from '../../value/number.js'
import { checkItemBytes, MAX_NAME_BYTES, numberSize, utf8Length } from '../../value/size.js'
import { compareValues, type Item, type KeyValue, setAttribute, type Value } from '../../value/value.js'
import { AwsError, validation } from './aws-error.js'
import { ValueError } from './legacy-messages.js'
import { isZeroOutOfRange, NUMBER, numberError } from './number-error.js'

/** An attribute value of the protocol, with decoded bytes. */
export interface Typed {
  readonly S?: string
  readonly N?: string
  readonly B?: Uint8Array
  readonly SS?: readonly string[]
  readonly NS?: readonly string[]
  readonly BS?: readonly Uint8Array[]
  readonly M?: TypedItem
  readonly L?: readonly Typed[]
  readonly NULL?: boolean
  readonly BOOL?: boolean
}

/** An item or key of the protocol: attribute values by name. */
export interface TypedItem {
  readonly [name: string]: Typed
}

/** Bytes that a map or list adds to the sizes of its elements. Each element adds one more byte. */
const CONTAINER_BYTES = 3
/** Up to this length, counting in JavaScript is faster than a call of `Buffer.byteLength`. */
const SHORT = 64
/** The item itself is the first level. */
const MAX_DEPTH = 31
const TOO_DEEP =
  'Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit'

class EmptyNameError extends AwsError {
  constructor() {
    super('ValidationException', 'Empty attribute name')
  }
}

/** @throws AwsError for a value without a type or with several, or one that is invalid for its type. */
export function readItem(typed: TypedItem): Item {
  // Empty names of top-level attributes are reported before all values, those in maps after excessive nesting.
  for (const name of Object.keys(typed)) checkName(name)
  try {
    return readMap(typed, 0)
  } catch (error) {
    if (error instanceof EmptyNameError && isTooDeep({ M: typed }, -1)) throw new ValueError(TOO_DEEP)
    throw error
  }
}

/** An item that was read, and its size as `measureItem` returns it. It may exceed the maximum. */
export interface ReadItem {
  readonly item: Item
  readonly size: number
}

/** Reads an item and measures it in the same walk. @throws AwsError as {@link readItem} */
export function readSizedItem(typed: TypedItem): ReadItem {
  bytes = 0
  const item = readItem(typed)
  return { item, size: bytes }
}

/** The size of what was read since {@link readSizedItem} began. Reading is synchronous and not nested. */
let bytes = 0

function readMap(typed: TypedItem, depth: number): Item {
  const item: Item = {}
  const names = Object.keys(typed)
  if (depth > 0) bytes += CONTAINER_BYTES + names.length
  for (const name of names) {
    checkName(name)
    bytes += textBytes(name)
    setAttribute(item, name, readValue(typed[name] as Typed, depth))
  }
  return item
}

/** Bytes of UTF-8. The JSON parser refuses lone surrogates. */
function textBytes(text: string): number {
  return text.length < SHORT ? (utf8Length(text) as number) : Buffer.byteLength(text)
}

function checkName(name: string): void {
  if (name === '') throw new EmptyNameError()
  // Each of a name's UTF-16 units has at most three bytes.
  if (name.length * 3 > MAX_NAME_BYTES && (utf8Length(name) ?? 0) > MAX_NAME_BYTES) {
    throw validation('Attribute name is too large, must be less than 65536 bytes')
  }
}

/** @throws AwsError for a value without a type or with several, or one that is invalid for its type. */
export function readValue(typed: Typed, depth = 0): Value {
  if (typed === null)
    throw validation('Supplied AttributeValue is empty, must contain exactly one of the supported datatypes')
  let type: string | undefined
  for (const name in typed) {
    if (type !== undefined) {
      throw validation(
        'Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes',
      )
    }
    type = name
  }
  switch (type) {
    case 'S':
      return readString(typed.S as string)
    case 'N':
      return readNumber(typed.N as string)
    case 'B':
      return readBytes(typed.B as Uint8Array)
    case 'BOOL':
      bytes++
      return typed.BOOL as boolean
    case 'NULL':
      if (!typed.NULL) throw invalidValue('Null attribute value types must have the value of true')
      bytes++
      return null
    case 'M':
      checkDepth(depth)
      return readMap(typed.M as TypedItem, depth + 1)
    case 'L':
      checkDepth(depth)
      bytes += CONTAINER_BYTES + (typed.L as readonly Typed[]).length
      return (typed.L as readonly Typed[]).map(element => readValue(element, depth + 1))
    case 'SS':
      return readSet(typed.SS as readonly string[], 'An string set  may not be empty', readString)
    case 'NS':
      return readSet(typed.NS as readonly string[], 'An number set  may not be empty', readNumber)
    case 'BS':
      return readSet(typed.BS as readonly Uint8Array[], 'Binary sets should not be empty', readBytes)
  }
  throw validation('Supplied AttributeValue is empty, must contain exactly one of the supported datatypes')
}

function readString(text: string): string {
  bytes += textBytes(text)
  return text
}

function readBytes(given: Uint8Array): Uint8Array {
  bytes += given.length
  return given
}

function checkDepth(depth: number): void {
  if (depth >= MAX_DEPTH) throw new ValueError(TOO_DEEP)
}

function isTooDeep(value: Typed | null, depth: number): boolean {
  if (depth > MAX_DEPTH) return true
  const within = value?.M ? Object.values(value.M) : (value?.L ?? [])
  return within.some(it => isTooDeep(it, depth + 1))
}

function invalidValue(message: string, subject?: ValueError['subject']): ValueError {
  return new ValueError(`${INVALID}${message}`, undefined, subject)
}

function readSet<Given, Member extends KeyValue>(
  given: readonly Given[],
  empty: string,
  read: (it: Given) => Member,
): Value {
  if (given.length === 0) throw invalidValue(empty, read === (readNumber as unknown) ? 'number' : 'value')
  // More members than an item has bytes: rejected before they are read and compared, which would take seconds.
  checkItemBytes(given.length)
  const members: Member[] = []
  for (const one of given) {
    if (one === null) throw invalidValue('An string set may not have a null string as a member')
    members.push(read(one))
  }
  if (holdsOneTwice(members)) throw duplicates(members[0], members, given)
  return new Set<Member>(members) as unknown as Value
}

/** @param members the members of a set, with duplicates. */
function duplicates(first: unknown, members: readonly unknown[], given: readonly unknown[]): ValueError {
  if (typeof first === 'string') {
    const texts = given.map(it => `"${it}"`)
    return repeated(` [${sortedToRepeat(texts).join(', ')}] `, ` [${given.join(', ')}] `)
  }
  if (first instanceof Uint8Array) {
    const texts = members.map(it => Buffer.from(it as Uint8Array))
    const shown = sortedToRepeat(texts.map(it => it.toString('latin1'))).map(
      it => `"${Buffer.from(it, 'latin1').toString('base64')}"`,
    )
    const older = texts.map(it => it.toString('base64'))
    return repeated(` [${shown.join(',')}]of type BS `, ` [${older.join(', ')}]of type BS `)
  }
  return new ValueError(
    `${INVALID}Input collection contains duplicates.`,
    'Input collection contains duplicates',
    'duplicates',
  )
}

const INVALID = 'One or more parameter values were invalid: '

function repeated(shown: string, older: string): ValueError {
  return new ValueError(
    `${INVALID}Input collection${shown}contains duplicates.`,
    `${INVALID}Input collection${older}contains duplicates.`,
    'duplicates',
  )
}

/** The members before the first duplicate, sorted; then the duplicate, and the rest as given. */
function sortedToRepeat(texts: readonly string[]): string[] {
  const taken = new Set<string>()
  let i = 0
  while (i < texts.length && !taken.has(texts[i] as string)) taken.add(texts[i++] as string)
  const bytes = (text: string) => Buffer.from(text)
  return [...[...taken].sort((a, b) => Buffer.compare(bytes(a), bytes(b))), ...texts.slice(i)]
}

/** @throws AwsError for text that is not a number, has over 38 digits, or is out of range. */
export function readNumber(text: string): NumberValue {
  const number = parseNumber(text)
  bytes += numberSize(number)
  return number
}

function parseNumber(text: string): NumberValue {
  if (text.length < 16) {
    const short = Number(text)
    if (short === 0 ? isZero(text) : Math.abs(short) < 1e126 && Math.abs(short) >= 1e-130 && NUMBER.test(text)) {
      return short === 0 ? 0 : short
    }
    throw numberError(text)
  }
  let number: NumberValue
  try {
    number = decimal(text)
  } catch {
    throw numberError(text)
  }
  if (number === 0 && !isZero(text)) throw numberError(text)
  return number
}

/** `Number` also returns 0 for numbers that are too small, and for spaces. */
function isZero(text: string): boolean {
  return (
    text === '0' || (NUMBER.test(text) && !/[1-9]/.test(text.split(/[eE]/)[0] as string) && !isZeroOutOfRange(text))
  )
}

/** An item as answers contain it. */
export function writeItem(item: { readonly [name: string]: Value }): TypedItem {
  const typed: { [name: string]: Typed } = {}
  for (const name of Object.keys(item)) {
    setAttribute(typed as unknown as Item, name, writeValue(item[name] as Value) as unknown as Value)
  }
  return typed
}

/** A value as answers contain it, with bytes in base 64. */
export function writeValue(value: Value): object {
  switch (typeof value) {
    case 'string':
      return { S: value }
    case 'number':
    case 'bigint':
      return { N: writeNumber(value) }
    case 'boolean':
      return { BOOL: value }
  }
  if (value === null) return { NULL: true }
  if (Array.isArray(value)) return { L: value.map(writeValue) }
  if (value instanceof Uint8Array) return { B: base64(value) }
  if (value instanceof Decimal) return { N: writeNumber(value) }
  if (value instanceof Set) return writeSet(value)
  return { M: writeItem(value as Item) }
}

/** AWS sorts the members of a set: text and binary by bytes, numbers by value. */
function writeSet(set: ReadonlySet<KeyValue>): object {
  const members = [...set].sort((a, b) => compareValues(a, b) ?? 0)
  const [first] = members
  if (typeof first === 'string') return { SS: members }
  if (first instanceof Uint8Array) return { BS: (members as Uint8Array[]).map(base64) }
  return { NS: (members as NumberValue[]).map(writeNumber) }
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64')
}

/** DynamoDB writes all digits and never an exponent. */
export function writeNumber(value: NumberValue): string {
  if (typeof value === 'bigint') return value.toString()
  const text = String(value)
  const exponent = text.indexOf('e')
  return exponent < 0 ? text : plain(text.slice(0, exponent), Number(text.slice(exponent + 1)))
}

function plain(mantissa: string, power: number): string {
  const sign = mantissa.startsWith('-') ? '-' : ''
  const [whole = '', fraction = ''] = mantissa.slice(sign.length).split('.')
  const digits = whole + fraction
  const point = whole.length + power
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`
  return sign + digits.padEnd(point, '0').slice(0, point) + (digits.length > point ? `.${digits.slice(point)}` : '')
}
