/**
 * How many documents the server returns in one answer. A page has at most 1 MB, an answer up to 16 MB, so that a fixed
 * number would read far too much of large documents, or take many answers for small ones. The driver takes the number
 * before it knows any document, so it follows from the pages that were read before.
 */
import { PAGE_BYTES } from '../../store/limits.js'
import type { MongoConnection } from '../connection/connection.js'

/** Of the first page of an index. */
const FIRST = 100
const LEAST = 4
const MOST = 2000
/** More than programs have; a program that makes up names of tables would otherwise fill the memory. */
const MAX_INDEXES = 1000

const known = new WeakMap<MongoConnection, BatchSizes>()

/** The sizes of batches for the indexes of a connection. */
export class BatchSizes {
  readonly #sizes = new Map<string, number>()

  /** Those of a connection. */
  static for(connection: MongoConnection): BatchSizes {
    let sizes = known.get(connection)
    if (!sizes) known.set(connection, (sizes = new BatchSizes()))
    return sizes
  }

  /** The number of documents in one answer. @param hint the server's name of the index. */
  of(table: string, hint: string): number {
    return this.#sizes.get(keyOf(table, hint)) ?? FIRST
  }

  /** @param average bytes of an item, or of what the index holds of it. */
  learn(table: string, hint: string, average: number): void {
    const key = keyOf(table, hint)
    if (this.#sizes.size >= MAX_INDEXES && !this.#sizes.has(key)) this.#sizes.clear()
    this.#sizes.set(key, Math.min(MOST, Math.max(LEAST, Math.ceil(PAGE_BYTES / average))))
  }
}

/** Names of tables contain no space. */
function keyOf(table: string, hint: string): string {
  return `${table} ${hint}`
}
