/** The database of the workspaces. */
import { type ConnectOptions, connect, type Database } from 'partita'
import { memoryAssets } from 'partita/assets'
import { Document, Invitation, Project, User, Workspace } from './models.js'

const models = { User, Workspace, Invitation, Project, Document }

/** The models by name. */
type Models = typeof models
/** The connected database. */
export type Workspaces = Database<Models>

type Options = Pick<ConnectOptions<Models, Record<never, never>>, 'store' | 'table' | 'assets'>

/** Opens the database on a store, by default the one that `PARTITA_STORE` names. By default, avatars are in memory. */
export function openWorkspaces(options: Options = {}): Promise<Workspaces> {
  return connect({ models, createTable: true, assets: memoryAssets(), ...options })
}
