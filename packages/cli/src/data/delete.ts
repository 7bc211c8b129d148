/** `partita delete`: deletes one row by its key. */
import type { Command } from 'commander'
import type { DeleteProgress } from 'partita'
import type { Context } from '../context.js'
import { Usage } from '../failure.js'
import { requireConfirm } from '../session/confirm.js'
import { addConfirmOptions, type ModelOptions } from '../session/options.js'
import { withExamples } from '../terminal/examples.js'
import { Progress } from '../terminal/progress.js'
import { addConditionOption, addRowOutput } from './options.js'
import { noRow, printRow } from './print-rows.js'
import { type ReadOptions, type RowSource, type RowWriteOptions, withRows } from './row-source.js'

interface DeleteOptions extends ModelOptions, RowWriteOptions {
  readonly dryRun?: true
}

/** Adds the command `delete` to the program. */
export function addDeleteCommand(program: Command, context: Context): void {
  const command = program
    .command('delete')
    .description('delete one row by its key, and print its last state')
    .argument('<model-and-key...>', 'a model and its key; without a model, pk=... sk=...')
    .option('--purge', 'delete a soft-deleted row for good')
    .option('--dry-run', 'delete nothing; print the row that would be deleted')
  withExamples(command, 'partita delete User userId=u1', 'partita delete pk=USER#u1 sk=User --table app --dry-run')
  addConfirmOptions(addConditionOption(addRowOutput(command))).action((words: string[], options: DeleteOptions) =>
    deleteRow(words, options, context),
  )
}

async function deleteRow(words: readonly string[], options: DeleteOptions, context: Context): Promise<void> {
  const { dryRun, purge } = options
  if (options.if && (purge || dryRun)) throw new Usage('--if cannot be combined with --purge or --dry-run')
  const row = await withRows(words, options, context, async ({ rows, args, session }) => {
    const isFinal = session.isAws || purge || options.confirm !== undefined
    if (!dryRun && isFinal) {
      await requireConfirm(
        session,
        options,
        `Delete ${rows.name} ${args.join(' ')}${purge ? ' for good' : ''}`,
        context,
      )
    }
    const read: ReadOptions = { consistent: true, ...(purge && { withDeleted: true as const }) }
    const found = await (dryRun ? rows.get(args, read) : deleteShown(rows, args, options, context))
    if (!found) throw noRow(rows.name, args)
    context.output.talk(`${dryRun ? 'would delete' : 'deleted'} one row of ${rows.name}`)
    return found
  })
  await printRow(row, options, context)
}

/** Shows how many rows that refer to the row are deleted or changed with it, if they are many. */
async function deleteShown(rows: RowSource, args: readonly string[], options: DeleteOptions, { screen }: Context) {
  const progress = new Progress(screen, 'deleted or changed')
  try {
    const onProgress = ({ done, total }: DeleteProgress) => progress.show({ items: done, share: done / total })
    return await rows.delete(args, { ...options, onProgress })
  } finally {
    progress.clear()
  }
}
