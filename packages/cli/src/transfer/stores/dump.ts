/** `partita dump`: a whole store, or some of its tables, as a folder. */
import { existsSync } from 'node:fs'
import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Command } from 'commander'
import type { TableDescription } from 'partita/store'
import type { Context } from '../../context.js'
import { Usage } from '../../failure.js'
import { Checkpoint } from '../../file/checkpoint.js'
import { ExportFile } from '../../file/export-file.js'
import { unwritable } from '../../file/file-error.js'
import { md5Of } from '../../file/md5.js'
import { addStoreOptions, type StoreOptions } from '../../session/options.js'
import { type StoreSession, withStore } from '../../session/store-session.js'
import { withExamples } from '../../terminal/examples.js'
import { amount } from '../../terminal/progress.js'
import { commandLine } from '../../terminal/shell.js'
import { runExport } from '../export-run.js'
import { tableReader } from '../reader/table-reader.js'
import { fileSink } from '../sink/line-sink.js'
import { CapacityPace } from '../target/capacity-pace.js'
import { addRateOption, addTableChoice } from '../transfer-options.js'
import { type DumpedTable, MANIFEST, writeManifest } from './dump-manifest.js'
import { chosenTables, definitionOf, type TableChoice, tablesText } from './table-choice.js'

interface DumpOptions extends Omit<StoreOptions, 'table'>, TableChoice {
  readonly rate?: number
  readonly resume?: true
}

interface DumpState {
  readonly what: string
  readonly done: readonly DumpedTable[]
}

/** A file name has at most 255 bytes, also with the endings of its partial file and progress. */
const NAME_LENGTH = 150

const NOTES = `
The folder has ${MANIFEST} with the definitions of the tables, and for each table a file of JSON Lines, compressed with
gzip. It is complete when ${MANIFEST} is there. "partita load" writes it into another store, of any engine. A dump is not a
snapshot: items that are written while it runs may or may not be in it; "partita backup" makes snapshots of embedded stores.`

/** Adds the command `dump` to the program. */
export function addDumpCommand(program: Command, context: Context): void {
  const command = program
    .command('dump')
    .description('write tables with their definitions to a folder')
    .argument('<folder>', 'new or empty folder')
    .addHelpText('after', NOTES)
    .option('--resume', 'continue the dump where it stopped')
  withExamples(
    command,
    'partita dump ./dump --store embedded:./data',
    'partita dump ./dump --store dynamodb: --table app',
  )
  addTableChoice(addRateOption(addStoreOptions(command)))
  command.action((folder: string, options: DumpOptions) => dump(folder, options, context))
}

async function dump(folder: string, options: DumpOptions, context: Context): Promise<void> {
  const { table, all: _, ...flags } = options
  const dumpTables = async (session: StoreSession) => {
    const tables = await chosenTables(session, options)
    const what = JSON.stringify([session.identity, tables.map(definitionOf)])
    const checkpoint = new Checkpoint(`${folder.replace(/[/\\]+$/, '')}.partita-dump`, isDumpState, {
      isExclusive: true,
    })
    const state = options.resume ? await checkpoint.load() : undefined
    if (state && state.what !== what)
      throw new Usage(`the stopped dump to ${folder} was of other tables; use another folder`)
    if (!state) await prepareFolder(folder)
    const isWritten = ({ file }: DumpedTable) => existsSync(join(folder, file))
    // A file that was removed since is written again, and those after it, whose names have the numbers after its own.
    const missing = state?.done.findIndex(table => !isWritten(table)) ?? 0
    const done = [...(state?.done.slice(0, missing < 0 ? undefined : missing) ?? [])]
    await checkpoint.save({ what, done })
    for (const description of tables.slice(done.length)) {
      done.push(await dumpTable(description, done.length + 1, folder, session, { ...options, table }, context))
      await checkpoint.save({ what, done })
    }
    await writeManifest(folder, {
      format: 'partita-dump',
      version: 1,
      createdAt: new Date().toISOString(),
      tables: done,
    })
    await checkpoint.remove()
    const items = done.reduce((sum, each) => sum + each.items, 0)
    if (options.json) {
      const names = Object.fromEntries(done.map(each => [each.definition.name, each.items]))
      await context.output.success({ folder, items, tables: names })
    } else context.output.talk(`dumped ${amount(items)} of ${tablesText(done.length)} to ${folder}`)
  }
  await withStore(flags, context, dumpTables, { isWholeStore: true })
}

async function dumpTable(
  description: TableDescription,
  number: number,
  folder: string,
  { store }: StoreSession,
  options: DumpOptions,
  context: Context,
): Promise<DumpedTable> {
  const name = `${String(number).padStart(4, '0')}-${description.name.slice(0, NAME_LENGTH)}.jsonl.gz`
  const path = join(folder, name)
  const what = JSON.stringify(definitionOf(description))
  const file = await ExportFile.open(path, { what, resume: options.resume === true, overwrite: true })
  const reader = tableReader({ store, table: description, pace: new CapacityPace(options.rate), consistent: false })
  const { table, resume: _, ...flags } = options
  const nextCommand = () => commandLine(['partita', 'dump'], [folder], { ...flags, table, resume: true })
  const items = await runExport(
    { reader, sink: fileSink(file, 'jsonl', true), resume: false, isShown: false, nextCommand },
    context,
  )
  return { definition: definitionOf(description), file: name, items, md5: await md5Of(path) }
}

async function prepareFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true })
    if ((await readdir(folder)).length > 0) throw new Usage(`the folder ${folder} is not empty; name another`)
  } catch (error) {
    throw unwritable(folder, error)
  }
}

function isDumpState(value: unknown): value is DumpState {
  if (typeof value !== 'object' || value === null) return false
  const { what, done } = value as Partial<Record<keyof DumpState, unknown>>
  return typeof what === 'string' && Array.isArray(done)
}
