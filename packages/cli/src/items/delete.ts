/** `partita items delete`: one item by its key, or all items whose keys share a prefix. */
import type { Command } from 'commander'
import type { Items } from 'partita/items'
import type { Context } from '../context.js'
import { Usage } from '../failure.js'
import { requireConfirm } from '../session/confirm.js'
import { addConfirmOptions } from '../session/options.js'
import { canAsk } from '../terminal/confirm.js'
import { withExamples } from '../terminal/examples.js'
import { amount, Progress } from '../terminal/progress.js'
import { addItemsOptions, type ItemsOptions } from './options.js'
import { withItems } from './session.js'

interface DeleteOptions extends ItemsOptions {
  readonly prefix?: true
  readonly dryRun?: true
}

/** Maximum number of keys in memory. */
const PAGE = 1000

/** Adds the subcommand `delete` to `items`. */
export function addDelete(items: Command, context: Context): void {
  const command = items
    .command('delete')
    .description('delete one item, or with --prefix every item whose key has the prefix; asks for confirmation first')
    .argument('<category>')
    .argument('[key-or-prefix]', 'the key; with --prefix the prefix of the keys, omitted for the whole category')
    .option('--prefix', 'delete every item whose key has the prefix')
    .option('--dry-run', 'delete nothing; print how many items would be deleted')
  withExamples(command, 'partita items delete order ord-1', 'partita items delete order /ten-1/ --prefix --dry-run')
  addConfirmOptions(addItemsOptions(command)).action(
    (category: string, key: string | undefined, options: DeleteOptions) => {
      if (options.prefix) return deletePrefix(category, key ?? '', options, context)
      if (key !== undefined) return deleteOne(category, key, options, context)
      throw new Usage('give the key of the item, or --prefix to delete all items of the category')
    },
  )
}

async function deleteOne(category: string, key: string, options: DeleteOptions, context: Context): Promise<void> {
  const deleted = await withItems(options, context, async (items, session) => {
    if (!(await items.getItem(category, key, { consistentRead: true }))) return 0
    if (options.dryRun) return 1
    // One item that is named by its whole key needs a confirmation only where its loss could be expensive.
    if (session.isAws) await requireConfirm(session, options, `Delete the item ${JSON.stringify(key)}`, context)
    await items.deleteItem(category, key)
    return 1
  })
  await report(deleted, options, context)
}

async function deletePrefix(category: string, prefix: string, options: DeleteOptions, context: Context): Promise<void> {
  const { yes, dryRun, confirm } = options
  const terminal = { input: context.input, output: context.screen }
  const deleted = await withItems(options, context, async (items, session) => {
    if (dryRun) return countItems(items, category, prefix)
    // Counting reads every key, so it is done only if the user can be asked.
    const asks = !session.isAws && !yes && confirm === undefined && canAsk(terminal)
    const found = asks ? await countItems(items, category, prefix) : undefined
    await requireConfirm(session, options, `Delete ${describe(found, category, prefix)}`, context)
    return deleteAll(items, category, prefix, context)
  })
  await report(deleted, options, context)
}

async function countItems(items: Items, category: string, prefix: string): Promise<number> {
  let found = 0
  for await (const keys of pages(items, category, prefix)) found += keys.length
  return found
}

async function deleteAll(items: Items, category: string, prefix: string, { screen }: Context): Promise<number> {
  const progress = new Progress(screen, 'deleted')
  let deleted = 0
  try {
    for await (const keys of pages(items, category, prefix)) {
      await items.table.batchWrite(keys.map(key => ({ erase: { partitionKey: category, rangeKey: key } })))
      deleted += keys.length
      progress.show({ items: deleted })
    }
  } finally {
    progress.clear()
  }
  return deleted
}

/** The keys, in pages. A token records a position, so it stays valid after the items of its page are deleted. */
async function* pages(items: Items, category: string, prefix: string): AsyncGenerator<string[]> {
  let nextToken: string | undefined
  do {
    const page = await items.listItems(category, prefix, { limit: PAGE, ...(nextToken && { nextToken }) })
    yield page.items.map(({ key }) => key)
    nextToken = page.nextToken
  } while (nextToken)
}

async function report(deleted: number, { dryRun, json }: DeleteOptions, { output }: Context): Promise<void> {
  if (json) await output.success(dryRun ? { matched: deleted } : { deleted })
  else output.talk(dryRun ? `would delete ${amount(deleted)}` : `deleted ${amount(deleted)}`)
}

function describe(found: number | undefined, category: string, prefix: string): string {
  const what = `${found === undefined ? 'all items' : amount(found)} of category ${JSON.stringify(category)}`
  return prefix === '' ? `${what}, the whole category` : `${what} with keys that begin with ${JSON.stringify(prefix)}`
}
