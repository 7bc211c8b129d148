/** Options that several items commands share. */
import { type Command, InvalidArgumentError } from 'commander'

/** Values of the options that {@link addStoreOptions} and {@link addWriteOptions} add. */
export interface StoreOptions {
  readonly store?: string
  readonly table?: string
  readonly json?: true
  /** Only on commands that write. */
  readonly createTable?: true
}

/** Adds `--store`, `--table` and `--json` to a command. */
export function addStoreOptions(command: Command): Command {
  return command
    .option('--store <url>', 'store to work on, such as embedded:./data (default: PARTITA_STORE, embedded:./.partita)')
    .option('--table <name>', 'table of the items (default: PARTITA_ITEMS_TABLE, partita-items)')
    .option('--json', 'print one JSON envelope')
}

/**
 * Adds the options of commands that write. Local tables are created on demand, DynamoDB's only with `--create-table`.
 */
export function addWriteOptions(command: Command): Command {
  return addStoreOptions(command).option('--create-table', 'create the table on DynamoDB if it does not exist')
}

/** Parses a whole number of at least 1. @throws InvalidArgumentError for any other text. */
export function positiveInteger(text: string): number {
  const number = Number(text)
  if (/^\d+$/.test(text) && number > 0 && Number.isSafeInteger(number)) return number
  throw new InvalidArgumentError('Give a whole number of at least 1.')
}
