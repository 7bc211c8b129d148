/**
 * Time to live. Stores delete expired items late, DynamoDB within days. Reads and write conditions therefore treat an
 * expired item as absent immediately.
 */
import { invalid, valueText } from '../errors/errors.js'
import { and, type Condition, compare, exists, not, notExists, or, path, value } from '../expression/ast.js'
import { matches } from '../expression/evaluate/index.js'
import { getAttribute, type Item, isNumber } from '../value/value.js'

/** The attributes that show whether an item exists and when it expires. */
export interface Expiring {
  readonly partitionKey: string
  /** Holds the expiry in epoch seconds. Undefined if items never expire. */
  readonly expiresAt: string | undefined
}

/** The expiry time of an item: epoch seconds, as `Math.floor(Date.now() / 1000) + 3600`, or a Date. */
export type ExpiryInput = number | Date

/** DynamoDB never deletes an item whose expiry is more than five years in the past. */
const OLDEST_EXPIRY_SECONDS = 5 * 365 * 86_400
/** The year 5138. Milliseconds mistaken for seconds exceed it. */
const LATEST_EXPIRY_SECONDS = 1e11

/**
 * The expiry as it is stored, in whole epoch seconds.
 * @throws ValidationError if it is not a valid time, is in milliseconds, or is more than five years in the past.
 */
export function expirySeconds(input: ExpiryInput, now: number): number {
  const moment = input instanceof Date ? input.getTime() / 1000 : input
  const seconds = typeof moment === 'number' ? Math.floor(moment) : Number.NaN
  if (!Number.isFinite(seconds)) {
    const given = typeof input === 'number' || input instanceof Date ? String(input) : valueText(input)
    throw invalid(['expiresAt'], `${given} is no moment; give epoch seconds or a Date`)
  }
  if (seconds > LATEST_EXPIRY_SECONDS) {
    throw invalid(['expiresAt'], `${seconds} is no epoch second before the year 5000; divide milliseconds by 1000`)
  }
  if (seconds < now / 1000 - OLDEST_EXPIRY_SECONDS) {
    throw invalid(['expiresAt'], `${seconds} is over five years past; add a duration to Date.now() / 1000`)
  }
  return seconds
}

/** Whether the item has expired. An attribute that is not a number is ignored. */
export function isExpired(layout: Expiring, item: Item, now: number): boolean {
  if (layout.expiresAt === undefined) return false
  const expiry = getAttribute(item, layout.expiresAt)
  return isNumber(expiry) && Number(expiry) <= Math.floor(now / 1000)
}

/** Condition: the item has not expired. Undefined if items never expire. */
export function notExpired(layout: Expiring, now: number): Condition | undefined {
  const expired = hasExpired(layout, now)
  return expired && not(expired)
}

/** Condition: the item exists and has not expired. */
export function isPresent(layout: Expiring, now: number): Condition {
  const live = notExpired(layout, now)
  const there = exists([layout.partitionKey])
  return live ? and(there, live) : there
}

/** Condition: the item does not exist or has expired. */
export function isAbsent(layout: Expiring, now: number): Condition {
  const expired = hasExpired(layout, now)
  const notThere = notExists([layout.partitionKey])
  return expired ? or(notThere, expired) : notThere
}

/** Rewrites the user's condition so that an expired item counts as absent. */
export function onLiveItem(layout: Expiring, condition: Condition | undefined, now: number): Condition | undefined {
  const expired = hasExpired(layout, now)
  if (!condition || !expired) return condition
  return matches(condition, undefined) ? or(expired, condition) : and(not(expired), condition)
}

function hasExpired(layout: Expiring, now: number): Condition | undefined {
  if (layout.expiresAt === undefined) return undefined
  return compare(path(layout.expiresAt), '<=', value(Math.floor(now / 1000)))
}
