/** Reads a page of items from a range of keys, in steps. */

import { type Projector, projector } from '../../expression/evaluate/index.js'
import { addUnits, type Capacity, noCapacity } from '../../store/capacity.js'
import { type IndexKeySchema, keyNames, pickKey } from '../../store/definition.js'
import { PAGE_BYTES } from '../../store/limits.js'
import type { ItemPage, ScanRequest } from '../../store/store.js'
import { readUnits } from '../../value/size.js'
import { snapshot } from '../../value/snapshot.js'
import type { Item, Key } from '../../value/value.js'
import type { Index, Table } from '../catalog.js'
import { YieldPace } from '../event-loop.js'
import { decodeRecord, recordSize } from '../storage/codec.js'
import { afterKey, indexEntry, tableEntry } from '../storage/key.js'
import type { Kv, Range } from '../storage/kv.js'
import { RecordSelection } from '../storage/selection.js'
import { LARGE_ITEM_BYTES, RecordFilter } from './filter.js'
import { partReader, SHORT_RECORD } from './part.js'

/** A filter skips this number of bytes in less time than decoding takes for one. */
const SKIPPED_PER_READ = 8

/** The source of a read: a table, or one of its indexes. */
export interface ReadSource {
  readonly table: Table
  readonly index: Index | undefined
  readonly schema: IndexKeySchema
}

/**
 * Reads one page. Most pages take one step, on one snapshot. On a long page, such as one with an expensive filter, each
 * further step reads a later snapshot and continues after the last key. Keys have the same order in all snapshots, so no
 * key is returned twice, and a key that exists all the time is not skipped. Between two steps the same holds as between
 * two pages: later writes are visible only beyond the last key, and an item whose index key changes can appear twice or
 * not at all. Holding one snapshot for the whole page would stop LMDB from reusing freed pages and occupy one of its
 * reader slots for as long as the filter runs.
 */
export class PageReader {
  readonly #kv: Kv
  readonly #source: ReadSource
  #request: ScanRequest
  /** Whether a local index must fetch attributes from the table that it does not project. */
  readonly #isFetched: boolean
  readonly #capacity: Capacity = noCapacity()
  readonly #items: Item[] = []
  readonly #pace = new YieldPace()
  readonly #filter: RecordFilter | undefined
  /** Decodes what the page returns of a record. */
  readonly #read: (record: Uint8Array) => Item
  readonly #project: Projector | undefined
  #range: Range
  #count = 0
  #scanned = 0
  #bytes = 0
  /** The key attributes of the last item of a full page. */
  #last: Item | undefined
  /** A copy of a large record whose filter is in progress: the record can change before the filter ends. */
  #filtered: Uint8Array | undefined

  constructor(kv: Kv, source: ReadSource, range: Range, request: ScanRequest) {
    this.#kv = kv
    this.#source = source
    this.#range = range
    this.#request = request
    const { index } = source
    const { filter, projection } = request
    // A copy: the caller may change its filter between two steps.
    this.#filter = filter && new RecordFilter(snapshot(filter), this.#pace)
    this.#project = projection && projector(projection)
    this.#isFetched =
      index?.local === true && projection?.some(([name]) => index.projected?.has(name) === false) === true
    this.#read = projection && !this.#isFetched ? partReader(projection, this.#project as Projector) : decodeRecord
  }

  /**
   * Reads until the page is complete or it is time to yield.
   * @returns whether the page is complete.
   * @throws LimitExceededError if the filter exceeds the evaluation steps of a page.
   */
  step(): boolean {
    for (;;) {
      if (this.#filtered && !this.#filterOn(this.#filtered)) return false
      if (this.#last) return true
      const isWhole = this.#walk()
      if (!this.#filtered) return isWhole
    }
  }

  /** Continues the filter of a large record. @returns whether it is finished. */
  #filterOn(record: Uint8Array): boolean {
    const passes = this.#filter?.resume()
    if (passes === undefined) return false
    this.#filtered = undefined
    if (passes) {
      this.#count++
      if (!this.#request.countOnly) this.#keep(record)
    }
    return true
  }

  /**
   * Reads until the page is full, the range ends, it is time to yield, or a large item must be filtered.
   * @returns whether the page is complete, except for the filter of that item.
   */
  #walk(): boolean {
    if (Buffer.compare(this.#range.low, this.#range.high) >= 0) return true
    const { limit, countOnly } = this.#request
    const filter = this.#filter
    const pace = this.#pace
    // Local variables: private fields would cost more per item than the rest of this loop.
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
      if (isFull) last = this.#keysOf(record)
      if (isLarge) {
        if (!isFull) stopped = this.#keysOf(record)
        this.#filtered = Buffer.from(record.subarray(0, record.length))
        filter.begin(this.#filtered)
        return false
      }
      const passes = filter === undefined || filter.test(record)
      if (passes) {
        if (!countOnly) this.#keep(record)
        count++
      }
      if (isFull) return false
      const cost = (passes ? size : size / SKIPPED_PER_READ) + (filter === undefined ? 0 : filter.newBytes())
      if (!pace.isDue(cost)) return true
      stopped = this.#keysOf(record)
      return false
    })
    this.#count = count
    this.#scanned = scanned
    this.#bytes = bytes
    this.#last = last
    if (stopped === undefined) return true
    this.#range = resume(this.#range, startEntry(this.#source, stopped), this.#range.descending === true)
    return false
  }

  #keep(record: Uint8Array): void {
    const item = this.#read(record)
    this.#items.push(this.#isFetched ? this.#fetch(item) : item)
  }

  /** Decodes the key attributes of table and index, and others with them if that is faster. */
  #keysOf(record: Uint8Array): Item {
    if (record.length <= SHORT_RECORD) return decodeRecord(record)
    const { table, schema } = this.#source
    return new RecordSelection([...keyNames(table.schema), ...keyNames(schema)].map(name => [name])).read(record)
  }

  /** Sets the copy of the request for later steps, before which the caller may change the original. */
  continueWith(request: ScanRequest): void {
    this.#request = request
  }

  /** Yields to the event loop between two steps. */
  yield(): Promise<void> {
    return this.#pace.yield()
  }

  /** Whether the table and index are those of the first step, and not new ones of the same names. */
  reads(table: Table): boolean {
    const { index } = this.#source
    if (table.id !== this.#source.table.id) return false
    return !index || table.indexes.some(({ id, building }) => id === index.id && !building)
  }

  /** Returns the page once it is complete. */
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
    this.#pace.isDue(bytes)
    addUnits(this.#capacity, table.name, undefined, readUnits(bytes, this.#request.consistent === true), 0)
    return (this.#project as Projector)(item ?? entry)
  }
}

/** Returns the part of a range after an entry, in the direction of reading. */
export function resume(range: Range, start: Uint8Array, descending: boolean): Range {
  if (descending) return Buffer.compare(start, range.high) < 0 ? { ...range, high: start } : range
  const next = afterKey(start)
  return Buffer.compare(next, range.low) > 0 ? { ...range, low: next } : range
}

/** Returns the key of an item's entry in the source. `start` has the key attributes of table and index. */
export function startEntry({ table, index, schema }: ReadSource, start: Item): Uint8Array {
  return index
    ? indexEntry(table.id, index.id, schema, table.schema, start)
    : Buffer.from(tableEntry(table.id, table.schema, start))
}

function startKey({ table, schema }: ReadSource, item: Item): Key {
  return { ...pickKey(table.schema, item), ...pickKey(schema, item) }
}
