/** Items of a category and a key, and what is checked of them before they are stored. */
import { type IssuePath, invalid, valueText } from '../errors/errors.js'
import { isNumber, type Value } from '../value/value.js'

/**
 * What is stored under a category and a key. Extend it with the item's own properties.
 *
 * An item may have an end. It is written as `ttl`, seconds from now, or as `expiresAt`, a moment; where both are given,
 * `ttl` holds. What is read always has it as `expiresAt`, so that an item that is read and put back ends when it would
 * have ended, however long that took. From its end on the item is absent from every read.
 */
export interface DBItem {
  /** The kind of item, such as `order`. `letsgo` and `partita` begin names that are reserved. */
  category: string
  /** Unique in its category. Hierarchical keys are made with `hierarchicalKey`. */
  key: string
  /** Seconds from now until the item ends. Only written: what is read has `expiresAt`. */
  ttl?: number
  /** The moment at which the item ends, to the second. */
  expiresAt?: Date
  [property: string]: unknown
}

/** The stored attribute for the end, in epoch seconds, as DynamoDB's time to live wants it. */
export const EXPIRY = 'ttl'

const RESERVED = ['letsgo', 'partita']

/** More than thirty years is no duration but a moment in epoch seconds. */
const LONGEST_TTL_SECONDS = 1e9

/** @throws ValidationError when it is no text, is empty, or is reserved. */
export function checkCategory(category: unknown): asserts category is string {
  checkText(category, ['category'])
  const reserved = RESERVED.find(name => category.startsWith(name))
  if (reserved) throw invalid(['category'], `${category} begins with ${reserved}, which is reserved; use another name`)
}

/** @throws ValidationError when it is no text or is empty. */
export function checkText(text: unknown, at: IssuePath): asserts text is string {
  if (typeof text !== 'string' || text === '')
    throw invalid(at, `is ${valueText(text)}; it is a text that is not empty`)
}

/**
 * When the item ends, in epoch seconds; undefined where it never does.
 * @throws ValidationError when `ttl` is no number of seconds, or `expiresAt` no Date.
 */
export function endOf({ ttl, expiresAt }: Partial<DBItem>, now: number): number | Date | undefined {
  if (expiresAt !== undefined && !(expiresAt instanceof Date)) {
    throw invalid(['expiresAt'], 'is no Date; it is the moment at which the item ends')
  }
  if (ttl === undefined) return expiresAt
  if (typeof ttl !== 'number' || !(ttl > 0)) {
    throw invalid(['ttl'], `is ${typeof ttl === 'number' ? ttl : valueText(ttl)}; it is a number of seconds over 0`)
  }
  if (ttl > LONGEST_TTL_SECONDS) {
    throw invalid(['ttl'], `is ${ttl} seconds from now; give a moment as expiresAt: new Date(${ttl} * 1000)`)
  }
  // Rounded up, so that no item ends early.
  return Math.ceil(now / 1000 + ttl)
}

/** An item as it is returned: its end is a Date. */
export function readable(stored: object): object {
  const { [EXPIRY]: expiry, ...item } = stored as { readonly [name: string]: Value }
  if (expiry === undefined) return stored
  return isNumber(expiry) ? { ...item, expiresAt: new Date(Number(expiry) * 1000) } : stored
}
