/** Items as JSON: as in `partita/items`, with the expiry time `expiresAt` as an ISO 8601 string. */
import type { Value } from 'partita'
import type { DBItem } from 'partita/items'
import { BadInput } from '../failure.js'
import { isJsonObject, parseJson } from '../json/exact-json.js'

/** A time with its zone. Without one it would depend on the machine. */
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/

/**
 * Reads an item: a JSON object with `category` and `key`. The store checks the rest.
 * @throws BadInput if it is not an item; ValidationError for a value that cannot be stored.
 */
export function parseItem(text: string): DBItem {
  const value = parseJson(text)
  if (!isJsonObject(value)) throw new BadInput('an item is a JSON object with its "category" and "key"')
  for (const name of ['category', 'key']) {
    if (typeof value[name] !== 'string') throw new BadInput(`${name} is missing or not a string; every item needs one`)
  }
  const { expiresAt } = value
  return (expiresAt === undefined ? value : { ...value, expiresAt: parseTime(expiresAt) }) as DBItem
}

/** The item as values for `printJson`. */
export function toJsonItem(item: DBItem): { readonly [name: string]: Value } {
  const { expiresAt } = item
  const values = expiresAt instanceof Date ? { ...item, expiresAt: expiresAt.toISOString() } : item
  return values as unknown as { readonly [name: string]: Value }
}

/** The time of `expiresAt`. @throws BadInput if it is not a time with its zone. */
export function parseTime(value: Value): Date {
  const time = new Date(typeof value === 'string' && TIME.test(value) ? value : Number.NaN)
  if (!Number.isNaN(time.getTime())) return time
  throw new BadInput('expiresAt must be a time such as "2030-01-31T12:00:00Z"; for seconds from now, use ttl')
}
