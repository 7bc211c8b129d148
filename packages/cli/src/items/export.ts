/** `partita items export`: items of a category as JSON Lines. */
import type { Command } from 'commander'
import type { Context } from '../context.js'
import { CommandFailure, exitCodeOf, Interrupted, reportOf, Usage } from '../failure.js'
import { ExportFile } from '../file/export-file.js'
import { printJson } from '../json/exact-json.js'
import { withExamples } from '../terminal/examples.js'
import { interruptible } from '../terminal/interrupt.js'
import { OutputClosed } from '../terminal/output.js'
import { amount, Progress } from '../terminal/progress.js'
import { commandLine } from '../terminal/shell.js'
import { toJsonItem } from './item.js'
import { addItemsOptions, type ItemsOptions } from './options.js'
import { targetName, withItems } from './session.js'

interface ExportOptions extends ItemsOptions {
  readonly out?: string
  readonly resume?: true
  readonly overwrite?: true
  readonly nextToken?: string
}

const NOTES = `
Writes one item per line, in key order, with attributes sorted by name: equal items give equal files. With --out, the
file appears when it is complete. Until then the data is in <file>.partial, and --resume continues after a stop or a
crash. Only the owner can read a new file; a file replaced with --overwrite keeps its permissions. Symbolic links are not
followed. An export is not a snapshot: it may or may not contain items that are written while it runs.`

/** Adds the subcommand `export` to `items`. */
export function addExport(items: Command, context: Context): void {
  const command = items
    .command('export')
    .description('write the items of a category as JSON Lines')
    .argument('<category>')
    .argument('[prefix]', 'prefix of the keys', '')
    .option('--out <file>', 'write to a file instead of stdout')
    .option('--resume', 'continue where the last export to this file stopped')
    .option('--overwrite', 'replace an existing file')
    .option('--next-token <token>', 'continue where an export to stdout stopped')
    .addHelpText('after', NOTES)
  withExamples(
    command,
    'partita items export order --out orders.jsonl',
    'partita items export order /ten-1/ | gzip > orders.jsonl.gz',
  )
  addItemsOptions(command).action((category: string, prefix: string, options: ExportOptions) =>
    runExport(category, prefix, options, context),
  )
}

/** The progress: how many items were written, and where to continue. */
interface Reached {
  items: number
  nextToken: string | undefined
}

async function runExport(category: string, prefix: string, options: ExportOptions, context: Context): Promise<void> {
  const { out, resume, overwrite, json, nextToken } = options
  if (out === '') throw new Usage('--out is empty; name a file')
  if (json && out === undefined)
    throw new Usage('without --out, stdout carries the items; use --out together with --json')
  if (resume && out === undefined)
    throw new Usage('only an export to a file can be resumed; use --out, or --next-token for stdout')
  if (overwrite && out === undefined) throw new Usage('--overwrite applies only to a file; use --out')
  if (nextToken !== undefined && out !== undefined) throw new Usage('--next-token applies only to stdout; use --resume')
  const file = out === undefined ? undefined : await openFile(out, category, prefix, options)
  const reached: Reached = { items: file?.resumed?.items ?? 0, nextToken: file?.resumed?.nextToken ?? nextToken }
  if (resume)
    context.output.talk(reached.items > 0 ? `continuing after ${amount(reached.items)}` : 'starting from the beginning')
  try {
    await interruptible(signal => exportPages(category, prefix, options, context, reached, file, signal))
    await file?.finish()
  } catch (error) {
    if (error instanceof OutputClosed) throw error
    if (reached.items === 0 || reached.nextToken === undefined) throw error
    await file?.remember(reached.nextToken, reached.items, 'now')
    throw withNextCommand(error, category, prefix, options, reached)
  } finally {
    await file?.close()
  }
  if (json) await context.output.success({ exported: reached.items, file: out })
  else context.output.talk(`exported ${amount(reached.items)}`)
}

async function openFile(path: string, category: string, prefix: string, options: ExportOptions): Promise<ExportFile> {
  const { resume = false, overwrite = false } = options
  const what = JSON.stringify([await targetName(options), category, prefix])
  return ExportFile.open(path, { what, resume, overwrite })
}

async function exportPages(
  category: string,
  prefix: string,
  options: ItemsOptions,
  context: Context,
  reached: Reached,
  file: ExportFile | undefined,
  signal: AbortSignal,
): Promise<void> {
  const { screen, output } = context
  const progress = file || !output.isTerminal ? new Progress(screen, 'exported') : undefined
  try {
    await withItems(options, context, async items => {
      do {
        if (signal.aborted) throw new Interrupted('stopped')
        const page = await items.listItems(category, prefix, { nextToken: reached.nextToken })
        const text = page.items.map(item => `${printJson(toJsonItem(item), { sorted: true })}\n`).join('')
        await (file ? file.append(text) : output.data(text))
        reached.items += page.items.length
        reached.nextToken = page.nextToken
        progress?.show({ items: reached.items })
        if (page.nextToken) await file?.remember(page.nextToken, reached.items, 'now and then')
      } while (reached.nextToken)
    })
  } finally {
    progress?.clear()
  }
}

/** The error, with the command that continues the export. */
function withNextCommand(error: unknown, category: string, prefix: string, options: ExportOptions, reached: Reached) {
  const { store, table, region, profile, config, json, out, overwrite } = options
  const way = out === undefined ? { 'next-token': reached.nextToken } : { out, overwrite, resume: true as const }
  const args = prefix === '' ? [category] : [category, prefix]
  const command = commandLine(['partita', 'items', 'export'], args, {
    ...{ store, table, region, profile, config, json },
    ...way,
  })
  const { code, message, details } = reportOf(error)
  const text = `${message}; ${amount(reached.items)} ${reached.items === 1 ? 'is' : 'are'} exported; continue with: ${command}`
  return new CommandFailure(code, text, exitCodeOf(error), { ...(details as object), ...reached }, error)
}
