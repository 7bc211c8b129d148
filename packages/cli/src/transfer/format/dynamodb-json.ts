/**
 * DynamoDB's JSON: `{"n":{"N":"1"}}`. A line is an item, or has it as `Item`, as exports to Amazon S3 do. A line of an
 * incremental export has `Keys`, and `NewImage` unless the item was deleted.
 */
import {
  decimal,
  type Item,
  type Key,
  type KeyValue,
  type NumberValue,
  PartitaError,
  type TypeName,
  type Value,
} from 'partita'
import { TYPE_NAMES, typeOf } from 'partita/store'
import { BadInput } from '../../failure.js'
import { parseStandardJson } from '../../json/exact-json.js'
import { escapeControls } from '../../terminal/controls.js'
import type { Change } from './entry.js'

type Path = readonly (string | number)[]

/** The nesting depth that is read. The store allows 32 levels and reports deeper values itself. */
const MAX_DEPTH = 40

/**
 * The change that a line describes.
 * @throws BadInput with the path of what is wrong.
 */
export function parseTypedLine(text: string): Change {
  const line = parseStandardJson(text)
  if (!isObject(line)) throw new BadInput('an item is a JSON object')
  if (isObject(line.Item) && Object.keys(line).length === 1 && !isTyped(line.Item)) return put(line.Item)
  if (isObject(line.Metadata) && !isTyped(line.Metadata) && isObject(line.Keys) && !isTyped(line.Keys)) {
    if (isObject(line.NewImage)) return put(line.NewImage)
    return { kind: 'delete', key: fromTypedMap(line.Keys, []) as Key }
  }
  return put(line)
}

/** An item in DynamoDB's JSON, without `Item` around it and without a line break. Attributes are sorted by name. */
export function printTypedItem(item: Item): string {
  return escapeControls(JSON.stringify(toTypedMap(item)))
}

/** An attribute value in DynamoDB's form. @throws BadInput with the path of what is wrong. */
export function fromTyped(typed: unknown, path: Path): Value {
  if (path.length > MAX_DEPTH) throw bad(path.slice(0, 3), 'is nested over 32 levels deep')
  const [type, ...others] = isObject(typed) ? Object.keys(typed) : []
  if (type === undefined || others.length > 0) throw bad(path, 'is not a value with one type, such as {"S": "text"}')
  const content = (typed as Record<string, unknown>)[type]
  switch (type) {
    case 'S':
      if (typeof content === 'string') return content
      break
    case 'N':
      return numberOf(content, path)
    case 'B':
      return bytesOf(content, path)
    case 'BOOL':
      if (typeof content === 'boolean') return content
      break
    case 'NULL':
      if (content === true) return null
      break
    case 'M':
      if (isObject(content)) return fromTypedMap(content, path)
      break
    case 'L':
      if (Array.isArray(content)) return content.map((element, i) => fromTyped(element, [...path, i]))
      break
    case 'SS':
    case 'NS':
    case 'BS':
      if (Array.isArray(content) && content.length > 0) return setOf(type, content, path)
      break
    default:
      throw bad(path, `has the type ${JSON.stringify(type)}; types are S, N, B, BOOL, NULL, L, M, SS, NS and BS`)
  }
  throw bad(path, `is not a valid ${type}`)
}

function put(map: object): Change {
  return { kind: 'put', item: fromTypedMap(map, []) }
}

function fromTypedMap(map: object, path: Path): Item {
  // Object.fromEntries makes even `__proto__` an ordinary attribute.
  return Object.fromEntries(Object.entries(map).map(([name, value]) => [name, fromTyped(value, [...path, name])]))
}

function setOf(type: 'SS' | 'NS' | 'BS', content: readonly unknown[], path: Path): Value {
  const members = content.map((member, i): KeyValue => {
    const at = [...path, i]
    if (type === 'NS') return numberOf(member, at)
    if (type === 'BS') return bytesOf(member, at)
    if (typeof member === 'string') return member
    throw bad(at, 'is not a string')
  })
  if (new Set(content).size < content.length) throw bad(path, 'has a member twice')
  return new Set(members) as unknown as Value
}

function numberOf(content: unknown, path: Path): NumberValue {
  if (typeof content !== 'string') throw bad(path, "is not a number's digits as a string")
  try {
    return decimal(content)
  } catch (error) {
    throw bad(path, error instanceof PartitaError ? error.message : String(error))
  }
}

function bytesOf(content: unknown, path: Path): Uint8Array {
  const bytes = typeof content === 'string' ? Buffer.from(content, 'base64') : undefined
  // Buffer.from skips characters that are not base64 instead of rejecting them.
  if (bytes?.toString('base64') !== content) throw bad(path, 'is not base64 text with its padding')
  return new Uint8Array(bytes as Buffer)
}

function toTypedMap(map: { readonly [name: string]: Value }): object {
  const names = Object.keys(map).sort()
  return Object.fromEntries(names.map(name => [name, toTyped(map[name] as Value)]))
}

function toTyped(value: Value): object {
  const type = typeOf(value)
  switch (type) {
    case 'N':
      return { N: String(value) }
    case 'NULL':
      return { NULL: true }
    case 'B':
      return { B: base64(value as Uint8Array) }
    case 'L':
      return { L: (value as readonly Value[]).map(toTyped) }
    case 'M':
      return { M: toTypedMap(value as Item) }
    case 'SS':
    case 'NS':
    case 'BS': {
      // A set has no order, so its members are sorted by their text: equal sets have equal text.
      const members = [...(value as ReadonlySet<KeyValue>)]
      return { [type]: members.map(member => (member instanceof Uint8Array ? base64(member) : String(member))).sort() }
    }
    default:
      return { [type]: value }
  }
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64')
}

/** Whether this is an attribute value, as far as its shape shows: then the member around it is an attribute of an item. */
function isTyped(json: unknown, depth = 0): boolean {
  if (!isObject(json)) return false
  const [type = '', ...others] = Object.keys(json)
  if (others.length > 0 || !TYPE_NAMES.includes(type as TypeName)) return false
  const content = json[type]
  if (type === 'M') return isObject(content) && (depth > MAX_DEPTH || areTyped(Object.values(content), depth + 1))
  return !isObject(content)
}

function areTyped(values: readonly unknown[], depth: number): boolean {
  return values.every(value => isTyped(value, depth))
}

function isObject(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function bad(path: Path, problem: string): BadInput {
  const name = path.map((step, i) => (typeof step === 'number' ? `[${step}]` : i === 0 ? step : `.${step}`)).join('')
  return new BadInput(`attribute ${JSON.stringify(name)} ${problem}`, { path })
}
