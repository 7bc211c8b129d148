/**
 * Exact decimal numbers, as DynamoDB stores them: up to 38 significant digits, magnitudes from 1e-130 to 9.99…e125.
 *
 * A stored number is decimal text. In JavaScript it is a `number` if the double prints the same text again, else a
 * `bigint` if it is whole, else a {@link Decimal}. Nothing is rounded on writes or reads.
 */
import { ValidationError } from '../errors/errors.js'

/** A DynamoDB number in JavaScript: a double if it is exact, otherwise a bigint or a {@link Decimal}. */
export type NumberValue = number | bigint | Decimal

/** A number as its digits without zeros at either end, and the power of ten of the first: 12.5 is `125` and 1. */
export interface SignificantDigits {
  readonly negative: boolean
  /** Empty for zero. */
  readonly digits: string
  readonly magnitude: number
}

/** value = coefficient * 10 ** exponent; the coefficient has no trailing zeros, and zero is 0 * 10 ** 0. */
interface DecimalParts {
  readonly coefficient: bigint
  readonly exponent: number
}

const MAX_DIGITS = 38
const MAX_MAGNITUDE = 125
const MIN_MAGNITUDE = -130
const DECIMAL_TEXT = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,5}))?$/
const ZERO: DecimalParts = { coefficient: 0n, exponent: 0 }
const ZERO_DIGIT = 0x30
/** Maximum number of digits that a double prints. */
const DOUBLE_DIGITS = 17

/** Returns the prepared comparison of a decimal. */
let comparandOf: (value: Decimal) => Comparand

/**
 * A number that neither a double nor a bigint holds exactly, such as `0.1234567890123456789`.
 * Make one with {@link decimal}; `toString()` gives its canonical text.
 */
export class Decimal {
  readonly text: string
  /** Created by the first comparison. Private, so that deep equality of two decimals does not depend on it. */
  #comparand: Comparand | undefined

  /** @throws ValidationError if the text is not a number, has over 38 digits, or is out of DynamoDB's range. */
  constructor(text: string) {
    this.text = printParts(parseDecimal(text))
  }

  static {
    comparandOf = value => {
      value.#comparand ??= new Comparand(value)
      return value.#comparand
    }
  }

  toString(): string {
    return this.text
  }

  toJSON(): string {
    return this.text
  }
}

/**
 * Converts decimal text to a number of the simplest JavaScript type that represents it exactly.
 *
 * @example
 * import { decimal } from 'partita'
 *
 * decimal('0.5') // 0.5
 * decimal('12345678901234567890') // 12345678901234567890n
 * @throws ValidationError if the text is not a number, has over 38 digits, or is out of DynamoDB's range.
 */
export function decimal(text: string): NumberValue {
  // At most 15 digits: a double always prints them back unchanged.
  if (text.length < 16 && text.length > 0) {
    const short = Number(text)
    if (numberProblem(short) === undefined && DECIMAL_TEXT.test(text)) return short === 0 ? 0 : short
  }
  const double = Number(text)
  if (String(double) === text && numberProblem(double) === undefined) return double
  return fromParts(parseDecimal(text))
}

/** A sum that DynamoDB cannot store. */
export class SumError extends ValidationError {
  readonly reason: 'digits' | 'overflow' | 'underflow'

  constructor(reason: SumError['reason'], message: string) {
    super([{ path: [], message }])
    this.reason = reason
  }
}

/**
 * A number as a bigint, exactly: 1e23 is a one with 23 zeros, although the double of that text is a little less.
 * @returns undefined if it is not whole.
 */
export function wholeNumber(value: NumberValue): bigint | undefined {
  if (typeof value === 'bigint') return value
  const parts = toParts(value)
  return parts.exponent < 0 ? undefined : scale(parts, 0)
}

/** The canonical text of a number, the form in which DynamoDB receives it. */
export function numberText(value: NumberValue): string {
  if (typeof value === 'number') return value === 0 ? '0' : String(value)
  if (typeof value === 'bigint') return value.toString()
  return value.text
}

/**
 * Finds numbers that DynamoDB cannot store: NaN, infinities, over 38 digits, out of range.
 * @returns the problem, as text that follows the name of the value; undefined if there is none.
 */
export function numberProblem(value: NumberValue): string | undefined {
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) return `${value} is not a number that can be stored`
    const magnitude = Math.abs(value)
    if (magnitude !== 0 && (magnitude >= 1e126 || magnitude < 1e-130)) return outOfRange(String(value))
    return undefined
  }
  if (value instanceof Decimal) return undefined
  const { digits, magnitude } = significantDigits(value)
  return digits === '' ? undefined : digitsProblem(digits.length, magnitude - digits.length + 1, value.toString())
}

