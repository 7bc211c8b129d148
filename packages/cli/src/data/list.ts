/** `partita list`: all rows of a model, or all items of a table. */
import type { Command } from 'commander'
import type { Context } from '../context.js'
import { Usage } from '../failure.js'
import { withExamples } from '../terminal/examples.js'
import { addListOptions, type RowsOptions } from './options.js'
import { printList } from './print-rows.js'
import { withRows } from './row-source.js'

/** Adds the command `list` to the program. */
export function addListCommand(program: Command, context: Context): void {
  const command = program
    .command('list')
    .description('print the rows of a model, or the items of a table, in no particular order')
    .argument('[model]', 'a model; without one, the items of the table are listed as they are stored')
    .option('--index <name>', 'index of a table without models')
  withExamples(command, "partita list User --where 'role=admin'", 'partita list --table app --all --jsonl > app.jsonl')
  addListOptions(command).action((model: string | undefined, options: RowsOptions) => list(model, options, context))
}

async function list(model: string | undefined, options: RowsOptions, context: Context): Promise<void> {
  const words = model === undefined ? [] : [model]
  await withRows(words, options, context, ({ rows, args }) => {
    if (args.length > 0) throw new Usage('list takes conditions by --where; query takes the key of an index')
    return printList(rows.list(options), ['list', ...words], options, context)
  })
}
