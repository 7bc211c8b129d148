/** The command line: its commands, and how each call is reported. */
import { readFileSync } from 'node:fs'
import { Command, CommanderError } from 'commander'
import { COMMANDS, HELP } from './commands.js'
import type { Context } from './context.js'
import { CommandFailure, type ExitCode, exitCodeOf, reportOf, Usage } from './failure.js'
import { withExamples } from './terminal/examples.js'
import { OutputClosed } from './terminal/output.js'

const NOTES = `
Settings come from flags, then from PARTITA_* variables (PARTITA_STORE, PARTITA_TABLE, PARTITA_MODELS, ...), then from
partita.config.{ts,mts,js,mjs,json} of the project. Data goes to stdout, messages to stderr.
Exit codes: 0 success, 1 error, 2 usage error, 3 differences found, 4 needs confirmation, 130 stopped by Ctrl-C.`

/**
 * Runs one call of `partita`.
 * @param args the arguments after `partita`.
 * @returns the exit code, after all output was written.
 */
export async function run(args: readonly string[], context: Context): Promise<ExitCode> {
  try {
    const [first, second] = args
    if (first === 'help' && second !== undefined) await requireCommand(second)
    const program = await makeProgram(first === 'help' ? second : first, context)
    await program.parseAsync(args, { from: 'user' })
    return 0
  } catch (error) {
    if (error instanceof OutputClosed) return 0
    if (error instanceof CommanderError && error.exitCode === 0) return 0
    return reportFailure(error instanceof CommanderError ? usageOf(error, args) : error, args, context)
  }
}

/** Reports the error of a call. @returns the exit code. */
export async function reportFailure(failure: unknown, args: readonly string[], context: Context): Promise<ExitCode> {
  if (process.env.PARTITA_DEBUG) console.error(failure)
  const report = reportOf(failure)
  // When the arguments cannot be parsed there are no options yet, but a program that passed --json still expects JSON.
  if (wantsJson(args)) await context.output.failure(report).catch(() => undefined)
  else context.output.error(report.message, failure instanceof CommandFailure ? failure.frames : [])
  return exitCodeOf(failure)
}

/**
 * The program with the called command. Without one, as for the help and for a mistyped name, it has the names and summaries
 * of all commands.
 * @param called the name of the command, or `all` as an option to load every command.
 */
export async function makeProgram(called: string | { readonly all: true } | undefined, context: Context) {
  const program = new Command('partita')
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  program
    .description('Work with a Partita store from the terminal.')
    .version(version)
    .exitOverride()
    // `run` reports usage errors, like all others.
    .configureOutput({
      outputError: () => undefined,
      writeErr: text => context.screen.write(text),
      // A reader that has gone needs no help.
      writeOut: text => void context.output.data(text).catch(() => undefined),
    })
    .addHelpText('after', NOTES)
  withExamples(program, 'partita init', `partita query Post.byAuthor userId=u1 'createdAt>=2026-01-01'`)
  const only = COMMANDS.filter(({ name }) => name === called)
  for (const { name, group, summary, load } of only.length > 0 ? only : COMMANDS) {
    program.commandsGroup(group)
    if (typeof called === 'object' || called === name) (await load())(program, context)
    else program.command(name).description(summary)
  }
  program.commandsGroup(HELP).helpCommand('help [command]', 'print the help of a command')
  return program
}

/** commander prints the whole help instead. @throws Usage if there is no command of this name. */
async function requireCommand(name: string): Promise<void> {
  const known = [...COMMANDS.map(command => command.name), 'help']
  if (known.includes(name) || name.startsWith('-')) return
  // Loaded only here: a start for the help loads the command line alone.
  const { nearest } = await import('partita/store')
  const near = nearest(name, known)
  throw new Usage(
    `there is no command ${name}; ${near === undefined ? 'partita --help lists them' : `did you mean ${near}?`}`,
  )
}

function usageOf(error: CommanderError, [first = '']: readonly string[]): Usage {
  const message = error.message.replace(/^error: /, '').replace(/\.$/, '')
  if (error.code === 'commander.help') return new Usage('no command was given; see the help above')
  // Only --help and --version come before the command.
  const order = error.code === 'commander.unknownOption' && first.startsWith('-') ? '; options follow the command' : ''
  return new Usage(`${message}${order}; see --help`)
}

function wantsJson(args: readonly string[]): boolean {
  const end = args.indexOf('--')
  return (end < 0 ? args : args.slice(0, end)).includes('--json')
}
