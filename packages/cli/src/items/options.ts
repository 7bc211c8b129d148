/** Options that several items commands share. */
import { type Command, InvalidArgumentError } from 'commander'
import { addStoreOptions, type StoreOptions } from '../session/options.js'

/** Values of the options that {@link addItemsOptions} and {@link addWriteOptions} add. */
export interface ItemsOptions extends StoreOptions {
  /** Only on commands that write. */
  readonly createTable?: true
}

/** Adds the options that say which store and table the items are in, and `--json`. */
export function addItemsOptions(command: Command): Command {
  return addStoreOptions(command, 'table of the items (default: PARTITA_ITEMS_TABLE, partita-items)')
}

/**
 * Adds the options of commands that write. Local tables are created on demand, DynamoDB's only with `--create-table`.
 */
export function addWriteOptions(command: Command): Command {
  return addItemsOptions(command).option('--create-table', 'create the table on DynamoDB if it does not exist')
}

/** Parses a whole number of at least 1. @throws InvalidArgumentError for any other text. */
export function positiveInteger(text: string): number {
  const number = Number(text)
  if (/^\d+$/.test(text) && number > 0 && Number.isSafeInteger(number)) return number
  throw new InvalidArgumentError('Give a whole number of at least 1.')
}
