/** `partita import`: files of items into a table or a model. */
import { stat } from 'node:fs/promises'
import type { Command } from 'commander'
import type { AnyModel, TypeName } from 'partita'
import type { Store, TableDescription } from 'partita/store'
import type { Context } from '../context.js'
import { Usage } from '../failure.js'
import { requireConfirm } from '../session/confirm.js'
import { withModels } from '../session/model-session.js'
import { addConfirmOptions, addModelOptions, type ModelOptions } from '../session/options.js'
import { missingTable, type StoreSession, withStore } from '../session/store-session.js'
import { withExamples } from '../terminal/examples.js'
import { assetFieldsOf } from './format/model-fields.js'
import { type ImportCall, importReported } from './import-report.js'
import { fileSource, type Reading, streamSource } from './source/file-source.js'
import { s3Source } from './source/s3-folder.js'
import type { Source } from './source/source.js'
import { CapacityPace } from './target/capacity-pace.js'
import { columnTypes, modelTarget } from './target/model-target.js'
import { tableTarget } from './target/table-target.js'
import type { Target } from './target/target.js'
import {
  addFormatOptions,
  addRunOptions,
  addWriteOptions,
  type FormatOptions,
  type RunOptions,
  type WriteOptions,
  wholeNumber,
} from './transfer-options.js'

/** Values of the options of `partita import`. */
export interface ImportOptions extends ModelOptions, FormatOptions, WriteOptions, RunOptions {
  readonly fromLine?: number
}

const NOTES = `
<file> is JSON Lines, DynamoDB JSON or CSV, plain or compressed with gzip; - for stdin; or the folder of an export of
DynamoDB to Amazon S3, whose checksums are verified first. With a model, each line has the fields of a row, which are
checked as in a program; otherwise it is an item of the table as it is.
An item whose key exists with other content is a conflict, which stops the import; --on-conflict skip keeps the existing
item, --on-conflict replace replaces it. The import also stops at the first line that is refused, after all lines before
it; with --reject-file it goes on, and exits with 1 at the end if lines were refused.
<file>.partita-import records the progress: --resume continues after Ctrl-C or a crash. Writing a line twice is safe.`

/** Adds the command `import` to the program. */
export function addImportCommand(program: Command, context: Context): void {
  const command = program
    .command('import')
    .description('write the items of a file into a table or model')
    .argument('<file>', 'the file or folder, or - for stdin')
    .argument('[model]', 'the model of the rows; default: items of the table')
    .addHelpText('after', NOTES)
    .option('--from-line <n>', 'skip the lines before this one', wholeNumber)
  withExamples(
    command,
    'partita import backup.jsonl.gz --table app',
    'partita import users.csv User --reject-file refused.csv',
  )
  addFormatOptions(command)
  addWriteOptions(command)
  addRunOptions(command)
  addConfirmOptions(addModelOptions(command)).action(
    (path: string, model: string | undefined, options: ImportOptions) => runCommand(path, model, options, context),
  )
}

async function runCommand(
  path: string,
  model: string | undefined,
  options: ImportOptions,
  context: Context,
): Promise<void> {
  if (options.resume && options.fromLine !== undefined) throw new Usage('use --resume or --from-line, not both')
  if (options.maxRejects !== undefined && options.rejectFile === undefined) {
    throw new Usage('--max-rejects applies to a reject file; name it with --reject-file')
  }
  if (path === '-' && options.resume) throw new Usage('stdin cannot be resumed; use --from-line')
  if (path === '-' && options.checkpoint !== undefined) throw new Usage('the progress of stdin cannot be recorded')
  if (model === undefined) return importItems(path, options, context)
  await importRows(path, model, options, context)
}

