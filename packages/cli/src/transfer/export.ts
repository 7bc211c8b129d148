/** `partita export`: the items of a table, or the rows of a model, as a file. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Command } from 'commander'
import type { AnyModel } from 'partita'
import type { Context } from '../context.js'
import { Usage } from '../failure.js'
import { ExportFile } from '../file/export-file.js'
import { withModels } from '../session/model-session.js'
import { addModelOptions, type ModelOptions } from '../session/options.js'
import { withStore } from '../session/store-session.js'
import { escapeControls } from '../terminal/controls.js'
import { withExamples } from '../terminal/examples.js'
import { amount } from '../terminal/progress.js'
import { commandLine } from '../terminal/shell.js'
import { runExport } from './export-run.js'
import { type FileFormat, formatOfName } from './format/file-format.js'
import { assetFieldsOf } from './format/model-fields.js'
import { describe } from './import.js'
import { modelReader } from './reader/model-reader.js'
import type { Reader } from './reader/reader.js'
import { tableReader } from './reader/table-reader.js'
import { csvSink } from './sink/csv-sink.js'
import { fileSink, gzipMember, outputSink } from './sink/line-sink.js'
import { s3Sink } from './sink/s3-sink.js'
import type { Sink } from './sink/sink.js'
import { CapacityPace } from './target/capacity-pace.js'
import { addFormatOptions, addRateOption, type FormatOptions } from './transfer-options.js'

interface ExportOptions extends ModelOptions, FormatOptions {
  readonly out?: string
  readonly gzip?: true
  readonly overwrite?: true
  readonly resume?: true
  readonly after?: string
  readonly rate?: number
  readonly consistent?: true
}

const NOTES = `
Without a model, the items of the table as they are; with one, the fields of its rows. Attributes are sorted by name, so
that equal items give equal lines. With --out, the file appears when it is complete: until then its data is in
<file>.partial, and --resume continues after Ctrl-C or a crash. --format s3-export writes a folder as DynamoDB does.
An export is not a snapshot: it may or may not contain items that are written while it runs.`

/** Adds the command `export` to the program. */
export function addExportCommand(program: Command, context: Context): void {
  const command = program
    .command('export')
    .description('write the items of a table, or the rows of a model, to a file')
    .argument('[model]', 'the model of the rows; default: all items of the table')
    .addHelpText('after', NOTES)
    .option('--out <file>', 'the file, or the folder of an s3-export; default: stdout')
    .option('--gzip', 'compress the file; the default if its name ends in .gz')
    .option('--overwrite', 'replace an existing file')
    .option('--resume', 'continue where the last export to this file stopped')
    .option('--after <position>', 'continue an export to stdout at the position that it printed')
    .option('--consistent', 'read strongly consistent, at twice the price')
  withExamples(command, 'partita export --table app --out app.jsonl.gz', 'partita export User --format csv > users.csv')
  addRateOption(addFormatOptions(command))
  addModelOptions(command).action((model: string | undefined, options: ExportOptions) => {
    check(options)
    return model === undefined ? exportItems(options, context) : exportRows(model, options, context)
  })
}

function check({ out, json, resume, overwrite, after, format, gzip }: ExportOptions): void {
  const toFile = out !== undefined
  if (out === '') throw new Usage('--out is empty; name a file')
  if (!toFile && json) throw new Usage('without --out, stdout carries the items; use --out together with --json')
  if (!toFile && resume) throw new Usage('only an export to a file can be resumed; use --out, or --after for stdout')
  if (!toFile && overwrite) throw new Usage('--overwrite applies only to a file; use --out')
  if (!toFile && gzip) throw new Usage('--gzip applies only to a file; use --out, or pipe stdout to gzip')
  if (!toFile && format === 's3-export') throw new Usage('an s3-export is a folder; name it with --out')
  if (toFile && after !== undefined) throw new Usage('--after applies only to stdout; use --resume')
}

