/** `partita init`: a new project that runs at once. */
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Argument, type Command, Option } from 'commander'
import { ValidationError } from 'partita'
import { parseStoreUrl } from 'partita/store'
import { codegen } from '../codegen/command.js'
import { CONFIG_NAMES, findConfig } from '../config/find-config.js'
import { DEFAULT_MODELS } from '../config/settings.js'
import type { Context } from '../context.js'
import { Usage } from '../failure.js'
import { findUpwards, packageOf } from '../file/folders.js'
import { withExamples } from '../terminal/examples.js'
import { commandLine } from '../terminal/shell.js'
import { type Choices, choose, type InitFlags } from './choose.js'
import { createFiles } from './create-files.js'
import {
  activeRecordCode,
  exampleOf,
  MODEL_FILES,
  OUT,
  type ProjectChoices,
  projectFiles,
  YAML_MODELS,
} from './templates.js'

interface InitOptions extends InitFlags {
  readonly json?: true
}

const NOTES = `
Creates partita.config, the models, and a program that uses them; a package.json too, if the folder belongs to no package.
Files that exist are never changed. On a terminal, a call without options asks; elsewhere the defaults apply.
Exit codes: 0 success, 1 error, 2 usage error, 4 the questions were left.`

/** DynamoDB's rule. */
const TABLE_NAME = /^[\w.-]{3,255}$/

/** Adds the command `init` to the program. */
export function addInitCommand(program: Command, context: Context): void {
  const command = program
    .command('init')
    .description('create a project with models and a program that runs')
    .addArgument(new Argument('[folder]', 'folder of the project').default('.', 'the current folder'))
    .addOption(
      new Option('--template <name>', 'how the models are described (default: typescript)').choices([
        'typescript',
        'javascript',
        'yaml',
        'active-record',
      ]),
    )
    .option('--store <url>', 'store of the project (default: embedded:./.partita)')
    .option('--table <name>', 'table of the project (default: partita)')
    .option('--yes', 'ask nothing')
    .option('--json', 'print one JSON envelope')
    .addHelpText('after', NOTES)
    .action((folder: string, options: InitOptions) => init(folder, options, context))
  withExamples(command, 'partita init', 'partita init shop --template yaml --store embedded:./data')
}

async function init(folder: string, { json, ...flags }: InitOptions, context: Context): Promise<void> {
  const choices = await choose(flags, context)
  checkStore(choices.store)
  if (!TABLE_NAME.test(choices.table)) {
    throw new Usage(
      `--table: ${JSON.stringify(choices.table)} is not a table name; use 3 to 255 of a-z, A-Z, 0-9, _ . -`,
    )
  }
  const project = { ...choices, ...modulesOf(folder, choices) }
  const { created: written, kept } = await createFiles(folder, projectFiles(project))
  const created = [...written, ...(written.includes(YAML_MODELS) ? await generate(folder, project) : [])]
  const warning = await otherModels(folder, choices, created)
  const next = nextSteps(folder, choices)
  if (json) return context.output.success({ folder: resolve(folder), created, kept, next, ...(warning && { warning }) })
  for (const path of created) context.output.talk(`created ${join(folder, path)}`)
  for (const path of kept) context.output.talk(`left ${join(folder, path)} as it is`)
  if (warning !== undefined) context.output.talk(`warning: ${warning}`)
  context.output.talk('Next:')
  for (const step of next) context.output.talk(`$ ${step}`)
}

/** A warning if the configuration is an older one that names other models than those of the template. */
async function otherModels(folder: string, { template }: Choices, created: readonly string[]) {
  const name = CONFIG_NAMES.find(it => existsSync(join(folder, it)))
  if (name === undefined || created.includes(name)) return undefined
  // A configuration that cannot be loaded is reported by every command that needs it.
  const found = await findConfig(join(folder, name)).catch(() => undefined)
  const wanted = MODEL_FILES[template]
  if (!found) return undefined
  const { models = DEFAULT_MODELS } = found.config
  if (resolve(found.folder, models) === resolve(folder, wanted)) return undefined
  return `${name} names the models ${models}, so commands do not use ${wanted}; to use it, set "models" to "${wanted}" there`
}

/** Generates the code of the project's own YAML. @returns the files, as `createFiles` names them. */
async function generate(folder: string, { template, isModule }: ProjectChoices): Promise<string[]> {
  const { create, change } = await codegen({
    models: join(folder, YAML_MODELS),
    out: join(folder, OUT),
    ...(template === 'active-record' ? activeRecordCode(isModule) : {}),
  })
  return [...create, ...change].map(path => `${OUT}/${path}`)
}

/** @throws Usage for an invalid URL. */
function checkStore(url: string): void {
  try {
    parseStoreUrl(url)
  } catch (error) {
    throw error instanceof ValidationError ? new Usage(`--store: ${error.message}`) : error
  }
}

/** A project without a package around it gets one of modules, but for active records, whose programs use `require`. */
function modulesOf(folder: string, { template }: Choices): Pick<ProjectChoices, 'hasPackage' | 'isModule'> {
  const found = packageOf(folder)
  return { hasPackage: found !== undefined, isModule: found ? found.type === 'module' : template !== 'active-record' }
}

/** The commands that remain until the program runs. */
function nextSteps(folder: string, { template, store }: Choices): string[] {
  const steps = [exampleOf(template).command]
  if (parseStoreUrl(store).engine === 'dynamodb') steps.unshift('npx partita table create')
  if (!isInstalled(folder)) steps.unshift('npm install partita @partita/cli')
  if (resolve(folder) !== process.cwd()) steps.unshift(commandLine(['cd'], [folder], {}))
  return steps
}

function isInstalled(folder: string): boolean {
  return findUpwards(folder, join('node_modules', 'partita', 'package.json')) !== undefined
}
