/** The type of items, and the checks before they are stored. */
import { type IssuePath, invalid, valueText } from '../errors/errors.js'
import { isNumber, type Value } from '../value/value.js'

/**
 * An item with a category and a key. Extend it with the item's own properties.
 *
 * An item can have an expiry. Write it as `ttl`, seconds from now, or as `expiresAt`, a date; `ttl` takes precedence.
 * Reads always return `expiresAt`, so that an item that is read and put back keeps its expiry. Reads never return an
 * expired item.
 */
export interface DBItem {
  /** The category, such as `order`. Names that begin with `letsgo` or `partita` are reserved. */
  category: string
  /** Unique in its category. `hierarchicalKey` makes hierarchical keys. */
  key: string
  /** Seconds from now until the item expires. Write-only: reads return `expiresAt`. */
  ttl?: number
  /** The date at which the item expires, to the second. */
  expiresAt?: Date
  [property: string]: unknown
}

/** The stored expiry attribute, in epoch seconds, as DynamoDB's time to live requires. */
export const EXPIRY = 'ttl'

const RESERVED = ['letsgo', 'partita']

/** A longer `ttl`, of over thirty years, is taken as a mistake: a time in epoch seconds. */
const LONGEST_TTL_SECONDS = 1e9

/** @throws ValidationError if it is not a string, is empty, or is reserved. */
export function checkCategory(category: unknown): asserts category is string {
  checkText(category, ['category'])
  const reserved = RESERVED.find(name => category.startsWith(name))
  if (reserved) throw invalid(['category'], `${category} begins with ${reserved}, which is reserved; use another name`)
}

/** @throws ValidationError if it is not a string or is empty. */
export function checkText(text: unknown, at: IssuePath): asserts text is string {
  if (typeof text !== 'string' || text === '')
    throw invalid(at, `is ${valueText(text)}; expected a string that is not empty`)
}

/**
 * The expiry of an item, as epoch seconds or a Date; undefined if it never expires.
 *
 * @throws ValidationError if `ttl` is not a number of seconds, or `expiresAt` is not a Date.
 */
export function expiryOf({ ttl, expiresAt }: Partial<DBItem>, now: number): number | Date | undefined {
  if (expiresAt !== undefined && !(expiresAt instanceof Date)) {
    throw invalid(['expiresAt'], 'is not a Date')
  }
  if (ttl === undefined) return expiresAt
  if (typeof ttl !== 'number' || !(ttl > 0)) {
    throw invalid(['ttl'], `is ${typeof ttl === 'number' ? ttl : valueText(ttl)}; expected a number of seconds above 0`)
  }
  if (ttl > LONGEST_TTL_SECONDS) {
    throw invalid(
      ['ttl'],
      `is ${ttl} seconds from now; for a time in epoch seconds, use expiresAt: new Date(${ttl} * 1000)`,
    )
  }
  // Rounded up, so that no item expires early.
  return Math.ceil(now / 1000 + ttl)
}

/** A stored item in the form that reads return: its expiry is a Date. */
export function readable(stored: object): object {
  const { [EXPIRY]: expiry, ...item } = stored as { readonly [name: string]: Value }
  if (expiry === undefined) return stored
  return isNumber(expiry) ? { ...item, expiresAt: new Date(Number(expiry) * 1000) } : stored
}
