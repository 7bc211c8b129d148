/** Opens the store of one call, says which one it is, and closes it afterwards. */
import { existsSync } from 'node:fs'
import { openStore, type Store, TableNotFoundError, ValidationError } from 'partita'
import { redactedUrl } from 'partita/store'
import { readSettings, type Settings } from '../config/settings.js'
import type { Context } from '../context.js'
import { BadInput, CommandFailure, Usage } from '../failure.js'
import { endingBefore } from '../terminal/end-process.js'
import { printable } from '../terminal/printable.js'
import { type NamedStore, nameStore } from './location.js'
import type { StoreOptions } from './options.js'

/** The table if nothing names one: that of `connect`. */
export const DEFAULT_TABLE = 'partita'

/** An open store and the table that the command works on. */
export interface StoreSession {
  readonly store: Store
  /** The URL of the store, without credentials, for messages and commands. */
  readonly url: string
  /** Identifies the store in files of progress. */
  readonly identity: string
  readonly table: string
  /** Whether this is a real AWS account: no endpoint, or one at AWS. */
  readonly isAws: boolean
}

/** What a command may do beside its work. */
export interface SessionRights {
  /** Creates an embedded store that does not exist. Default: an error, as its name is probably mistyped. */
  readonly create?: boolean
  /** The table if no option, variable or file names one. Default `partita`. */
  readonly defaultTable?: string
  /** The command works on several tables, so that the line on stderr names none. */
  readonly isWholeStore?: boolean
}

/**
 * Calls a function with the store that the options name, after printing on stderr which one it is.
 * @throws Usage for an invalid URL; BadInput for an embedded store that does not exist.
 */
export async function withStore<T>(
  options: StoreOptions,
  context: Context,
  work: (session: StoreSession) => Promise<T>,
  rights: SessionRights = {},
): Promise<T> {
  return withSettings(await readSettings(options), context, work, rights)
}

/** The same for settings that the command has read already. */
export async function withSettings<T>(
  settings: Settings,
  context: Context,
  work: (session: StoreSession) => Promise<T>,
  { create = false, defaultTable = DEFAULT_TABLE, isWholeStore = false }: SessionRights = {},
): Promise<T> {
  const named = nameStore(settings)
  const { url, folder, isAws, identity } = named
  if (folder !== undefined && !create && !existsSync(folder)) {
    const remedy = isWholeStore ? '' : '; name another with --store, or create it with "partita table create"'
    throw new BadInput(`there is no store at ${folder}${remedy}`, { path: folder })
  }
  const table = settings.table ?? defaultTable
  return withProfile(settings.profile, async () => {
    const store = await open(url)
    try {
      announce(named, isWholeStore ? undefined : table, context)
      const run = () => work({ store, url: redactedUrl(url), identity, table, isAws })
      return await (folder === undefined ? run() : endingBefore(store, run))
    } catch (error) {
      throw error instanceof TableNotFoundError ? withoutTable(error, named) : error
    } finally {
      await store.close()
    }
  })
}

/** Prints the one line that says which store is touched. */
export function announce({ shown }: NamedStore, table: string | undefined, { output }: Context): void {
  output.talk(`using ${printable(shown)}${table === undefined ? '' : `, table ${printable(table)}`}`)
}

async function open(url: string): Promise<Store> {
  try {
    return await openStore(url)
  } catch (error) {
    throw error instanceof ValidationError ? new Usage(error.message) : error
  }
}

/** Runs work with a profile. The SDK reads it when it first needs credentials, and prefers it to keys in the environment. */
export async function withProfile<T>(profile: string | undefined, work: () => Promise<T>): Promise<T> {
  if (profile === undefined) return work()
  const before = process.env.AWS_PROFILE
  process.env.AWS_PROFILE = profile
  try {
    return await work()
  } finally {
    if (before === undefined) delete process.env.AWS_PROFILE
    else process.env.AWS_PROFILE = before
  }
}

function withoutTable(error: TableNotFoundError, { shown }: NamedStore): CommandFailure {
  return missingTable(error.details.table ?? '', shown, error)
}

/** The error for a table that does not exist. */
export function missingTable(table: string, store: string, cause?: unknown): CommandFailure {
  const message = `there is no table ${table} in ${store}; name another with --table, or create it with "partita table create"`
  return new CommandFailure('TableNotFound', message, 1, { table }, cause)
}
