/**
 * Joins the parts of keys to text, and splits them again. Parts are escaped and joined with the separator, so that
 * different lists of parts never produce the same text, and no value can add a part:
 *
 *     ['USER', 'a#b']      USER#a%23b
 *     ['USER', 'a', 'b']   USER#a#b
 *
 * `%` and every character of the separator are percent-encoded inside a part. A text that looks like an encoded number
 * or boolean, such as `c5.`, has its first character encoded too, so that it differs from the part 5. Nothing else is
 * changed. A date is one part: its ISO text.
 */
import { type IssuePath, invalid, ValidationError, valueText } from '../errors/errors.js'
import { encodeBoolean, encodeDate, encodeNumber } from '../keys/encode.js'
import type { NumberValue } from '../value/number.js'
import { isNumber } from '../value/value.js'

/** One part of a key. Numbers, dates and booleans become text that sorts in their order; see `keys/encode.ts`. */
export type KeyPart = string | NumberValue | boolean | Date

/** A key: a list of parts that are joined, or one part. A single string, such as `'#METADATA'`, stays unchanged. */
export type KeyInput = KeyPart | readonly KeyPart[]

type Absent = null | undefined

/** A key in an index. If it or one of its parts is null, undefined or empty, the item is not in the index. */
export type IndexKeyInput = KeyPart | Absent | readonly (KeyPart | Absent)[]

/** Joins and escapes the parts of keys, and splits them again. */
export class KeyFormat {
  readonly separator: string
  readonly #escaped: RegExp

  /**
   * @throws ValidationError if the separator is empty or contains `%`, a letter or a digit: then escaped values could
   *   not be distinguished from plain ones, and encoded numbers would not sort.
   */
  constructor(separator: string) {
    if (typeof separator !== 'string' || separator === '' || /[%\p{L}\p{N}\p{Cs}]/u.test(separator)) {
      throw invalid(
        ['keySeparator'],
        `${valueText(separator)} cannot be a separator; use punctuation other than %, such as # or ::`,
      )
    }
    this.separator = separator
    const characters = [...new Set(`%${separator}`)].map(character => character.replace(/[\\\]^-]/, '\\$&'))
    this.#escaped = new RegExp(`[${characters.join('')}]`, 'gu')
  }

  /**
   * The text of a key.
   *
   * @throws ValidationError with the path of a part that is missing, empty or of another type.
   */
  join(key: KeyInput, path: IssuePath = []): string {
    const text = this.joinIfComplete(key, path)
    if (text === undefined) throw missing(key, path)
    return text
  }

  /** The text of a key; undefined if it or one of its parts is null, undefined or empty. */
  joinIfComplete(key: IndexKeyInput, path: IssuePath = []): string | undefined {
    if (isAbsent(key)) return undefined
    if (!isList(key)) return typeof key === 'string' ? key : encodePart(key, path)
    if (key.length === 0) return undefined
    let text = ''
    for (let i = 0; i < key.length; i++) {
      const part = key[i]
      if (isAbsent(part)) return undefined
      const encoded = this.#escape(part, [...path, i])
      text = i === 0 ? encoded : text + this.separator + encoded
    }
    return text
  }

  #escape(part: KeyPart, path: IssuePath): string {
    const escaped = encodePart(part, path).replace(this.#escaped, escapeCharacter)
    return typeof part === 'string' && ENCODED.test(part) ? escapeLookalike(escaped) : escaped
  }

  /**
   * The prefix of all keys that start with these parts. It ends with the separator, so `['LOG']` is not a prefix of
   * `LOGIN`. A string that is not in a list is used unchanged.
   */
  prefix(key: KeyInput, path: IssuePath = []): string {
    const text = this.join(key, path)
    return isList(key) ? text + this.separator : text
  }

  /**
   * The parts of a key that was joined from a list, as text. Numbers and dates stay encoded.
   *
   * @throws ValidationError for an escape that `join` never produces.
   */
  split(text: string): string[] {
    return text.split(this.separator).map(unescapePart)
  }
}

/** Whether a key is given as a list of parts. */
export function isList(key: IndexKeyInput): key is readonly (KeyPart | Absent)[] {
  return Array.isArray(key)
}

/** Whether a part is missing: null, undefined or empty. */
export function isAbsent(part: unknown): part is Absent | '' {
  return part === null || part === undefined || part === ''
}

/** Encoded numbers and booleans. */
const ENCODED = /^(?:a\.|[b-w]\d+\.|[D-Y]\d+z|true|false)$/

function encodePart(part: KeyPart, path: IssuePath): string {
  if (typeof part === 'string') return part
  if (typeof part === 'boolean') return encodeBoolean(part)
  if (isNumber(part)) return encodePartNumber(part, path)
  if (part instanceof Date) return encodeDate(part, path)
  throw invalid(path, `is ${describe(part)}; a key part is a string, a number, a boolean or a date`)
}

/** Adds the terminator to 0 too, without a change of its order: a single letter is common as a text part. */
function encodePartNumber(number: NumberValue, path: IssuePath): string {
  const text = encodeNumber(number, path)
  return text.length === 1 ? `${text}.` : text
}

/** Encodes the first character, which is a letter and so never part of a separator. */
function escapeLookalike(text: string): string {
  return `%${text.charCodeAt(0).toString(16).toUpperCase()}${text.slice(1)}`
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
    throw new ValidationError(
      [{ path: [], message: `${JSON.stringify(text.slice(0, 60))} is not a part of a key` }],
      cause,
    )
  }
}
