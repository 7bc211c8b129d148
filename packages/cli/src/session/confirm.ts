/** Confirmation of destructive commands. Every doubt means no. */
import type { Context } from '../context.js'
import { NeedsConfirmation } from '../failure.js'
import { requireYes } from '../terminal/confirm.js'
import type { StoreOptions } from './options.js'
import type { StoreSession } from './store-session.js'

/**
 * Returns if the user has confirmed what the command is about to do. On a real AWS account only `--confirm <table>` does;
 * elsewhere also `--yes`, or the answer yes to a question.
 * @param what what is destroyed, as a request such as `Delete the table app with 12 items`.
 * @throws NeedsConfirmation otherwise.
 */
export async function requireConfirm(
  { table, isAws }: Pick<StoreSession, 'table' | 'isAws'>,
  { confirm, yes }: Pick<StoreOptions, 'confirm' | 'yes'>,
  what: string,
  { input, screen }: Context,
): Promise<void> {
  if (confirm !== undefined && confirm !== table) {
    throw new NeedsConfirmation(`--confirm names ${confirm}, but the table is ${table}; nothing was done`)
  }
  if (confirm === table) return
  if (isAws) {
    throw new NeedsConfirmation(`${what}? This is a real AWS account; confirm it with --confirm ${table}`)
  }
  if (!yes) await requireYes(`${what}?`, { input, output: screen })
}
