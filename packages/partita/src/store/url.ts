/** Store URLs: one line of text, such as the value of `PARTITA_STORE`, that says which engine to open and where. */
import { invalid, type ValidationError, valueText } from '../errors/errors.js'
import { didYouMean } from '../errors/nearest.js'
import { MAX_TIMEOUT } from './timers.js'

/** A parsed store URL: the engine, and what it needs to open the store. */
export type StoreLocation =
  | { readonly engine: 'memory' }
  | { readonly engine: 'embedded'; readonly path: string; readonly readOnly?: boolean }
  | ({ readonly engine: 'dynamodb'; readonly region?: string; readonly endpoint?: string } & Timeouts)
  | { readonly engine: 'mongodb'; readonly url: string; readonly database: string }

/** Timeouts in milliseconds: for a connection, for one attempt, and for a call with all its retries. */
type Timeouts = { readonly [Name in (typeof TIMEOUTS)[number]]?: number }

const TIMEOUTS = ['connectTimeout', 'requestTimeout', 'deadline'] as const

const FORMS =
  'a store URL is memory:, embedded:./data (with ?readOnly=true to write nothing), dynamodb://eu-west-1, dynamodb://localhost:8000?region=local ' +
  '(with &tls=true for https), mongodb://localhost:27017/database or mongodb+srv://cluster.example.com/database'
const ENGINES = ['memory', 'embedded', 'dynamodb', 'mongodb']
const OPTIONS: readonly string[] = ['region', 'tls', ...TIMEOUTS]
const REGION = /^[a-z]{2}(-[a-z]+)+-\d+$/

/**
 * Reads a store URL.
 *
 * - `memory:` is a store in memory; its data is gone when the process ends.
 * - `embedded:<path>` is a store in a folder. Everything after the colon is the path, without decoding. `?readOnly=true`
 *   at its end opens an existing store for reads only.
 * - `dynamodb://<region>` is AWS. `dynamodb:` takes the region from the SDK's configuration.
 * - `dynamodb://<host>:<port>` is another server, over HTTP, or HTTPS with `?tls=true`. `?region=` sets the region for
 *   signatures. A URL cannot contain credentials: they come from the SDK's default chain.
 * - Both `dynamodb` forms accept `connectTimeout`, `requestTimeout` and `deadline` in milliseconds:
 *   `dynamodb://eu-west-1?requestTimeout=5000&deadline=20000`.
 * - `mongodb://<hosts>/<database>` and `mongodb+srv://<host>/<database>` are passed to MongoDB's driver as they are, with
 *   its options. The servers are a replica set, as others have no transactions.
 *
 * @throws ValidationError that names the problem and lists the valid forms.
 */
export function parseStoreUrl(url: string): StoreLocation {
  const colon = typeof url === 'string' ? url.indexOf(':') : -1
  if (colon < 0) throw invalidUrl(url, 'has no scheme')
  const rest = url.slice(colon + 1)
  switch (url.slice(0, colon)) {
    case 'memory':
      if (rest !== '') throw invalidUrl(url, 'has text after memory:')
      return { engine: 'memory' }
    case 'embedded':
      return parseEmbedded(url, rest)
    case 'dynamodb':
      return rest === '' ? { engine: 'dynamodb' } : parseDynamoDB(url)
    case 'mongodb':
    case 'mongodb+srv':
      return parseMongoDB(url)
    default:
      throw invalidUrl(url, `names an unknown engine${didYouMean(url.slice(0, colon), ENGINES)}`)
  }
}

/** A question mark is part of the path unless a name and a value follow it. */
function parseEmbedded(url: string, rest: string): StoreLocation {
  const [, before, name, value] = /^(.*)\?([A-Za-z]+)=([^?=]*)$/s.exec(rest) ?? []
  const path = before ?? rest
  if (path.trim() === '' || path.startsWith('//') || path.includes('\0')) throw invalidUrl(url, 'has no usable path')
  if (name === undefined) return { engine: 'embedded', path }
  if (name !== 'readOnly') throw invalidUrl(url, `has an unknown option, ${name} (the only option is readOnly)`)
  if (value !== 'true' && value !== 'false') throw invalidUrl(url, 'has a readOnly other than true and false')
  return { engine: 'embedded', path, readOnly: value === 'true' }
}

