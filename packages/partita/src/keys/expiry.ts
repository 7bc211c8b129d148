/**
 * Time to live. Stores delete expired items late, DynamoDB within days. Here an expired item counts as absent at once, in
 * reads and in the conditions of writes.
 */
import { invalid, valueText } from '../errors/errors.js'
import { and, type Condition, compare, exists, not, notExists, or, path, value } from '../expression/ast.js'
import { matches } from '../expression/evaluate/index.js'
import { getAttribute, type Item, isNumber } from '../value/value.js'

/** The attributes that say whether an item exists and when it expires. */
export interface Expiring {
  readonly partitionKey: string
  /** Holds the expiry in epoch seconds. Undefined where items never expire. */
  readonly expiresAt: string | undefined
}

/** When an item expires: epoch seconds, such as `Math.floor(Date.now() / 1000) + 3600`, or a Date. */
export type ExpiryInput = number | Date

/** DynamoDB never deletes an item whose expiry is more than five years in the past. */
const OLDEST_EXPIRY_SECONDS = 5 * 365 * 86_400
/** The year 5138. Milliseconds passed as seconds are above it. */
const LATEST_EXPIRY_SECONDS = 1e11

/**
 * Converts an expiry to whole epoch seconds, as it is stored.
 * @throws ValidationError if it is not a time, is in milliseconds, or is more than five years in the past.
 */
export function expirySeconds(input: ExpiryInput, now: number): number {
  const moment = input instanceof Date ? input.getTime() / 1000 : input
  const seconds = typeof moment === 'number' ? Math.floor(moment) : Number.NaN
  if (!Number.isFinite(seconds)) {
    const given = typeof input === 'number' || input instanceof Date ? String(input) : valueText(input)
    throw invalid(['expiresAt'], `${given} is not a time; use epoch seconds or a Date`)
  }
  if (seconds > LATEST_EXPIRY_SECONDS) {
    throw invalid(['expiresAt'], `${seconds} is after the year 5000 in epoch seconds; divide milliseconds by 1000`)
  }
  if (seconds < now / 1000 - OLDEST_EXPIRY_SECONDS) {
    throw invalid(['expiresAt'], `${seconds} is more than five years in the past; add a duration to Date.now() / 1000`)
  }
  return seconds
}

/** Whether an item has expired. An attribute that is not a number is not an expiry. */
export function isExpired(layout: Expiring, item: Item, now: number): boolean {
  if (layout.expiresAt === undefined) return false
  const expiry = getAttribute(item, layout.expiresAt)
  return isNumber(expiry) && Number(expiry) <= Math.floor(now / 1000)
}

/** A condition that is true for items that have not expired; undefined if items never expire. */
export function notExpired(layout: Expiring, now: number): Condition | undefined {
  const expired = hasExpired(layout, now)
  return expired && not(expired)
}

/** A condition that is true if the item exists and has not expired. */
export function isPresent(layout: Expiring, now: number): Condition {
  const live = notExpired(layout, now)
  const there = exists([layout.partitionKey])
  return live ? and(there, live) : there
}

/** A condition that is true if the item does not exist or has expired. */
export function isAbsent(layout: Expiring, now: number): Condition {
  const expired = hasExpired(layout, now)
  const notThere = notExists([layout.partitionKey])
  return expired ? or(notThere, expired) : notThere
}

/** The user's condition, with the same answer for an expired item as for a missing one. */
export function onLiveItem(layout: Expiring, condition: Condition | undefined, now: number): Condition | undefined {
  const expired = hasExpired(layout, now)
  if (!condition || !expired) return condition
  return matches(condition, undefined) ? or(expired, condition) : and(not(expired), condition)
}

function hasExpired(layout: Expiring, now: number): Condition | undefined {
  if (layout.expiresAt === undefined) return undefined
  return compare(path(layout.expiresAt), '<=', value(Math.floor(now / 1000)))
}
