/** `partita codegen`: writes the models of YAML files as code. */
import { type Command, Option } from 'commander'
import { readSettings } from '../config/settings.js'
import type { Context } from '../context.js'
import { BadInput, DifferencesFound, Usage } from '../failure.js'
import { unwritable } from '../file/file-error.js'
import { withExamples } from '../terminal/examples.js'
import { loadYamlModels } from '../yaml/load.js'
import { isYamlPath } from '../yaml/read/files.js'
import { type GenerateOptions, generateCode } from './generate.js'
import { applyPlan, type Plan, planOf } from './generated-folder.js'

interface CodegenOptions {
  readonly models?: string
  readonly out?: string
  readonly language?: 'ts' | 'js'
  readonly moduleSystem?: 'esm' | 'commonjs'
  readonly activeRecord?: boolean
  readonly fields?: string
  readonly check?: true
  readonly config?: string
  readonly json?: true
}

const NOTES = `
Writes one file for each model, and db.ts, which connects them. Files that did not change are left alone, and files of
models that no longer exist are removed. Files that codegen did not write are never changed or removed.
Exit codes: 0 done, or nothing to do; 1 error; 2 usage error; 3 something is out of date, with --check.`

/** What was done, or with `--check` is to be done. Paths are relative to the folder. */
export interface CodegenResult extends Plan {
  readonly out: string
}

/** Adds the command `codegen` to the program. */
export function addCodegenCommand(program: Command, context: Context): void {
  const command = program
    .command('codegen')
    .description('write the models of YAML files as TypeScript or JavaScript')
    .option('--models <path>', 'YAML file, or folder of YAML files (default: models.yaml)')
    .option('--out <folder>', 'folder of the generated code (default: models)')
    .addOption(new Option('--language <name>', 'language of the code (default: ts)').choices(['ts', 'js']))
    .addOption(
      new Option('--module-system <name>', 'modules of JavaScript (default: esm)').choices(['esm', 'commonjs']),
    )
    .option('--active-record', 'write classes over the models too')
    .option('--fields <folder>', 'folder of custom fields')
    .option('--check', 'write nothing; fail with exit code 3 if something is out of date')
    .option('--config <file>', 'configuration file (default: the partita.config of the project)')
    .option('--json', 'print one JSON envelope')
    .addHelpText('after', NOTES)
    .action((options: CodegenOptions) => runCodegen(options, context))
  withExamples(command, 'partita codegen', 'partita codegen --models models.yaml --out src/models --check')
}

async function runCodegen(options: CodegenOptions, context: Context): Promise<void> {
  const result = await codegen(options)
  const { out, create, change, remove, unchanged } = result
  const stale = create.length + change.length + remove.length
  if (options.json && !(options.check && stale > 0)) await context.output.success(result)
  if (!options.json) {
    const [written, removed] = options.check ? ['is out of date', 'is left over'] : ['written', 'removed']
    for (const name of [...create, ...change].sort()) context.output.talk(`${out}/${name} ${written}`)
    for (const name of remove) context.output.talk(`${out}/${name} ${removed}`)
    if (stale === 0) context.output.talk(`${out} is up to date: ${unchanged.length} files`)
  }
  if (options.check && stale > 0) {
    const files = stale === 1 ? '1 file is' : `${stale} files are`
    throw new DifferencesFound(`${files} out of date in ${out}; run partita codegen`, result)
  }
}

/**
 * Generates the code that the options and the configuration say, and writes it unless `check` is set.
 * @throws Usage if nothing names models. BadInput for models that are not YAML. BadModels for mistakes in them.
 */
export async function codegen(options: CodegenOptions): Promise<CodegenResult> {
  const settings = await readSettings(options)
  const { models, out, codegen: configured } = settings
  if (models === undefined) {
    throw new Usage('there are no models: write models.yaml, or name a YAML file or folder with --models')
  }
  if (!isYamlPath(models)) throw new BadInput(`${models} is not YAML; codegen makes code of YAML files`, { models })
  const { set, customFields } = await loadYamlModels(models, options.fields ?? configured.fields)
  const generateOptions: GenerateOptions = {
    language: options.language ?? configured.language ?? 'ts',
    moduleSystem: options.moduleSystem ?? configured.moduleSystem ?? 'esm',
    activeRecord: options.activeRecord ?? configured.activeRecord ?? false,
    out,
    source: models,
    customFields,
  }
  const files = await generateCode(set, generateOptions)
  try {
    const plan = planOf(out, files)
    if (!options.check) applyPlan(out, files, plan)
    return { out, ...plan }
  } catch (error) {
    throw unwritable(out, error)
  }
}
