/** Items as JSON: as in `partita/items`, with the end of an item, `expiresAt`, as an ISO 8601 text. */
import type { Value } from 'partita'
import type { DBItem } from 'partita/items'
import { BadInput } from '../failure.js'
import { parseJson } from '../json/exact-json.js'

/** A moment with its zone: without one it would depend on the machine. */
const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/

/**
 * Reads an item: a JSON object with `category` and `key`. The store checks the rest.
 * @throws BadInput when it is none; ValidationError for a value that cannot be kept.
 */
export function parseItem(text: string): DBItem {
  const value = parseJson(text)
  if (!isObject(value)) throw new BadInput('an item is a JSON object with its "category" and "key"')
  for (const name of ['category', 'key']) {
    if (typeof value[name] !== 'string') throw new BadInput(`${name} is missing or no string; every item has one`)
  }
  const { expiresAt } = value
  return (expiresAt === undefined ? value : { ...value, expiresAt: parseMoment(expiresAt) }) as DBItem
}

/** An item as values that `printJson` prints. */
export function toJsonItem(item: DBItem): { readonly [name: string]: Value } {
  const { expiresAt } = item
  const values = expiresAt instanceof Date ? { ...item, expiresAt: expiresAt.toISOString() } : item
  return values as unknown as { readonly [name: string]: Value }
}

function isObject(value: Value): value is { readonly [name: string]: Value } {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
}

function parseMoment(value: Value): Date {
  const moment = new Date(typeof value === 'string' && MOMENT.test(value) ? value : Number.NaN)
  if (!Number.isNaN(moment.getTime())) return moment
  throw new BadInput('expiresAt is a moment such as "2030-01-31T12:00:00Z"; for seconds from now, use ttl')
}
