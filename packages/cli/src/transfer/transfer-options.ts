/** Options that several commands of imports and exports share. */
import { type Command, InvalidArgumentError, Option } from 'commander'
import { FILE_FORMATS, type FileFormat } from './format/file-format.js'
import { CONFLICT_WAYS, type OnConflict } from './target/target.js'

/** Values of the options that {@link addFormatOptions} adds. */
export interface FormatOptions {
  readonly format?: FileFormat
  readonly delimiter?: string
}

/** Values of the options that {@link addWriteOptions} adds. */
export interface WriteOptions {
  readonly onConflict?: OnConflict
  readonly dryRun?: true
  readonly rejectFile?: string
  readonly maxRejects?: number
}

/** Values of the options that {@link addRunOptions} adds. */
export interface RunOptions {
  readonly rate?: number
  readonly resume?: true
  readonly checkpoint?: string
}

/** How many lines go to a reject file unless `--max-rejects` says otherwise. */
export const MAX_REJECTS = 1000

/** Adds `--format` and `--delimiter`. */
export function addFormatOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--format <name>', 'format of the file; default: as its name or content shows').choices(FILE_FORMATS),
    )
    .option('--delimiter <character>', 'separates the cells of CSV (default: a comma)', oneCharacter)
}

/** Adds the options of commands that write items. */
export function addWriteOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--on-conflict <way>', 'what to do if another item has the key (default: fail)').choices(
        CONFLICT_WAYS,
      ),
    )
    .option('--dry-run', 'write nothing; check every item')
    .option('--reject-file <file>', 'write lines that are refused to this file, and go on')
    .option('--max-rejects <n>', `stop after this many refused lines (default: ${MAX_REJECTS})`, wholeNumber)
}

/** Adds `--rate`. */
export function addRateOption(command: Command): Command {
  return command.option('--rate <units>', 'capacity units to use in a second (default: no limit)', positiveNumber)
}

/** Adds the options of long commands. */
export function addRunOptions(command: Command): Command {
  return addRateOption(command)
    .option('--resume', 'continue where the last run stopped')
    .option('--checkpoint <file>', 'file that records the progress (default: beside the file)')
}

/** Lets `--table` be given several times, and adds `--all`. To call after the options of the store were added. */
export function addTableChoice(command: Command): Command {
  const option = command.options.find(({ long }) => long === '--table')
  option?.argParser((name: string, before: readonly string[] = []) => [...before, name])
  if (option) option.description = 'table, once or several times'
  return command.option('--all', 'all tables of the store; the default for a store that is no AWS account')
}

/** Removes options that a command does not have from those that were added together. */
export function withoutOptions(command: Command, ...names: readonly string[]): void {
  const options = command.options as Option[]
  for (const name of names)
    options.splice(
      options.findIndex(({ long }) => long === name),
      1,
    )
}

/** Parses a whole number of at least 1. @throws InvalidArgumentError for any other text. */
export function wholeNumber(text: string): number {
  const number = Number(text)
  if (/^\d+$/.test(text) && number > 0 && Number.isSafeInteger(number)) return number
  throw new InvalidArgumentError('Give a whole number of at least 1.')
}

function positiveNumber(text: string): number {
  const number = Number(text)
  if (/^\d+(\.\d+)?$/.test(text) && number > 0) return number
  throw new InvalidArgumentError('Give a number above 0.')
}

function oneCharacter(text: string): string {
  const character = text === '\\t' || text === 'tab' ? '\t' : text
  if (character.length === 1 && !/["\r\n]/.test(character)) return character
  throw new InvalidArgumentError('Give one character, or tab.')
}
