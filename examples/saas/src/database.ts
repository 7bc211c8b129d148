/** The database of all tenants. Every call works on the rows of one tenant. */
import { type ConnectOptions, connect, type Database, type RecordOf } from 'partita'
import { Session, Task, User } from './models.js'

const models = { User, Session, Task }

export type Saas = Database<typeof models>
export type Account = RecordOf<typeof models, 'User'>
export type SessionRecord = RecordOf<typeof models, 'Session'>
export type TaskRecord = RecordOf<typeof models, 'Task'>

type Options = Pick<ConnectOptions<typeof models, Record<never, never>>, 'store' | 'table' | 'clock'>

export function openSaas(options: Options): Promise<Saas> {
  return connect({ models, tenancy: 'required', createTable: true, ...options })
}
