/**
 * Values that JSON cannot express, as objects with one member:
 *
 * - `{"$bytes": "AQI="}`: binary, in base64
 * - `{"$set": ["a", "b"]}`: a set of strings, numbers or binary
 * - `{"$number": "12345678901234567890"}`: a number that a double cannot hold exactly. Plain digits are read exactly
 *   too; the tag keeps other programs from rounding them.
 * - `{"$map": {"$set": 1}}`: an ordinary map whose only attribute has the name of a tag
 */
import { Decimal, decimal, type Item, type NumberValue, PartitaError, ValidationError, type Value } from 'partita'

/** The tag of an exact number. */
export const NUMBER_TAG = '$number'
const BYTES_TAG = '$bytes'
const SET_TAG = '$set'
const MAP_TAG = '$map'
const TAGS: ReadonlySet<string> = new Set([NUMBER_TAG, BYTES_TAG, SET_TAG, MAP_TAG])

/** The nesting depth that is read. The store allows 32 levels and reports deeper values itself. */
const MAX_DEPTH = 40

type Path = readonly (string | number)[]

/**
 * Decodes parsed JSON into a value.
 * @throws ValidationError with the path of an invalid tag, or of a number that a store cannot keep.
 */
export function fromTagged(json: unknown, path: Path = []): Value {
  if (typeof json !== 'object' || json === null) return json as string | number | boolean | null
  if (path.length > MAX_DEPTH) throw invalid(path.slice(0, 3), 'is nested over 32 levels deep')
  if (Array.isArray(json)) return json.map((element, i) => fromTagged(element, [...path, i]))
  const [tag, ...others] = Object.keys(json)
  if (tag === undefined || others.length > 0 || !TAGS.has(tag)) return fromMap(json, path)
  const content: unknown = (json as Record<string, unknown>)[tag]
  if (tag === NUMBER_TAG) return fromNumber(content, path)
  if (tag === BYTES_TAG) return fromBytes(content, path)
  if (tag === SET_TAG) return fromSet(content, path)
  if (typeof content === 'object' && content !== null && !Array.isArray(content)) return fromMap(content, path)
  throw invalid(path, `${MAP_TAG} must contain a map, such as {"${MAP_TAG}": {"${SET_TAG}": 1}}`)
}

/** Encodes a value for `JSON.stringify`. With `sorted`, attributes are sorted by name. */
export function toTagged(value: Value, sorted: boolean): unknown {
  if (typeof value === 'bigint') return { [NUMBER_TAG]: String(value) }
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Decimal) return { [NUMBER_TAG]: value.text }
  if (value instanceof Uint8Array) return { [BYTES_TAG]: Buffer.from(value).toString('base64') }
  if (value instanceof Set) return { [SET_TAG]: toMembers(value) }
  if (Array.isArray(value)) return value.map(element => toTagged(element, sorted))
  const names = Object.keys(value)
  if (sorted) names.sort()
  // Object.fromEntries makes even `__proto__` an ordinary member.
  const map = Object.fromEntries(names.map(name => [name, toTagged((value as Item)[name] as Value, sorted)]))
  return names.length === 1 && TAGS.has(names[0] as string) ? { [MAP_TAG]: map } : map
}

/** A set has no order, so its members are sorted by their text: equal sets have equal text. */
function toMembers(set: ReadonlySet<string | NumberValue | Uint8Array>): unknown[] {
  const members = [...set].map(member => toTagged(member, false))
  const byText = members.map(member => ({ member, text: JSON.stringify(member) }))
  return byText.sort((a, b) => (a.text < b.text ? -1 : 1)).map(({ member }) => member)
}

function fromMap(json: object, path: Path): Value {
  return Object.fromEntries(Object.entries(json).map(([name, value]) => [name, fromTagged(value, [...path, name])]))
}

function fromNumber(content: unknown, path: Path): NumberValue {
  if (typeof content !== 'string') throw invalid(path, `${NUMBER_TAG} must contain a number's digits as a string`)
  try {
    return decimal(content)
  } catch (error) {
    throw invalid(path, error instanceof PartitaError ? error.message : String(error))
  }
}

function fromBytes(content: unknown, path: Path): Uint8Array {
  const bytes = typeof content === 'string' ? Buffer.from(content, 'base64') : undefined
  // Buffer.from skips characters that are not base64 instead of rejecting them.
  if (bytes?.toString('base64') !== content)
    throw invalid(path, `${BYTES_TAG} must contain base64 text, with its padding`)
  return new Uint8Array(bytes as Buffer)
}

function fromSet(content: unknown, path: Path): Value {
  if (!Array.isArray(content)) throw invalid(path, `${SET_TAG} must contain a list of its members`)
  const members = content.map((member, i) => fromTagged(member, [...path, i]))
  for (const member of members) {
    const kind = typeof member
    if (kind === 'string' || kind === 'number' || kind === 'bigint') continue
    if (member instanceof Decimal || member instanceof Uint8Array) continue
    throw invalid(path, 'a set can contain only strings, numbers or binary')
  }
  return new Set(members) as Value
}

function invalid(path: Path, message: string): ValidationError {
  return new ValidationError([{ path, message }])
}
