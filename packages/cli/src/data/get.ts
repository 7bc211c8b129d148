/** `partita get`: one row by its key. */
import type { Command } from 'commander'
import type { Context } from '../context.js'
import { withExamples } from '../terminal/examples.js'
import { addReadOptions, type OneRowOptions } from './options.js'
import { noRow, printRow } from './print-rows.js'
import { withRows } from './row-source.js'

/** Adds the command `get` to the program. */
export function addGetCommand(program: Command, context: Context): void {
  const command = program
    .command('get')
    .description('print one row by its key')
    .argument('<model-and-key...>', 'a model and its key, such as User userId=u1; without a model, pk=... sk=...')
  withExamples(command, 'partita get User userId=u1 --with posts', 'partita get pk=USER#u1 sk=User --table app')
  addReadOptions(command).action((words: string[], options: OneRowOptions) => get(words, options, context))
}

async function get(words: readonly string[], options: OneRowOptions, context: Context): Promise<void> {
  const row = await withRows(words, options, context, async ({ rows, args }) => {
    const found = await rows.get(args, options)
    if (!found) throw noRow(rows.name, args)
    return found
  })
  await printRow(row, options, context)
}
