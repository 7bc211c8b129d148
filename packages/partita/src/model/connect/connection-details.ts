/** Reads `connectionDetails`: where a database is stored, or whose store it shares. */
import { type IssuePath, valueText } from '../../errors/errors.js'
import { isStore } from '../../store/options.js'
import type { Store } from '../../store/store.js'
import { MAX_TIMEOUT } from '../../store/timers.js'
import type { StoreLocation } from '../../store/url.js'
import { isPlainObject } from '../../value/value.js'
import type { DatabaseConfig, Environment } from '../types/databases.js'
import { MONGO_KEYS, mongoLocation, reusedDatabase } from './mongo-details.js'
import { fillPlaceholders } from './placeholders.js'

/** How a database connects. */
export interface DatabaseConnection {
  /** The `id` of the database whose store it shares. */
  readonly reuseId: string | undefined
  /** Where its own store is; undefined if it shares one. */
  readonly location: StoreLocation | { readonly engine: 'store'; readonly store: Store | string } | undefined
  readonly table: string | undefined
  /** The database on MongoDB that holds the table, if it shares a store; undefined for other stores. */
  readonly database: string | undefined
}

/** Reports what is wrong at a path. */
export type Report = (path: IssuePath, message: string) => void

type Details = Readonly<Record<string, unknown>>

const TIMEOUTS = ['connectTimeout', 'requestTimeout', 'deadline'] as const

/** The names in `connectionDetails` for each type, besides `table`. */
export const CONNECTION_KEYS: Readonly<Record<DatabaseConfig['type'], readonly string[]>> = {
  embedded: ['path', 'readOnly'],
  dynamodb: ['region', 'endpoint', ...TIMEOUTS],
  'mongo-db': MONGO_KEYS,
  store: ['store'],
}

/**
 * Reads the details of one database.
 * @returns undefined if something is wrong, which has been reported.
 */
export function readConnection(
  type: DatabaseConfig['type'],
  id: string,
  given: unknown,
  environment: Environment,
  report: Report,
): DatabaseConnection | undefined {
  let isUsable = true
  const wrong: Report = (path, message) => {
    isUsable = false
    report(path, message)
  }
  const details = filledIn(given, environment, wrong)
  if (!details) return undefined
  const { reuseId, table } = details
  const isShared = Object.hasOwn(details, 'reuseId')
  const isMongo = type === 'mongo-db'
  const sharedKeys = isMongo ? ['reuseId', 'database'] : ['reuseId']
  const known = [...(isShared ? sharedKeys : CONNECTION_KEYS[type]), 'table']
  for (const name of Object.keys(details)) {
    if (known.includes(name)) continue
    const message = isShared
      ? 'cannot be combined with reuseId: the store is that of the other database'
      : `is not understood for ${type}; there are ${[...known, 'reuseId'].join(', ')}`
    wrong([name], message)
  }
  if (isShared && !isText(reuseId)) wrong(['reuseId'], `is ${valueText(reuseId)}; it is the id of another database`)
  if (table !== undefined && !isText(table)) wrong(['table'], `is ${valueText(table)}; it is the name of a table`)
  // A slash would name a table of another database.
  if (isMongo && isText(table) && table.includes('/')) wrong(['table'], `is ${valueText(table)}; it has a slash`)
  const location = isShared ? undefined : READERS[type](details, wrong, id)
  const database = isShared && isMongo ? reusedDatabase(details, id, wrong) : undefined
  if (!isUsable) return undefined
  return { reuseId: reuseId as string | undefined, location, table: table as string | undefined, database }
}

/** The given details with the placeholders in their texts replaced. */
function filledIn(given: unknown, environment: Environment, report: Report): Details | undefined {
  if (!isPlainObject(given)) {
    report([], `is ${valueText(given)}; it is an object that says how to connect`)
    return undefined
  }
  const entries: [string, unknown][] = []
  let isUsable = true
  for (const [name, value] of Object.entries(given)) {
    const filled = typeof value === 'string' ? fillPlaceholders(value, environment) : { text: value }
    if ('text' in filled) {
      if (filled.text !== undefined) entries.push([name, filled.text])
      continue
    }
    isUsable = false
    for (const problem of filled.problems) report([name], problem)
  }
  return isUsable ? Object.fromEntries(entries) : undefined
}

const READERS: Readonly<
  Record<DatabaseConfig['type'], (details: Details, report: Report, id: string) => DatabaseConnection['location']>
> = {
  embedded({ path, readOnly }, report) {
    if (!isText(path) || path.includes('\0')) report(['path'], `is ${valueText(path)}; it is the path of a folder`)
    const flag = readOnly === 'true' || (readOnly === 'false' ? false : readOnly)
    if (flag !== undefined && typeof flag !== 'boolean') {
      report(['readOnly'], `is ${valueText(readOnly)}; it is true or false`)
    }
    return { engine: 'embedded', path: path as string, ...(flag === true && { readOnly: true }) }
  },
  dynamodb(details, report) {
    const { region, endpoint } = details
    if (region !== undefined && !isText(region)) {
      report(['region'], `is ${valueText(region)}; it is the name of a region, such as eu-west-1`)
    }
    if (endpoint !== undefined && !isEndpoint(endpoint)) {
      // The text may contain credentials, so it is not repeated.
      report(['endpoint'], 'is not an http or https URL of a host alone, without credentials and path')
    }
    return {
      engine: 'dynamodb',
      ...(region !== undefined && { region: region as string }),
      ...(endpoint !== undefined && { endpoint: endpoint as string }),
      ...timeoutsOf(details, report),
    }
  },
  'mongo-db': (details, report, id) => mongoLocation(details, id, report),
  store({ store }, report) {
    if (!isText(store) && !isStore(store)) report(['store'], `is ${valueText(store)}; it is a store or a store URL`)
    return { engine: 'store', store: store as Store | string }
  },
}

function timeoutsOf(details: Details, report: Report): { readonly [name: string]: number } {
  const timeouts: { [name: string]: number } = {}
  for (const name of TIMEOUTS) {
    const given = details[name]
    if (given === undefined) continue
    // A variable of the environment is always a text.
    const milliseconds = typeof given === 'string' && /^\d+$/.test(given) ? Number(given) : given
    if (Number.isInteger(milliseconds) && Number(milliseconds) >= 1 && Number(milliseconds) <= MAX_TIMEOUT) {
      timeouts[name] = milliseconds as number
    } else report([name], `is ${valueText(given)}; it is a number of milliseconds from 1 to ${MAX_TIMEOUT}`)
  }
  return timeouts
}

function isEndpoint(given: unknown): boolean {
  if (typeof given !== 'string' || !URL.canParse(given)) return false
  const { protocol, username, password, pathname, search, hash } = new URL(given)
  return /^https?:$/.test(protocol) && pathname === '/' && `${username}${password}${search}${hash}` === ''
}

function isText(given: unknown): given is string {
  return typeof given === 'string' && given.trim() !== ''
}
