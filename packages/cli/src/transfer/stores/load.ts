/** `partita load`: the tables of a dump into a store. */
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type Command, Option } from 'commander'
import type { TableDescription } from 'partita/store'
import { readSettings } from '../../config/settings.js'
import type { Context } from '../../context.js'
import { CommandFailure, Usage } from '../../failure.js'
import { Checkpoint } from '../../file/checkpoint.js'
import { unreadable } from '../../file/file-error.js'
import { verifyMd5 } from '../../file/md5.js'
import { requireConfirm } from '../../session/confirm.js'
import { addConfirmOptions, addStoreOptions, type StoreOptions } from '../../session/options.js'
import { type StoreSession, withSettings } from '../../session/store-session.js'
import { withExamples } from '../../terminal/examples.js'
import { type Counts, noCounts } from '../import-entries.js'
import { importSource, resultText } from '../import-report.js'
import { itemsOf } from '../import-run.js'
import { sourceFile } from '../source/file-source.js'
import type { Source } from '../source/source.js'
import { CapacityPace } from '../target/capacity-pace.js'
import { tableTarget } from '../target/table-target.js'
import { CONFLICT_WAYS, type OnConflict } from '../target/target.js'
import { addRateOption, addTableChoice } from '../transfer-options.js'
import { type DumpedTable, readManifest } from './dump-manifest.js'
import { drySettings, requireTarget, type TableChoice, tablesText } from './table-choice.js'

interface LoadOptions extends Omit<StoreOptions, 'table'>, TableChoice {
  readonly onConflict?: OnConflict
  readonly dryRun?: true
  readonly createTable?: true
  readonly rate?: number
  readonly resume?: true
}

interface LoadState {
  readonly target: string
  /** The checksums of the dump. */
  readonly dump: string
  readonly done: readonly string[]
}

const NOTES = `
<folder> is what "partita dump" wrote. The checksums of all files are verified before anything is written. Missing tables
are created with their indexes; on DynamoDB only with --create-table. An item whose key exists with other content stops the
load, unless --on-conflict says otherwise. <folder>.partita-load records the progress for --resume.`

/** Adds the command `load` to the program. */
export function addLoadCommand(program: Command, context: Context): void {
  const command = program
    .command('load')
    .description('write the tables of a dump into a store')
    .argument('<folder>', 'folder of the dump')
    .addHelpText('after', NOTES)
    .addOption(
      new Option('--on-conflict <way>', 'what to do if another item has the key (default: fail)').choices(
        CONFLICT_WAYS,
      ),
    )
    .option('--dry-run', 'write nothing; verify the files and check every item')
    .option('--create-table', 'create missing tables on DynamoDB')
    .option('--resume', 'continue the load where it stopped')
  withExamples(
    command,
    'partita load ./dump --store embedded:./copy',
    'partita load ./dump --store dynamodb: --create-table',
  )
  addTableChoice(addConfirmOptions(addRateOption(addStoreOptions(command))))
  command.action((folder: string, options: LoadOptions) => load(folder, options, context))
}

