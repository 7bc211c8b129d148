/**
 * Encodes items as bytes. A record is the item's size as DynamoDB counts it, followed by its attributes. Sizes are read
 * without decoding, for capacity and page limits. Numbers that JavaScript represents exactly are stored in binary, others
 * as decimal text.
 */
import type { SizedItem } from '../../store/update-result.js'
import { Decimal, decimal, type NumberValue, numberText } from '../../value/number.js'
import { type Item, isSet, setAttribute, type Value } from '../../value/value.js'
import {
  BYTES,
  BYTES_SET,
  DOUBLE,
  damaged,
  FALSE,
  INTEGER,
  integerOf,
  LATIN,
  LIST,
  MAP,
  NULL,
  NUMBER_SET,
  NUMBER_TEXT,
  SHORT_ASCII,
  STRING_SET,
  TRUE,
  UTF8,
  varintAt,
} from './tag.js'

const MAX_VARINT_BYTES = 8
/** Integers have their sign in the low bit, so they are doubled; larger ones are stored as doubles. */
const MAX_ZIGZAG = 2 ** 52 - 1
const INITIAL_BYTES = 64 * 1024

let target = Buffer.allocUnsafeSlow(INITIAL_BYTES)
let at = 0
const double = new Float64Array(1)
const doubleBytes = new Uint8Array(double.buffer)
const { latin1Slice, utf8Slice } = Buffer.prototype as unknown as Record<
  'latin1Slice' | 'utf8Slice',
  (this: Uint8Array, start: number, end: number) => string
>

/**
 * Encodes a valid item of this size (see `measureItem`). The bytes are valid until the next call, so pass them to the store
 * immediately.
 */
export function encodeRecord(item: Item, size: number): Uint8Array {
  at = 0
  reserve(MAX_VARINT_BYTES)
  writeVarint(size)
  writeAttributes(item)
  return target.subarray(0, at)
}

/** Encodes an item to new bytes, which stay valid. */
export function encodeLasting(item: Item, size: number): Uint8Array {
  encodeRecord(item, size)
  const record = Buffer.allocUnsafe(at)
  target.copy(record, 0, 0, at)
  return record
}

/** Decodes the item of a record. */
export function decodeRecord(bytes: Uint8Array): Item {
  source = bytes
  at = 0
  readVarint()
  return readAttributes()
}

/** Decodes the item and the size of a record. */
export function decodeSizedRecord(bytes: Uint8Array): SizedItem {
  source = bytes
  at = 0
  const size = readVarint()
  return { item: readAttributes(), size }
}

/** Reads the item size of a record without decoding the item. */
export function recordSize(bytes: Uint8Array): number {
  return varintAt(bytes, 0)
}

/** Decodes the value at a position of a record. */
export function decodeValue(bytes: Uint8Array, position: number): Value {
  source = bytes
  at = position
  return readValue()
}

/** Encodes a string, or the name of an attribute, to new bytes. Equal strings have equal bytes. */
export function encodeText(text: string): Uint8Array {
  at = 0
  writeString(text)
  return new Uint8Array(target.subarray(0, at))
}

function reserve(bytes: number): void {
  if (at + bytes <= target.length) return
  const grown = Buffer.allocUnsafeSlow(Math.max(target.length * 2, at + bytes))
  target.copy(grown, 0, 0, at)
  target = grown
}

function writeVarint(value: number): void {
  let rest = value
  while (rest >= 0x80) {
    target[at++] = (rest % 0x80) | 0x80
    rest = Math.floor(rest / 0x80)
  }
  target[at++] = rest
}

function writeAttributes(item: Item): void {
  const names = Object.keys(item)
  reserve(MAX_VARINT_BYTES)
  writeVarint(names.length)
  for (const name of names) {
    writeString(name)
    writeValue(item[name] as Value)
  }
}

function writeValue(value: Value): void {
  reserve(1 + 2 * MAX_VARINT_BYTES)
  if (typeof value === 'string') writeString(value)
  else if (typeof value === 'number') writeNumber(value)
  else if (typeof value === 'bigint') writeNumberText(value)
  else if (typeof value === 'boolean') target[at++] = value ? TRUE : FALSE
  else if (value === null) target[at++] = NULL
  else if (Array.isArray(value)) {
    target[at++] = LIST
    writeVarint(value.length)
    for (const element of value) writeValue(element)
  } else if (value instanceof Uint8Array) writeBytes(value)
  else if (value instanceof Decimal) writeNumberText(value)
  else if (isSet(value)) writeSet(value)
  else {
    target[at++] = MAP
    writeAttributes(value as Item)
  }
}

function writeNumber(value: number): void {
  if (Number.isInteger(value) && Math.abs(value) <= MAX_ZIGZAG) {
    target[at++] = INTEGER
    writeVarint(value < 0 ? -2 * value - 1 : 2 * value)
    return
  }
  target[at++] = DOUBLE
  double[0] = value
  target.set(doubleBytes, at)
  at += 8
}

function writeNumberText(value: NumberValue): void {
  const text = numberText(value)
  reserve(1 + MAX_VARINT_BYTES + text.length)
  target[at++] = NUMBER_TEXT
  writeVarint(text.length)
  at += target.write(text, at, 'latin1')
}

