/** `partita items import`: the items of a file into a store. */
import type { Command } from 'commander'
import type { DBItem } from 'partita/items'
import type { Context } from '../context.js'
import { BadLine, CommandFailure, exitCodeOf, Interrupted, reportOf, Usage } from '../failure.js'
import { type Line, readLines } from '../json/json-lines.js'
import { withExamples } from '../terminal/examples.js'
import { interruptible } from '../terminal/interrupt.js'
import { amount, count, Progress } from '../terminal/progress.js'
import { commandLine } from '../terminal/shell.js'
import { importLines, itemEntry, putUnlessExpired } from './import-lines.js'
import { type ImportSource, openFile, streamSource } from './import-source.js'
import { addWriteOptions, type ItemsOptions, positiveInteger } from './options.js'
import { targetName, withItems } from './session.js'

interface ImportOptions extends ItemsOptions {
  readonly fromLine?: number
  readonly resume?: true
}

const NOTES = `
Reads one item per line, as "partita items export" writes them; CSV with the columns category and key; DynamoDB JSON; or
the folder of an export of DynamoDB to Amazon S3. The deletes of an incremental export are applied. Files can be
compressed with gzip. Empty lines and expired items are skipped. An import stops at the first line that is not an item
or that the store refuses; all lines before it are written. Correct the line and continue with --from-line. While an
import runs, <file>.partita-import records its progress: --resume continues from there, also after a crash. In a
read-only folder that file cannot be written; use --from-line there. Writing a line twice is safe.`

/** Adds the subcommand `import` to `items`. */
export function addImport(items: Command, context: Context): void {
  const command = items
    .command('import')
    .description('create or replace the items of a file')
    .argument('<file>', 'the file or folder, or - for JSON Lines on stdin')
    .option('--from-line <n>', 'skip the lines before this one', positiveInteger)
    .option('--resume', 'continue where the last import of this file stopped')
    .addHelpText('after', NOTES)
  withExamples(command, 'partita items import orders.jsonl', 'partita items import orders.jsonl.gz --resume')
  addWriteOptions(command).action((file: string, options: ImportOptions) => importFile(file, options, context))
}

/** The option that continues the import. */
type Way = { readonly resume: true } | { readonly 'from-line': number }

/** The progress of the import. */
interface Tally {
  imported: number
  ended: number
  /** The first line that is not yet written, and the bytes before it. */
  next: { line: number; offset: number }
}

async function importFile(path: string, options: ImportOptions, context: Context): Promise<void> {
  // Loaded only here, as the other commands of items do not need the parsers.
  const { formattedSource, importFormatted } = await import('./import-formats.js')
  const formatted = path === '-' ? undefined : await formattedSource(path)
  if (formatted) {
    checkStart(options)
    return importFormatted(path, formatted, options, context)
  }
  const source = await openSource(path, options, context)
  const first = options.fromLine ?? source.from.line
  if (options.resume) context.output.talk(first > 1 ? `continuing at line ${count(first)}` : 'starting at line 1')
  const tally: Tally = { imported: 0, ended: 0, next: { ...source.from, line: first } }
  try {
    await interruptible(signal => importSource(source, tally, signal, options, context))
  } catch (error) {
    const advanced = tally.next.line > first
    const isRemembered = advanced && (await source.remember?.(tally.next, 'now')) === true
    if (error instanceof BadLine) throw withNextCommand(error, path, options, tally, { 'from-line': error.line })
    if (!advanced) throw error
    const way: Way = isRemembered ? { resume: true } : { 'from-line': tally.next.line }
    throw withNextCommand(error, path, options, tally, way)
  } finally {
    source.destroy()
  }
  await source.forget?.()
  const { imported, ended } = tally
  if (options.json) return context.output.success({ imported, ended })
  const skipped = ended > 0 ? `; ${count(ended)} had expired and were skipped` : ''
  context.output.talk(`imported ${amount(imported)}${skipped}`)
}

function checkStart({ resume, fromLine }: ImportOptions): void {
  if (resume && fromLine !== undefined) throw new Usage('use --resume or --from-line, not both')
}

async function openSource(path: string, { resume, ...options }: ImportOptions, context: Context) {
  checkStart({ resume, ...options })
  if (path !== '-') return openFile(path, await targetName(options), resume === true)
  if (resume) throw new Usage('stdin cannot be resumed; use --from-line')
  return streamSource(context.input, 'stdin')
}

async function importSource(
  source: ImportSource,
  tally: Tally,
  signal: AbortSignal,
  options: ImportOptions,
  context: Context,
): Promise<void> {
  const { chunks, start } = source
  const progress = new Progress(context.screen, 'imported')
  // Ends a read that is waiting for stdin or a slow disk.
  signal.addEventListener('abort', () => source.destroy())
  const now = Date.now()
  const done = async ({ number, end }: Line, written: number, skipped: number) => {
    tally.imported += written
    tally.ended += skipped
    tally.next = { line: number + 1, offset: end }
    progress.show({ items: tally.imported, ...(source.share && { share: Math.min(1, source.share(end)) }) })
    await source.remember?.(tally.next, 'now and then')
  }
  try {
    await withItems(options, context, async items => {
      const put = (item: DBItem) => putUnlessExpired(items, item, now)
      const lines = readLines(chunks, { from: tally.next.line, start })
      await importLines({ lines, read: line => itemEntry(line, put), done, signal })
    })
  } finally {
    progress.clear()
  }
  if (signal.aborted) throw new Interrupted('stopped')
}

/** The error, with what was written and the command that continues the import. */
function withNextCommand(error: unknown, path: string, options: ImportOptions, tally: Tally, way: Way): unknown {
  const { store, table, region, profile, config, json, createTable } = options
  const flags = { store, table, region, profile, config, json, 'create-table': createTable, ...way }
  const command = commandLine(['partita', 'items', 'import'], [path], flags)
  const { code, message, details } = reportOf(error)
  const verb = error instanceof BadLine ? 'correct it and continue with' : 'continue with'
  const { imported, ended, next } = tally
  const text = `${message}; ${amount(imported)} ${imported === 1 ? 'is' : 'are'} imported; ${verb}: ${command}`
  return new CommandFailure(
    code,
    text,
    exitCodeOf(error),
    { ...(details as object), imported, ended, nextLine: next.line },
    error,
  )
}
