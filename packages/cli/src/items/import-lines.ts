/** Writes the items of JSON Lines, many at a time, and knows at every moment which lines are written. */
import { PartitaError } from 'partita'
import type { DBItem, Items } from 'partita/items'
import { BadInput, BadLine } from '../failure.js'
import type { Line } from '../json/json-lines.js'
import { parseItem } from './item.js'

/** What a line asks for. */
export interface Entry {
  /** The same for two lines that write the same item. */
  readonly id: string
  /** Writes the item; false where it leaves it out. */
  write(): Promise<boolean>
}

/** Parameters of {@link importLines}. */
export interface Importing {
  readonly lines: AsyncIterable<Line>
  /** Any error that it throws is taken for the line's. */
  read(line: Line): Entry
  /** Called when this line and all before it are done, with how many of those since the last call were written. */
  done(line: Line, written: number, leftOut: number): Promise<void>
  readonly signal: AbortSignal
}

/** Puts that are under way at the same time: they share a flush of the disk. */
const BATCH_LINES = 256
/** Text that is held at the same time; one line may have 4 MB. */
const BATCH_BYTES = 8 * 1024 * 1024

interface Pending {
  readonly line: Line
  readonly entry: Entry
}

/**
 * Imports until the lines or the user's patience end, or at the first line that cannot be written: then all lines
 * before it are written, it is not, and of the 255 after it those may be that were under way at the same time. To write
 * a line a second time does no harm.
 * @throws BadLine for a line that is no item, or that the store refuses; whatever the store throws for reasons of its own.
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
    const leftOut = outcomes.slice(0, good.length).filter(it => it.status === 'fulfilled' && !it.value).length
    const last = good.at(-1)
    if (last) await done(last.line, good.length - leftOut, leftOut)
    const bad = pending[failed]
    if (bad) throw refused(bad.line, (outcomes[failed] as PromiseRejectedResult).reason)
  }
  try {
    for await (const line of lines) {
      if (signal.aborted) break
      const entry = entryOf(line, read)
      // Two lines with one key in one batch would race; the later line is to win.
      if (batch.has(entry.id) || batch.size === BATCH_LINES || bytes + line.bytes > BATCH_BYTES) await flush()
      batch.set(entry.id, { line, entry })
      bytes += line.bytes
    }
  } catch (error) {
    await flush()
    // Stopping cuts the input short, which its reader takes for a fault.
    if (!signal.aborted) throw error
  }
  await flush()
}

function entryOf(line: Line, read: Importing['read']): Entry {
  try {
    return read(line)
  } catch (error) {
    if (error instanceof BadLine) throw error
    throw new BadLine(line.number, `is no item: ${(error as Error).message}`, error)
  }
}

/** An item of category and key, as `partita items export` writes it. */
export function itemEntry({ text }: Line, put: (item: DBItem) => Promise<boolean>): Entry {
  const item = parseItem(text)
  return { id: JSON.stringify([item.category, item.key]), write: () => put(item) }
}

/** @returns false for an item whose end has come, which is not written. */
export async function putUnlessEnded(items: Items, item: DBItem, now: number): Promise<boolean> {
  if (item.expiresAt && item.expiresAt.getTime() <= now) return false
  await items.putItem(item)
  return true
}

function refused(line: Line, error: unknown): unknown {
  const isTheLines =
    error instanceof BadInput ||
    (error instanceof PartitaError && (error.code === 'ValidationFailed' || error.code === 'LimitExceeded'))
  return isTheLines ? new BadLine(line.number, `is refused by the store: ${error.message}`, error) : error
}