function parseDynamoDB(text: string): StoreLocation {
  if (!URL.canParse(text)) throw invalidUrl(text, 'is not a valid URL')
  const url = new URL(text)
  if (url.username || url.password) throw invalidUrl(text, 'contains credentials')
  if ((url.pathname !== '' && url.pathname !== '/') || url.hash) throw invalidUrl(text, 'has a path')
  const names = [...url.searchParams.keys()]
  const unknown = names.find(name => !OPTIONS.includes(name))
  if (unknown !== undefined)
    throw invalidUrl(text, `has an unknown option, ${unknown} (the options are ${OPTIONS.join(', ')})`)
  const repeated = names.find((name, i) => names.indexOf(name) < i)
  if (repeated !== undefined) throw invalidUrl(text, `has the option ${repeated} more than once`)
  const tls = url.searchParams.get('tls') ?? 'false'
  if (tls !== 'true' && tls !== 'false') throw invalidUrl(text, 'has a tls other than true and false')
  const region = url.searchParams.get('region') ?? undefined
  if (region === '') throw invalidUrl(text, 'has an empty region')
  const timeouts = timeoutsOf(url, text)

  if (url.port === '' && REGION.test(url.hostname)) {
    if (url.searchParams.has('region') || url.searchParams.has('tls')) {
      throw invalidUrl(text, 'names an AWS region; omit region and tls')
    }
    return { engine: 'dynamodb', region: url.hostname, ...timeouts }
  }
  const isHost = url.port !== '' || url.hostname === 'localhost' || /[.:]/.test(url.hostname)
  if (url.hostname === '' || !isHost) throw invalidUrl(text, 'must name an AWS region, or a host and its port')
  const endpoint = `${tls === 'true' ? 'https' : 'http'}://${url.host}`
  return { engine: 'dynamodb', endpoint, ...(region === undefined ? {} : { region }), ...timeouts }
}

/** Hosts with or without credentials, the database, and the driver's options. */
const MONGODB = /^mongodb(?:\+srv)?:\/\/[^/?#\s]+(?:\/([^?#]*))?(\?[^#\s]*)?$/
/** Characters that MongoDB does not allow in the name of a database. */
const NOT_IN_DATABASE = /[/\\. "$*<>:|?\0]/
const MAX_DATABASE_LENGTH = 63

/** The driver reads the rest of the URL: its options change with its versions. */
function parseMongoDB(url: string): StoreLocation {
  const [whole, text = ''] = MONGODB.exec(url) ?? []
  if (whole === undefined) throw invalidUrl(url, 'has no hosts, or characters that a URL must encode')
  if (text === '') throw invalidUrl(url, 'has no database, which follows the hosts after a slash')
  const database = decoded(text)
  if (database === undefined || !isDatabaseName(database)) throw invalidUrl(url, 'has an invalid name of a database')
  return { engine: 'mongodb', url, database }
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

/** Whether MongoDB allows a name for a database. */
export function isDatabaseName(name: unknown): name is string {
  return typeof name === 'string' && name !== '' && name.length <= MAX_DATABASE_LENGTH && !NOT_IN_DATABASE.test(name)
}

/** A store URL without credentials and without the options of a MongoDB URL, which can contain secrets. */
export function redactedUrl(url: string): string {
  const bare = url.replace(/\/\/.*@/s, '//***@')
  return /^mongodb(\+srv)?:/i.test(url) ? bare.replace(/\?.*/s, '?***') : bare
}

function timeoutsOf({ searchParams }: URL, text: string): Timeouts {
  const timeouts: { [name: string]: number } = {}
  for (const name of TIMEOUTS) {
    const given = searchParams.get(name)
    if (given === null) continue
    const milliseconds = /^\d+$/.test(given) ? Number(given) : 0
    if (milliseconds < 1 || milliseconds > MAX_TIMEOUT) {
      throw invalidUrl(text, `has a ${name} that is not a number of milliseconds from 1 to ${MAX_TIMEOUT}`)
    }
    timeouts[name] = milliseconds
  }
  return timeouts
}

function invalidUrl(url: string, problem: string): ValidationError {
  const text = typeof url === 'string' ? redactedUrl(url) : url
  return invalid([], `the store URL ${valueText(text)} ${problem}; ${FORMS}`)
}
