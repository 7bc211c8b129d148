/** `partita backup`: a consistent copy of a store in use. */
import { resolve } from 'node:path'
import type { Command } from 'commander'
import type { Context } from '../context.js'
import { endedByInterrupt } from '../terminal/interrupt.js'
import { count } from '../terminal/progress.js'
import { bytesOf, openFolder } from './open-folder.js'
import { PATH_HELP } from './path.js'

interface BackupCommandOptions {
  readonly path?: string
  readonly compact?: true
  readonly json?: true
}

const NOTES = `
The backup is a store of its own, as of the moment when the command started. Programs and servers can read and write
meanwhile. <folder> must be new or empty. A backup that was cut off cannot be opened; delete its folder. To turn a backup
into a store again, use "partita restore".
Exit codes: 0 written, 1 failed, 2 used wrongly, 130 stopped by Ctrl-C.
With --json, stdout holds {"ok":true,"data":{"folder","bytes"}}.`

/** Adds the command `backup` to the program. */
export function addBackupCommand(program: Command, context: Context): void {
  program
    .command('backup')
    .description('write a consistent copy of a store in use')
    .argument('<folder>', 'new or empty folder')
    .option('--path <dir>', PATH_HELP)
    .option('--compact', 'leave out the space that deleted items have left; slower, gives the smallest file')
    .option('--json', 'print one JSON envelope')
    .addHelpText('after', NOTES)
    .action((folder: string, options: BackupCommandOptions) => backup(folder, options, context))
}

async function backup(folder: string, { path, compact, json }: BackupCommandOptions, context: Context): Promise<void> {
  const { store, folder: from } = openFolder(path)
  try {
    const says = `stopped; the backup in ${folder} was not finished and cannot be opened: delete that folder, if it is there. The store ${from} is as it was`
    await endedByInterrupt(() => store.backup(folder, { compact: compact ?? false }), says, json ?? false, context)
  } finally {
    await store.close()
  }
  const bytes = bytesOf(folder)
  if (json) await context.output.success({ folder: resolve(folder), bytes })
  else context.output.talk(`backed up ${from} to ${folder} (${count(bytes)} bytes)`)
}
