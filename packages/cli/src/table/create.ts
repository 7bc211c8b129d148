/** `partita table create`: creates the table of the models, or adds what it lacks. */
import { existsSync } from 'node:fs'
import type { Command } from 'commander'
import type { Store } from 'partita'
import type { TableChange, TableDefinition } from 'partita/store'
import { readSettings } from '../config/settings.js'
import type { Context } from '../context.js'
import { CommandFailure } from '../failure.js'
import { nameStore } from '../session/location.js'
import { addModelsOption, addStoreOptions } from '../session/options.js'
import { withStore } from '../session/store-session.js'
import { withExamples } from '../terminal/examples.js'
import { endedByInterrupt } from '../terminal/interrupt.js'
import { additionsOf, type TableDifference, tableDifferences } from './table-diff.js'
import { addDefinitionOptions, type DefinitionOptions, wantedTable } from './wanted-table.js'

const NOTES = `
The table has the key and the indexes that the models use, and time to live if a model expires; or what --key, --index and
--ttl say. An existing table gets the indexes and the time to live that it lacks; nothing of it is removed or replaced.
On AWS a new index is filled from the existing items, which takes time and write capacity. A store on this machine is
created with its first table.`

interface CreateOptions extends DefinitionOptions {
  readonly dryRun?: true
}

/** Adds the subcommand `create` to `table`. */
export function addCreate(table: Command, context: Context): void {
  const command = table
    .command('create')
    .description('create the table of the models, or add the indexes that an existing one lacks')
    .option('--dry-run', 'create nothing; print what would be created')
    .addHelpText('after', NOTES)
  withExamples(
    command,
    'partita table create --store dynamodb://eu-west-1 --table app',
    'partita table create --table events --key device:S,at:N --ttl expires',
  )
  addDefinitionOptions(addModelsOption(addStoreOptions(command))).action((options: CreateOptions) =>
    create(options, context),
  )
}

/** What was done, or in a dry run would have been. */
interface Outcome {
  readonly action: 'created' | 'extended' | 'unchanged'
  readonly change: TableChange
}

async function create(options: CreateOptions, context: Context): Promise<void> {
  const wanted = await wantedTable(options)
  const { name } = wanted
  const { action, change } = (await isNewStore(options))
    ? createdAs(wanted)
    : await withStore(options, context, ({ store }) => createOrExtend(store, wanted, options, context), {
        create: !options.dryRun,
      })
  const indexes = Object.keys(change.createIndexes ?? {})
  if (options.json) return context.output.success({ table: name, action, indexes, dryRun: options.dryRun === true })
  const would = options.dryRun ? 'would have ' : ''
  if (action === 'unchanged') context.output.talk(`the table ${name} already has everything that it needs`)
  else if (action === 'created') context.output.talk(`${would}created the table ${name}${indexesText(indexes)}`)
  else context.output.talk(`${would}added to the table ${name}: ${changeText(change)}`)
}

async function createOrExtend(
  store: Store,
  wanted: TableDefinition,
  options: CreateOptions,
  context: Context,
): Promise<Outcome> {
  const { name } = wanted
  const existing = await store.describeTable(name)
  const differences = tableDifferences(wanted, existing)
  const impossible = differences.filter(({ kind, canBeAdded }) => kind === 'changed' && !canBeAdded)
  if (impossible.length > 0) throw cannotBecome(name, impossible)
  if (!existing) {
    if (!options.dryRun) await uninterrupted(() => store.createTable(wanted), name, options, context)
    return createdAs(wanted)
  }
  const change = additionsOf(wanted, differences)
  if (!change) return { action: 'unchanged', change: {} }
  if (!options.dryRun) await uninterrupted(() => store.updateTable(name, change), name, options, context)
  return { action: 'extended', change }
}

function createdAs({ globalIndexes = {} }: TableDefinition): Outcome {
  return { action: 'created', change: { createIndexes: globalIndexes } }
}

/** Whether a dry run is about a store on this machine that does not exist yet. */
async function isNewStore(options: CreateOptions): Promise<boolean> {
  if (!options.dryRun) return false
  const { folder } = nameStore(await readSettings(options))
  return folder !== undefined && !existsSync(folder)
}

/** DynamoDB continues a change that it has begun. */
function uninterrupted(work: () => Promise<unknown>, table: string, { json }: CreateOptions, context: Context) {
  const message = `stopped; a change of the table ${table} may still be in progress: run the command again to wait for it`
  return endedByInterrupt(work, message, json ?? false, context)
}

function cannotBecome(table: string, differences: readonly TableDifference[]): CommandFailure {
  const text = differences.map(({ message }) => message).join('; ')
  const message = `the table ${table} exists, and differs in what cannot be added: ${text}; use another table`
  return new CommandFailure('AlreadyExists', message, 1, { table, differences })
}

function indexesText(names: readonly string[]): string {
  return names.length === 0 ? '' : ` with ${names.length === 1 ? 'the index' : 'the indexes'} ${names.join(', ')}`
}

function changeText({ createIndexes = {}, timeToLive }: TableChange): string {
  const parts = Object.keys(createIndexes).map(name => `index ${name}`)
  return [...parts, ...(timeToLive ? [`time to live on ${timeToLive}`] : [])].join(', ')
}
