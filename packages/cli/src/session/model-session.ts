/** Connects the models of the project to the store of one call. */
import { existsSync } from 'node:fs'
import { type AnyModel, connect, type IncompleteEvent, ValidationError } from 'partita'
import { nearest } from 'partita/store'
import { readSettings, type Settings } from '../config/settings.js'
import type { Context } from '../context.js'
import { Usage } from '../failure.js'
import { type LoadedModels, loadModels } from '../models/load.js'
import { type AnyDatabase, type AnyRepository, repositoryOf } from './any-database.js'
import type { ModelOptions } from './options.js'
import { missingTable, type StoreSession, withSettings } from './store-session.js'

/** The reason in the events of the library for what the command does. Permissions are for the users of a program. */
const SYSTEM = 'the partita command'

/** An open store with the models of the project. */
export interface ModelSession extends StoreSession {
  /** In the scope of `--tenant`, and in a system scope: permissions do not apply to those who may read the whole table. */
  readonly db: AnyDatabase
  readonly models: Readonly<Record<string, AnyModel>>
  /** The parts of models that older rows may lack. */
  readonly incomplete: readonly IncompleteEvent[]
  /** The rows of a model. @throws Usage for an unknown name, with the nearest one. */
  repository(model: string): AnyRepository
}

/**
 * Calls a function with the models and the store that the options name.
 * @throws Usage if nothing names models; BadInput for models that cannot be loaded, and for an embedded store that does not
 *   exist; CommandFailure `TableNotFound`. Nothing is created.
 */
export async function withModels<T>(
  options: ModelOptions,
  context: Context,
  work: (session: ModelSession) => Promise<T>,
): Promise<T> {
  const settings = await readSettings(options)
  const loaded = await loadNamedModels(settings)
  return withSettings(settings, context, async session => {
    const { store, table, url } = session
    await requireTable(session)
    const layout = loaded.layout ?? settings.layout
    const db = await connect({ models: loaded.models, store, table, ...(layout && { layout }) })
    const incomplete: IncompleteEvent[] = []
    db.on('warning', event => {
      if (event.kind === 'incomplete') incomplete.push(event)
    })
    try {
      const scope = db.scope({ system: SYSTEM, ...(settings.tenant !== undefined && { tenant: settings.tenant }) })
      const { models } = loaded
      const repository = (name: string) => repositoryOf(scope, knownModel(name, models, settings.models ?? url))
      return await work({ ...session, db: scope, models, incomplete, repository })
    } finally {
      await db.close()
    }
  })
}

/**
 * The models that the settings name.
 * @throws Usage if nothing names them; BadInput if they cannot be loaded.
 */
export async function loadNamedModels({ models, codegen, flags, configFile }: Settings): Promise<LoadedModels> {
  if (models === undefined) {
    throw new Usage('there are no models: name them with --models, PARTITA_MODELS or a partita.config file')
  }
  // A file that a flag does not name may have been removed since it was configured.
  if (flags.models === undefined && !existsSync(models)) {
    const origin = process.env.PARTITA_MODELS ? 'PARTITA_MODELS' : (configFile ?? 'the configuration')
    throw new Usage(`there are no models at ${models}, which ${origin} names`)
  }
  return loadModels(models, codegen.fields)
}

/** @throws Usage if there is no such model; it names the nearest. */
function knownModel(name: string, models: Readonly<Record<string, AnyModel>>, origin: string): string {
  if (Object.hasOwn(models, name)) return name
  const known = Object.keys(models)
  const near = nearest(name, known)
  throw new Usage(
    `${origin} has no model ${name}; ${near === undefined ? `it has ${known.join(', ')}` : `did you mean ${near}?`}`,
  )
}

/**
 * `connect` creates the table of a store on this machine; here a missing table is a mistyped name. On DynamoDB it creates
 * none, and the first call says that the table is missing, so the permission to describe it is not needed.
 */
async function requireTable({ store, table, url }: StoreSession): Promise<void> {
  if (store.provisioning === 'explicit' || url === 'memory:') return
  let found: unknown
  try {
    found = await store.describeTable(table)
  } catch (error) {
    throw error instanceof ValidationError ? new Usage(error.message) : error
  }
  if (!found) throw missingTable(table, url)
}
