/**
 * Key templates, such as `ORG#{orgId}`: parsed once, printed from a stored row, and read back.
 *
 * A value stands escaped in its place: every character up to `%` (so space, `#` and control characters too) is
 * percent-encoded. Text that follows a field begins with `#`, which no escaped value holds, so two rows never meet in
 * one key, no value breaks out of its place, and the byte order of keys is that of the values, field by field.
 */
import { type IssuePath, invalid, ValidationError } from '../../errors/errors.js'
import { decodeBoolean, decodeNumber, encodeBoolean, encodeNumber } from '../../keys/encode.js'
import { decimal, type NumberValue, numberText } from '../../value/number.js'
import { type Item, isNumber, type Value } from '../../value/value.js'

/** The parts of a template in turn: literal text, or the name of a field. */
export type TemplatePart = string | { readonly field: string }

/** How a field's stored value is written into a key; the type of what is stored decides. */
export type KeyType = 'text' | 'number' | 'boolean'

export interface KeyField {
  readonly name: string
  readonly attribute: string
  readonly type: KeyType
  /** In keys of indexes, the stored form of the field's plain default: as it is read, so it is listed. */
  readonly fallback?: Value
}

/** @returns the parts, or what is wrong with the template. */
export function parseTemplate(text: unknown): readonly TemplatePart[] | string {
  if (typeof text !== 'string' || text === '') return 'is no text; a template is such as USER#{userId}'
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

/** What stands in the way of telling keys apart: text behind a field must begin with what no escaped value holds. */
export function separatorProblem(parts: readonly TemplatePart[]): string | undefined {
  const wrong = parts.find((part, i) => i > 0 && typeof part === 'string' && !part.startsWith('#'))
  return wrong === undefined
    ? undefined
    : `has ${JSON.stringify(wrong)} behind a field; begin it with #, which no value can hold, or choose encoding: 'raw'`
}

export function fieldNames(parts: readonly TemplatePart[]): string[] {
  return parts.flatMap(part => (typeof part === 'string' ? [] : [part.field]))
}

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
   * The key of a row; undefined where a field is missing or empty, or holds what no key can, as rows of other programs may.
   * @throws ValidationError for a value that a raw template cannot tell from others.
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

  /** A stored value as it stands at a place of the template. */
  encode(field: KeyField, value: Value, place: number): string {
    if (!this.raw) return keyText(value, [field.name])
    const text = isNumber(value) ? numberText(value) : String(value)
    const next = this.parts[place + 1]
    if (typeof next === 'string' && (text + next).indexOf(next) !== text.length) {
      throw invalid([field.name], `holds ${JSON.stringify(next)}, which ends its place in a raw key`)
    }
    return text
  }

  /** The stored values that make up a key; undefined where it is not one of this template. */
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
      // The text was written by something else.
      if (error instanceof ValidationError || error instanceof URIError) return undefined
      throw error
    }
  }
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters come before # as well, so they are escaped
const ESCAPED = /[\x00-%]/
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above
const EACH_ESCAPED = /[\x00-%]/g

/** Text as it stands in a key. Most text needs no change, and finding that out is cheap. */
export function escapeText(text: string): string {
  if (!ESCAPED.test(text)) return text
  return text.replace(EACH_ESCAPED, it => `%${it.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`)
}

/** Whether a stored value can be part of a key. */
export function isKeyValue(value: Value | undefined): value is string | boolean | NumberValue {
  return typeof value === 'string' || typeof value === 'boolean' || isNumber(value)
}

/** A stored value as it stands in a key; text is escaped. Throws ValidationError for what no key can hold. */
export function keyText(value: Value, at: IssuePath): string {
  if (typeof value === 'string') return escapeText(value)
  if (typeof value === 'boolean') return encodeBoolean(value)
  if (isNumber(value)) return encodeNumber(value, at)
  throw invalid(at, 'is neither text nor a number nor a boolean, which a key is made of')
}
