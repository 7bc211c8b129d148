/** `partita items put`: creates or replaces one item, given as JSON. */
import { createReadStream } from 'node:fs'
import type { Command } from 'commander'
import type { Context } from '../context.js'
import { Usage } from '../failure.js'
import { readText } from '../file/read-text.js'
import { withExamples } from '../terminal/examples.js'
import { parseItem } from './item.js'
import { addWriteOptions, type ItemsOptions } from './options.js'
import { withItems } from './session.js'

interface PutOptions extends ItemsOptions {
  readonly file?: string
  readonly stdin?: true
}

/** Adds the subcommand `put` to `items`. */
export function addPut(items: Command, context: Context): void {
  const command = items
    .command('put')
    .description('create or replace one item: a JSON object with its "category" and "key"')
    .argument('[value]', 'the item, as JSON')
    .option('--file <path>', 'read the item from a file')
    .option('--stdin', 'read the item from stdin')
  withExamples(
    command,
    'partita items put \'{"category":"order","key":"ord-1","total":12}\'',
    'partita items put --file order.json',
  )
  addWriteOptions(command).action((value: string | undefined, options: PutOptions) => put(value, options, context))
}

async function put(value: string | undefined, options: PutOptions, context: Context): Promise<void> {
  const { input, output } = context
  const { file, stdin, json } = options
  if ([value, file, stdin].filter(source => source !== undefined).length !== 1) {
    throw new Usage('give the item in one way: as an argument, with --file, or with --stdin')
  }
  const text =
    value ?? (file === undefined ? await readText(input, 'stdin') : await readText(createReadStream(file), file))
  const item = parseItem(text)
  await withItems(options, context, items => items.putItem(item))
  const { category, key } = item
  if (json) await output.success({ category, key })
  else output.talk(`stored ${JSON.stringify(key)} in category ${JSON.stringify(category)}`)
}
