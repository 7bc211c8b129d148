/** `partita completion`: prints the script that completes command lines in a shell. */
import { Argument, type Command } from 'commander'
import type { Context } from '../context.js'
import { withExamples } from '../terminal/examples.js'
import { commandTree } from './command-tree.js'
import { completionScript, SHELLS, type Shell } from './script.js'

const NOTES = `
bash: add  source <(partita completion bash)  to ~/.bashrc
zsh:  partita completion zsh > "\${fpath[1]}/_partita"
fish: partita completion fish > ~/.config/fish/completions/partita.fish
Print the script again after an update of partita.`

/** Adds the command `completion` to the program. */
export function addCompletionCommand(program: Command, context: Context): void {
  const command = program
    .command('completion')
    .description('print a script that completes commands and options in a shell')
    .addArgument(new Argument('<shell>', 'shell to complete in').choices(SHELLS))
    .addHelpText('after', NOTES)
    .action((shell: Shell) => complete(shell, context))
  withExamples(
    command,
    'source <(partita completion bash)',
    'partita completion fish > ~/.config/fish/completions/partita.fish',
  )
}

async function complete(shell: Shell, context: Context): Promise<void> {
  // The program imports this file when it loads all of its commands.
  const { makeProgram } = await import('../program.js')
  const program = await makeProgram({ all: true }, context)
  await context.output.data(completionScript(shell, commandTree(program)))
}
