/** The database of the workspaces. */
import { type ConnectOptions, connect, type Database } from 'partita'
import { Document, Invitation, Project, User, Workspace } from './models.js'

const models = { User, Workspace, Invitation, Project, Document }

/** The models by name. */
export type Models = typeof models
/** The connected database. */
export type Workspaces = Database<Models>

/** Opens the database on a store, by default the one that `PARTITA_STORE` names. */
export function openWorkspaces(
  options: Pick<ConnectOptions<Models, Record<never, never>>, 'store' | 'table'> = {},
): Promise<Workspaces> {
  return connect({ models, createTable: true, ...options })
}
