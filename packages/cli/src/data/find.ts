/** `partita find`: one row by a unique constraint. */
import type { Command } from 'commander'
import type { Context } from '../context.js'
import { Usage } from '../failure.js'
import { withExamples } from '../terminal/examples.js'
import { ModelRows } from './model-rows.js'
import { addReadOptions, type OneRowOptions } from './options.js'
import { noRow, printRow } from './print-rows.js'
import { withRows } from './row-source.js'

/** Adds the command `find` to the program. */
export function addFindCommand(program: Command, context: Context): void {
  const command = program
    .command('find')
    .description('print one row by the values of a unique constraint')
    .argument('<model-and-values...>', 'a model and the fields of a unique constraint, such as User email=a@b.example')
  withExamples(
    command,
    'partita find User email=ada@example.com',
    'partita find Page site=docs slug=start --tenant acme',
  )
  addReadOptions(command).action((words: string[], options: OneRowOptions) => find(words, options, context))
}

async function find(words: readonly string[], options: OneRowOptions, context: Context): Promise<void> {
  const row = await withRows(words, options, context, async ({ rows, args }) => {
    if (!(rows instanceof ModelRows)) throw new Usage('find needs a model, whose unique constraints it searches')
    const found = await rows.find(args, options)
    if (!found) throw noRow(rows.name, args)
    return found
  })
  await printRow(row, options, context)
}
