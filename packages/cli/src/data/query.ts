/** `partita query`: rows of one partition, in the order of their sort key. */
import type { Command } from 'commander'
import type { Context } from '../context.js'
import { withExamples } from '../terminal/examples.js'
import { addListOptions, type RowsOptions } from './options.js'
import { printList } from './print-rows.js'
import { withRows } from './row-source.js'

/** Adds the command `query` to the program. */
export function addQueryCommand(program: Command, context: Context): void {
  const command = program
    .command('query')
    .description('print the rows of one partition of a model, of an index or of a table')
    .argument(
      '<index-and-range...>',
      "an index and a range of its key, such as Post.byAuthor authorId=u1 'createdAt>=2026-01-01'",
    )
    .option('--desc', 'descending order of the sort key')
    .option('--index <name>', 'index of a table without models')
  withExamples(
    command,
    "partita query Post.byAuthor authorId=u1 'createdAt>=2026-01-01' --where title~Notes --limit 20",
    "partita query pk=USER#u1 'sk^=POST#' --table app --desc",
  )
  addListOptions(command).action((words: string[], options: RowsOptions) => query(words, options, context))
}

async function query(words: readonly string[], options: RowsOptions, context: Context): Promise<void> {
  await withRows(words, options, context, ({ rows, args }) =>
    printList(rows.query(args, options), ['query', ...words], options, context),
  )
}
