/** `partita verify`: checks that a store is consistent. */
import type { Command } from 'commander'
import type { Difference, EmbeddedStore, Verification } from 'partita/embedded'
import type { Context } from '../context.js'
import { CommandFailure } from '../failure.js'
import { withExamples } from '../terminal/examples.js'
import { endedByInterrupt } from '../terminal/interrupt.js'
import { amount, count, Progress } from '../terminal/progress.js'
import { openFolder } from './open-folder.js'
import { CONFIG_HELP, type FolderFlags, PATH_HELP } from './path.js'

interface VerifyCommandOptions extends FolderFlags {
  readonly json?: true
}

const NOTES = `
Reads the whole store and checks the pages of its file, each index against its table and each table against its indexes,
the order in which items expire, and the records of change streams. The store may be in use.
With --json, stdout is {"ok":true,"data":{"tables","jobs","streamRecords"}}, or an error whose details list the differences.
Exit codes: 0 consistent, 1 inconsistent or unreadable, 2 usage error, 130 stopped by Ctrl-C.`

/** Adds the command `verify` to the program. */
export function addVerifyCommand(program: Command, context: Context): void {
  const command = program
    .command('verify')
    .description('check that a whole store is consistent')
    .option('--path <dir>', PATH_HELP)
    .option('--config <file>', CONFIG_HELP)
    .option('--json', 'print one JSON envelope')
    .addHelpText('after', NOTES)
    .action((options: VerifyCommandOptions) => verify(options, context))
  withExamples(command, 'partita verify', 'partita verify --path ./data --json')
}

async function verify({ json, ...flags }: VerifyCommandOptions, context: Context): Promise<void> {
  const { store, folder } = await openFolder(flags)
  try {
    const { tables, jobs, streamRecords } = await endedByInterrupt(
      () => verified(store, folder, context),
      `stopped before all of ${folder} was read, so it is unknown whether it is consistent. The store is unchanged`,
      json ?? false,
      context,
    )
    if (json) {
      await context.output.success({ tables, jobs, streamRecords })
      return
    }
    for (const { name, items, indexes } of tables) {
      const list = indexes.map(index => `${index.name} ${count(index.entries)}${index.filling ? ', being filled' : ''}`)
      context.output.talk([`${name}: ${amount(items)}`, ...list].join('; '))
    }
    context.output.talk(`${folder} is consistent`)
  } finally {
    await store.close()
  }
}

/**
 * Verifies a store. @returns its tables and counts, if it is consistent.
 * @throws CommandFailure `Damaged` with the differences.
 */
export async function verified(store: EmbeddedStore, folder: string, context: Context): Promise<Verification> {
  const progress = new Progress(context.screen, 'compared')
  try {
    const found = await store.verify({ onProgress: entries => progress.show({ items: entries }) })
    if (found.ok) return found
    const { differences, differenceCount } = found
    const some = differences.slice(0, 5).map(differenceText).join('; ')
    const howMany = differenceCount === 1 ? '1 difference' : `${count(differenceCount)} differences`
    const message = `${folder} has ${howMany}: ${some}${differenceCount > 5 ? '; ...' : ''}; restore it from a backup`
    throw new CommandFailure('Damaged', message, 1, { differences, differenceCount })
  } finally {
    progress.clear()
  }
}

function differenceText({ table, key, message }: Difference): string {
  return [table, key && JSON.stringify(key), message].filter(part => part !== undefined).join(' ')
}
