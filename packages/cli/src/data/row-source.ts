/** The rows that a data command works on: those of a model, or the items of a table without models. */
import type { AnyModel, DeleteProgress } from 'partita'
import { readSettings } from '../config/settings.js'
import type { Context } from '../context.js'
import { Usage } from '../failure.js'
import type { AnyRow } from '../session/any-database.js'
import { type ModelSession, withModels } from '../session/model-session.js'
import type { ModelOptions } from '../session/options.js'
import { missingTable, type StoreSession, withSettings } from '../session/store-session.js'
import { ModelRows } from './model-rows.js'
import { TableRows } from './table-rows.js'
import { isTerm } from './term.js'

/** Which rows a command reads, and how. */
export interface ReadOptions {
  readonly where?: readonly string[]
  readonly desc?: true
  readonly after?: string
  readonly consistent?: true
  readonly select?: readonly string[]
  /** Relations to load, with dots between levels. */
  readonly with?: readonly string[]
  readonly withDeleted?: true
  /** The index of a table without models. */
  readonly index?: string
}

/** Some rows, and the cursor that continues after them. */
export interface RowPage {
  readonly rows: readonly AnyRow[]
  readonly cursor: string | undefined
}

/** Rows that were selected but not read yet. */
export interface RowList {
  page(limit: number): Promise<RowPage>
  all(): AsyncIterable<AnyRow>
  count(): Promise<number>
}

/** How a command writes a row. */
export interface RowWriteOptions {
  readonly if?: readonly string[]
  readonly unset?: readonly string[]
  /** Fails if the row exists. */
  readonly create?: true
  /** Deletes a soft-deleted row for good. */
  readonly purge?: true
  /** Called after each batch of rows that a delete of the row deletes or changes too. */
  readonly onProgress?: (progress: DeleteProgress) => void
}

/** The rows of a model, or the items of a table. Arguments are terms. */
export interface RowSource {
  /** For messages: `User`, or `table app`. */
  readonly name: string
  get(key: readonly string[], options: ReadOptions): Promise<AnyRow | undefined>
  query(range: readonly string[], options: ReadOptions): RowList
  list(options: ReadOptions): RowList
  explain(range: readonly string[], options: ReadOptions, limit: number): Promise<AnyRow>
  /** @param row terms, or the JSON of a whole row. */
  put(row: readonly string[] | string, options: RowWriteOptions): Promise<AnyRow>
  update(args: readonly string[], options: RowWriteOptions): Promise<AnyRow>
  /** @returns the last state of the row; undefined if there was no row. */
  delete(key: readonly string[], options: RowWriteOptions): Promise<AnyRow | undefined>
}

/** What a data command works with. */
export interface RowsCall {
  readonly rows: RowSource
  /** The arguments without the name of the model. */
  readonly args: readonly string[]
  readonly session: StoreSession
}

/**
 * Calls a function with the rows that the first argument names: a model such as `User`, or one of its indexes such as
 * `Post.byAuthor`. Without a name they are the items of the table.
 * @throws Usage for an unknown name, and for `--index` with a model; CommandFailure `TableNotFound`.
 */
export async function withRows<T>(
  [name, ...args]: readonly string[],
  options: ModelOptions & Pick<ReadOptions, 'index'>,
  context: Context,
  work: (call: RowsCall) => Promise<T>,
): Promise<T> {
  if (name === undefined || isTerm(name)) {
    const terms = name === undefined ? [] : [name, ...args]
    return withTable(options, context, (rows, session) => work({ rows, args: terms, session }))
  }
  if (options.index !== undefined) {
    throw new Usage(`--index is for tables without models; query takes an index of a model as ${name}.<index>`)
  }
  return withModels(options, context, session => work({ rows: modelRows(name, session, context), args, session }))
}

async function withTable<T>(
  options: ModelOptions,
  context: Context,
  work: (rows: RowSource, session: StoreSession) => Promise<T>,
): Promise<T> {
  if (options.tenant !== undefined) throw new Usage('--tenant needs a model; the items of a table have no tenants')
  const settings = await readSettings(options)
  return withSettings(settings, context, async session => {
    if (settings.tenant !== undefined) {
      context.output.talk(`these are items as they are stored; tenant ${settings.tenant} limits only models`)
    }
    const { store, table, url } = session
    const description = await store.describeTable(table)
    if (!description) throw missingTable(table, url)
    return work(new TableRows(store, description), session)
  })
}

/** @param name the model, with `.` and the index behind it if there is one. */
function modelRows(name: string, { repository, models, incomplete }: ModelSession, { output }: Context): ModelRows {
  const [model = '', ...rest] = name.split('.')
  const index = rest.length > 0 ? rest.join('.') : undefined
  const rows = repository(model)
  return new ModelRows(models[model] as AnyModel, rows, index, {
    unreadable: error => output.talk(`left out: ${error.message}`),
    uses: (part, name) => {
      for (const lack of incomplete) {
        const isUsed = lack.model === model && lack.part === part && (name === undefined || lack.name === name)
        if (isUsed) output.talk(`warning: ${lack.message}`)
      }
    },
  })
}
