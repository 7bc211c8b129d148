/**
 * Rows that do not fit their model. No list stops at one: a read gives the others, and reports those that it left out by
 * the `warning` event, to `onUnreadable`, and in `unreadable` of a page; with `strict` it throws instead.
 */
import { type RowFields, UnreadableError } from '../../errors/errors.js'
import type { Item } from '../../value/value.js'
import { type ModelRecord, recordOf, warnOf } from '../rows/record.js'
import { keyOf, type RowContext } from '../rows/rows.js'
import { identity } from './loader.js'
import { selectedFields } from './row.js'

/** What a read does about rows that do not fit their model. Default: it leaves them out and reports them. */
export interface UnreadableOptions {
  /** Throws `UnreadableError` at the first such row. Default false. */
  readonly strict?: boolean
  /** Is called once for each such row that this read leaves out; what it throws ends the read. */
  readonly onUnreadable?: (key: RowFields, error: UnreadableError) => void
}

export const UNREADABLE_OPTIONS = ['strict', 'onUnreadable'] as const

/** Makes the rows of one read into what the program is given, and collects those that cannot be. */
export class RowReader {
  /** In the order in which they were met; each once, however often the read meets it. */
  readonly unreadable: UnreadableError[] = []
  readonly #options: UnreadableOptions
  readonly #reported = new Set<string>()

  constructor({ strict, onUnreadable }: UnreadableOptions = {}) {
    this.#options = { ...(strict !== undefined && { strict }), ...(onUnreadable && { onUnreadable }) }
  }

  /** The record of a row; undefined where the row is left out. */
  record(context: RowContext, row: Item): ModelRecord | undefined {
    try {
      return recordOf(context, row)
    } catch (error) {
      this.#leaveOut(context, row, error)
      return undefined
    }
  }

  /** The record of a row, or its named fields as a plain object; undefined where the row is left out. */
  result(context: RowContext, row: Item, select: readonly string[] | undefined): object | undefined {
    if (!select) return this.record(context, row)
    try {
      return selectedFields(context, select, row)
    } catch (error) {
      this.#leaveOut(context, row, error)
      return undefined
    }
  }

  /** Reports a row that is left out. @throws what is no fault of the row; with `strict`, every error. */
  #leaveOut(context: RowContext, row: Item, error: unknown): void {
    if (!(error instanceof UnreadableError) || this.#options.strict) throw error
    const id = identity(keyOf(context.model, row))
    if (this.#reported.has(id)) return
    this.#reported.add(id)
    this.unreadable.push(error)
    warnOf(context, error)
    this.#options.onUnreadable?.(error.details.key, error)
  }
}