async function load(folder: string, options: LoadOptions, context: Context): Promise<void> {
  const manifest = await readManifest(folder)
  const tables = chosen(manifest.tables, options, folder)
  for (const { file, md5 } of tables) await verifyMd5(join(folder, file), md5)
  const { table: _, all: __, ...flags } = options
  const settings = options.dryRun ? await drySettings(flags, context) : await readSettings(flags)
  await withSettings(
    settings,
    context,
    async session => {
      for (const { definition } of tables) {
        if (options.onConflict !== 'replace' || options.dryRun) break
        const named = { ...session, table: definition.name }
        if (session.isAws)
          await requireConfirm(named, options, `Replace items of the table ${definition.name}`, context)
      }
      const checkpoint = new Checkpoint(`${folder.replace(/[/\\]+$/, '')}.partita-load`, isLoadState)
      // Another dump may have taken the folder since.
      const dump = manifest.tables.map(({ md5 }) => md5).join(' ')
      const state = options.resume ? await checkpoint.load() : undefined
      if (state && state.target !== session.identity) {
        throw new Usage(`the stopped load of ${folder} wrote to ${state.target}; start without --resume`)
      }
      if (state && state.dump !== dump) {
        throw new Usage(`the stopped load of ${folder} was of another dump; start without --resume`)
      }
      // The progress of an earlier load must not be mistaken for the progress of this one.
      if (!options.resume && !options.dryRun) await checkpoint.begin()
      const done = [...(state?.done ?? [])]
      const total = noCounts()
      for (const table of tables) {
        const { name } = table.definition
        // A table that was deleted since is loaded again.
        if (done.includes(name) && (await session.store.describeTable(name))) continue
        const counts = await loadTable(folder, table, session, options, context)
        for (const name of Object.keys(total) as (keyof Counts)[]) total[name] += counts[name]
        done.push(name)
        if (!options.dryRun) await checkpoint.save({ target: session.identity, dump, done })
      }
      if (!options.dryRun) await checkpoint.remove()
      if (options.json) await context.output.success({ tables: tables.length, ...total })
      else
        context.output.talk(
          `${tablesText(tables.length)}: ${resultText(total, options.dryRun ? 'would load' : 'loaded')}`,
        )
    },
    { create: true, isWholeStore: true },
  )
}

async function loadTable(
  folder: string,
  { definition, file, items }: DumpedTable,
  { store, identity }: StoreSession,
  options: LoadOptions,
  context: Context,
): Promise<Counts> {
  const { createTable = false, dryRun = false, onConflict = 'fail' } = options
  const wasThere = (await store.describeTable(definition.name)) !== undefined
  const found = await requireTarget(store, definition, { createTable, isDryRun: dryRun })
  const pace = new CapacityPace(options.rate)
  // A dry run has no table to compare with, if that does not exist.
  const table: TableDescription = found ?? { ...definition, status: 'active', itemCount: 0 }
  const target = tableTarget({ store, table, onConflict: found ? onConflict : 'replace', pace })
  const { resume: _, ...withoutResume } = options
  const { table: names, onConflict: __, dryRun: ___, createTable: ____, ...flags } = withoutResume
  const result = await importSource(
    {
      words: ['partita', 'load'],
      args: [folder],
      flags: {
        ...flags,
        table: names,
        'on-conflict': options.onConflict,
        'dry-run': options.dryRun,
        'create-table': options.createTable,
      },
      // A new table lacks what an earlier run wrote.
      options: wasThere ? options : withoutResume,
      source: await sourceOf(join(folder, file)),
      target,
      targetName: `${identity} ${definition.name}`,
      hasLines: false,
    },
    context,
  )
  if (!options.resume && itemsOf(result) !== items) {
    const message = `${join(folder, file)} has ${itemsOf(result)} items, but the manifest says ${items}; dump the table again`
    throw new CommandFailure('Damaged', message, 1, { file, items })
  }
  return result
}

async function sourceOf(path: string): Promise<Source> {
  const found = await stat(path).catch(error => {
    throw unreadable(path, error)
  })
  const file = await sourceFile(path, found.size, { format: 'jsonl' })
  return { name: path, format: 'jsonl', files: [file], identity: JSON.stringify([found.size, found.mtimeMs]) }
}

function chosen(tables: readonly DumpedTable[], { table: names }: TableChoice, folder: string): readonly DumpedTable[] {
  if (!names) return tables
  return names.map(name => {
    const found = tables.find(({ definition }) => definition.name === name)
    if (found) return found
    throw new Usage(
      `${folder} has no table ${name}; it has ${tables.map(({ definition }) => definition.name).join(', ')}`,
    )
  })
}

function isLoadState(value: unknown): value is LoadState {
  if (typeof value !== 'object' || value === null) return false
  const { target, dump, done } = value as Partial<Record<keyof LoadState, unknown>>
  const areTexts = typeof target === 'string' && typeof dump === 'string'
  return areTexts && Array.isArray(done) && done.every(name => typeof name === 'string')
}
