/**
 * Encodes numbers, dates and booleans as key text whose byte order is the order of the values, and decodes it.
 *
 * A number is a letter for its sign and magnitude, its digits, and an end character. The letter of a positive number grows
 * with the count of its integer digits (`c` for 1, `d` for 2, up to 20), so 42 is `d42.` and 3.14 is `c314.`; smaller
 * and larger ones spell out their exponent. A negative number is the mirror image: falling capital letters, digits
 * subtracted from 9, and an end character above every digit. Integers stay readable, and all numbers of 38 digits fit.
 */
import { type IssuePath, invalid } from '../errors/errors.js'
import { decimal, type NumberValue, numberProblem, significantDigits } from '../value/number.js'

const ZERO = 'a'
const SMALL = 'b'
const ONE_DIGIT = 'c'.charCodeAt(0)
const MOST_DIGITS = 20
const LARGE = 'w'
const NEGATIVE_LARGE = 'D'
const NEGATIVE_ONE_DIGIT = 'X'.charCodeAt(0)
const NEGATIVE_SMALL = 'Y'
/** Below and above every digit: a shorter fraction sorts before a longer one, or after it where negative. */
const END = '.'
const NEGATIVE_END = 'z'
/** Added to exponents, which run from -129 to 126, to make each a positive number of three digits. */
const EXPONENT_BIAS = 500

/**
 * Encodes a number as key text.
 *
 * @example
 * import { encodeNumber } from 'partita/table'
 *
 * encodeNumber(42) // 'd42.'
 * @throws ValidationError for NaN, infinities and numbers that DynamoDB cannot store.
 */
export function encodeNumber(value: NumberValue, path: IssuePath = []): string {
  const problem = numberProblem(value)
  if (problem) throw invalid(path, problem)
  const { negative, digits, magnitude } = significantDigits(value)
  if (digits === '') return ZERO
  // The number is 0.DIGITS times ten to the power of `point`.
  const point = magnitude + 1
  const padded = point <= MOST_DIGITS ? digits.padEnd(point, '0') : digits
  return negative
    ? magnitudeOfNegative(point) + complement(padded) + NEGATIVE_END
    : magnitudeOfPositive(point) + padded + END
}

/**
 * Decodes text of {@link encodeNumber}, or a part of a joined key, where 0 has an end character too.
 * @throws ValidationError if the text is not an encoded number.
 */
export function decodeNumber(text: string): NumberValue {
  if (text === ZERO || text === ZERO + END) return 0
  const negative = text < ZERO
  const letter = text[0] ?? ''
  const spelled = [SMALL, LARGE, NEGATIVE_SMALL, NEGATIVE_LARGE].includes(letter)
  const start = spelled ? 4 : 1
  const digits = negative ? complement(text.slice(start, -1)) : text.slice(start, -1)
  const point = spelled ? spelledExponent(text.slice(1, 4), negative) : digitCount(letter, negative)
  if (/^\d{1,38}$/.test(digits) && point > -130 && point < 127) {
    const value = decimal(`${negative ? '-' : ''}${digits}e${point - digits.length}`)
    // Text that does not encode to itself, such as one with extra zeros, was not written by `encodeNumber`.
    if (encodeNumber(value) === text) return value
  }
  throw invalid([], `${JSON.stringify(text.slice(0, 60))} is not an encoded number`)
}

/**
 * Encodes a date as ISO 8601 text in UTC with milliseconds, as `toISOString` does.
 * @throws ValidationError for an invalid date, and for years before 0 or after 9999, whose text would not sort.
 */
export function encodeDate(date: Date, path: IssuePath = []): string {
  const year = date.getUTCFullYear()
  if (Number.isNaN(year)) throw invalid(path, 'is an invalid date')
  if (year < 0 || year > 9999) {
    throw invalid(path, `is a date in the year ${year}; use a year from 0 to 9999 in a key`)
  }
  return date.toISOString()
}

/**
 * Decodes text of {@link encodeDate}.
 * @throws ValidationError if the text is not an encoded date.
 */
export function decodeDate(text: string): Date {
  const date = new Date(text)
  if (Number.isNaN(date.getTime()) || date.toISOString() !== text) {
    throw invalid([], `${JSON.stringify(text.slice(0, 60))} is not an encoded date`)
  }
  return date
}

/** Encodes a boolean as `false` or `true`, which sort in that order. */
export function encodeBoolean(value: boolean): string {
  return String(value)
}

/**
 * Decodes text of {@link encodeBoolean}.
 * @throws ValidationError if the text is neither `true` nor `false`.
 */
export function decodeBoolean(text: string): boolean {
  if (text === 'true') return true
  if (text === 'false') return false
  throw invalid([], `${JSON.stringify(text.slice(0, 60))} is not an encoded boolean`)
}

function magnitudeOfPositive(point: number): string {
  if (point < 1) return SMALL + (point + EXPONENT_BIAS)
  if (point > MOST_DIGITS) return LARGE + (point + EXPONENT_BIAS)
  return String.fromCharCode(ONE_DIGIT + point - 1)
}

function magnitudeOfNegative(point: number): string {
  if (point < 1) return NEGATIVE_SMALL + complement(String(point + EXPONENT_BIAS))
  if (point > MOST_DIGITS) return NEGATIVE_LARGE + complement(String(point + EXPONENT_BIAS))
  return String.fromCharCode(NEGATIVE_ONE_DIGIT - point + 1)
}

function spelledExponent(text: string, negative: boolean): number {
  return Number(negative ? complement(text) : text) - EXPONENT_BIAS
}

function digitCount(letter: string, negative: boolean): number {
  const code = letter.charCodeAt(0)
  return negative ? NEGATIVE_ONE_DIGIT - code + 1 : code - ONE_DIGIT + 1
}

function complement(digits: string): string {
  return digits.replace(/\d/g, digit => String(9 - Number(digit)))
}