function writeString(text: string): void {
  const { length } = text
  if (length < 64) {
    reserve(1 + MAX_VARINT_BYTES + length * 3)
    const start = at + 1
    let i = 0
    for (; i < length; i++) {
      const unit = text.charCodeAt(i)
      if (unit >= 0x80) break
      target[start + i] = unit
    }
    if (i === length) {
      target[at] = SHORT_ASCII | length
      at = start + length
      return
    }
  }
  const bytes = Buffer.byteLength(text)
  reserve(1 + MAX_VARINT_BYTES + bytes)
  if (bytes === length && length < 0x80) target[at++] = SHORT_ASCII | length
  else {
    target[at++] = bytes === length ? LATIN : UTF8
    writeVarint(bytes)
  }
  at += target.write(text, at, bytes === length ? 'latin1' : 'utf8')
}

function writeBytes(bytes: Uint8Array): void {
  reserve(1 + MAX_VARINT_BYTES + bytes.length)
  target[at++] = BYTES
  writeVarint(bytes.length)
  target.set(bytes, at)
  at += bytes.length
}

function writeSet(set: ReadonlySet<string | NumberValue | Uint8Array>): void {
  const [first] = set
  target[at++] = typeof first === 'string' ? STRING_SET : first instanceof Uint8Array ? BYTES_SET : NUMBER_SET
  writeVarint(set.size)
  for (const member of set) writeValue(member)
}

let source: Uint8Array = target

function readVarint(): number {
  let value = 0
  let scale = 1
  for (;;) {
    const byte = source[at++] as number
    value += (byte & 0x7f) * scale
    if (byte < 0x80) return value
    scale *= 0x80
  }
}

function readAttributes(): Item {
  const item: Item = {}
  for (let count = readVarint(); count > 0; count--) {
    const name = readName()
    const value = readAttribute()
    if (name === '__proto__') setAttribute(item, name, value)
    else item[name] = value
  }
  return item
}

/** Caches attribute names, since the same ones occur in every item. */
const NAME_SLOTS = 1024
const MAX_CACHED_NAME = 32
const names: string[] = new Array(NAME_SLOTS).fill('')
/** The slot of the name that was read last; that of an earlier name after one that is not cached. */
let nameSlot = 0

/** Maximum length of a text that is kept for the next value of its attribute. */
const MAX_KEPT_TEXT = 64
/** The last short text of an attribute, by the slot of its name: many attributes have few different values. */
const texts: string[] = new Array(NAME_SLOTS).fill('')

/** Reads the value of the attribute whose name was read last. */
function readAttribute(): Value {
  const length = (source[at] as number) - SHORT_ASCII
  if (length <= 0 || length > MAX_KEPT_TEXT) return readValue()
  const slot = nameSlot
  const kept = texts[slot] as string
  if (kept.length === length && isTextAt(kept, at + 1)) {
    at += 1 + length
    return kept
  }
  at++
  return (texts[slot] = readLatin(length))
}

/** Whether a text is at a position. Texts of one attribute often begin alike, so this compares from their ends. */
function isTextAt(text: string, start: number): boolean {
  let i = text.length - 1
  while (i >= 0 && text.charCodeAt(i) === source[start + i]) i--
  return i < 0
}

function readValue(): Value {
  const tag = source[at++] as number
  if (tag >= SHORT_ASCII) return readLatin(tag & 0x7f)
  switch (tag) {
    case NULL:
      return null
    case FALSE:
      return false
    case TRUE:
      return true
    case INTEGER:
      return integerOf(readVarint())
    case DOUBLE:
      for (let i = 0; i < 8; i++) doubleBytes[i] = source[at + i] as number
      at += 8
      return double[0] as number
    case NUMBER_TEXT:
      return decimal(readLatin(readVarint()))
    case UTF8: {
      const length = readVarint()
      at += length
      return utf8Slice.call(source, at - length, at)
    }
    case LATIN:
      return readLatin(readVarint())
    case BYTES: {
      const length = readVarint()
      const bytes = new Uint8Array(length)
      bytes.set(source.subarray(at, at + length))
      at += length
      return bytes
    }
    case LIST: {
      const list: Value[] = []
      for (let count = readVarint(); count > 0; count--) list.push(readValue())
      return list
    }
    case MAP:
      return readAttributes()
    case STRING_SET:
    case NUMBER_SET:
    case BYTES_SET: {
      const set = new Set<string>()
      for (let count = readVarint(); count > 0; count--) set.add(readValue() as string)
      return set
    }
    default:
      throw damaged(tag, at)
  }
}

function readLatin(length: number): string {
  at += length
  return latin1Slice.call(source, at - length, at)
}

function readName(): string {
  const tag = source[at] as number
  const length = tag & 0x7f
  if (tag < SHORT_ASCII || length === 0 || length > MAX_CACHED_NAME) return readValue() as string
  const start = at + 1
  let hash = length
  for (let i = 0; i < length; i++) hash = (hash * 31 + (source[start + i] as number)) | 0
  const slot = hash & (NAME_SLOTS - 1)
  nameSlot = slot
  const cached = names[slot] as string
  if (cached.length === length) {
    let i = 0
    while (i < length && cached.charCodeAt(i) === source[start + i]) i++
    if (i === length) {
      at = start + length
      return cached
    }
  }
  const name = readValue() as string
  names[slot] = name
  return name
}
