/** Writes entries into a target, many at a time, and reports how far it is. */
import { PartitaError } from 'partita'
import { BadInput, BadLine, CommandFailure } from '../failure.js'
import type { Entry } from './format/entry.js'
import type { Outcome, Prepared, Target } from './target/target.js'

/** How many items were written, deleted, found equal, and skipped because their key exists; and entries refused. */
export interface Counts {
  written: number
  deleted: number
  unchanged: number
  skipped: number
  rejected: number
}

/** Parameters of {@link importEntries}. */
export interface Importing {
  readonly entries: AsyncIterable<Entry>
  readonly target: Target
  /** Added to as the import goes on. */
  readonly counts: Counts
  /** Write units in one batch; undefined for no limit. */
  readonly batchUnits: number | undefined
  /** Called when this entry and all entries before it are settled. */
  settled(entry: Entry): Promise<void>
  /** Called for an entry that is refused. It throws the problem to stop the import there. */
  reject(entry: Entry, problem: BadLine): Promise<void>
  readonly signal: AbortSignal
}

const BATCH_ENTRIES = 500
/** Maximum bytes of text in memory. One line can have 4 MB. */
const BATCH_BYTES = 8 * 1024 * 1024

interface Pending {
  readonly entry: Entry
  readonly prepared: Prepared
}

/** No counts yet. */
export function noCounts(): Counts {
  return { written: 0, deleted: 0, unchanged: 0, skipped: 0, rejected: 0 }
}

/**
 * Imports until the entries end, or the signal is aborted. If `reject` throws, all entries before the rejected one are
 * written, and some after it may be, if they were in flight at the same time.
 */
export async function importEntries(importing: Importing): Promise<void> {
  const { entries, target, signal, batchUnits = Number.POSITIVE_INFINITY } = importing
  let batch = new Map<string, Pending>()
  let bytes = 0
  let units = 0
  const flush = async () => {
    const pending = [...batch.values()]
    batch = new Map()
    bytes = 0
    units = 0
    if (pending.length > 0) await settle(pending, importing)
  }
  try {
    for await (const entry of entries) {
      if (signal.aborted) break
      const prepared = attempt(() => target.prepare(entry.read()))
      if ('problem' in prepared) {
        await flush()
        await refuse(entry, prepared.problem, importing)
        await importing.settled(entry)
        continue
      }
      const isFull =
        batch.size === BATCH_ENTRIES || bytes + entry.bytes > BATCH_BYTES || units + prepared.units > batchUnits
      // Two changes of one item in one batch would race. The later one must come later.
      if (isFull || batch.has(prepared.id)) await flush()
      batch.set(prepared.id, { entry, prepared })
      bytes += entry.bytes
      units += prepared.units
    }
  } catch (error) {
    await flush()
    // An interrupt ends the input early, which its reader reports as an error.
    if (!signal.aborted) throw error
  }
  await flush()
}

async function settle(pending: readonly Pending[], importing: Importing): Promise<void> {
  const outcomes = await importing.target.write(
    pending.map(({ prepared }) => prepared),
    importing.signal,
  )
  let last: Entry | undefined
  try {
    for (const [i, { entry }] of pending.entries()) {
      const outcome = outcomes[i] as Outcome
      if (typeof outcome === 'string') importing.counts[outcome]++
      else await refuse(entry, outcome.problem, importing)
      last = entry
    }
  } finally {
    if (last) await importing.settled(last)
  }
}

async function refuse(entry: Entry, problem: Error, { counts, reject }: Importing): Promise<void> {
  const line = problem instanceof BadLine ? problem : new BadLine(entry.line, problemText(problem), problem)
  await reject(entry, line)
  counts.rejected++
}

/** A sentence after `line 5`. */
function problemText({ message }: Error): string {
  return /^(conflicts|deletes) /.test(message) ? message : `is refused: ${message}`
}

/** The result, or the problem of the entry. */
function attempt(prepare: () => Prepared): Prepared | { readonly problem: Error } {
  try {
    return prepare()
  } catch (error) {
    if (error instanceof PartitaError || error instanceof BadInput || error instanceof CommandFailure) {
      return { problem: error }
    }
    throw error
  }
}
