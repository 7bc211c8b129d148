/** `partita copy`: tables of one store into another, of any engine. */
import { createHash } from 'node:crypto'
import { type Command, Option } from 'commander'
import type { TableDescription } from 'partita/store'
import { readSettings } from '../../config/settings.js'
import type { Context } from '../../context.js'
import { CommandFailure, reportOf, Usage } from '../../failure.js'
import { Checkpoint } from '../../file/checkpoint.js'
import { requireConfirm } from '../../session/confirm.js'
import { addConfirmOptions, addStoreOptions, type StoreOptions } from '../../session/options.js'
import { type StoreSession, withSettings } from '../../session/store-session.js'
import { withExamples } from '../../terminal/examples.js'
import { commandLine } from '../../terminal/shell.js'
import { type Counts, noCounts } from '../import-entries.js'
import { resultText } from '../import-report.js'
import { tableReader } from '../reader/table-reader.js'
import { CapacityPace } from '../target/capacity-pace.js'
import { tableTarget } from '../target/table-target.js'
import { CONFLICT_WAYS, dryRunOf, type OnConflict } from '../target/target.js'
import { addRunOptions, addTableChoice, type RunOptions, withoutOptions } from '../transfer-options.js'
import { type CopyJob, copyTable } from './copy-table.js'
import { chosenTables, definitionOf, drySettings, requireTarget, type TableChoice, tablesText } from './table-choice.js'

interface CopyOptions extends Omit<StoreOptions, 'table' | 'store' | 'region'>, TableChoice, RunOptions {
  readonly toTable?: string
  readonly onConflict?: OnConflict
  readonly dryRun?: true
  readonly createTable?: true
  readonly consistent?: true
}

/** What was copied: whole tables, and a table up to a position. */
interface CopyState {
  readonly what: string
  readonly done: readonly string[]
  readonly table?: string
  readonly after?: string
}

const NOTES = `
Both stores are URLs, such as embedded:./data, dynamodb://eu-west-1 or dynamodb://localhost:8000. Missing tables are
created with their indexes; on DynamoDB only with --create-table. Other items of the target stay. An item whose key exists
with other content stops the copy, unless --on-conflict says otherwise. --rate limits reads and writes, each. A file
.partita-copy-<hash> in the current folder records the progress for --resume.`

/** Adds the command `copy` to the program. */
export function addCopyCommand(program: Command, context: Context): void {
  const command = program
    .command('copy')
    .description('copy tables from one store to another')
    .argument('<from>', 'URL of the store to read')
    .argument('<to>', 'URL of the store to write')
    .addHelpText('after', NOTES)
    .option('--to-table <name>', 'name of the copy, if one table is copied')
    .addOption(
      new Option('--on-conflict <way>', 'what to do if another item has the key (default: fail)').choices(
        CONFLICT_WAYS,
      ),
    )
    .option('--dry-run', 'write nothing; check every item')
    .option('--create-table', 'create missing tables on DynamoDB')
    .option('--consistent', 'read strongly consistent, at twice the price')
  withExamples(
    command,
    'partita copy dynamodb://eu-west-1 embedded:./data --table app',
    'partita copy embedded:./data dynamodb://localhost:8000 --create-table',
  )
  addTableChoice(addConfirmOptions(addRunOptions(addStoreOptions(command))))
  // The stores and their regions are in the arguments.
  withoutOptions(command, '--store', '--region')
  command.action((from: string, to: string, given: CopyOptions) => copy(from, to, given, context))
}

async function copy(from: string, to: string, options: CopyOptions, context: Context): Promise<void> {
  const { table: _, all: __, ...flags } = options
  const settings = await readSettings({ ...flags, store: from })
  const readSource = async (source: StoreSession) => {
    // In an account, the table of the settings is enough to choose one.
    const isNamed = options.table !== undefined || options.all || !settings.table || !source.isAws
    const tables = await chosenTables(source, isNamed ? options : { table: [settings.table as string] })
    if (options.toTable !== undefined && tables.length !== 1)
      throw new Usage('--to-table is for one table; use --table')
    const into = { ...flags, store: to }
    const target = options.dryRun ? await drySettings(into, context) : await readSettings(into)
    const write = (session: StoreSession) => copyAll(source, session, tables, options, context)
    await withSettings(target, context, write, { create: true, isWholeStore: true })
  }
  await withSettings(settings, context, readSource, { isWholeStore: true })
}

