/** Examples at the top of a command's help. */
import type { Command } from 'commander'

/** The examples of a command, for the reference in the documentation. */
const examplesOf = new WeakMap<Command, readonly string[]>()

/**
 * Lets the help of a command open with examples: at least two, each a whole command line without a prompt. A line may end
 * in a comment that begins with ` # `.
 * @returns the command.
 */
export function withExamples(command: Command, ...examples: readonly [string, string, ...string[]]): Command {
  examplesOf.set(command, examples)
  return command.addHelpText('before', `Examples:\n${examples.map(example => `  $ ${example}\n`).join('')}`)
}

/** The examples of a command; empty for one without. */
export function commandExamples(command: Command): readonly string[] {
  return examplesOf.get(command) ?? []
}
