/** Prints rows: one as JSON, or a list with the command that continues it. */
import type { Context } from '../context.js'
import { CommandFailure } from '../failure.js'
import { printJson } from '../json/exact-json.js'
import type { AnyRow } from '../session/any-database.js'
import { commandLine } from '../terminal/shell.js'
import type { RowsOptions } from './options.js'
import { printedRow } from './printed-row.js'
import type { RowList } from './row-source.js'

/** How a row is printed: indented JSON, one line with `jsonl`, or an envelope with `json`. */
export interface PrintOptions {
  readonly json?: true
  readonly jsonl?: true
}

/** Prints one row. */
export async function printRow(row: AnyRow, { json, jsonl }: PrintOptions, { output }: Context): Promise<void> {
  const printed = printedRow(row)
  if (json) await output.success(printed)
  else await output.data(`${printJson(printed, { indented: !jsonl })}\n`)
}

/** The error for a row that does not exist. */
export function noRow(name: string, args: readonly string[]): CommandFailure {
  return new CommandFailure('NotFound', `${name} has no row with ${args.join(' ')}`, 1, { name, arguments: args })
}

/**
 * Prints a list: all rows as they are read, or one page and the command for the next.
 * @param words the command and its arguments.
 */
export async function printList(
  list: RowList,
  words: readonly [command: string, ...args: string[]],
  options: RowsOptions,
  { output }: Context,
): Promise<void> {
  const { json, jsonl, select } = options
  const shown = { json, jsonl, ...(select && { columns: select }) }
  if (options.all) {
    await output.rows(printed(list.all()), shown)
    return
  }
  const { rows, cursor } = await list.page(options.limit)
  // The envelope of a page has the cursor, behind the rows.
  if (json)
    await output.data(
      `${printJson({ ok: true, data: rows.map(row => printedRow(row)), ...(cursor !== undefined && { cursor }) })}\n`,
    )
  else await output.rows(printed(rows), shown)
  if (rows.length === 0 && cursor === undefined && !json) output.talk('no rows found')
  if (cursor !== undefined) output.talk(`there is more: ${nextCommand(words, options, cursor)}`)
}

async function* printed(rows: AsyncIterable<AnyRow> | Iterable<AnyRow>): AsyncGenerator<AnyRow> {
  for await (const row of rows) yield printedRow(row)
}

/** Flags of a list by their names in {@link RowsOptions}. */
const FLAGS: Readonly<Partial<Record<keyof RowsOptions, string>>> = {
  store: 'store',
  table: 'table',
  region: 'region',
  profile: 'profile',
  config: 'config',
  models: 'models',
  tenant: 'tenant',
  index: 'index',
  where: 'where',
  select: 'select',
  with: 'with',
  limit: 'limit',
  desc: 'desc',
  consistent: 'consistent',
  withDeleted: 'with-deleted',
  json: 'json',
  jsonl: 'jsonl',
}

function nextCommand([command, ...args]: readonly string[], options: RowsOptions, cursor: string): string {
  const flags = Object.entries(FLAGS).map(([option, flag]) => [flag, options[option as keyof RowsOptions]] as const)
  return commandLine(['partita', command as string], args, { ...Object.fromEntries(flags), after: cursor })
}
