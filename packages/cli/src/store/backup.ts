/** `partita backup`: a consistent copy of a store in use. */
import { resolve } from 'node:path'
import type { Command } from 'commander'
import type { Context } from '../context.js'
import { withExamples } from '../terminal/examples.js'
import { endedByInterrupt } from '../terminal/interrupt.js'
import { count } from '../terminal/progress.js'
import { bytesOf, openFolder } from './open-folder.js'
import { CONFIG_HELP, type FolderFlags, PATH_HELP } from './path.js'

interface BackupCommandOptions extends FolderFlags {
  readonly compact?: true
  readonly json?: true
}

const NOTES = `
The backup is a complete store, a snapshot of the time the command started. Programs and servers can read and write
meanwhile. <folder> must be new or empty. An interrupted backup cannot be opened; delete its folder. To turn a backup
into a store again, use "partita restore".
Exit codes: 0 written, 1 error, 2 usage error, 130 stopped by Ctrl-C.
With --json, stdout is {"ok":true,"data":{"folder","bytes"}}.`

/** Adds the command `backup` to the program. */
export function addBackupCommand(program: Command, context: Context): void {
  const command = program
    .command('backup')
    .description('write a consistent copy of a store in use')
    .argument('<folder>', 'new or empty folder')
    .option('--path <dir>', PATH_HELP)
    .option('--config <file>', CONFIG_HELP)
    .option('--compact', 'omit the free space of deleted items; slower, but makes the smallest file')
    .option('--json', 'print one JSON envelope')
    .addHelpText('after', NOTES)
    .action((folder: string, options: BackupCommandOptions) => backup(folder, options, context))
  withExamples(command, 'partita backup ./backup', 'partita backup ./backup --path ./data --compact')
}

async function backup(
  folder: string,
  { compact, json, ...flags }: BackupCommandOptions,
  context: Context,
): Promise<void> {
  const { store, folder: from } = await openFolder(flags)
  try {
    const message = `stopped; the backup in ${folder} was not finished and cannot be opened: delete that folder if it exists. The store ${from} is unchanged`
    await endedByInterrupt(() => store.backup(folder, { compact: compact ?? false }), message, json ?? false, context)
  } finally {
    await store.close()
  }
  const bytes = bytesOf(folder)
  if (json) await context.output.success({ folder: resolve(folder), bytes })
  else context.output.talk(`backed up ${from} to ${folder} (${count(bytes)} bytes)`)
}
