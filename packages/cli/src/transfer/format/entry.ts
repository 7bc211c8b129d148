/** The entries of a file: one line of JSON, or one record of CSV, each of which describes the write of one item. */
import type { Item, Key } from 'partita'
import type { BadLine } from '../../failure.js'

/** The write that an entry describes. Exports hold puts; incremental exports of DynamoDB also hold deletes. */
export type Change = { readonly kind: 'put'; readonly item: Item } | { readonly kind: 'delete'; readonly key: Key }

/** One entry of a file. */
export interface Entry {
  /** The line on which it begins, from 1. */
  readonly line: number
  /** The first line after it. */
  readonly nextLine: number
  /** The offset in the decompressed file after it, in bytes. */
  readonly end: number
  readonly bytes: number
  /** As in the file, without its line break; undefined if it cannot be read at all. */
  readonly text: string | undefined
  /**
   * Decodes the entry.
   * @throws BadLine if it cannot be read; BadInput or ValidationError, which do not name the line, for its content.
   */
  read(): Change
}

/** A line that cannot be read, as an entry, so that an import can go on after it. */
export function unreadableEntry(at: Omit<Entry, 'text' | 'read'>, problem: BadLine): Entry {
  return {
    ...at,
    text: undefined,
    read() {
      throw problem
    },
  }
}
