/** Reads the requested number of items, over as many pages as necessary. */
import type { Item, Key, KeyValue } from '../value/value.js'
import { addCapacity, type Capacity, noCapacity } from './capacity.js'
import type { ItemPage } from './store.js'

export interface Wanted {
  /** The number of items to return, after filters. Default: all. */
  readonly limit: number | undefined
  /** The most items that one request reads. Default: the number still to return, and more if a filter drops some. */
  readonly pageSize: number | undefined
  readonly maxRequests: number
  /** Whether the store filters items, so that more must be read than are returned. */
  readonly filtered: boolean
  /** The attributes that make up the position at the end of a page. */
  readonly names: readonly string[]
  /** Whether to return an item. Default: all. */
  readonly accepts?: (item: Item) => boolean
  /** Whether an item counts toward the number requested. Called in order, for accepted items. Default: all count. */
  readonly counts?: (item: Item) => boolean
}

export interface Collected {
  readonly items: Item[]
  /** The position to continue at; undefined at the end. */
  readonly next: Key | undefined
  readonly capacity: Capacity
  /** The number of requests made. */
  readonly requests: number
}

/** With a filter, the items that the first request reads at least, and the factor by which each further request grows. */
const FILTERED_PAGE_SIZE = 25
const GROWTH = 4
/** Above this, the request has no limit, and the store ends the page at 1 MB. */
const LARGEST_PAGE_SIZE = 2000

export async function collect(
  read: (limit: number | undefined, after: Key | undefined) => Promise<ItemPage>,
  start: Key | undefined,
  { limit, pageSize, maxRequests, filtered, names, accepts, counts }: Wanted,
): Promise<Collected> {
  const items: Item[] = []
  const capacity = noCapacity()
  let next = start
  let made = 0
  while (made < maxRequests) {
    const wanted = limit === undefined ? undefined : limit - items.length
    const page = await read(pageSize ?? requestSize(wanted, filtered, made), next)
    made++
    addCapacity(capacity, page.capacity)
    next = page.next
    const found = accepts ? page.items.filter(accepts) : page.items
    for (let i = 0; i < found.length; i++) {
      if (items.length === limit) return { items, next: placeOf(found[i - 1] as Item, names), capacity, requests: made }
      const item = found[i] as Item
      if (!counts || counts(item)) items.push(item)
    }
    if (!next || items.length === limit) break
  }
  return { items, next, capacity, requests: made }
}

/** The number of items to request, given the number still to return; undefined for a page of 1 MB. */
function requestSize(wanted: number | undefined, filtered: boolean, made: number): number | undefined {
  if (wanted === undefined) return undefined
  // Without filters few items are dropped, so the first request is usually enough.
  if (!filtered && made === 0) return wanted
  const size = Math.max(wanted, FILTERED_PAGE_SIZE) * GROWTH ** made
  return size > LARGEST_PAGE_SIZE ? undefined : size
}

function placeOf(item: Item, names: readonly string[]): Key {
  return Object.fromEntries(names.map(name => [name, item[name] as KeyValue]))
}
