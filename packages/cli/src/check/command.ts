/** `partita check`: whether the models are valid and can share a table. No store is touched. */
import type { Command } from 'commander'
import { type AnyModel, ValidationError } from 'partita'
import { readSettings } from '../config/settings.js'
import type { Context } from '../context.js'
import { CommandFailure } from '../failure.js'
import { tableOfModels } from '../models/table-of-models.js'
import { loadNamedModels } from '../session/model-session.js'
import { addModelsOption } from '../session/options.js'
import { DEFAULT_TABLE } from '../session/store-session.js'
import { withExamples } from '../terminal/examples.js'
import { printable } from '../terminal/printable.js'

interface CheckOptions {
  readonly models?: string
  readonly config?: string
  readonly json?: true
}

const NOTES = `
Checks that the models can be loaded, that no two of them can write the same key or share a type name, that relations and
refs lead to models, and that their indexes are among those of the layout and of DynamoDB's limits. Each mistake is one line
on stdout. To compare an existing table with the models, use "partita table diff".
Exit codes: 0 valid, 1 mistakes found, 2 usage error.`

/** Adds the command `check` to the program. */
export function addCheckCommand(program: Command, context: Context): void {
  const command = addModelsOption(program.command('check'))
    .description('check that the models are valid and can share a table')
    .option('--config <file>', 'configuration file (default: the partita.config of the project)')
    .option('--json', 'print one JSON envelope')
    .addHelpText('after', NOTES)
    .action((options: CheckOptions) => check(options, context))
  withExamples(command, 'partita check', 'partita check --models src/models.ts --json')
}

async function check(options: CheckOptions, { output }: Context): Promise<void> {
  const settings = await readSettings(options)
  const loaded = await loadNamedModels(settings)
  const models = Object.values(loaded.models)
  try {
    const { globalIndexes = {} } = await tableOfModels(loaded, settings.layout, settings.table ?? DEFAULT_TABLE)
    if (options.json) {
      const indexes = Object.keys(globalIndexes)
      await output.success({ models: models.map(({ name }) => name), indexes })
      return
    }
    const count = models.length === 1 ? '1 model is valid' : `${models.length} models are valid`
    output.talk(`${count}: ${models.map(({ name }) => name).join(', ')}`)
    for (const index of Object.keys(globalIndexes)) output.talk(`${index}: ${usesOf(index, models)}`)
  } catch (error) {
    if (!(error instanceof ValidationError)) throw error
    const lines = error.details.issues.map(({ path, message }) => [path.join('.'), message].filter(Boolean).join(': '))
    if (!options.json) await output.data(lines.map(line => `${printable(line)}\n`).join(''))
    const count = lines.length === 1 ? '1 mistake' : `${lines.length} mistakes`
    const message = `${settings.models} has ${count}: ${lines.join('; ')}`
    throw new CommandFailure('ValidationFailed', message, 1, error.details, error)
  }
}

/** Which models use an index of the table, and by which name. */
function usesOf(physical: string, models: readonly AnyModel[]): string {
  const uses = models.flatMap(({ name, definition }) =>
    Object.entries(definition.indexes ?? {}).flatMap(([index, { on }]) =>
      on === physical ? [`${name}.${index}`] : [],
    ),
  )
  return uses.length > 0 ? uses.join(', ') : 'iteration over the rows of models'
}
