/**
 * Rows that do not fit their model. They do not fail a list: a read returns the other rows and reports these by the
 * `warning` event, to `onUnreadable`, and in `unreadable` of a page. With `strict` it throws instead.
 */
import { UnreadableError } from '../../errors/errors.js'
import type { Item } from '../../value/value.js'
import { type ModelRecord, recordOf, warnOf } from '../rows/record.js'
import { keyOf, type RowContext } from '../rows/rows.js'
import type { UnreadableOptions } from '../types/unreadable.js'
import { identity } from './loader.js'
import { selectedFields } from './row.js'

/** The names of {@link UnreadableOptions}. */
export const UNREADABLE_OPTIONS = ['strict', 'onUnreadable'] as const

/** Turns the rows of one read into results, and collects the unreadable ones. */
export class RowReader {
  /** In the order of reading, each row once. */
  readonly unreadable: UnreadableError[] = []
  readonly #options: UnreadableOptions
  readonly #reported = new Set<string>()

  constructor({ strict, onUnreadable }: UnreadableOptions = {}) {
    this.#options = { ...(strict !== undefined && { strict }), ...(onUnreadable && { onUnreadable }) }
  }

  /** The record of a row; undefined if the row is omitted. */
  record(context: RowContext, row: Item): ModelRecord | undefined {
    try {
      return recordOf(context, row)
    } catch (error) {
      this.#leaveOut(context, row, error)
      return undefined
    }
  }

  /** The record of a row, or its selected fields as a plain object; undefined if the row is omitted. */
  result(context: RowContext, row: Item, select: readonly string[] | undefined): object | undefined {
    if (!select) return this.record(context, row)
    try {
      return selectedFields(context, select, row)
    } catch (error) {
      this.#leaveOut(context, row, error)
      return undefined
    }
  }

  /** Reports an omitted row. @throws errors other than UnreadableError; with `strict`, every error. */
  #leaveOut(context: RowContext, row: Item, error: unknown): void {
    if (!(error instanceof UnreadableError) || this.#options.strict) throw error
    const id = identity(context.model.table, keyOf(context.model, row))
    if (this.#reported.has(id)) return
    this.#reported.add(id)
    this.unreadable.push(error)
    warnOf(context, error)
    this.#options.onUnreadable?.(error.details.key, error)
  }
}