async function exportItems(options: ExportOptions, context: Context): Promise<void> {
  if (options.tenant !== undefined) throw new Usage('--tenant applies to models; name the model')
  await withStore(options, context, async session => {
    const table = await describe(session)
    const pace = new CapacityPace(options.rate)
    const reader = tableReader({ store: session.store, table, pace, consistent: options.consistent === true })
    await exportAll(reader, [session.identity, session.table], [], options, context)
  })
}

async function exportRows(name: string, options: ExportOptions, context: Context): Promise<void> {
  if (options.consistent) throw new Usage('--consistent applies to tables; the rows of a model are found by an index')
  if (options.format === 's3-export') throw new Usage('an s3-export is of a table, not of a model')
  await withModels(options, context, async session => {
    const repository = session.repository(name)
    const model = session.models[name] as AnyModel
    const assets = assetFieldsOf(model)
    if (assets.length > 0) context.output.talk(`fields of assets are not exported: ${assets.join(', ')}`)
    const reader = modelReader({
      repository,
      model,
      pace: new CapacityPace(options.rate),
      used: () => session.db.capacity.read,
      onUnreadable: error => context.output.talk(`left out: ${error.message}`),
    })
    await exportAll(reader, [session.identity, session.table, name, session.db.tenant ?? ''], [name], options, context)
  })
}

async function exportAll(
  reader: Reader,
  origin: readonly string[],
  args: readonly string[],
  options: ExportOptions,
  context: Context,
): Promise<void> {
  const { out, after, resume, json, overwrite: _, ...flags } = options
  const format = options.format ?? (out === undefined ? undefined : formatOfName(out)) ?? 'jsonl'
  const sink = await sinkOf(reader, origin[1] as string, format, JSON.stringify([...origin, format]), options, context)
  const items = await runExport(
    {
      reader,
      sink,
      resume: resume === true,
      after,
      isShown: out === undefined && context.output.isTerminal,
      nextCommand: way =>
        commandLine(['partita', 'export'], args, {
          ...flags,
          json,
          out,
          overwrite: options.overwrite,
          ...way,
        }),
    },
    context,
  )
  if (json) await context.output.success({ exported: items, file: out })
  else context.output.talk(`exported ${amount(items)}`)
}

async function sinkOf(
  { keyNames }: Reader,
  table: string,
  format: FileFormat,
  what: string,
  options: ExportOptions,
  { output }: Context,
): Promise<Sink> {
  const { out, resume = false, overwrite = false, delimiter = ',' } = options
  if (out === undefined) {
    if (format !== 'csv') return outputSink(output, format === 'jsonl' ? 'jsonl' : 'dynamodb-json')
    const folder = await mkdtemp(join(tmpdir(), 'partita-export-'))
    const items = await ExportFile.open(join(folder, 'items'), { what, resume: false, overwrite: false })
    const close = () => rm(folder, { recursive: true, force: true })
    const noFinish = async () => undefined
    const append = (text: string) => output.data(output.isTerminal ? escapeControls(text) : text)
    return csvSink({ items, append, finish: noFinish, close, isKept: false, delimiter, keyNames })
  }
  if (format === 's3-export') {
    if (overwrite) throw new Usage('--overwrite applies only to a file; name a new folder')
    return s3Sink(out, { table, what, resume })
  }
  const gzip = options.gzip === true || out.toLowerCase().endsWith('.gz')
  if (format !== 'csv') return fileSink(await ExportFile.open(out, { what, resume, overwrite }), format, gzip)
  await ExportFile.requireFree(out, overwrite)
  const items = await ExportFile.open(`${out}.items`, { what, resume, overwrite: true })
  let file: ExportFile | undefined
  // Opened when all items are there, so that of two runs only the one that has them writes it.
  const opened = async () => (file ??= await ExportFile.open(out, { what, resume: false, overwrite }))
  return csvSink({
    items,
    append: async text => (await opened()).append(gzip ? gzipMember(text) : text),
    finish: async () => (await opened()).finish(),
    close: async () => file?.close(),
    isKept: true,
    delimiter,
    keyNames,
  })
}
