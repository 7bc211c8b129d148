/** Reading a page of items from a range of keys, in steps. */
import { type Projector, projector } from '../../expression/evaluate/index.js'
import { addUnits, type Capacity, noCapacity } from '../../store/capacity.js'
import { type IndexKeySchema, keyNames } from '../../store/definition.js'
import { PAGE_BYTES } from '../../store/limits.js'
import type { ItemPage, ScanRequest } from '../../store/store.js'
import { readUnits } from '../../value/size.js'
import { snapshot } from '../../value/snapshot.js'
import type { Item, Key } from '../../value/value.js'
import type { Index, Table } from '../catalog.js'
import { Pace } from '../event-loop.js'
import { decodeRecord, recordSize } from '../storage/codec.js'
import { afterKey, indexEntry, tableEntry } from '../storage/key.js'
import type { Kv, Range } from '../storage/kv.js'
import { LARGE_ITEM_BYTES, PageFilter } from './filter.js'

/** What is read: a table, or one of its indexes. */
export interface Source {
  readonly table: Table
  readonly index: Index | undefined
  readonly schema: IndexKeySchema
}

/**
 * One page. Most take one step, of one snapshot. Where a page takes long, as under a filter of many comparisons, each
 * further step reads a later snapshot from right behind the last key on: keys are in one order in all snapshots, so none
 * comes twice, and one that is there all the time is not left out. What is written meanwhile behind that key is seen,
 * what is written before it is not, as between two pages; like there, an item whose index key is changed meanwhile may
 * be met under both keys or under none. A snapshot held for the whole page would keep LMDB from using freed space again
 * and take one of its few readers, for as long as the filter runs.
 */
export class PageReader {
  readonly #kv: Kv
  readonly #source: Source
  #request: ScanRequest
  /** Whether items are read from the table behind a local index, for attributes that the index does not hold. */
  readonly #isFetched: boolean
  readonly #capacity: Capacity = noCapacity()
  readonly #items: Item[] = []
  readonly #pace = new Pace()
  readonly #filter: PageFilter | undefined
  readonly #project: Projector | undefined
  #range: Range
  #count = 0
  #scanned = 0
  #bytes = 0
  /** The item that filled the page. */
  #last: Item | undefined
  /** A large item that is being filtered. */
  #filtered: Item | undefined

  constructor(kv: Kv, source: Source, range: Range, request: ScanRequest) {
    this.#kv = kv
    this.#source = source
    this.#range = range
    this.#request = request
    const { index } = source
    const { filter, projection } = request
    // A copy: the caller may change its filter between two steps, and a filter made ready must stay as it is.
    this.#filter = filter && new PageFilter(snapshot(filter), this.#pace)
    this.#project = projection && projector(projection)
    this.#isFetched =
      index?.local === true && projection?.some(([name]) => index.projected?.has(name) === false) === true
  }

  /**
   * Reads on until the page is whole or it is time to yield.
   * @returns whether it is whole.
   * @throws LimitExceededError where the filter takes more steps than a page may have.
   */
  step(): boolean {
    for (;;) {
      if (this.#filtered && !this.#filterOn(this.#filtered)) return false
      if (this.#last) return true
      const isWhole = this.#walk()
      if (!this.#filtered) return isWhole
    }
  }

  /** @returns whether it is known now whether the large item passes. */
  #filterOn(item: Item): boolean {
    const passes = this.#filter?.resume()
    if (passes === undefined) return false
    this.#filtered = undefined
    if (passes) {
      this.#count++
      if (!this.#request.countOnly) this.#keep(item)
    }
    return true
  }

  /**
   * Reads on until the page is full, its range ends, it is time to yield, or a large item is to be filtered.
   * @returns whether the page is whole, but for the verdict on that item.
   */
  #walk(): boolean {
    if (Buffer.compare(this.#range.low, this.#range.high) >= 0) return true
    const { limit, countOnly } = this.#request
    const filter = this.#filter
    const pace = this.#pace
    // Counted in variables of this call: fields of the reader would cost each item more than the rest of this.
    let count = this.#count
    let scanned = this.#scanned
    let bytes = this.#bytes
    let last: Item | undefined
    let stopped: Item | undefined
    this.#kv.each(this.#range, record => {
      const size = recordSize(record)
      bytes += size
      scanned++
      const isFull = scanned === limit || bytes >= PAGE_BYTES
      const isLarge = filter !== undefined && size > LARGE_ITEM_BYTES
      const isLast = isFull || isLarge || pace.isOver(filter ? size + filter.newBytes() : size)
      if (filter || !countOnly || isLast) {
        const item = decodeRecord(record)
        if (isFull) last = item
        else if (isLast) stopped = item
        if (isLarge) {
          filter.begin(item)
          this.#filtered = item
          return false
        }
        if (filter && !filter.test(item)) return !isLast
        if (!countOnly) this.#keep(item)
      }
      count++
      return !isLast
    })
    this.#count = count
    this.#scanned = scanned
    this.#bytes = bytes
    this.#last = last
    if (stopped === undefined) return true
    this.#range = resume(this.#range, startEntry(this.#source, stopped), this.#range.descending === true)
    return false
  }

  #keep(item: Item): void {
    if (this.#isFetched) this.#items.push(this.#fetch(item))
    else this.#items.push(this.#project ? this.#project(item) : item)
  }

  /** Later steps run in turns of their own, when the caller may have changed the request: they use this copy. */
  goOnWith(request: ScanRequest): void {
    this.#request = request
  }

  /** Yields to the event loop between two steps. */
  turn(): Promise<void> {
    return this.#pace.turn()
  }

  /** Whether this is still what it read in its first step, and not another table or index of the same name. */
  isOf(table: Table): boolean {
    const { index } = this.#source
    if (table.id !== this.#source.table.id) return false
    return !index || table.indexes.some(({ id, building }) => id === index.id && !building)
  }

  /** The page, once it is whole. */
  page(): ItemPage {
    const { table, index } = this.#source
    const consistent = this.#request.consistent === true
    addUnits(this.#capacity, table.name, index?.name, readUnits(this.#bytes, consistent), 0)
    const next = this.#last && startKey(this.#source, this.#last)
    return {
      items: this.#items,
      count: this.#count,
      scanned: this.#scanned,
      ...(next && { next }),
      capacity: this.#capacity,
    }
  }

  #fetch(entry: Item): Item {
    const { table } = this.#source
    let bytes = 0
    const item = this.#kv.get(tableEntry(table.id, table.schema, entry), record => {
      bytes = recordSize(record)
      return decodeRecord(record)
    })
    this.#pace.isOver(bytes)
    addUnits(this.#capacity, table.name, undefined, readUnits(bytes, this.#request.consistent === true), 0)
    return (this.#project as Projector)(item ?? entry)
  }
}

/** The part of a range behind an entry, in the direction of reading. */
export function resume(range: Range, start: Uint8Array, descending: boolean): Range {
  if (descending) return Buffer.compare(start, range.high) < 0 ? { ...range, high: start } : range
  const next = afterKey(start)
  return Buffer.compare(next, range.low) > 0 ? { ...range, low: next } : range
}

/** The entry of an item in what is read; `start` has the key attributes of table and index. */
export function startEntry({ table, index, schema }: Source, start: Item): Uint8Array {
  return index
    ? indexEntry(table.id, index.id, schema, table.schema, start)
    : Buffer.from(tableEntry(table.id, table.schema, start))
}

function startKey({ table, schema }: Source, item: Item): Key {
  return Object.fromEntries([...keyNames(table.schema), ...keyNames(schema)].map(name => [name, item[name]])) as Key
}