async function copyAll(
  source: StoreSession,
  target: StoreSession,
  tables: readonly TableDescription[],
  options: CopyOptions,
  context: Context,
): Promise<void> {
  if (source.identity === target.identity && (options.toTable ?? tables[0]?.name) === tables[0]?.name) {
    throw new Usage('both stores are the same; name the copy with --to-table')
  }
  if (options.onConflict === 'replace' && target.isAws && !options.dryRun) {
    for (const { name } of tables) {
      const table = options.toTable ?? name
      await requireConfirm({ ...target, table }, options, `Replace items of the table ${table}`, context)
    }
  }
  const what = JSON.stringify([source.identity, target.identity, tables.map(({ name }) => name), options.toTable ?? ''])
  const hash = createHash('sha256').update(what).digest('hex').slice(0, 12)
  const checkpoint = new Checkpoint(options.checkpoint ?? `.partita-copy-${hash}`, isCopyState)
  const state = options.resume ? await checkpoint.load() : undefined
  if (state && state.what !== what)
    throw new Usage('the stopped copy was of other stores or tables; start without --resume')
  if (!options.resume && !options.dryRun) await checkpoint.begin()
  const counts = noCounts()
  const done = [...(state?.done ?? [])]
  for (const table of tables) {
    // A table that was deleted since is copied again, from its beginning.
    const isThere = (await target.store.describeTable(options.toTable ?? table.name)) !== undefined
    if (isThere && done.includes(table.name)) continue
    const after = isThere && state?.table === table.name ? state.after : undefined
    const save = async (position: string | undefined, when: 'now' | 'now and then') => {
      if (options.dryRun) return
      const saved = { what, done, table: table.name, ...(position !== undefined && { after: position }) }
      await (when === 'now' ? checkpoint.save(saved) : checkpoint.saveNowAndThen(saved))
    }
    await copyOne(source, target, table, { after, save, counts }, options, context)
    done.push(table.name)
    await save(undefined, 'now')
  }
  if (!options.dryRun) await checkpoint.remove()
  if (options.json) await context.output.success({ tables: tables.length, ...counts })
  else
    context.output.talk(`${tablesText(tables.length)}: ${resultText(counts, options.dryRun ? 'would copy' : 'copied')}`)
}

/** Where the copy of a table starts, and how its position is saved. */
interface Course {
  readonly after: string | undefined
  readonly save: (position: string | undefined, when: 'now' | 'now and then') => Promise<void>
  readonly counts: Counts
}

async function copyOne(
  source: StoreSession,
  target: StoreSession,
  table: TableDescription,
  { after, save, counts }: Course,
  options: CopyOptions,
  context: Context,
): Promise<void> {
  const { createTable = false, dryRun = false, onConflict = 'fail', rate } = options
  const definition = { ...definitionOf(table), name: options.toTable ?? table.name }
  const found = await requireTarget(target.store, definition, { createTable, isDryRun: dryRun })
  const pace = new CapacityPace(rate)
  const into: TableDescription = found ?? { ...definition, status: 'active', itemCount: 0 }
  const writer = tableTarget({ store: target.store, table: into, onConflict: found ? onConflict : 'replace', pace })
  const consistent = options.consistent === true
  const job: CopyJob = {
    reader: tableReader({ store: source.store, table, pace: new CapacityPace(rate), consistent }),
    target: dryRun ? dryRunOf(writer) : writer,
    counts,
    batchUnits: rate === undefined ? undefined : Math.max(1, rate),
    after,
    remember: position => save(position, 'now and then'),
  }
  try {
    await copyTable(job, context)
  } catch (error) {
    await save(job.after, 'now')
    throw withNextCommand(error, source, target, options, counts)
  }
}

function withNextCommand(
  error: unknown,
  source: StoreSession,
  target: StoreSession,
  options: CopyOptions,
  counts: Counts,
): unknown {
  if (options.dryRun) return error
  const { toTable, onConflict, createTable, dryRun: _, resume: __, ...flags } = options
  const command = commandLine(['partita', 'copy'], [source.url, target.url], {
    ...flags,
    'to-table': toTable,
    'on-conflict': onConflict,
    'create-table': createTable,
    resume: true,
  })
  const { code, message, details } = reportOf(error)
  const exitCode = error instanceof CommandFailure ? error.exitCode : 1
  const text = `${message}; ${resultText(counts, 'copied')}; continue with: ${command}`
  return new CommandFailure(code, text, exitCode, { ...(details as object), ...counts }, error)
}

function isCopyState(value: unknown): value is CopyState {
  if (typeof value !== 'object' || value === null) return false
  const { what, done, table, after } = value as Partial<Record<keyof CopyState, unknown>>
  const areNames = Array.isArray(done) && done.every(name => typeof name === 'string')
  return typeof what === 'string' && areNames && [table ?? '', after ?? ''].every(text => typeof text === 'string')
}
