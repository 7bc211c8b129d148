/** The database. */
import { type ConnectOptions, connect, type Database, NotFoundError, type RecordOf, type Transaction } from 'partita'
import { OrganisationDetails, UserDetails } from './details.js'
import { Member, Organisation, Service, User, UserOrganisation } from './models.js'

const models = { User, UserOrganisation, Organisation, Member, Service }
const collections = { UserDetails, OrganisationDetails }

export type Db = Database<typeof models, typeof collections>
export type Tx = Transaction<typeof models>
export type UserRecord = RecordOf<typeof models, 'User'>
export type OrganisationRecord = RecordOf<typeof models, 'Organisation'>
export type ServiceRecord = RecordOf<typeof models, 'Service'>

type Options = Pick<ConnectOptions<typeof models, typeof collections>, 'store' | 'table'>

export function openOrganisations(options: Options): Promise<Db> {
  return connect({ models, collections, createTable: true, ...options })
}

/** The row of a read; throws `NotFoundError` if it is undefined. */
export async function found<Row>(read: Promise<Row | undefined>, what: string): Promise<Row> {
  const row = await read
  if (row === undefined) throw new NotFoundError(`There is no ${what}`, {})
  return row
}
