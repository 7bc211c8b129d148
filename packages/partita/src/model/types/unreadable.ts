/** Options of reads for rows that do not fit their model. */
import type { RowFields, UnreadableError } from '../../errors/errors.js'

/** How a read treats rows that do not fit their model. Default: it omits and reports them. */
export interface UnreadableOptions {
  /** Throws `UnreadableError` at the first such row. Default false. */
  readonly strict?: boolean
  /** Called once for each omitted row; an error that it throws ends the read. */
  readonly onUnreadable?: (key: RowFields, error: UnreadableError) => void
}
