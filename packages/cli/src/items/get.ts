/** `partita items get`: one item. */
import type { Command } from 'commander'
import type { Context } from '../context.js'
import { CommandFailure } from '../failure.js'
import { printJson } from '../json/exact-json.js'
import { withExamples } from '../terminal/examples.js'
import { toJsonItem } from './item.js'
import { addItemsOptions, type ItemsOptions } from './options.js'
import { withItems } from './session.js'

interface GetOptions extends ItemsOptions {
  readonly consistent?: true
}

/** Adds the subcommand `get` to `items`. */
export function addGet(items: Command, context: Context): void {
  const command = items
    .command('get')
    .description('print one item as JSON')
    .argument('<category>')
    .argument('<key>')
    .option('--consistent', 'use a strongly consistent read, at twice the read capacity')
  withExamples(command, 'partita items get order ord-1', 'partita items get order ord-1 --consistent --json')
  addItemsOptions(command).action((category: string, key: string, options: GetOptions) =>
    get(category, key, options, context),
  )
}

async function get(category: string, key: string, options: GetOptions, context: Context): Promise<void> {
  const { json, consistent = false } = options
  const item = await withItems(options, context, items => items.getItem(category, key, { consistentRead: consistent }))
  if (!item) {
    const message = `category ${JSON.stringify(category)} has no item with the key ${JSON.stringify(key)}`
    throw new CommandFailure('NotFound', message, 1, { key: { category, key } })
  }
  if (json) await context.output.success(toJsonItem(item))
  else await context.output.data(`${printJson(toJsonItem(item), { indented: true })}\n`)
}
