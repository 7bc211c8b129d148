/** The atlas's database. */
import { type ConnectOptions, connect, type Database, type RowOf } from 'partita'
import { Capital, City, Country, CountryWithCapital, Edition } from './models.js'

const models = { Country, City, Capital, Edition }
const collections = { CountryWithCapital }

export type Atlas = Database<typeof models, typeof collections>
export type CityRow = RowOf<typeof City>

type Options = Pick<ConnectOptions<typeof models, typeof collections>, 'store' | 'table'>

export function openAtlas(options: Options): Promise<Atlas> {
  return connect({ models, collections, table: 'atlas', createTable: true, ...options })
}
