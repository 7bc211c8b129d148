/** `partita table`: creates, describes, compares and deletes the table of the models, or any other. */
import type { Command } from 'commander'
import type { TableDescription } from 'partita/store'
import type { Context } from '../context.js'
import { DifferencesFound } from '../failure.js'
import { requireConfirm } from '../session/confirm.js'
import { addConfirmOptions, addModelsOption, addStoreOptions, type StoreOptions } from '../session/options.js'
import { missingTable, withStore } from '../session/store-session.js'
import { withExamples } from '../terminal/examples.js'
import { printable } from '../terminal/printable.js'
import { amount } from '../terminal/progress.js'
import { addCreate } from './create.js'
import { indexText, keyText, tableDifferences } from './table-diff.js'
import { addDefinitionOptions, type DefinitionOptions, wantedTable } from './wanted-table.js'

const DIFF_NOTES = `
Compares the key, every index and time to live. Prints one line for each difference; stdout is empty if there are none.
Exit codes: 0 alike, 1 error, 2 usage error, 3 differences found.`

/** Adds `table` and its subcommands to the program. */
export function addTableCommand(program: Command, context: Context): void {
  const table = program.command('table').description('create, describe, compare or delete the table of the models')
  withExamples(table, 'partita table create --store dynamodb://eu-west-1 --table app', 'partita table diff')
  addCreate(table, context)
  addDescribe(table, context)
  addDiff(table, context)
  addDelete(table, context)
}

function addDescribe(table: Command, context: Context): void {
  const command = table.command('describe').description('print the definition and status of a table')
  withExamples(command, 'partita table describe', 'partita table describe --table app --json')
  addStoreOptions(command).action(async (options: StoreOptions) => {
    await withStore(options, context, async ({ store, table, url }) => {
      const found = await store.describeTable(table)
      if (!found) throw missingTable(table, url)
      if (options.json) return context.output.success(found)
      return context.output.data(descriptionText(found))
    })
  })
}

function addDiff(table: Command, context: Context): void {
  const command = table
    .command('diff')
    .description('compare a table with what the models need')
    .addHelpText('after', DIFF_NOTES)
  withExamples(command, 'partita table diff', 'partita table diff --store dynamodb://eu-west-1 --table app --json')
  addDefinitionOptions(addModelsOption(addStoreOptions(command))).action(async (options: DefinitionOptions) => {
    const wanted = await wantedTable(options)
    const differences = await withStore(options, context, async ({ store }) =>
      tableDifferences(wanted, await store.describeTable(wanted.name)),
    )
    if (differences.length === 0) {
      if (options.json) return context.output.success({ differences })
      return context.output.talk(`table ${wanted.name} has no differences`)
    }
    if (!options.json) await context.output.data(differences.map(({ message }) => `${printable(message)}\n`).join(''))
    const count = differences.length === 1 ? '1 difference' : `${differences.length} differences`
    const add = differences.some(({ canBeAdded }) => canBeAdded) ? '; "partita table create" adds what is missing' : ''
    throw new DifferencesFound(`table ${wanted.name} has ${count}${add}`, { differences })
  })
}

function addDelete(table: Command, context: Context): void {
  const command = table
    .command('delete')
    .description('delete a table with all of its items; asks for confirmation first')
  withExamples(
    command,
    'partita table delete --table old',
    'partita table delete --store dynamodb://eu-west-1 --table old --confirm old',
  )
  addConfirmOptions(addStoreOptions(command)).action(async (options: StoreOptions) => {
    await withStore(options, context, async session => {
      const { store, table, url } = session
      const found = await store.describeTable(table)
      if (!found) throw missingTable(table, url)
      const isRough = session.isAws || found.isItemCountEstimated
      const about = found.itemCount > 0 ? ` with ${isRough ? 'about ' : ''}${amount(found.itemCount)}` : ''
      await requireConfirm(session, options, `Delete the table ${table}${about}`, context)
      await store.deleteTable(table)
      if (options.json) await context.output.success({ deleted: table })
      else context.output.talk(`deleted the table ${table}`)
    })
  })
}

function descriptionText({ name, status, itemCount, key, ...rest }: TableDescription): string {
  const { globalIndexes = {}, localIndexes = {}, timeToLive, filling, isItemCountEstimated } = rest
  const indexes = Object.entries({ ...globalIndexes, ...localIndexes }).map(([index, definition]) => {
    const local = Object.hasOwn(localIndexes, index) ? ', local' : ''
    const state = filling?.indexes.includes(index) ? ', being filled' : ''
    return ['index', `${index}: ${indexText(definition)}${local}${state}`]
  })
  const lines = [
    ['table', name],
    ['status', status],
    ['items', `${isItemCountEstimated ? 'about ' : ''}${itemCount}`],
    ['key', keyText(key)],
    ...indexes,
    ['time to live', timeToLive ?? 'off'],
  ] as const
  return lines.map(([label, text]) => `${label!.padEnd(14)}${printable(text!)}\n`).join('')
}
