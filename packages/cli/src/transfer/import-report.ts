/** One import as a command: resumes it, runs it, and reports what it did and how it goes on. */
import { resolve } from 'node:path'
import type { Context } from '../context.js'
import { BadLine, CommandFailure, reportOf } from '../failure.js'
import { amount, count } from '../terminal/progress.js'
import { commandLine, type FlagValue } from '../terminal/shell.js'
import { type Counts, noCounts } from './import-entries.js'
import { type ImportJob, itemsOf, runImport, saveProgress } from './import-run.js'
import { IMPORT_START, ImportProgress, progressPath, type RejectState } from './import-state.js'
import { RejectFile } from './reject-file.js'
import type { Source } from './source/source.js'
import { dryRunOf, type Target } from './target/target.js'
import { MAX_REJECTS, type RunOptions, type WriteOptions } from './transfer-options.js'

/** The call of a command that imports a source. */
export interface ImportCall {
  /** The words of the command line that continues the import, such as `partita import`, its arguments and options. */
  readonly words: readonly string[]
  readonly args: readonly string[]
  readonly flags: Readonly<Record<string, FlagValue>>
  readonly options: WriteOptions & RunOptions & { readonly fromLine?: number; readonly json?: true }
  readonly source: Source
  readonly target: Target
  /** Identifies the store and table, or model. */
  readonly targetName: string
  /** Whether the command has `--from-line`. */
  readonly hasLines: boolean
  /** Why the target skips items. Default: their keys exist. */
  readonly skipReason?: string
}

/** What an import did. */
export interface ImportResult extends Counts {
  readonly rejections: readonly { readonly file: string; readonly line: number; readonly message: string }[]
}

/**
 * Runs an import and prints what it did.
 * @throws CommandFailure `LinesRejected` if lines went to the reject file; an error with the command that continues it.
 */
export async function importReported(call: ImportCall, context: Context): Promise<void> {
  const { options } = call
  const { rejections, ...counts } = await importSource(call, context)
  const text = resultText(counts, verbOf(options), call.skipReason)
  if (counts.rejected > 0) {
    const where = options.rejectFile === undefined ? '' : `; correct the lines in ${options.rejectFile} and import it`
    throw new CommandFailure('LinesRejected', `${text}${where}`, 1, { ...counts, rejections })
  }
  if (options.json) await context.output.success(options.dryRun ? { dryRun: true, ...counts } : counts)
  else context.output.talk(text)
}

/** Runs an import. @throws an error with the command that continues it. */
export async function importSource(call: ImportCall, context: Context): Promise<ImportResult> {
  const { source, options } = call
  const progress = progressOf(call)
  const state = options.resume ? await progress?.load(source.name) : undefined
  const rejects = await openRejects(options, state)
  const from = { ...(state ?? IMPORT_START), ...(options.fromLine !== undefined && { line: options.fromLine }) }
  const job: ImportJob = {
    source: options.fromLine === undefined ? source : fromLine(source, options.fromLine),
    target: options.dryRun ? dryRunOf(call.target) : call.target,
    counts: { ...noCounts(), rejected: state?.rejected ?? 0 },
    next: { file: from.file, line: from.line, offset: from.offset },
    batchUnits: options.rate === undefined ? undefined : Math.max(1, options.rate),
    progress,
    rejects,
    maxRejects: options.maxRejects ?? MAX_REJECTS,
    rejections: [],
  }
  if (options.resume) context.output.talk(state ? `continuing at ${positionText(job)}` : 'starting at line 1')
  try {
    if (!options.resume) await progress?.begin()
    await runImport(job, context)
    await rejects?.requireOwn()
  } catch (error) {
    throw await withNextCommand(error, call, job)
  } finally {
    await rejects?.close()
  }
  await progress?.remove()
  return { ...job.counts, rejections: job.rejections }
}

function verbOf({ dryRun }: WriteOptions): string {
  return dryRun ? 'would import' : 'imported'
}

/** The counts as a sentence. @param verb what was done to the items, such as `imported`. */
export function resultText(counts: Counts, verb: string, skipReason = 'as their keys exist'): string {
  const parts = [
    `${verb} ${amount(counts.written)}`,
    counts.deleted > 0 && `deleted ${count(counts.deleted)}`,
    counts.unchanged > 0 && `${count(counts.unchanged)} ${counts.unchanged === 1 ? 'is' : 'are'} there already`,
    counts.skipped > 0 && `${count(counts.skipped)} skipped, ${skipReason}`,
    counts.rejected > 0 && `${count(counts.rejected)} refused`,
  ]
  return parts.filter(Boolean).join('; ')
}

function progressOf({ source, options, targetName }: ImportCall): ImportProgress | undefined {
  if (source.identity === undefined || options.dryRun) return undefined
  return new ImportProgress(options.checkpoint ?? progressPath(source), targetName, source.identity)
}

async function openRejects({ rejectFile }: WriteOptions, state: RejectState | undefined) {
  if (rejectFile === undefined) return undefined
  // Only the file of the stopped import is continued, and thereby cut off. Any other one may be the user's.
  const isSame = state?.rejectFile === resolve(rejectFile)
  return RejectFile.open(rejectFile, isSame ? state?.rejectBytes : undefined)
}

/** The source whose first file is read from its beginning, with the lines before the given one skipped. */
function fromLine(source: Source, line: number): Source {
  const [first, ...others] = source.files
  if (!first) return source
  const skipping = {
    ...first,
    open(from: { readonly line: number; readonly offset: number }) {
      const opened = first.open({ line: 1, offset: 0 })
      return { ...opened, entries: after(opened.entries, Math.max(line, from.line)) }
    },
  }
  return { ...source, files: [skipping, ...others] }
}

async function* after<E extends { readonly line: number }>(entries: AsyncIterable<E>, line: number): AsyncGenerator<E> {
  for await (const entry of entries) if (entry.line >= line) yield entry
}

function positionText({ source, next }: ImportJob): string {
  const name = source.files.length > 1 ? `${source.files[next.file]?.name}, ` : ''
  return `${name}line ${count(next.line)}`
}

/** The error, with what was done and the command that continues the import. */
async function withNextCommand(error: unknown, call: ImportCall, job: ImportJob): Promise<unknown> {
  const isSaved = itemsOf(job.counts) > 0 && (await saveProgress(job, 'now'))
  const { code, message, details } = reportOf(error)
  const exitCode = error instanceof CommandFailure ? error.exitCode : 1
  const { file, line } = job.next
  if (itemsOf(job.counts) === 0 && !(error instanceof BadLine)) return error
  // After a correction the file is another one, and lines are counted from its beginning.
  const byLine = call.hasLines && file === 0 && (error instanceof BadLine || !isSaved)
  const command = commandLine(call.words, call.args, {
    ...call.flags,
    ...(byLine ? { 'from-line': error instanceof BadLine ? error.line : line } : { resume: true as const }),
  })
  const next =
    byLine || isSaved
      ? `; ${error instanceof BadLine ? 'correct it and continue with' : 'continue with'}: ${command}`
      : '; start again: items that are there already are not written twice'
  const text = `${message}; ${resultText(job.counts, verbOf(call.options), call.skipReason)}${next}`
  const all = { ...(details as object), ...job.counts, nextFile: job.source.files[file]?.name, nextLine: line }
  return new CommandFailure(code, text, exitCode, all, error)
}
