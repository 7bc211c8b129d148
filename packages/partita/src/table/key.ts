/**
 * Key text from parts, and back. Parts are joined with the separator after escaping, so that two different lists of
 * parts never meet in one text and no value can break out of its place:
 *
 *     ['USER', 'a#b']      USER#a%23b
 *     ['USER', 'a', 'b']   USER#a#b
 *
 * `%` and every character of the separator are percent-encoded inside a part; nothing else is changed.
 */
import { type IssuePath, invalid, ValidationFailed, valueText } from '../errors.js'
import { Decimal, type NumberValue } from '../value/number.js'
import { encodeBoolean, encodeDate, encodeNumber } from './encode.js'

/** One place of a key. Numbers, dates and booleans become text that sorts as they do; see `encode.ts`. */
export type KeyPart = string | NumberValue | boolean | Date

/** A key: a list of parts to be joined, or a string that is taken as it stands, such as `'#METADATA'`. */
export type KeyInput = KeyPart | readonly KeyPart[]

type Absent = null | undefined

/** The key of an index: where it, or a part of it, is null, undefined or empty, the item is not in the index. */
export type IndexKeyInput = KeyPart | Absent | readonly (KeyPart | Absent)[]

export class KeyFormat {
  readonly separator: string
  readonly #escaped: RegExp

  /**
   * @throws ValidationFailed when the separator is empty, or holds `%` or a letter or digit: escaped values would then
   * no longer be told from plain ones, nor encoded numbers sort.
   */
  constructor(separator: string) {
    if (typeof separator !== 'string' || separator === '' || /[%\p{L}\p{N}\p{Cs}]/u.test(separator)) {
      throw invalid(
        ['keySeparator'],
        `${valueText(separator)} cannot separate keys; use punctuation other than %, such as # or ::`,
      )
    }
    this.separator = separator
    const characters = [...new Set(`%${separator}`)].map(character => character.replace(/[\\\]^-]/, '\\$&'))
    this.#escaped = new RegExp(`[${characters.join('')}]`, 'gu')
  }

  /**
   * The text of a key.
   * @throws ValidationFailed naming the part that is missing, empty or no key value.
   */
  join(key: KeyInput, path: IssuePath = []): string {
    const text = this.joinIfWhole(key, path)
    if (text === undefined) throw missing(key, path)
    return text
  }

  /** The text of a key; undefined when it or a part of it is null, undefined or empty. */
  joinIfWhole(key: IndexKeyInput, path: IssuePath = []): string | undefined {
    if (isAbsent(key)) return undefined
    if (!isList(key)) return encodePart(key, path)
    if (key.length === 0) return undefined
    let text = ''
    for (let i = 0; i < key.length; i++) {
      const part = key[i]
      if (isAbsent(part)) return undefined
      const encoded = encodePart(part, [...path, i]).replace(this.#escaped, escapeCharacter)
      text = i === 0 ? encoded : text + this.separator + encoded
    }
    return text
  }

  /**
   * The beginning that all keys share which start with these parts. It ends with the separator, so `['LOG']` is no
   * prefix of `LOGIN`; a string is taken as it stands.
   */
  prefix(key: KeyInput, path: IssuePath = []): string {
    const text = this.join(key, path)
    return isList(key) ? text + this.separator : text
  }

  /**
   * The parts of a key made from a list, as text; numbers and dates are still encoded.
   * @throws ValidationFailed when the text holds an escape that no list of parts gives.
   */
  split(text: string): string[] {
    return text.split(this.separator).map(unescapePart)
  }
}

export function isList(key: IndexKeyInput): key is readonly (KeyPart | Absent)[] {
  return Array.isArray(key)
}

export function isAbsent(part: unknown): part is Absent | '' {
  return part === null || part === undefined || part === ''
}

function encodePart(part: KeyPart, path: IssuePath): string {
  switch (typeof part) {
    case 'string':
      return part
    case 'boolean':
      return encodeBoolean(part)
    case 'number':
    case 'bigint':
      return encodeNumber(part, path)
  }
  if (part instanceof Date) return encodeDate(part, path)
  if (part instanceof Decimal) return encodeNumber(part, path)
  throw invalid(path, `is ${describe(part)}; a key is made of strings, numbers, booleans and dates`)
}

function missing(key: IndexKeyInput, path: IssuePath): Error {
  if (!isList(key)) return invalid(path, `is ${describe(key)}; a key needs a value`)
  if (key.length === 0) return invalid(path, 'is an empty list; a key needs at least one part')
  const index = key.findIndex(isAbsent)
  return invalid([...path, index], `is ${describe(key[index])}; every part of a key needs a value`)
}

function describe(value: unknown): string {
  if (value === '') return 'an empty string'
  if (value === null || value === undefined) return String(value)
  return Array.isArray(value) ? 'a list' : typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

function escapeCharacter(character: string): string {
  // encodeURIComponent leaves some punctuation alone.
  const encoded = encodeURIComponent(character)
  return encoded === character ? `%${character.charCodeAt(0).toString(16).toUpperCase()}` : encoded
}

function unescapePart(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch (cause) {
    throw new ValidationFailed(
      [{ path: [], message: `${JSON.stringify(text.slice(0, 60))} is no part of a key` }],
      cause,
    )
  }
}
