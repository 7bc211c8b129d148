/** `partita explain`: the request that a query would send, and its cost. */
import type { Command } from 'commander'
import type { Context } from '../context.js'
import { withExamples } from '../terminal/examples.js'
import { addListOptions, type RowsOptions } from './options.js'
import { printRow } from './print-rows.js'
import { withRows } from './row-source.js'

/** Adds the command `explain` to the program. */
export function addExplainCommand(program: Command, context: Context): void {
  const command = program
    .command('explain')
    .description('print the request that a query would send to the store, and its expected cost')
    .argument('<index-and-range...>', 'an index and a range of its key, as query takes them')
    .option('--desc', 'descending order of the sort key')
    .option('--index <name>', 'index of a table without models')
  withExamples(
    command,
    'partita explain Post.byAuthor authorId=u1 --where title~Notes --limit 20',
    "partita explain pk=USER#u1 'sk^=POST#' --table app",
  )
  addListOptions(command).action((words: string[], options: RowsOptions) => explain(words, options, context))
}

async function explain(words: readonly string[], options: RowsOptions, context: Context): Promise<void> {
  const explanation = await withRows(words, options, context, ({ rows, args }) =>
    rows.explain(args, options, options.limit),
  )
  await printRow(explanation, options, context)
}
