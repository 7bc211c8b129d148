/** Values of a model's fields: from the text of an argument and from JSON, exactly, by the kind of the field. */
import { type AnyField, Decimal, decimal, type Issue, type NumberValue, ValidationError, type Value } from 'partita'
import { BadInput } from '../failure.js'
import { isJsonObject, parseJson } from '../json/exact-json.js'
import { quoted } from './term.js'

/** The description of a field. */
export type FieldDescription = AnyField['spec']

type IssuePath = Issue['path']

/** A date, or a time with its zone. Without one it would depend on the machine. */
const TIME = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/
const SECONDS = /^\d+$/
const INTEGER = /^-?\d+$/
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i

const NUMBERS = ['number', 'integer', 'counter', 'version', 'count']
const TIMES = ['date', 'createdAt', 'updatedAt', 'deletedAt', 'ttl']
/** Kinds whose values are written as JSON. */
const DOCUMENTS = ['list', 'set', 'map', 'record', 'json', 'asset']

/**
 * The value that the text of an argument means for a field. Text is taken as it is; numbers keep every digit; a date
 * without a time is midnight in UTC; bytes are base64; lists, sets, maps and the like are JSON. The library checks the
 * rest when the value is used.
 * @throws ValidationError with the path, if the field has no such value.
 */
export function fromText(field: FieldDescription, text: string, at: IssuePath): unknown {
  const { kind, transform } = field
  // Only the program knows what its transforms and validators accept.
  if (transform || kind === 'schema') return jsonOrText(text)
  if (NUMBERS.includes(kind)) return double(text, at)
  if (kind === 'bigint') return INTEGER.test(text) ? whole(exact(text, at)) : refuse(at, text, 'a whole number')
  if (kind === 'decimal') return exact(text, at)
  if (kind === 'boolean') return text === 'true' || (text === 'false' ? false : refuse(at, text, 'true or false'))
  if (TIMES.includes(kind)) return time(field, text, at)
  if (kind === 'bytes') return bytes(text, at)
  if (DOCUMENTS.includes(kind)) return fromJson(field, jsonOf(text, at), at)
  return text
}

/**
 * The value that parsed JSON means for a field: as {@link fromText}, also inside lists, maps and records.
 * @throws ValidationError with the path.
 */
export function fromJson(field: FieldDescription, json: Value, at: IssuePath): unknown {
  const { kind, element, shape } = field
  if (json === null || field.transform || kind === 'schema' || kind === 'json') return json
  if (typeof json === 'string') {
    if (TIMES.includes(kind)) return time(field, json, at)
    if (kind === 'bytes') return bytes(json, at)
    if (kind === 'bigint') return fromText(field, json, at)
  }
  if (kind === 'bigint' && json instanceof Decimal) return refuse(at, json.text, 'a whole number')
  if (kind === 'bigint' && typeof json === 'number') return whole(json)
  if (kind === 'set' && element && isCollection(json))
    return [...json].map((it, i) => fromJson(element, it, [...at, i]))
  if (kind === 'list' && element && Array.isArray(json)) return json.map((it, i) => fromJson(element, it, [...at, i]))
  if (!isJsonObject(json) || (kind !== 'map' && kind !== 'record')) return json
  const memberOf = (name: string) => (kind === 'record' ? element : shape && Object.hasOwn(shape, name) && shape[name])
  // Object.fromEntries makes even `__proto__` an ordinary member, which the library refuses.
  return Object.fromEntries(
    Object.entries(json).map(([name, it]) => {
      const member = memberOf(name)
      return [name, member ? fromJson(member, it, [...at, name]) : it]
    }),
  )
}

/** The value of a JSON text. @throws ValidationError with the path, if it is not JSON. */
export function jsonOf(text: string, at: IssuePath): Value {
  try {
    return parseJson(text)
  } catch (error) {
    if (error instanceof BadInput) throw new ValidationError([{ path: at, message: `is not JSON: ${error.message}` }])
    if (!(error instanceof ValidationError)) throw error
    throw new ValidationError(error.details.issues.map(({ path, message }) => ({ path: [...at, ...path], message })))
  }
}

/** JSON if the text is JSON, else the text. */
function jsonOrText(text: string): Value {
  try {
    return parseJson(text)
  } catch (error) {
    if (error instanceof BadInput) return text
    throw error
  }
}

function double(text: string, at: IssuePath): number {
  const number = exact(text, at)
  if (typeof number === 'number') return number
  throw new ValidationError([
    { path: at, message: `is ${quoted(text)}, which a double cannot represent; use a field of kind decimal` },
  ])
}

/** A whole double as the bigint of its digits: 1e23 is a one with 23 zeros, which the double of that text is not. */
function whole(number: NumberValue): NumberValue {
  if (!Number.isInteger(number) || Number.isSafeInteger(number)) return number
  const [digits = '', exponent = '0'] = String(number).split('e')
  const [before = '', after = ''] = digits.split('.')
  return BigInt(before + after) * 10n ** BigInt(Number(exponent) - after.length)
}

function exact(text: string, at: IssuePath): NumberValue {
  try {
    return decimal(text)
  } catch (error) {
    if (!(error instanceof ValidationError)) throw error
    if (!NUMBER.test(text)) return refuse(at, text, 'a number of at most 38 digits')
    // Too many digits, or too large or small: the library says which.
    throw new ValidationError([{ path: at, message: error.message }])
  }
}

function time({ kind }: FieldDescription, text: string, at: IssuePath): Date {
  const isSeconds = kind === 'ttl' && SECONDS.test(text)
  const date = isSeconds ? new Date(Number(text) * 1000) : new Date(TIME.test(text) ? text : Number.NaN)
  if (!Number.isNaN(date.getTime())) return date
  return refuse(at, text, 'a date such as 2030-01-31, or a time with its zone such as 2030-01-31T12:00:00Z')
}

function bytes(text: string, at: IssuePath): Uint8Array {
  const read = Buffer.from(text, 'base64')
  // Buffer.from skips characters that are not base64 instead of rejecting them.
  return read.toString('base64') === text ? new Uint8Array(read) : refuse(at, text, 'base64 text, with its padding')
}

function isCollection(json: Value): json is Extract<Value, readonly Value[] | ReadonlySet<never>> {
  return Array.isArray(json) || json instanceof Set
}

function refuse(at: IssuePath, text: string, expected: string): never {
  throw new ValidationError([{ path: at, message: `is ${quoted(text)}; write ${expected}` }])
}
