/** Which tables of a store a command works on, and their definitions. */
import { existsSync } from 'node:fs'
import type { Store, TableDefinition, TableDescription } from 'partita/store'
import { readSettings, type SettingFlags, type Settings } from '../../config/settings.js'
import type { Context } from '../../context.js'
import { BadInput, CommandFailure, Usage } from '../../failure.js'
import { nameStore } from '../../session/location.js'
import { missingTable, type StoreSession } from '../../session/store-session.js'

/** Values of the options that choose tables. */
export interface TableChoice {
  readonly table?: readonly string[]
  readonly all?: true
}

/**
 * The tables of the store that the options choose, or all of them. Reading all tables of an AWS account must be wanted.
 * @throws Usage if nothing chooses tables of an account; CommandFailure `TableNotFound`.
 */
export async function chosenTables(
  { store, isAws, url }: Pick<StoreSession, 'store' | 'isAws' | 'url'>,
  { table: names, all }: TableChoice,
): Promise<readonly TableDescription[]> {
  if (names && all) throw new Usage('use --table or --all, not both')
  if (!names && !all && isAws)
    throw new Usage('name the tables with --table, or use --all for all tables of the account')
  const found: TableDescription[] = []
  for (const name of names ?? (await store.listTables())) {
    const description = await store.describeTable(name)
    if (!description) throw missingTable(name, url)
    found.push(description)
  }
  return found
}

/** The definition of a table, without its state. */
export function definitionOf(description: TableDescription): TableDefinition {
  const { status: _, filling: __, itemCount: ___, isItemCountEstimated: ____, ...definition } = description
  return definition
}

/**
 * The table to write into. A missing one is created on stores that cost nothing, and elsewhere if that is allowed.
 * @param isDryRun creates nothing.
 * @returns undefined for a missing table in a dry run.
 * @throws CommandFailure `TableNotFound`; BadInput if the table has another key.
 */
export async function requireTarget(
  store: Store,
  definition: TableDefinition,
  { createTable, isDryRun }: { readonly createTable: boolean; readonly isDryRun: boolean },
): Promise<TableDescription | undefined> {
  const { name, key } = definition
  const found = await store.describeTable(name)
  if (found) {
    if (keyText(found.key) === keyText(key)) return found
    const message = `table ${name} has the key ${keyText(found.key)}, but its items come from a table with ${keyText(key)}`
    throw new BadInput(message, { table: name })
  }
  if (store.provisioning === 'explicit' && !createTable) {
    const message = `there is no table ${name} to write into; use --create-table to create it with its indexes`
    throw new CommandFailure('TableNotFound', message, 1, { table: name })
  }
  return isDryRun ? undefined : store.createTable(definition)
}

/**
 * The settings of a dry run. A store that does not exist yet is not created: an empty one in memory takes its part.
 */
export async function drySettings(flags: SettingFlags, { output }: Context): Promise<Settings> {
  const settings = await readSettings(flags)
  const { folder, shown } = nameStore(settings)
  if (folder === undefined || existsSync(folder)) return settings
  output.talk(`${shown} does not exist yet`)
  return { ...settings, store: 'memory:' }
}

/** How many tables, in words. */
export function tablesText(tables: number): string {
  return tables === 1 ? '1 table' : `${tables} tables`
}

function keyText({ partition, sort }: TableDefinition['key']): string {
  return [partition, sort].flatMap(it => (it ? [`${it.name} (${it.type})`] : [])).join(' and ')
}
