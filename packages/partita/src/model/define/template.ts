/**
 * Key templates, such as `ORG#{orgId}`: parsed once, printed from a stored row, and read back.
 *
 * Values are escaped: every character up to `%`, which includes spaces, `#` and control characters, is percent-encoded. Text
 * after a field begins with `#`, which no escaped value contains. So two rows never share a key, and the byte order of keys
 * is the order of the values, field by field.
 */
import { type IssuePath, invalid, ValidationError } from '../../errors/errors.js'
import { decodeBoolean, decodeNumber, encodeBoolean, encodeNumber } from '../../keys/encode.js'
import { decimal, type NumberValue, numberText } from '../../value/number.js'
import { type Item, isNumber, type Value } from '../../value/value.js'

/** A part of a template: literal text, or the name of a field. */
export type TemplatePart = string | { readonly field: string }

/** How a value is written into a key, by the type of its stored form. */
export type KeyType = 'text' | 'number' | 'boolean'

/** A field in a template. */
export interface KeyField {
  readonly name: string
  readonly attribute: string
  readonly type: KeyType
  /** In index keys, the stored form of the field's plain default, so that rows are listed by the value that reads return. */
  readonly fallback?: Value
}

/** Parses a template. @returns its parts, or a message if it is invalid. */
export function parseTemplate(text: unknown): readonly TemplatePart[] | string {
  if (typeof text !== 'string' || text === '') return 'is not text; write a template such as USER#{userId}'
  const parts: TemplatePart[] = []
  for (const piece of text.split(/(\{[^{}]*\})/)) {
    if (piece === '') continue
    if (piece.startsWith('{') && piece.endsWith('}')) parts.push({ field: piece.slice(1, -1) })
    else if (/[{}]/.test(piece)) return `${JSON.stringify(text)} has a brace without its other`
    else parts.push(piece)
  }
  const adjacent = parts.some((part, i) => typeof part !== 'string' && typeof (parts[i + 1] ?? '') !== 'string')
  if (adjacent) return `${JSON.stringify(text)} has two fields with nothing between them; write # there`
  return parts
}

/** The message for text after a field that does not begin with `#`, which would make keys ambiguous. */
export function separatorProblem(parts: readonly TemplatePart[]): string | undefined {
  const wrong = parts.find((part, i) => i > 0 && typeof part === 'string' && !part.startsWith('#'))
  return wrong === undefined
    ? undefined
    : `has ${JSON.stringify(wrong)} behind a field; begin it with #, which no value can hold, or choose encoding: 'raw'`
}

/** The names of the fields of a template. */
export function fieldNames(parts: readonly TemplatePart[]): string[] {
  return parts.flatMap(part => (typeof part === 'string' ? [] : [part.field]))
}

/** A compiled template. */
export class Template {
  readonly parts: readonly (string | KeyField)[]
  readonly fields: readonly KeyField[]
  readonly raw: boolean

  constructor(parts: readonly (string | KeyField)[], raw: boolean) {
    this.parts = parts
    this.fields = parts.filter(part => typeof part !== 'string')
    this.raw = raw
  }

  /**
   * The key of a row; undefined if a field is missing, empty, or of a type that keys do not support.
   * @throws ValidationError for a value that would make a raw key ambiguous.
   */
  print(row: Item): string | undefined {
    let text = ''
    for (let i = 0; i < this.parts.length; i++) {
      const part = this.parts[i] as string | KeyField
      if (typeof part === 'string') text += part
      else {
        const value = row[part.attribute] ?? part.fallback
        if (!isKeyValue(value) || value === '') return undefined
        text += this.encode(part, value, i)
      }
    }
    return text
  }

  /** Encodes a stored value as the part of the template at an index. */
  encode(field: KeyField, value: Value, index: number): string {
    if (!this.raw) return keyText(value, [field.name])
    const text = isNumber(value) ? numberText(value) : String(value)
    const next = this.parts[index + 1]
    if (typeof next === 'string' && (text + next).indexOf(next) !== text.length) {
      throw invalid([field.name], `holds ${JSON.stringify(next)}, which ends the field in a raw key`)
    }
    return text
  }

  /** Parses a key to the stored values of its fields; undefined if the key does not match the template. */
  read(text: string): Item | undefined {
    const row: Item = {}
    let at = 0
    for (let i = 0; i < this.parts.length; i++) {
      const part = this.parts[i] as string | KeyField
      if (typeof part === 'string') {
        if (!text.startsWith(part, at)) return undefined
        at += part.length
      } else {
        const next = this.parts[i + 1]
        const end = next === undefined ? text.length : text.indexOf(next as string, at)
        if (end <= at) return undefined
        const value = this.#decode(part, text.slice(at, end))
        if (value === undefined) return undefined
        row[part.attribute] = value
        at = end
      }
    }
    return at === text.length ? row : undefined
  }

  #decode({ type }: KeyField, text: string): Value | undefined {
    try {
      if (type === 'number') return this.raw ? decimal(text) : decodeNumber(text)
      if (type === 'boolean') return decodeBoolean(text)
      if (this.raw) return text
      const value = decodeURIComponent(text)
      return escapeText(value) === text ? value : undefined
    } catch (error) {
      // Another program wrote the text.
      if (error instanceof ValidationError || error instanceof URIError) return undefined
      throw error
    }
  }
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters come before # as well, so they are escaped
const ESCAPED = /[\x00-%]/
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above
const EACH_ESCAPED = /[\x00-%]/g

/** Escapes text for a key. Most text needs no escaping, and checking that is cheap. */
export function escapeText(text: string): string {
  if (!ESCAPED.test(text)) return text
  return text.replace(EACH_ESCAPED, it => `%${it.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`)
}

/** Whether a stored value can be part of a key. */
export function isKeyValue(value: Value | undefined): value is string | boolean | NumberValue {
  return typeof value === 'string' || typeof value === 'boolean' || isNumber(value)
}

/** Encodes a stored value for a key. @throws ValidationError for a type that keys do not support. */
export function keyText(value: Value, at: IssuePath): string {
  if (typeof value === 'string') return escapeText(value)
  if (typeof value === 'boolean') return encodeBoolean(value)
  if (isNumber(value)) return encodeNumber(value, at)
  throw invalid(at, 'cannot be part of a key; use text, a number or a boolean')
}