async function importItems(path: string, options: ImportOptions, context: Context): Promise<void> {
  if (options.tenant !== undefined) throw new Usage('--tenant applies to models; give the model after the file')
  await withStore(options, context, async session => {
    const table = await describe(session)
    const onConflict = options.onConflict ?? 'fail'
    const target = tableTarget({ store: session.store, table, onConflict, pace: new CapacityPace(options.rate) })
    const targetName = `${session.identity} ${session.table}`
    await importInto(session, { path, args: [path], options, target, targetName, typeOfName: keyTypes(table) }, context)
  })
}

async function importRows(path: string, name: string, options: ImportOptions, context: Context): Promise<void> {
  await withModels(options, context, async session => {
    const repository = session.repository(name)
    const model = session.models[name] as AnyModel
    const assets = assetFieldsOf(model)
    if (assets.length > 0) context.output.talk(`fields of assets are not imported: ${assets.join(', ')}`)
    const target = modelTarget({
      repository,
      model,
      onConflict: options.onConflict ?? 'fail',
      provisioning: session.store.provisioning,
      pace: new CapacityPace(options.rate),
      used: () => session.db.capacity.write,
    })
    const targetName = [session.identity, session.table, name, session.db.tenant ?? ''].join(' ')
    const typeOfName = columnTypes(model)
    await importInto(session, { path, args: [path, name], options, target, targetName, typeOfName }, context)
  })
}

/** An import into a target. */
interface Call {
  readonly path: string
  readonly args: readonly string[]
  readonly options: ImportOptions
  readonly target: Target
  readonly targetName: string
  readonly typeOfName: NonNullable<Reading['typeOfName']>
}

async function importInto(session: StoreSession, call: Call, context: Context): Promise<void> {
  const { path, options, typeOfName } = call
  const source = await openSource(path, { ...options, typeOfName }, context)
  if (options.onConflict === 'replace' && session.isAws && !options.dryRun) {
    await requireConfirm(session, options, `Replace items of the table ${session.table}`, context)
  }
  await importReported(
    { ...call, source, words: ['partita', 'import'], flags: flagsOf(options), hasLines: true },
    context,
  )
}

/** The options of the command line that continues an import. */
function flagsOf(options: ImportOptions): ImportCall['flags'] {
  const { onConflict, rejectFile, maxRejects, dryRun, resume: _, fromLine: __, ...others } = options
  return {
    ...others,
    'on-conflict': onConflict,
    'reject-file': rejectFile,
    'max-rejects': maxRejects,
    'dry-run': dryRun,
  }
}

async function openSource(
  path: string,
  reading: FormatOptions & Pick<Reading, 'typeOfName'>,
  context: Context,
): Promise<Source> {
  const { format } = reading
  if (path === '-') {
    if (format === 's3-export') throw new Usage('an export to Amazon S3 is a folder; stdin cannot be one')
    return streamSource(context.input, 'stdin', { ...reading, format: format ?? 'jsonl' })
  }
  const isFolder = await stat(path).then(
    found => found.isDirectory(),
    () => false,
  )
  if (isFolder ? (format ?? 's3-export') !== 's3-export' : format === 's3-export') {
    throw new Usage(isFolder ? `${path} is a folder; only an export to Amazon S3 is one` : `${path} is not a folder`)
  }
  return isFolder ? s3Source(path) : fileSource(path, reading)
}

/** @throws CommandFailure `TableNotFound` */
export async function describe({
  store,
  table,
  url,
}: {
  readonly store: Store
  readonly table: string
  readonly url: string
}): Promise<TableDescription> {
  const found = await store.describeTable(table)
  if (!found) throw missingTable(table, url)
  return found
}

/** The types of the attributes in the keys of a table and its indexes, for CSV whose header names no types. */
function keyTypes(table: TableDescription): (name: string) => TypeName | undefined {
  const schemas = [table.key, ...Object.values(table.globalIndexes ?? {}), ...Object.values(table.localIndexes ?? {})]
  const types = new Map<string, TypeName>()
  for (const { partition, sort } of schemas) {
    for (const attribute of sort ? [partition, sort] : [partition]) types.set(attribute.name, attribute.type)
  }
  return name => types.get(name)
}
