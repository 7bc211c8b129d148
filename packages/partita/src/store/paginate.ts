/** Collects the requested number of items over as many pages as needed. */
import type { Item, Key, KeyValue } from '../value/value.js'
import { addCapacity, type Capacity, noCapacity } from './capacity.js'
import type { Page } from './store.js'

/** The items that a caller requests, and how to read them. */
export interface Wanted {
  /** Maximum number of items, counted after filters. Default: all. */
  readonly limit: number | undefined
  /** Maximum number of items that one request reads. Default: the number still needed, more with filters. */
  readonly pageSize: number | undefined
  readonly maxRequests: number
  /** Whether the store filters items, so that more must be read than are returned. */
  readonly filtered: boolean
  /** Names of the attributes of a position. */
  readonly names: readonly string[]
  /** Selects among the items that the store returns. Default: all. */
  readonly accepts?: (item: Item) => boolean
  /** Whether an item counts; called in order, for accepted items up to the last that is given. Default: all count. */
  readonly counts?: (item: Item) => boolean
}

/** The items collected over one or more pages. */
export interface Collected {
  readonly items: Item[]
  /** The position to continue from; undefined at the end. */
  readonly next: Key | undefined
  readonly capacity: Capacity
  /** The number of requests sent. */
  readonly requests: number
}

/** With filters, the first request reads at least 25 items, and each following one four times as many. */
const FILTERED_PAGE_SIZE = 25
const GROWTH = 4
/** Larger pages set no limit; the store ends them at 1 MB. */
const LARGEST_PAGE_SIZE = 2000

/** Reads pages until `limit` items are collected, `maxRequests` is reached or there are no more items. */
export async function collect(
  read: (limit: number | undefined, after: Key | undefined) => Promise<Page>,
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
      if (items.length === limit)
        return { items, next: positionOf(found[i - 1] as Item, names), capacity, requests: made }
      const item = found[i] as Item
      if (!counts || counts(item)) items.push(item)
    }
    if (!next || items.length === limit) break
  }
  return { items, next, capacity, requests: made }
}

/** The number of items to read for `wanted` results; undefined for a page of 1 MB. */
function requestSize(wanted: number | undefined, filtered: boolean, made: number): number | undefined {
  if (wanted === undefined) return undefined
  // Without filters few items are skipped, so the first request usually suffices.
  if (!filtered && made === 0) return wanted
  const size = Math.max(wanted, FILTERED_PAGE_SIZE) * GROWTH ** made
  return size > LARGEST_PAGE_SIZE ? undefined : size
}

function positionOf(item: Item, names: readonly string[]): Key {
  return Object.fromEntries(names.map(name => [name, item[name] as KeyValue]))
}
