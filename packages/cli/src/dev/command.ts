/** `partita dev`: generates, checks and seeds whenever the models change. */
import type { Command } from 'commander'
import { readSettings } from '../config/settings.js'
import type { Context } from '../context.js'
import { CommandFailure, reportOf } from '../failure.js'
import { withExamples } from '../terminal/examples.js'
import { interruptible } from '../terminal/interrupt.js'
import { watchedPaths, watchFor } from './changes.js'
import { type DevFlags, runCycle } from './cycle.js'

const NOTES = `
Watches the models and the configuration until Ctrl-C. On every change it generates the code of YAML models, checks that all
models are valid together, creates their table and indexes in a local store, and warns of indexes, constraints and iteration
that older rows lack. An empty table is filled by the seed of the configuration. After a mistake it waits for the next change.
A real AWS account is never opened.
Exit codes: 0 stopped by Ctrl-C, 2 usage error.`

/** Adds the command `dev` to the program. */
export function addDevCommand(program: Command, context: Context): void {
  const command = program
    .command('dev')
    .description('generate and check models whenever they change')
    .option('--models <path>', 'module or YAML of the models (default: models.yaml, if it exists)')
    .option('--out <folder>', 'folder of the generated code (default: models)')
    .option('--store <url>', 'local store to check older rows in (default: embedded:./.partita)')
    .option('--table <name>', 'table (default: partita)')
    .option('--config <file>', 'configuration file (default: the partita.config of the project)')
    .addHelpText('after', NOTES)
    .action((flags: DevFlags) => interruptible(signal => dev(flags, signal, context)))
  withExamples(command, 'partita dev', 'partita dev --models src/models.ts --store embedded:./.partita')
}

async function dev(flags: DevFlags, signal: AbortSignal, context: Context): Promise<void> {
  while (!signal.aborted) {
    // What is read after the watch began cannot change unnoticed, so the settings that say what to watch are read again.
    const before = await readSettings(flags).catch(() => undefined)
    const { changed } = await watchFor(watchedPaths(before, flags.config), signal)
    const settings = await attempt(() => readSettings(flags), context)
    if (settings) await attempt(() => runCycle(flags, settings, signal, context), context)
    if (!signal.aborted) context.output.talk('waiting for a change')
    await changed
  }
}

/** Prints the error of a mistake that the next change may correct. */
async function attempt<T>(work: () => Promise<T>, { output }: Context): Promise<T | undefined> {
  try {
    return await work()
  } catch (error) {
    output.error(reportOf(error).message, error instanceof CommandFailure ? error.frames : [])
    return undefined
  }
}
