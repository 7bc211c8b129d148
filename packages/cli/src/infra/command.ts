/** `partita infra`: prints the table of the models as infrastructure code. No store is touched. */
import type { Command } from 'commander'
import type { TableDefinition } from 'partita/store'
import type { Context } from '../context.js'
import { addModelsOption } from '../session/options.js'
import { addDefinitionOptions, type DefinitionOptions, wantedTable } from '../table/wanted-table.js'
import { withExamples } from '../terminal/examples.js'

interface Format {
  readonly name: string
  readonly summary: string
  readonly file: string
  readonly load: () => Promise<(table: TableDefinition) => string>
}

const FORMATS: readonly Format[] = [
  {
    name: 'cloudformation',
    summary: 'print the table as a template of AWS CloudFormation',
    file: 'table.yaml',
    load: async () => (await import('./cloudformation.js')).cloudFormation,
  },
  {
    name: 'terraform',
    summary: 'print the table as a resource of Terraform or OpenTofu',
    file: 'table.tf',
    load: async () => (await import('./terraform.js')).terraform,
  },
  {
    name: 'cdk',
    summary: 'print the table as a construct of the AWS CDK, in TypeScript',
    file: 'table.ts',
    load: async () => (await import('./cdk.js')).cdk,
  },
]

const NOTES = `
The table has the key and the indexes that the models use, and time to live if a model expires; or what --key, --index and
--ttl say. It is billed by request, keeps backups for point-in-time recovery, and is protected from deletion.`

/** Adds `infra` and its subcommands to the program. */
export function addInfraCommand(program: Command, context: Context): void {
  const infra = program.command('infra').description('print the table of the models as infrastructure code')
  infra.addHelpText('after', NOTES)
  withExamples(infra, 'partita infra cloudformation --table app > table.yaml', 'partita infra terraform > table.tf')
  for (const { name, summary, file, load } of FORMATS) {
    const command = infra
      .command(name)
      .description(summary)
      .option('--table <name>', 'table (default: partita)')
      .option('--config <file>', 'configuration file (default: the partita.config of the project)')
      .option('--json', 'print one JSON envelope')
      .addHelpText('after', NOTES)
    withExamples(command, `partita infra ${name} > ${file}`, `partita infra ${name} --table app --models src/models.ts`)
    addDefinitionOptions(addModelsOption(command)).action(async (options: DefinitionOptions) => {
      const print = await load()
      const definition = print(await wantedTable(options))
      if (options.json) await context.output.success({ format: name, definition })
      else await context.output.data(definition)
    })
  }
}
