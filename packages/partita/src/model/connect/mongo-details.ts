/** Reads the `connectionDetails` of a MongoDB database: as a URL or as its parts. */
import { type IssuePath, valueText } from '../../errors/errors.js'
import { isDatabaseName, parseStoreUrl, type StoreLocation } from '../../store/url.js'

type Details = Readonly<Record<string, unknown>>
type Report = (path: IssuePath, message: string) => void

/** The location of a store on MongoDB. */
export type MongoLocation = Extract<StoreLocation, { readonly engine: 'mongodb' }>

/** Members of a URL's parts, which cannot be combined with a URL. */
const PARTS = ['host', 'port', 'replicaSet', 'username', 'password', 'authSource', 'tls'] as const

/** The names in `connectionDetails` of a database on MongoDB, besides `table`. */
export const MONGO_KEYS: readonly string[] = ['url', ...PARTS, 'database']

/** A scheme, hosts with or without credentials, the database, and the options of the driver. */
const URL_PARTS = /^(mongodb(?:\+srv)?:\/\/[^/?#\s]+)(?:\/([^?#]*))?(\?.*)?$/s

/**
 * Reads where the database is. The name of the database on the server is `database`, else that of the URL, else the id.
 *
 * Texts of `url` and `password` are not repeated in messages, as they contain secrets.
 */
export function mongoLocation(details: Details, id: string, report: Report): MongoLocation | undefined {
  let isUsable = true
  const wrong: Report = (path, message) => {
    isUsable = false
    report(path, message)
  }
  const { url, database } = details
  const parts = url === undefined ? urlOf(details, wrong) : givenUrl(url, details, wrong)
  if (!isUsable || !parts) return undefined
  const name = databaseOf(database, parts.database || id, wrong)
  if (name === undefined) return undefined
  try {
    const text = `${parts.origin}/${encodeURIComponent(name)}${optionsOf(parts, name)}`
    return parseStoreUrl(text) as MongoLocation
  } catch {
    report(['url'], 'is not a URL that the driver understands, such as mongodb://localhost:27017/database')
    return undefined
  }
}

/** The driver looks for the user in the database of the URL, so another database must not change that. */
function optionsOf({ origin, database, options }: UrlParts, name: string): string {
  if (name === database || !origin.includes('@') || /[?&](authSource|authMechanism)=/i.test(options)) return options
  return `${options}${options ? '&' : '?'}authSource=${encodeURIComponent(database || 'admin')}`
}

/** Reads the name of a database that reuses the connection of another one. */
export function reusedDatabase({ database }: Details, id: string, report: Report): string | undefined {
  return databaseOf(database, id, report)
}

function databaseOf(given: unknown, standard: string, report: Report): string | undefined {
  const name = given ?? standard
  if (isDatabaseName(name)) return name
  const why = given === undefined ? ', so the database needs a name of its own here' : ''
  report(['database'], `is ${valueText(given)}; ${valueText(name)} is not a name that MongoDB allows${why}`)
  return undefined
}

interface UrlParts {
  readonly origin: string
  readonly database: string
  readonly options: string
}

function givenUrl(url: unknown, details: Details, report: Report): UrlParts | undefined {
  for (const part of PARTS) {
    if (details[part] !== undefined) report([part], 'is part of the URL; give either the URL or its parts')
  }
  const [whole, origin = '', database = '', options = ''] = (typeof url === 'string' && URL_PARTS.exec(url)) || []
  if (whole !== undefined) return { origin, database: decoded(database), options }
  report(['url'], 'is not a URL that begins with mongodb:// or mongodb+srv:// and names hosts')
  return undefined
}

/** A name that cannot be decoded stays as it is, and is refused as a name. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function urlOf({ host, port, replicaSet, username, password, authSource, tls }: Details, report: Report): UrlParts {
  if (!isText(host) || !/^(\[[0-9A-Fa-f:.]+\]|[\w.-]+)$/.test(host)) {
    report(
      ['host'],
      `is ${valueText(host)}; it is the name or address of one host, without a port; use url for several`,
    )
  }
  // A variable of the environment is always a text.
  const number = typeof port === 'string' && /^\d+$/.test(port) ? Number(port) : (port ?? 27017)
  if (!Number.isInteger(number) || Number(number) < 1 || Number(number) > 65_535) {
    report(['port'], `is ${valueText(port)}; it is a number from 1 to 65535`)
  }
  if ((username === undefined) !== (password === undefined)) {
    report([username === undefined ? 'username' : 'password'], 'is missing; give both or neither')
  }
  for (const [name, given] of Object.entries({ replicaSet, username, password, authSource })) {
    if (given === undefined || isText(given)) continue
    report([name], name === 'password' ? 'is not a text' : `is ${valueText(given)}; it is a text`)
  }
  const flag = tls === 'true' || (tls === 'false' ? false : tls)
  if (flag !== undefined && typeof flag !== 'boolean') report(['tls'], `is ${valueText(tls)}; it is true or false`)
  const user =
    username === undefined ? '' : `${encodeURIComponent(`${username}`)}:${encodeURIComponent(`${password}`)}@`
  const options = Object.entries({ replicaSet, authSource, tls: flag }).filter(([, value]) => value !== undefined)
  const query = options.map(([name, value]) => `${name}=${encodeURIComponent(`${value}`)}`).join('&')
  return { origin: `mongodb://${user}${host}:${number}`, database: '', options: query && `?${query}` }
}

function isText(given: unknown): given is string {
  return typeof given === 'string' && given.trim() !== ''
}
