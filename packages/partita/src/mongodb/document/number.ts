/**
 * Numbers in BSON. MongoDB compares integers of 32 and 64 bits and decimals of 128 bits by their exact values. Doubles are
 * never written, because `0.1` as a double is another number than `0.1` as a decimal.
 */
import { Decimal128 } from 'mongodb'
import { canonicalNumber, decimal, type NumberValue, numberText, significantDigits } from '../../value/number.js'

/** Significant digits of a Decimal128. DynamoDB has 38: this is the one limit on values that is narrower here. */
export const MAX_DECIMAL_DIGITS = 34
const MIN_INT32 = -(2 ** 31)
const MAX_INT32 = 2 ** 31 - 1
const MIN_INT64 = -(2n ** 63n)
const MAX_INT64 = 2n ** 63n - 1n

/** What is added to the exponent of a Decimal128. */
const EXPONENT_BIAS = 6176
/** Length of a text that has at most 15 digits, with its point. */
const MAX_SHORT_TEXT = 16
/** The powers of ten that are exact as doubles. */
const POWERS = Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`))

/** A number as the driver writes it: a `number` is an integer of 32 bits, a `bigint` one of 64 bits. */
export type StoredNumber = number | bigint | Decimal128

/** Encodes a valid number. Equal numbers have one form. Returns undefined for over 34 digits. */
export function encodeNumber(value: NumberValue): StoredNumber | undefined {
  if (Number.isSafeInteger(value)) return encodeInteger(value as number)
  const short = typeof value === 'number' ? encodeFraction(value) : undefined
  if (short) return short
  const canonical = canonicalNumber(value)
  if (Number.isSafeInteger(canonical)) return encodeInteger(canonical as number)
  const whole = wholeOf(canonical)
  if (whole !== undefined && whole >= MIN_INT64 && whole <= MAX_INT64) return whole
  const { negative, digits, magnitude } = significantDigits(canonical)
  if (digits.length > MAX_DECIMAL_DIGITS) return undefined
  return Decimal128.fromString(`${negative ? '-' : ''}${digits}E${magnitude - digits.length + 1}`)
}

/** Decodes a decimal or an integer of 64 bits from its text. */
export function decodeNumber(stored: { readonly bytes?: Uint8Array; toString(): string }): NumberValue {
  return (stored.bytes && decodeFraction(stored.bytes)) ?? decimal(stored.toString())
}

/**
 * Encodes a fraction of few digits, such as 4.25, as the driver encodes its text; the driver needs many times as long.
 * Returns undefined for any other number.
 */
function encodeFraction(value: number): Decimal128 | undefined {
  const text = String(value)
  const point = text.indexOf('.')
  if (point < 0 || text.length > MAX_SHORT_TEXT || text.includes('e')) return undefined
  const coefficient = Math.abs(Number(text.slice(0, point) + text.slice(point + 1)))
  const exponent = EXPONENT_BIAS - (text.length - point - 1)
  const bytes = new Uint8Array(16)
  let rest = coefficient
  for (let i = 0; rest > 0; i++) {
    bytes[i] = rest % 256
    rest = Math.floor(rest / 256)
  }
  bytes[14] = (exponent << 1) & 0xff
  bytes[15] = (exponent >> 7) | (value < 0 ? 0x80 : 0)
  return new Decimal128(bytes)
}

/**
 * Decodes a decimal of at most 15 digits and 22 of them after the point: the quotient of its coefficient and a power of
 * ten, both exact as doubles, is the double that prints it. Returns undefined for any other decimal.
 */
function decodeFraction(bytes: Uint8Array): number | undefined {
  const [sign, low] = [bytes[15] as number, bytes[14] as number]
  const exponent = ((sign & 0x7f) << 7) + (low >> 1) - EXPONENT_BIAS
  // The lowest bit is one of the coefficient.
  if (exponent > 0 || exponent < -22 || low & 1) return undefined
  for (let i = 7; i < 14; i++) if (bytes[i] !== 0) return undefined
  let coefficient = 0
  for (let i = 6; i >= 0; i--) coefficient = coefficient * 256 + (bytes[i] as number)
  if (coefficient >= 1e15) return undefined
  const value = coefficient / (POWERS[-exponent] as number)
  return value !== 0 && sign & 0x80 ? -value : value
}

function encodeInteger(value: number): number | bigint {
  if (value < MIN_INT32 || value > MAX_INT32) return BigInt(value)
  // Not -0, which the driver writes as a double.
  return value === 0 ? 0 : value
}

/** A double over 2^53 is the number that it prints. It prints an exponent from 1e21, which is over 64 bits. */
function wholeOf(value: NumberValue): bigint | undefined {
  if (typeof value === 'bigint') return value
  if (typeof value !== 'number' || !Number.isInteger(value) || Math.abs(value) >= 1e21) return undefined
  return BigInt(numberText(value))
}
