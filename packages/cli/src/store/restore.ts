/** `partita restore`: verifies a backup completely, and copies it to a new store. */
import { resolve } from 'node:path'
import type { Command } from 'commander'
import type { Context } from '../context.js'
import { withExamples } from '../terminal/examples.js'
import { endedByInterrupt } from '../terminal/interrupt.js'
import { amount } from '../terminal/progress.js'
import { bytesOf, openFolder } from './open-folder.js'
import { verified } from './verify.js'

interface RestoreOptions {
  readonly compact?: true
  readonly json?: true
}

const NOTES = `
<backup> is a folder written by "partita backup". Its data is only read; a file lock.mdb may appear next to it. The whole
backup is verified before <folder> is written. <folder> must be new or empty: an existing store is never overwritten.
To replace a store, stop the programs that use it, move its folder away, and restore to its path.
Exit codes: 0 restored, 1 the backup is damaged or cannot be read, 2 usage error, 130 stopped by Ctrl-C.
With --json, stdout is {"ok":true,"data":{"folder","bytes","items"}}.`

/** Adds the command `restore` to the program. */
export function addRestoreCommand(program: Command, context: Context): void {
  const command = program
    .command('restore')
    .description('verify a backup and copy it to a new store')
    .argument('<backup>', 'folder of the backup')
    .argument('<folder>', 'new or empty folder for the store')
    .option('--compact', 'omit the free space of deleted items')
    .option('--json', 'print one JSON envelope')
    .addHelpText('after', NOTES)
    .action((backup: string, folder: string, options: RestoreOptions) => restore(backup, folder, options, context))
  withExamples(command, 'partita restore ./backup ./data', 'partita restore ./backup ./data --compact --json')
}

async function restore(backup: string, folder: string, options: RestoreOptions, context: Context): Promise<void> {
  const { compact = false, json } = options
  const { store } = await openFolder({ path: backup })
  try {
    const message = `stopped; the store in ${folder} was not finished and cannot be opened: delete that folder if it exists, and restore again. The backup ${backup} is unchanged`
    const copied = async () => {
      const found = await verified(store, backup, context)
      await store.backup(folder, { compact })
      return found
    }
    const { tables } = await endedByInterrupt(copied, message, json ?? false, context)
    const items = tables.reduce((sum, table) => sum + table.items, 0)
    if (json) await context.output.success({ folder: resolve(folder), bytes: bytesOf(folder), items })
    else context.output.talk(`restored ${amount(items)} from ${backup} to ${folder}`)
  } finally {
    await store.close()
  }
}
