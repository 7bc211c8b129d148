/** BSON's four types of numbers: exact comparison, and arithmetic with MongoDB's rules for the type of the result. */
import { Decimal128, Double, Int32, Long } from 'mongodb'

export type BsonNumber = Int32 | Long | Double | Decimal128

/** `digits` times ten to the power of `exponent`. */
interface Exact {
  readonly digits: bigint
  readonly exponent: number
}

const TYPES = new Set(['Int32', 'Long', 'Double', 'Decimal128'])
const DECIMAL_DIGITS = 34

export function isNumber(value: unknown): value is BsonNumber {
  return TYPES.has((value as { _bsontype?: string } | null | undefined)?._bsontype ?? '')
}

/** Compares by value, whatever the types. NaN is below every other number and equal to itself. */
export function compareNumbers(a: BsonNumber, b: BsonNumber): number {
  const [left, right] = [exact(a), exact(b)]
  if (typeof left === 'number' || typeof right === 'number') return special(left) - special(right)
  const exponent = Math.min(left.exponent, right.exponent)
  const difference = scaled(left, exponent) - scaled(right, exponent)
  return difference < 0n ? -1 : difference > 0n ? 1 : 0
}

export function isNaNumber(value: BsonNumber): boolean {
  return Number.isNaN(exact(value))
}

/** One text for all representations of a number. */
export function numberKey(value: BsonNumber): string {
  const number = exact(value)
  if (typeof number === 'number') return String(value)
  let { digits, exponent } = number
  if (digits === 0n) return '0'
  while (digits % 10n === 0n) {
    digits /= 10n
    exponent++
  }
  return `${digits}e${exponent}`
}

/** The sum or product, as `$inc` and `$mul` give it. Undefined if a 64-bit integer overflows. */
export function calculate(operator: '+' | '*', a: BsonNumber, b: BsonNumber): BsonNumber | undefined {
  if (a instanceof Decimal128 || b instanceof Decimal128) return decimal(operator, a, b)
  if (a instanceof Double || b instanceof Double) {
    const [x, y] = [toDouble(a), toDouble(b)]
    return new Double(operator === '+' ? x + y : x * y)
  }
  const [x, y] = [integer(a), integer(b)]
  const result = operator === '+' ? x + y : x * y
  if (BigInt.asIntN(64, result) !== result) return undefined
  if (a instanceof Int32 && b instanceof Int32 && BigInt.asIntN(32, result) === result) return new Int32(Number(result))
  return Long.fromBigInt(result)
}

export function toDouble(value: BsonNumber): number {
  return value instanceof Long ? value.toNumber() : Number(value.toString())
}

function integer(value: Int32 | Long): bigint {
  return value instanceof Long ? value.toBigInt() : BigInt(value.value)
}

/** Rounded half to even at 34 digits, as IEEE 754 says. */
function decimal(operator: '+' | '*', a: BsonNumber, b: BsonNumber): Decimal128 {
  const [left, right] = [exact(a), exact(b)]
  if (typeof left === 'number' || typeof right === 'number') {
    const [x, y] = [toDouble(a), toDouble(b)]
    return Decimal128.fromString(String(operator === '+' ? x + y : x * y))
  }
  if (operator === '*') return rounded(left.digits * right.digits, left.exponent + right.exponent)
  const exponent = Math.min(left.exponent, right.exponent)
  return rounded(scaled(left, exponent) + scaled(right, exponent), exponent)
}

function rounded(digits: bigint, exponent: number): Decimal128 {
  const magnitude = digits < 0n ? -digits : digits
  const drop = magnitude.toString().length - DECIMAL_DIGITS
  if (drop <= 0) return Decimal128.fromString(`${digits}E${exponent}`)
  const unit = 10n ** BigInt(drop)
  const [quotient, twice] = [magnitude / unit, (magnitude % unit) * 2n]
  const up = twice > unit || (twice === unit && quotient % 2n === 1n) ? 1n : 0n
  return Decimal128.fromString(`${digits < 0n ? '-' : ''}${quotient + up}E${exponent + drop}`)
}

/** A finite number exactly; an infinity or NaN as a number of JavaScript. */
function exact(value: BsonNumber): Exact | number {
  if (value instanceof Int32) return { digits: BigInt(value.value), exponent: 0 }
  if (value instanceof Long) return { digits: value.toBigInt(), exponent: 0 }
  const [, sign = '', whole = '', fraction = '', power = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/i.exec(value instanceof Double ? String(value.value) : value.toString()) ??
    []
  if (whole === '') return Number(String(value instanceof Double ? value.value : value.toString()))
  return { digits: BigInt(`${sign}${whole}${fraction}`), exponent: Number(power) - fraction.length }
}

function scaled({ digits, exponent }: Exact, to: number): bigint {
  return digits * 10n ** BigInt(exponent - to)
}

/** The rank among finite numbers, infinities and NaN. */
function special(value: Exact | number): number {
  if (typeof value !== 'number') return 0
  if (Number.isNaN(value)) return -2
  return value < 0 ? -1 : 1
}
