/** Options that the commands on a store share. */
import type { Command } from 'commander'

/** Values of the options that {@link addStoreOptions} adds. */
export interface StoreOptions {
  readonly store?: string
  readonly table?: string
  readonly region?: string
  readonly profile?: string
  readonly config?: string
  readonly json?: true
  readonly jsonl?: true
  /** Only on destructive commands. */
  readonly confirm?: string
  /** Only on destructive commands. */
  readonly yes?: true
}

/** Values of the options that {@link addModelOptions} adds. */
export interface ModelOptions extends StoreOptions {
  readonly models?: string
  readonly tenant?: string
}

/**
 * Adds the options that say which store and table a command works on, and `--json`.
 * @param table the help of `--table`.
 */
export function addStoreOptions(command: Command, table = 'table (default: partita)'): Command {
  return command
    .option(
      '--store <url>',
      'store, such as embedded:./data, dynamodb://eu-west-1 or mongodb://host/database (default: embedded:./.partita)',
    )
    .option('--table <name>', table)
    .option('--region <name>', 'AWS region, if the store URL names none')
    .option('--profile <name>', 'profile of the AWS configuration')
    .option('--config <file>', 'configuration file (default: the partita.config of the project)')
    .option('--json', 'print one JSON envelope')
}

/** Adds `--models`. */
export function addModelsOption(command: Command): Command {
  return command.option('--models <path>', 'module or YAML of the models (default: models.yaml, if it exists)')
}

/** Adds the options of {@link addStoreOptions}, and those that say which models and rows a command works on. */
export function addModelOptions(command: Command): Command {
  return addModelsOption(addStoreOptions(command)).option('--tenant <name>', 'tenant whose rows are read and written')
}

/** Adds `--jsonl`, for commands whose data is rows. */
export function addRowOptions(command: Command): Command {
  return command.option('--jsonl', 'print one JSON object a row (the default if stdout is not a terminal)')
}

/** Adds `--confirm` and `--yes`, for destructive commands. */
export function addConfirmOptions(command: Command): Command {
  return command
    .option('--confirm <table>', 'confirm the command by the name of the table; required on a real AWS account')
    .option('--yes', 'do not ask for a confirmation; not enough on a real AWS account')
}
