/** The command line: its commands, and how each call is reported. */
import { readFileSync } from 'node:fs'
import { Command, CommanderError } from 'commander'
import type { Context } from './context.js'
import { type ExitCode, exitCodeOf, reportOf, Usage } from './failure.js'
import { OutputClosed } from './terminal/output.js'

/** Each command is loaded only when it is called or listed in the help, so that a server starts faster. */
const COMMANDS: { readonly [name: string]: () => Promise<(program: Command, context: Context) => void> } = {
  backup: async () => (await import('./store/backup.js')).addBackupCommand,
  items: async () => (await import('./items/command.js')).addItemsCommand,
  reindex: async () => (await import('./models/reindex.js')).addReindexCommand,
  restore: async () => (await import('./store/restore.js')).addRestoreCommand,
  serve: async () => (await import('./serve/command.js')).addServeCommand,
  verify: async () => (await import('./store/verify.js')).addVerifyCommand,
}

/**
 * Runs one call of `partita`.
 * @param args the arguments after `partita`.
 * @returns the exit code, after all output was written.
 */
export async function run(args: readonly string[], context: Context): Promise<ExitCode> {
  try {
    const program = await makeProgram(args, context)
    await program.parseAsync(args, { from: 'user' })
    return 0
  } catch (error) {
    if (error instanceof OutputClosed) return 0
    if (error instanceof CommanderError && error.exitCode === 0) return 0
    const failure = error instanceof CommanderError ? usageOf(error) : error
    if (process.env.PARTITA_DEBUG) console.error(failure)
    const report = reportOf(failure)
    // When the arguments cannot be parsed there are no options yet, but a program that passed --json still expects
    // JSON.
    if (wantsJson(args)) await context.output.failure(report).catch(() => undefined)
    else context.output.talk(`error: ${report.message}`)
    return exitCodeOf(failure)
  }
}

async function makeProgram([name = '']: readonly string[], context: Context): Promise<Command> {
  const program = new Command('partita')
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  program
    .description('Work with a Partita store from the terminal.')
    .version(version)
    .exitOverride()
    // `run` reports usage errors, like all others.
    .configureOutput({ outputError: () => undefined })
  const called = Object.hasOwn(COMMANDS, name) ? [COMMANDS[name]!] : Object.values(COMMANDS)
  for (const load of called) {
    const add = await load()
    add(program, context)
  }
  return program
}

function usageOf(error: CommanderError): Usage {
  const message = error.message.replace(/^error: /, '').replace(/\.$/, '')
  if (error.code === 'commander.help') return new Usage('no command was given; see the help above')
  return new Usage(`${message}; see --help`)
}

function wantsJson(args: readonly string[]): boolean {
  const end = args.indexOf('--')
  return (end < 0 ? args : args.slice(0, end)).includes('--json')
}
