/** `partita update`: changes fields of one row. */
import type { Command } from 'commander'
import type { Context } from '../context.js'
import type { ModelOptions } from '../session/options.js'
import { withExamples } from '../terminal/examples.js'
import { addConditionOption, addRowOutput, collect } from './options.js'
import { printRow } from './print-rows.js'
import { type RowWriteOptions, withRows } from './row-source.js'

interface UpdateOptions extends ModelOptions, RowWriteOptions {}

/** Adds the command `update` to the program. */
export function addUpdateCommand(program: Command, context: Context): void {
  const command = program
    .command('update')
    .description('change fields of one row, and print it')
    .argument('<model-key-and-changes...>', 'a model, its key and changes: name=value, views+=1, tags-=old')
    .option('--unset <field>', 'clear a field; repeat it for more', collect)
  withExamples(
    command,
    'partita update User userId=u1 name=Grace address.city=Paris logins+=1 --unset bio',
    "partita update pk=USER#u1 sk=User name=Grace --table app --if 'name=Ada'",
  )
  addConditionOption(addRowOutput(command)).action((words: string[], options: UpdateOptions) =>
    update(words, options, context),
  )
}

async function update(words: readonly string[], options: UpdateOptions, context: Context): Promise<void> {
  const row = await withRows(words, options, context, ({ rows, args }) => rows.update(args, options))
  await printRow(row, options, context)
}
