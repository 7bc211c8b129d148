/** `partita count`: how many rows there are. */
import type { Command } from 'commander'
import type { Context } from '../context.js'
import { addModelOptions, type ModelOptions } from '../session/options.js'
import { withExamples } from '../terminal/examples.js'
import { addWhereOption } from './options.js'
import { type ReadOptions, withRows } from './row-source.js'

interface CountOptions extends ModelOptions, ReadOptions {}

/** Adds the command `count` to the program. */
export function addCountCommand(program: Command, context: Context): void {
  const command = program
    .command('count')
    .description('print how many rows a model, a partition of an index, or a table has')
    .argument('[model-and-range...]', 'a model, or an index and a range of its key as query takes them')
    .option('--index <name>', 'index of a table without models')
    .option('--with-deleted', 'count soft-deleted rows too')
  withExamples(command, 'partita count User', 'partita count Post.byAuthor authorId=u1 --where title~Notes')
  addWhereOption(addModelOptions(command)).action((words: string[], options: CountOptions) =>
    count(words, options, context),
  )
}

async function count(words: readonly string[], options: CountOptions, context: Context): Promise<void> {
  const rows = await withRows(words, options, context, ({ rows, args }) =>
    (args.length > 0 ? rows.query(args, options) : rows.list(options)).count(),
  )
  if (options.json) await context.output.success({ rows })
  else await context.output.data(`${rows}\n`)
}
