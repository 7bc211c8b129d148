/** Runs an import: from the files of a source into a target, with progress, a reject file and a saved state. */
import { resolve } from 'node:path'
import type { Context } from '../context.js'
import { BadLine, CommandFailure, Interrupted } from '../failure.js'
import { interruptible } from '../terminal/interrupt.js'
import { count, Progress } from '../terminal/progress.js'
import type { Entry } from './format/entry.js'
import { type Counts, importEntries } from './import-entries.js'
import type { ImportProgress } from './import-state.js'
import type { RejectFile } from './reject-file.js'
import { FILE_START, type FilePosition, type Position, type Source, type SourceFile } from './source/source.js'
import type { Target } from './target/target.js'

/** An entry that was refused, as `--json` reports it. */
interface Rejection {
  readonly file: string
  readonly line: number
  readonly message: string
}

/** An import, and how far it is. */
export interface ImportJob {
  readonly source: Source
  readonly target: Target
  readonly counts: Counts
  /** The first entry that is not settled yet. Moves on as the import does. */
  next: Position
  /** Write units in one batch; undefined for no limit. */
  readonly batchUnits: number | undefined
  readonly progress: ImportProgress | undefined
  /** Without one, the import stops at the first entry that is refused. */
  readonly rejects: RejectFile | undefined
  readonly maxRejects: number
  /** The first hundred rejections. */
  readonly rejections: Rejection[]
}

/** Enough to see what is wrong with a file. */
const REPORTED = 100

/**
 * Verifies the files and imports them.
 * @throws BadLine, with the name of the file, for an entry that is refused; Interrupted after Ctrl-C. Everything before
 *   `next` is then done.
 */
export async function runImport(job: ImportJob, context: Context): Promise<void> {
  const { files } = job.source
  const shown = new Progress(context.screen, 'read')
  try {
    await interruptible(async signal => {
      for (const file of files.slice(job.next.file)) {
        if (!signal.aborted) await file.verify?.()
      }
      while (job.next.file < files.length && !signal.aborted) {
        await importFile(job, files[job.next.file] as SourceFile, shown, signal, context)
        if (!signal.aborted) job.next = { file: job.next.file + 1, ...FILE_START }
      }
      if (signal.aborted) throw new Interrupted('stopped')
    })
  } finally {
    shown.clear()
  }
}

/** Saves where the import is. @returns false if it cannot be saved. */
export async function saveProgress(job: ImportJob, when: 'now' | 'now and then'): Promise<boolean> {
  const { progress, next, counts, rejects } = job
  await rejects?.requireOwn()
  const file = rejects && { rejectFile: resolve(rejects.path) }
  const state = { rejected: counts.rejected, ...file, rejectBytes: rejects?.bytes ?? 0 }
  return (await progress?.save(next, state, when)) ?? false
}

async function importFile(
  job: ImportJob,
  file: SourceFile,
  shown: Progress,
  signal: AbortSignal,
  context: Context,
): Promise<void> {
  const opened = file.open(job.next)
  const stop = () => opened.destroy()
  signal.addEventListener('abort', stop)
  const before = bytesBefore(job)
  const total = job.source.files.reduce((sum, { size = Number.NaN }) => sum + size, 0)
  try {
    await importEntries({
      entries: opened.entries,
      target: job.target,
      counts: job.counts,
      batchUnits: job.batchUnits,
      signal,
      async settled(entry) {
        const position: FilePosition = { line: entry.nextLine, offset: entry.end }
        job.next = { file: job.next.file, ...position }
        const share = (before + opened.bytesRead()) / total
        shown.show({ items: itemsOf(job.counts), ...(share >= 0 && { share: Math.min(1, share) }) })
        await saveProgress(job, 'now and then')
      },
      reject: (entry, problem) => rejectEntry(job, file, entry, problem, shown, context),
    })
  } catch (error) {
    throw error instanceof BadLine && !isNamed(error) ? named(error, file.name) : error
  } finally {
    signal.removeEventListener('abort', stop)
    opened.destroy()
  }
}

async function rejectEntry(
  { rejects, counts, maxRejects, rejections }: ImportJob,
  file: SourceFile,
  entry: Entry,
  problem: BadLine,
  shown: Progress,
  { output }: Context,
): Promise<void> {
  const failure = named(problem, file.name)
  if (!rejects) throw failure
  if (counts.rejected >= maxRejects) {
    const message = `over ${count(maxRejects)} lines are refused; the last one: ${failure.message}`
    throw new CommandFailure('TooManyRejected', message, 1, failure.details, failure)
  }
  if (entry.text !== undefined) await rejects.add(entry.text, file.header?.())
  if (rejections.length < REPORTED) rejections.push({ file: file.name, line: problem.line, message: problem.message })
  shown.clear()
  output.talk(failure.message)
}

/** The items that the import has looked at. */
export function itemsOf({ written, deleted, unchanged, skipped, rejected }: Counts): number {
  return written + deleted + unchanged + skipped + rejected
}

function bytesBefore({ source, next }: ImportJob): number {
  return source.files.slice(0, next.file).reduce((sum, { size = Number.NaN }) => sum + size, 0)
}

function isNamed({ details }: BadLine): boolean {
  return 'file' in (details as object)
}

/** The error with the name of the file. */
function named(error: BadLine, file: string): BadLine {
  const failure = new BadLine(error.line, error.message.replace(/^line \d+ /, ''), error)
  failure.message = `${file}: ${error.message}`
  Object.assign(failure.details as object, { file })
  return failure
}
