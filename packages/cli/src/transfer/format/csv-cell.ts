/**
 * Values as cells of CSV: text and digits as they are, bytes in base64, sets as JSON lists, lists and maps as the JSON of
 * `json/tagged-value.ts`. An absent attribute is an empty cell without quotes, an empty text is `""`.
 */
import { type KeyValue, PartitaError, type TypeName, type Value } from 'partita'
import { BadInput } from '../../failure.js'
import { isJsonObject, parseJson, printJson } from '../../json/exact-json.js'
import { fromTyped } from './dynamodb-json.js'

/** The text of a value of the column's type. */
export function printCell(value: Value): string {
  if (typeof value === 'string') return value
  if (value instanceof Uint8Array) return base64(value)
  if (value instanceof Set) return printSet(value)
  if (Array.isArray(value)) return printJson(value, { sorted: true })
  // Numbers, exact numbers, booleans and null print as their text.
  if (!isJsonObject(value)) return String(value)
  return printJson(value, { sorted: true })
}

/**
 * The value that a cell holds.
 * @throws BadInput that names the column.
 */
export function parseCell(text: string, type: TypeName, name: string): Value {
  switch (type) {
    case 'S':
    case 'N':
    case 'B':
      return fromTyped({ [type]: type === 'N' ? text.trim() : text }, [name])
    case 'BOOL':
      if (/^(true|false)$/i.test(text)) return text.toLowerCase() === 'true'
      throw bad(name, `must be true or false, not ${shorten(text)}`)
    case 'NULL':
      if (text === 'null') return null
      throw bad(name, `must be null, not ${shorten(text)}`)
    default:
      return parseNested(text, type, name)
  }
}

function parseNested(text: string, type: TypeName, name: string): Value {
  const value = parseNamed(text, name)
  const isList = Array.isArray(value)
  if (type === 'M') {
    if (isJsonObject(value)) return value
    throw bad(name, 'must be a JSON object')
  }
  if (!isList) throw bad(name, 'must be a JSON list')
  if (type === 'L') return value
  return fromTyped({ [type]: type === 'NS' ? value.map(String) : value }, [name])
}

function parseNamed(text: string, name: string): Value {
  try {
    return parseJson(text)
  } catch (error) {
    if (error instanceof PartitaError || error instanceof BadInput) throw bad(name, `is invalid: ${error.message}`)
    throw error
  }
}

/** A set has no order, so its members are sorted by their text: equal sets have equal text. */
function printSet(set: ReadonlySet<KeyValue>): string {
  const members = [...set].map(member => {
    if (typeof member === 'string') return JSON.stringify(member)
    return member instanceof Uint8Array ? JSON.stringify(base64(member)) : String(member)
  })
  return `[${members.sort().join(',')}]`
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64')
}

function shorten(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}...` : text)
}

function bad(name: string, problem: string): BadInput {
  return new BadInput(`column ${JSON.stringify(name)} ${problem}`, { column: name })
}
