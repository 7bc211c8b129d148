/** Explains why a text is not a number that DynamoDB can store. */
import { significantPart } from '../../value/number.js'
import { ValueError } from './legacy-messages.js'

/** The syntax of a number. Groups: integer digits, fraction, fraction without integer digits, exponent. */
export const NUMBER = /^[+-]?(?:(\d+)(?:\.(\d*))?|\.(\d+))(?:[eE]([+-]?\d+))?$/

const NO_NUMBER = 'The parameter cannot be converted to a numeric value'
const OVERFLOW = 'Number overflow. Attempting to store a number with magnitude larger than supported range'
const UNDERFLOW = 'Number underflow. Attempting to store a number with magnitude smaller than supported range'
const TOO_LONG = 'Attempting to store more than 38 significant digits in a Number'

const MAX_DIGITS = 38
const MAX_MAGNITUDE = 125
const MIN_MAGNITUDE = -130
const INT = 2 ** 31
/** Longer exponents exceed 64 bits, unless they have leading zeros. */
const LONG_DIGITS = 20

/** @param text a text that cannot be stored as a number. */
export function numberError(text: string): ValueError {
  if (text === '') return new ValueError(`${NO_NUMBER}: `, NO_NUMBER, 'number')
  const [isNumber, whole = '', fraction = '', tail = '', power = '0'] = NUMBER.exec(text) ?? []
  const none = `${NO_NUMBER}: ${text}`
  if (isNumber === undefined) return new ValueError(none, none, 'number')
  const digits = whole + fraction + tail
  const scale = fraction.length + tail.length
  return new ValueError(
    isWithinLong(power) ? (newer(digits, Number(power) - scale) ?? none) : none,
    older(digits, scale, Number(power)) ?? none,
    'number',
  )
}

/** Whether a zero is written with an exponent out of range, which AWS refuses. */
export function isZeroOutOfRange(text: string): boolean {
  const [, , fraction = '', tail = '', power] = NUMBER.exec(text) ?? []
  if (power === undefined) return false
  const magnitude = Number(power) - fraction.length - tail.length
  return magnitude > MAX_MAGNITUDE || magnitude < MIN_MAGNITUDE
}

function isWithinLong(power: string): boolean {
  if (power.length > LONG_DIGITS) return false
  const value = BigInt(power.replace('+', ''))
  return value === BigInt.asIntN(64, value)
}

/** The message of AWS's newer front end. @param exponent the exponent of the last digit. */
function newer(digits: string, exponent: number): string | undefined {
  const [start, end] = significantPart(digits)
  const isZero = start === end
  return outOfRange(isZero ? exponent : digits.length - start - 1 + exponent, end - start)
}

/** The message of AWS's older front end, which computes with 32-bit scales that may overflow. */
function older(digits: string, fraction: number, power: number): string | undefined {
  const scale = fraction - power
  if (power >= INT || power < -INT || scale >= INT || scale < -INT) return undefined
  const [start, end] = significantPart(digits)
  const precision = start === end ? 1 : digits.length - start
  return outOfRange(((precision - scale) | 0) - 1, end - start)
}

function outOfRange(magnitude: number, length: number): string | undefined {
  if (magnitude > MAX_MAGNITUDE) return OVERFLOW
  if (magnitude < MIN_MAGNITUDE) return UNDERFLOW
  return length > MAX_DIGITS ? TOO_LONG : undefined
}
