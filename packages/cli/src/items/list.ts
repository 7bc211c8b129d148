/** `partita items list`: one page of a category. */
import type { Command } from 'commander'
import type { Context } from '../context.js'
import { printJson } from '../json/exact-json.js'
import { withExamples } from '../terminal/examples.js'
import { printable } from '../terminal/printable.js'
import { commandLine } from '../terminal/shell.js'
import { toJsonItem } from './item.js'
import { addItemsOptions, type ItemsOptions, positiveInteger } from './options.js'
import { withItems } from './session.js'

interface ListOptions extends ItemsOptions {
  readonly limit: number
  readonly nextToken?: string
  readonly full?: true
}

/** Adds the subcommand `list` to `items`. */
export function addList(items: Command, context: Context): void {
  const command = items
    .command('list')
    .description('list the items of a category in key order: their keys, or with --full whole items')
    .argument('<category>')
    .argument('[prefix]', 'prefix of the keys', '')
    .option('--limit <n>', 'maximum number of items', positiveInteger, 100)
    .option('--next-token <token>', 'continue after the page that returned this token')
    .option('--full', 'print whole items, as JSON')
  withExamples(command, 'partita items list order', 'partita items list order /ten-1/ --limit 20 --full')
  addItemsOptions(command).action((category: string, prefix: string, options: ListOptions) =>
    list(category, prefix, options, context),
  )
}

async function list(category: string, prefix: string, options: ListOptions, context: Context): Promise<void> {
  const { output } = context
  const { limit, nextToken: after, full, store, table, region, profile, config, json } = options
  const { items, nextToken } = await withItems(options, context, items =>
    items.listItems(category, prefix, { limit, ...(after === undefined ? {} : { nextToken: after }) }),
  )
  if (json) return output.success({ items: items.map(toJsonItem), nextToken })
  const lines = items.map(item => `${full ? printJson(toJsonItem(item), { indented: true }) : printable(item.key)}\n`)
  await output.data(lines.join(''))
  if (items.length === 0 && !nextToken) output.talk('no items found')
  if (!nextToken) return
  const args = prefix === '' ? [category] : [category, prefix]
  const flags = { store, table, region, profile, config, limit, full, 'next-token': nextToken }
  const next = commandLine(['partita', 'items', 'list'], args, flags)
  output.talk(`there is more: ${next}`)
}
