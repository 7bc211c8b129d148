/** Options that several data commands share. */
import { type Command, Option } from 'commander'
import { positiveInteger } from '../items/options.js'
import type { ModelOptions } from '../session/options.js'
import { addModelOptions, addRowOptions } from '../session/options.js'
import type { ReadOptions } from './row-source.js'

/** Values of the options of commands that print one row. */
export interface OneRowOptions extends ModelOptions, ReadOptions {}

/** Values of the options of commands that print several rows. */
export interface RowsOptions extends OneRowOptions {
  readonly limit: number
  readonly all?: true
}

/** Rows that a list prints without `--limit` and `--all`. */
const DEFAULT_LIMIT = 100

const ARGUMENTS = `
Arguments: name=value takes the value by the kind of the field; name:=value takes JSON. Quote those that a shell would
read otherwise, such as 'createdAt>=2026-01-01'. Dates are 2026-01-31, or have a time and a zone; bytes are base64;
lists, sets and maps are JSON. Without a model, the arguments are attributes of the items of --table.`

const CONDITIONS = `
Conditions: = != > >= < <= compare, ~ contains, !~ does not, ^= begins with, email exists, !email does not exist; or a
filter as JSON, such as '{"role":{"$in":["admin","member"]}}'. All conditions must hold.`

/** Adds the options of commands that print one row. */
export function addRowOutput(command: Command): Command {
  return addModelOptions(command).option('--jsonl', 'print one line of JSON').addHelpText('after', ARGUMENTS)
}

/** Adds the options of a read by key. */
export function addReadOptions(command: Command): Command {
  return addSelectOptions(addRowOutput(command))
}

/** Adds the options of a list of rows. */
export function addListOptions(command: Command): Command {
  return addWhereOption(addSelectOptions(addRowOptions(addModelOptions(command))))
    .option('--limit <n>', 'maximum number of rows', positiveInteger, DEFAULT_LIMIT)
    .addOption(new Option('--all', 'print all rows, as they are read').conflicts('limit'))
    .option('--after <cursor>', 'continue after an earlier page')
    .addHelpText('after', ARGUMENTS + CONDITIONS)
}

function addSelectOptions(command: Command): Command {
  return command
    .option('--select <field>', 'print only this field; repeat it for more', collect)
    .option('--with <relation>', 'load a relation too, such as posts or posts.comments; repeat it for more', collect)
    .option('--consistent', 'use a strongly consistent read, at twice the read capacity')
    .option('--with-deleted', 'find soft-deleted rows too')
}

/** Adds `--where`. */
export function addWhereOption(command: Command): Command {
  return command.option(
    '--where <condition>',
    'filter, such as title~Notes, views>=5, email (exists), !email, or JSON; repeat it for more',
    collect,
  )
}

/** Adds `--if`. */
export function addConditionOption(command: Command): Command {
  return command
    .option('--if <condition>', 'write only if the stored row fulfils it; repeat it for more', collect)
    .addHelpText('after', CONDITIONS)
}

/** Collects the values of an option that can be repeated. */
export function collect(value: string, before: readonly string[] | undefined): string[] {
  return [...(before ?? []), value]
}
