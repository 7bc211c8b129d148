/** The tags of encoded values: each value begins with a byte that says what follows. */

/** Null; nothing follows. */
export const NULL = 0
/** False; nothing follows. */
export const FALSE = 1
/** True; nothing follows. */
export const TRUE = 2
/** A varint, with the sign in the low bit. */
export const INTEGER = 3
/** Eight bytes. */
export const DOUBLE = 4
/** A length and decimal text. */
export const NUMBER_TEXT = 5
/** A length in bytes and text that is not ASCII. */
export const UTF8 = 6
/** A length and ASCII text of 128 characters or more. */
export const LATIN = 7
/** A length and bytes. */
export const BYTES = 8
/** A count and values. */
export const LIST = 9
/** A count and attributes, each a name, encoded like a string, and a value. */
export const MAP = 10
/** A count and strings. */
export const STRING_SET = 11
/** A count and numbers. */
export const NUMBER_SET = 12
/** A count and binary values. */
export const BYTES_SET = 13
/** Tags from here on are ASCII strings of up to 127 characters, the length in the low bits. */
export const SHORT_ASCII = 0x80

/** Returns the position after the value at a position. It reads tags and lengths only, without recursion. */
export function skipValue(bytes: Uint8Array, position: number): number {
  let at = position
  for (let values = 1; values > 0; values--) {
    const tag = bytes[at++] as number
    if (tag >= SHORT_ASCII) at += tag & 0x7f
    else if (tag === INTEGER) while ((bytes[at++] as number) >= 0x80);
    else if (tag === DOUBLE) at += 8
    else if (!(tag <= BYTES_SET)) throw damaged(tag, at)
    else if (tag > TRUE) {
      let byte = bytes[at++] as number
      let amount = byte & 0x7f
      for (let scale = 0x80; byte >= 0x80; scale *= 0x80) {
        byte = bytes[at++] as number
        amount += (byte & 0x7f) * scale
      }
      if (tag <= BYTES) at += amount
      else values += tag === MAP ? 2 * amount : amount
    }
  }
  return at
}

/** Returns the varint at a position. */
export function varintAt(bytes: Uint8Array, position: number): number {
  let at = position
  let byte = bytes[at++] as number
  let value = byte & 0x7f
  for (let scale = 0x80; byte >= 0x80; scale *= 0x80) {
    byte = bytes[at++] as number
    value += (byte & 0x7f) * scale
  }
  return value
}

/** Returns the integer whose sign is in the low bit of a varint. */
export function integerOf(varint: number): number {
  return varint % 2 === 0 ? varint / 2 : -(varint + 1) / 2
}

/** Creates the error for a tag that does not exist. @param after the position after the tag. */
export function damaged(tag: number | undefined, after: number): RangeError {
  return new RangeError(`The record is damaged: unknown tag ${tag} at byte ${after - 1}`)
}
