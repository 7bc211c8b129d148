/**
 * Numbers, dates and booleans as key text whose byte order is the order of the values, and back.
 *
 * A number is a letter for its sign and magnitude, its digits, and an end mark. The letter of a positive number grows
 * with the count of its integer digits (`c` for 1, `d` for 2, up to 20), so 42 is `d42.` and 3.14 is `c314.`; smaller
 * and larger ones spell their exponent out. A negative number is the mirror image: capital letters that fall, digits
 * taken from 9, an end mark above every digit. Integers stay readable, and every number of 38 digits fits.
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
/** Makes every exponent a positive number of three digits; they run from -129 to 126. */
const EXPONENT_BIAS = 500

/**
 * A number as key text.
 *
 * @example encodeNumber(42) // 'd42.'
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
 * The number that {@link encodeNumber} wrote, or a part of a joined key, where 0 has an end mark too.
 * @throws ValidationError when the text is not one of its own.
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
    // Text that does not encode back to itself is not canonical, such as one with redundant zeros.
    if (encodeNumber(value) === text) return value
  }
  throw invalid([], `${JSON.stringify(text.slice(0, 60))} is no number in a key`)
}

/**
 * A date as ISO 8601 text in UTC, with milliseconds: the same text as `toISOString`.
 * @throws ValidationError for an invalid date, or a year before 0 or after 9999, whose text would not sort.
 */
export function encodeDate(date: Date, path: IssuePath = []): string {
  const year = date.getUTCFullYear()
  if (Number.isNaN(year)) throw invalid(path, 'is an invalid date')
  if (year < 0 || year > 9999) {
    throw invalid(path, `is a date in the year ${year}; a date in a key has a year of 0 to 9999`)
  }
  return date.toISOString()
}

/** @throws ValidationError when the text is not one that {@link encodeDate} wrote. */
export function decodeDate(text: string): Date {
  const date = new Date(text)
  if (Number.isNaN(date.getTime()) || date.toISOString() !== text) {
    throw invalid([], `${JSON.stringify(text.slice(0, 60))} is no date in a key`)
  }
  return date
}

/** `false` or `true`, which sort in that order. */
export function encodeBoolean(value: boolean): string {
  return String(value)
}

/** @throws ValidationError when the text is neither `true` nor `false`. */
export function decodeBoolean(text: string): boolean {
  if (text === 'true') return true
  if (text === 'false') return false
  throw invalid([], `${JSON.stringify(text.slice(0, 60))} is no boolean in a key`)
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
