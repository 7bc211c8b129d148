/** `partita decode`: the model, tenant and fields of a physical key. */
import type { Command } from 'commander'
import { connect } from 'partita'
import { readSettings } from '../config/settings.js'
import type { Context } from '../context.js'
import { loadNamedModels } from '../session/model-session.js'
import { addModelsOption } from '../session/options.js'
import { withExamples } from '../terminal/examples.js'
import type { PrintOptions } from './print-rows.js'
import { printRow } from './print-rows.js'

interface DecodeOptions extends PrintOptions {
  readonly models?: string
  readonly config?: string
}

/** Adds the command `decode` to the program. */
export function addDecodeCommand(program: Command, context: Context): void {
  const command = addModelsOption(program.command('decode'))
    .description('print the model, tenant and fields that a stored key stands for')
    .argument('<pk>', 'the partition key, as it is stored')
    .argument('[sk]', 'the sort key, if the table has one')
    .option('--config <file>', 'configuration file (default: the partita.config of the project)')
    .option('--json', 'print one JSON envelope')
    .option('--jsonl', 'print one line of JSON')
  withExamples(command, "partita decode 'USER#u1' User", "partita decode 'T#acme#POST#p1' Post --models models.ts")
  command.action((pk: string, sk: string | undefined, options: DecodeOptions) => decode(pk, sk, options, context))
}

/** No store is opened: the models alone say what their keys mean. */
async function decode(pk: string, sk: string | undefined, options: DecodeOptions, context: Context): Promise<void> {
  const settings = await readSettings(options)
  const { models, layout = settings.layout } = await loadNamedModels(settings)
  await using db = await connect({ models, store: 'memory:', ...(layout && { layout }) })
  await printRow({ ...db.decodeKey(pk, sk) }, options, context)
}