/** Orders two numbers by value: negative, zero or positive, as `a - b` would be. */
export function compareNumbers(a: NumberValue, b: NumberValue): number {
  // Not -0 for two zeros.
  if (typeof a === 'number' && typeof b === 'number') return a === b ? 0 : a - b
  if (typeof a === 'bigint' && typeof b === 'bigint') return a < b ? -1 : a > b ? 1 : 0
  if (b instanceof Decimal) return comparandOf(b).compare(a)
  return 0 - (a instanceof Decimal ? comparandOf(a) : new Comparand(a)).compare(b)
}

/**
 * A number prepared for many comparisons. Only the first comparison of each kind creates a bigint or parses text.
 *
 * A double represents the number that it prints, which differs slightly from its binary value. Rounding to the nearest
 * double keeps the order of numbers, so exact digits matter only if the nearest doubles are equal.
 */
export class Comparand {
  readonly #value: NumberValue
  readonly #nearest: number
  #digits: SignificantDigits | undefined
  /** How the nearest double compares with the number itself. */
  #tie: number | undefined
  /** The number rounded down to a whole one. */
  #floor: bigint | undefined

  constructor(value: NumberValue) {
    this.#value = value
    this.#nearest = typeof value === 'number' ? value : Number(numberText(value))
  }

  /** Negative if the other number is less than this one, zero if they are equal, else positive. */
  compare(other: NumberValue): number {
    if (typeof other === 'number') {
      if (other < this.#nearest) return -1
      if (other > this.#nearest) return 1
      this.#tie ??= typeof this.#value === 'number' ? 0 : compareDigits(significantDigits(other), this.#ownDigits())
      return this.#tie
    }
    if (typeof other === 'bigint') {
      this.#floor ??= floorOf(this.#value)
      if (other !== this.#floor) return other < this.#floor ? -1 : 1
      return isWhole(this.#ownDigits()) ? 0 : -1
    }
    const { text } = other
    if (this.#value instanceof Decimal && this.#value.text === text) return 0
    const comparand = comparandOf(other)
    if (comparand.#nearest !== this.#nearest) return comparand.#nearest < this.#nearest ? -1 : 1
    return compareDigits(comparand.#ownDigits(), this.#ownDigits())
  }

  #ownDigits(): SignificantDigits {
    this.#digits ??= significantDigits(this.#value)
    return this.#digits
  }
}

function compareDigits(a: SignificantDigits, b: SignificantDigits): number {
  if (a.digits === '' || b.digits === '') return signOf(a) - signOf(b)
  if (a.negative !== b.negative) return a.negative ? -1 : 1
  const order = a.magnitude - b.magnitude || (a.digits < b.digits ? -1 : a.digits > b.digits ? 1 : 0)
  return a.negative ? 0 - order : order
}

function signOf({ digits, negative }: SignificantDigits): number {
  return digits === '' ? 0 : negative ? -1 : 1
}

function isWhole({ digits, magnitude }: SignificantDigits): boolean {
  return digits === '' || magnitude >= digits.length - 1
}

function floorOf(value: NumberValue): bigint {
  if (typeof value === 'bigint') return value
  const it = significantDigits(value)
  const whole = it.magnitude < 0 ? '0' : it.digits.slice(0, it.magnitude + 1).padEnd(it.magnitude + 1, '0')
  const truncated = it.negative ? -BigInt(whole) : BigInt(whole)
  return it.negative && !isWhole(it) ? truncated - 1n : truncated
}

/**
 * Exact sum, or difference with `sign` -1.
 * @throws SumError if the result has over 38 digits or leaves DynamoDB's range.
 */
export function addNumbers(a: NumberValue, b: NumberValue, sign: 1 | -1 = 1): NumberValue {
  if (Number.isSafeInteger(a) && Number.isSafeInteger(b)) {
    const sum = (a as number) + sign * (b as number)
    if (Number.isSafeInteger(sum)) return sum
  }
  const left = toParts(a)
  const right = toParts(b)
  const exponent = Math.min(left.exponent, right.exponent)
  // 38 digits at both ends of the range would need a coefficient of 255 digits: still a small bigint.
  const sum = scale(left, exponent) + BigInt(sign) * scale(right, exponent)
  const parts = normalise(sum, exponent)
  const message = partsProblem(parts, printParts(parts))
  if (message) throw new SumError(sumReason(parts), message)
  return fromParts(parts)
}

function sumReason({ coefficient, exponent }: DecimalParts): SumError['reason'] {
  const digits = String(coefficient < 0n ? -coefficient : coefficient).length
  if (exponent + digits - 1 > MAX_MAGNITUDE) return 'overflow'
  return digits > MAX_DIGITS ? 'digits' : 'underflow'
}

/** Simplest JavaScript type for a number: a bigint that a double prints back unchanged becomes a number. */
export function canonicalNumber(value: NumberValue): NumberValue {
  if (typeof value === 'number') return value === 0 ? 0 : value
  const own = significantDigits(value)
  if (own.digits.length <= DOUBLE_DIGITS) {
    const double = Number(numberText(value))
    if (compareDigits(significantDigits(double), own) === 0) return double === 0 ? 0 : double
  }
  return value instanceof Decimal && isWhole(own) ? floorOf(value) : value
}

/** Parses a number's text. Every write encodes and measures numbers with it, so it avoids bigints. */
export function significantDigits(value: NumberValue): SignificantDigits {
  const text = numberText(value)
  const negative = text.startsWith('-')
  const e = text.indexOf('e')
  const plain = text.slice(negative ? 1 : 0, e < 0 ? text.length : e)
  const point = plain.indexOf('.')
  const all = point < 0 ? plain : plain.slice(0, point) + plain.slice(point + 1)
  const [start, end] = significantPart(all)
  const power = e < 0 ? 0 : Number(text.slice(e + 1))
  const whole = point < 0 ? plain.length : point
  return { negative, digits: all.slice(start, end), magnitude: whole - start - 1 + power }
}

/** The indexes of the first significant digit, and after the last one. */
export function significantPart(digits: string): [start: number, end: number] {
  let start = 0
  while (digits.charCodeAt(start) === ZERO_DIGIT) start++
  let end = digits.length
  while (end > start && digits.charCodeAt(end - 1) === ZERO_DIGIT) end--
  return [start, end]
}

function toParts(value: NumberValue): DecimalParts {
  if (typeof value === 'bigint') return normalise(value, 0)
  if (typeof value === 'number' && Number.isSafeInteger(value)) return normalise(BigInt(value), 0)
  return parseDecimal(numberText(value))
}

function fromParts(parts: DecimalParts): NumberValue {
  const text = `${parts.coefficient}e${parts.exponent}`
  const double = Number(text)
  // The largest numbers round up to doubles that are out of range.
  if (numberProblem(double) === undefined) {
    const back = parseDecimal(String(double))
    if (back.coefficient === parts.coefficient && back.exponent === parts.exponent) return double
  }
  if (parts.exponent >= 0) return scale(parts, 0)
  return new Decimal(text)
}

/** @throws ValidationError if the text is not a number, has over 38 digits, or is out of DynamoDB's range. */
function parseDecimal(text: string): DecimalParts {
  const match = DECIMAL_TEXT.exec(text)
  const whole = match?.[2] ?? ''
  const fraction = match?.[3] ?? ''
  if (!match || whole.length + fraction.length === 0) {
    throw new ValidationError([{ path: [], message: `${JSON.stringify(text.slice(0, 60))} is not a number` }])
  }
  const all = whole + fraction
  const [start, end] = significantPart(all)
  const digits = all.slice(start, end)
  if (digits === '') return ZERO
  const exponent = Number(match[4] ?? 0) - fraction.length + all.length - end
  const problem = digitsProblem(digits.length, exponent, text)
  if (problem) throw new ValidationError([{ path: [], message: problem }])
  const coefficient = BigInt(digits)
  return { coefficient: match[1] === '-' ? -coefficient : coefficient, exponent }
}

/** Plain notation without superfluous zeros; with an exponent only if plain notation would be long. */
function printParts({ coefficient, exponent }: DecimalParts): string {
  if (coefficient === 0n) return '0'
  const sign = coefficient < 0n ? '-' : ''
  const digits = (coefficient < 0n ? -coefficient : coefficient).toString()
  if (exponent === 0) return sign + digits
  if (exponent > 0) {
    return digits.length + exponent <= 40 ? sign + digits + '0'.repeat(exponent) : `${sign}${digits}e${exponent}`
  }
  const point = digits.length + exponent
  if (point > 0) return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`
  return -point <= 10 ? `${sign}0.${'0'.repeat(-point)}${digits}` : `${sign}${digits}e${exponent}`
}

function normalise(coefficient: bigint, exponent: number): DecimalParts {
  if (coefficient === 0n) return ZERO
  let shift = exponent
  let rest = coefficient
  while (rest % 10n === 0n) {
    rest /= 10n
    shift++
  }
  return { coefficient: rest, exponent: shift }
}

function scale(parts: DecimalParts, exponent: number): bigint {
  return parts.coefficient * 10n ** BigInt(parts.exponent - exponent)
}

function partsProblem(parts: DecimalParts, text: string): string | undefined {
  if (parts.coefficient === 0n) return undefined
  const digits = (parts.coefficient < 0n ? -parts.coefficient : parts.coefficient).toString().length
  return digitsProblem(digits, parts.exponent, text)
}

function digitsProblem(digits: number, exponent: number, text: string): string | undefined {
  if (digits > MAX_DIGITS) return `${shorten(text)} has ${digits} significant digits; a number may have ${MAX_DIGITS}`
  const magnitude = exponent + digits - 1
  if (magnitude > MAX_MAGNITUDE || magnitude < MIN_MAGNITUDE) return outOfRange(text)
  return undefined
}

function outOfRange(text: string): string {
  return `${shorten(text)} is out of range; a number's magnitude may be 0, or from 1e-130 to 9.99e125`
}

function shorten(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}...` : text
}
