/** Writes the items of JSON Lines, many at a time, and records which lines are written. */
import { PartitaError } from 'partita'
import type { DBItem, Items } from 'partita/items'
import { BadInput, BadLine } from '../failure.js'
import type { Line } from '../json/json-lines.js'
import { parseItem } from './item.js'

/** The write that a line describes. */
export interface ImportEntry {
  /** Equal for two lines that write the same item. */
  readonly id: string
  /** Writes the item. @returns false if the item was skipped. */
  write(): Promise<boolean>
}

/** Parameters of {@link importLines}. */
export interface Importing {
  readonly lines: AsyncIterable<Line>
  /** Parses a line. Any error that it throws is reported as an error of the line. */
  read(line: Line): ImportEntry
  /** Called when this line and all lines before it are done, with the counts since the last call. */
  done(line: Line, written: number, skipped: number): Promise<void>
  readonly signal: AbortSignal
}

/** Number of puts in flight. They share one flush to disk. */
const BATCH_LINES = 256
/** Maximum bytes of text in memory. One line can have 4 MB. */
const BATCH_BYTES = 8 * 1024 * 1024

interface Pending {
  readonly line: Line
  readonly entry: ImportEntry
}

/**
 * Imports until the input ends, the user interrupts, or a line cannot be written. In the last case all lines before
 * that line are written, and some of the up to 255 lines after it may be, if they were in flight at the same time.
 * Writing a line again is safe.
 *
 * @throws BadLine for a line that is not an item or that the store rejects. Other errors of the store pass unchanged.
 */
export async function importLines({ lines, read, done, signal }: Importing): Promise<void> {
  let batch = new Map<string, Pending>()
  let bytes = 0
  const flush = async () => {
    const pending = [...batch.values()]
    batch = new Map()
    bytes = 0
    const outcomes = await Promise.allSettled(pending.map(({ entry }) => entry.write()))
    const failed = outcomes.findIndex(({ status }) => status === 'rejected')
    const good = failed < 0 ? pending : pending.slice(0, failed)
    const skipped = outcomes
      .slice(0, good.length)
      .filter(outcome => outcome.status === 'fulfilled' && !outcome.value).length
    const last = good.at(-1)
    if (last) await done(last.line, good.length - skipped, skipped)
    const bad = pending[failed]
    if (bad) throw rejected(bad.line, (outcomes[failed] as PromiseRejectedResult).reason)
  }
  try {
    for await (const line of lines) {
      if (signal.aborted) break
      const entry = entryOf(line, read)
      // Two lines with the same key in one batch would race. The later line must win.
      if (batch.has(entry.id) || batch.size === BATCH_LINES || bytes + line.bytes > BATCH_BYTES) await flush()
      batch.set(entry.id, { line, entry })
      bytes += line.bytes
    }
  } catch (error) {
    await flush()
    // An interrupt ends the input early, which its reader reports as an error.
    if (!signal.aborted) throw error
  }
  await flush()
}

function entryOf(line: Line, read: Importing['read']): ImportEntry {
  try {
    return read(line)
  } catch (error) {
    if (error instanceof BadLine) throw error
    throw new BadLine(line.number, `is not an item: ${(error as Error).message}`, error)
  }
}

/** An item of category and key, as `partita items export` writes it. */
export function itemEntry({ text }: Line, put: (item: DBItem) => Promise<boolean>): ImportEntry {
  const item = parseItem(text)
  return { id: JSON.stringify([item.category, item.key]), write: () => put(item) }
}

/** Writes an item unless it has expired. @returns false if it has expired. */
export async function putUnlessExpired(items: Items, item: DBItem, now: number): Promise<boolean> {
  if (item.expiresAt && item.expiresAt.getTime() <= now) return false
  await items.putItem(item)
  return true
}

function rejected(line: Line, error: unknown): unknown {
  const isLineError =
    error instanceof BadInput ||
    (error instanceof PartitaError && (error.code === 'ValidationFailed' || error.code === 'LimitExceeded'))
  return isLineError ? new BadLine(line.number, `is refused by the store: ${error.message}`, error) : error
}
