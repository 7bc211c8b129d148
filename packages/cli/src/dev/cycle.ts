/** One cycle of `partita dev`: generates the code of YAML models, checks all models against the store, seeds an empty table. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { codegen } from '../codegen/command.js'
import type { Settings } from '../config/settings.js'
import type { Context } from '../context.js'
import { Usage } from '../failure.js'
import { nameStore } from '../session/location.js'
import { DEFAULT_TABLE } from '../session/store-session.js'
import { isYamlPath } from '../yaml/read/files.js'
import { inspect } from './inspection.js'

/** The flags of `partita dev`, which its other commands get too. */
export interface DevFlags {
  readonly models?: string
  readonly out?: string
  readonly store?: string
  readonly table?: string
  readonly config?: string
}

/**
 * Runs one cycle and prints what it did.
 * @throws CommandFailure for wrong models, a wrong configuration or an unusable store.
 */
export async function runCycle(
  flags: DevFlags,
  settings: Settings,
  signal: AbortSignal,
  context: Context,
): Promise<void> {
  const { models } = settings
  if (models === undefined) {
    throw new Usage('there are no models: write models.yaml, or name them with --models or a partita.config file')
  }
  if (isYamlPath(models)) await generate(flags, context)
  const { url, isAws, shown } = nameStore(settings)
  const table = settings.table ?? DEFAULT_TABLE
  // Nothing is created in an AWS account without a command that says so, and a store in memory has no older rows.
  const isUsed = !isAws && url !== 'memory:'
  const { fields } = settings.codegen
  const task = { models, fields, store: isUsed ? url : undefined, table, layout: settings.layout }
  const found = await inspect(task, signal)
  const names = found.models.join(', ')
  context.output.talk(
    isUsed ? `${names}: ready in ${shown}, table ${table}` : `${names}: valid; ${shown} was not opened`,
  )
  for (const warning of found.warnings) context.output.talk(`warning: ${warning}`)
  if (isUsed && found.isEmpty && settings.seed !== undefined) await seed(flags, signal)
}

async function generate(flags: DevFlags, context: Context): Promise<void> {
  const { out, create, change, remove } = await codegen(flags)
  for (const name of [...create, ...change].sort()) context.output.talk(`${out}/${name} written`)
  for (const name of remove) context.output.talk(`${out}/${name} removed`)
}

/** A child process, for the same reason as in `inspection.ts`. Its messages are the user's to read. */
async function seed(flags: DevFlags, signal: AbortSignal): Promise<void> {
  const options = Object.entries(flags).flatMap(([name, value]) =>
    value === undefined || name === 'out' ? [] : [`--${name}=${value}`],
  )
  const command = [process.argv[1] as string, 'seed', ...options]
  const child = spawn(process.execPath, command, { stdio: ['ignore', process.stderr, process.stderr] })
  const stop = () => child.kill()
  signal.addEventListener('abort', stop, { once: true })
  await once(child, 'exit')
  signal.removeEventListener('abort', stop)
}
