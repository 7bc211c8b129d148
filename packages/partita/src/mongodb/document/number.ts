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

/** A number as the driver writes it: a `number` is an integer of 32 bits, a `bigint` one of 64 bits. */
export type StoredNumber = number | bigint | Decimal128

/** Encodes a valid number. Equal numbers have one form. Returns undefined for over 34 digits. */
export function encodeNumber(value: NumberValue): StoredNumber | undefined {
  if (Number.isSafeInteger(value)) return encodeInteger(value as number)
  const canonical = canonicalNumber(value)
  if (Number.isSafeInteger(canonical)) return encodeInteger(canonical as number)
  const whole = wholeOf(canonical)
  if (whole !== undefined && whole >= MIN_INT64 && whole <= MAX_INT64) return whole
  const { negative, digits, magnitude } = significantDigits(canonical)
  if (digits.length > MAX_DECIMAL_DIGITS) return undefined
  return Decimal128.fromString(`${negative ? '-' : ''}${digits}E${magnitude - digits.length + 1}`)
}

/** Decodes a decimal or an integer of 64 bits from its text. */
export function decodeNumber(stored: { toString(): string }): NumberValue {
  return decimal(stored.toString())
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
