/** `partita put`: creates or replaces one row. */
import { createReadStream } from 'node:fs'
import type { Command } from 'commander'
import type { Context } from '../context.js'
import { Usage } from '../failure.js'
import { readText } from '../file/read-text.js'
import type { ModelOptions } from '../session/options.js'
import { withExamples } from '../terminal/examples.js'
import { addConditionOption, addRowOutput } from './options.js'
import { printRow } from './print-rows.js'
import { type RowWriteOptions, withRows } from './row-source.js'

interface PutOptions extends ModelOptions, RowWriteOptions {
  readonly file?: string
  readonly stdin?: true
}

/** Adds the command `put` to the program. */
export function addPutCommand(program: Command, context: Context): void {
  const command = program
    .command('put')
    .description('create or replace one row, and print it')
    .argument('[model-and-fields...]', 'a model and its fields as name=value; without a model, pk=... sk=... name=...')
    .option('--file <path>', 'read the row from a file, as a JSON object')
    .option('--stdin', 'read the row from stdin, as a JSON object')
    .option('--create', 'fail if the row exists')
  withExamples(
    command,
    'partita put User name=Ada email=ada@example.com',
    'partita get User userId=u1 | partita put User --stdin --store embedded:./copy',
  )
  addConditionOption(addRowOutput(command)).action((words: string[], options: PutOptions) =>
    put(words, options, context),
  )
}

async function put(words: readonly string[], options: PutOptions, context: Context): Promise<void> {
  const { file, stdin, create } = options
  if (create && options.if) throw new Usage('--create and --if cannot be combined')
  if (file !== undefined && stdin) throw new Usage('give --file or --stdin, not both')
  const json =
    file !== undefined
      ? await readText(createReadStream(file), file)
      : stdin && (await readText(context.input, 'stdin'))
  if (words.some(word => word.trimStart().startsWith('{'))) {
    throw new Usage('a row as JSON goes into --stdin or --file; as arguments, write its fields as name=value')
  }
  const row = await withRows(words, options, context, async ({ rows, args }) => {
    if (typeof json === 'string' && args.length > 0) {
      throw new Usage('give the fields of the row as arguments, or the row with --file or --stdin')
    }
    const stored = await rows.put(json ?? args, options)
    context.output.talk(`stored one row of ${rows.name}`)
    return stored
  })
  await printRow(row, options, context)
}
