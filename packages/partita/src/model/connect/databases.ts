/** The configuration of several databases: checked as a whole, before any store is opened. */
import { type Issue, type IssuePath, ValidationError, valueText } from '../../errors/errors.js'
import { didYouMean } from '../../errors/nearest.js'
import { openLocation } from '../../open.js'
import { isPlainObject } from '../../value/value.js'
import { physicalTable } from '../compile/layout.js'
import type { TableLayout } from '../types/database.js'
import type { DatabaseConfig, Environment } from '../types/databases.js'
import { CONNECTION_KEYS, type DatabaseConnection, readConnection } from './connection-details.js'
import { type ResolvedDatabase, type Root, rootAt } from './open-roots.js'

/**
 * Resolves a list of databases.
 * @param layout applies to the databases that have none of their own.
 * @throws ValidationError listing every mistake, by the index in the list.
 */
export function resolveDatabases(
  given: unknown,
  environment: Environment,
  layout: TableLayout | undefined,
): ResolvedDatabase[] {
  const issues: Issue[] = []
  const report: Report = (path, message) => void issues.push({ path: ['databases', ...path], message })
  const entries = readEntries(given, environment, report)
  // Wrong entries are left out of `entries`, so references to them would be reported without a reason.
  if (issues.length > 0) throw new ValidationError(issues)
  const byId = new Map<string, Entry>()
  for (const entry of entries) {
    if (byId.has(entry.id)) report([entry.index, 'id'], `is ${entry.id}, the id of another database too`)
    else byId.set(entry.id, entry)
  }
  checkStores(entries, report)
  const roots = new Map(entries.map(entry => [entry, rootOf(entry)]))
  const resolved: (ResolvedDatabase & { readonly id: string })[] = []
  for (const entry of entries) {
    const origin = originOf(entry, byId, report)
    if (!origin) continue
    const table = physicalTable(tableOf(entry, origin), entry.layout ?? layout, entry.id)
    const root = roots.get(origin) as Root
    const other = resolved.find(it => it.root === root && it.table.name === table.name)
    if (other) {
      const message = `is ${table.name}, the table of ${other.id} in the same store`
      report([entry.index, 'connectionDetails', 'table'], message)
    }
    resolved.push({ id: entry.id, root, table })
  }
  if (issues.length > 0) throw new ValidationError(issues)
  return resolved.map(({ root, table }) => ({ root, table }))
}

/** Reports what is wrong at a path below `databases`. */
type Report = (path: IssuePath, message: string) => void

/** One member of the list. */
interface Entry {
  readonly index: number
  readonly id: string
  readonly type: DatabaseConfig['type']
  readonly connection: DatabaseConnection
  readonly layout: TableLayout | undefined
}

const KEYS = ['id', 'type', 'connectionDetails', 'layout']
const ID = /^[A-Za-z][\w.-]*$/

function readEntries(given: unknown, environment: Environment, report: Report): Entry[] {
  if (!Array.isArray(given) || given.length === 0) {
    report([], `is ${valueText(given)}; it is a list of at least one database`)
    return []
  }
  return given.flatMap((database: unknown, index) => {
    const entry = readEntry(database, index, environment, (path, message) => report([index, ...path], message))
    return entry ? [entry] : []
  })
}

function readEntry(database: unknown, index: number, environment: Environment, report: Report): Entry | undefined {
  if (!isPlainObject(database)) {
    report([], `is ${valueText(database)}; it is an object with ${KEYS.join(', ')}`)
    return undefined
  }
  for (const key of Object.keys(database)) {
    if (!KEYS.includes(key))
      report([key], `is not an option of a database; there are ${KEYS.join(', ')}${didYouMean(key, KEYS)}`)
  }
  const { id, type, connectionDetails, layout } = database
  if (typeof id !== 'string' || !ID.test(id)) {
    report(['id'], `is ${valueText(id)}; it consists of letters, digits, _ . - and begins with a letter`)
  }
  if (layout !== undefined && !isPlainObject(layout)) {
    report(['layout'], `is ${valueText(layout)}; it is an object with attribute names`)
  }
  if (!isType(type)) {
    report(['type'], `is ${valueText(type)}; the types are ${Object.keys(CONNECTION_KEYS).join(', ')}`)
    return undefined
  }
  const connection = readConnection(type, `${id}`, connectionDetails, environment, (path, message) =>
    report(['connectionDetails', ...path], message),
  )
  return connection && { index, id: id as string, type, connection, layout: layout as TableLayout | undefined }
}

function isType(given: unknown): given is DatabaseConfig['type'] {
  return typeof given === 'string' && Object.hasOwn(CONNECTION_KEYS, given)
}

/** Follows `reuseId` to the database that describes the store; undefined if that fails, which has been reported. */
function originOf(entry: Entry, byId: ReadonlyMap<string, Entry>, report: Report): Entry | undefined {
  const at = [entry.index, 'connectionDetails', 'reuseId']
  const seen = [entry.id]
  let origin = entry
  for (let { reuseId } = entry.connection; reuseId !== undefined; { reuseId } = origin.connection) {
    const next = byId.get(reuseId)
    if (!next) {
      // The database that names it reports it, not those that reuse that database.
      if (origin === entry)
        report(at, `is ${reuseId}, which is not a database; there are ${[...byId.keys()].join(', ')}`)
      return undefined
    }
    if (seen.includes(reuseId)) {
      report(at, `leads in a circle: ${[...seen, reuseId].join(', ')}`)
      return undefined
    }
    seen.push(reuseId)
    origin = next
  }
  if (origin.type === entry.type) return origin
  report([entry.index, 'type'], `is ${entry.type}, but the store is that of ${origin.id}, which is ${origin.type}`)
  return undefined
}

/** The name of the table in the store of `origin`. MongoDB's store finds a table of another database by both names. */
function tableOf({ id, connection }: Entry, origin: Entry): string {
  const { location } = origin.connection
  const name = connection.table ?? id
  const own = location?.engine === 'mongodb' ? location.database : undefined
  return connection.database === undefined || connection.database === own ? name : `${connection.database}/${name}`
}

/** Two roots on one store would look separate: no transaction could span them, and an embedded folder opens only once. */
function checkStores(entries: readonly Entry[], report: Report): void {
  const known: Entry[] = []
  for (const entry of entries) {
    const { location } = entry.connection
    if (!location) continue
    const other = known.find(({ connection }) => isSameStore(connection.location, location))
    if (other) {
      const message = `connects to the store of ${other.id} a second time; use { reuseId: '${other.id}' }`
      report([entry.index, 'connectionDetails'], message)
    }
    known.push(entry)
  }
}

function isSameStore(a: DatabaseConnection['location'], b: DatabaseConnection['location']): boolean {
  if (a?.engine === 'store' && b?.engine === 'store') return a.store === b.store && a.store !== 'memory:'
  if (a?.engine === 'mongodb' && b?.engine === 'mongodb') return serversOf(a.url) === serversOf(b.url)
  if (a?.engine === 'embedded' && b?.engine === 'embedded') return a.path === b.path
  if (a?.engine !== 'dynamodb' || b?.engine !== 'dynamodb') return false
  return a.region === b.region && a.endpoint === b.endpoint
}

/** The hosts and the user of a MongoDB URL. */
function serversOf(url: string): string {
  return url.split('/', 3).join('/')
}

function rootOf({ connection: { location } }: Entry): Root {
  if (!location || location.engine === 'store') return rootAt(location?.store)
  return { isOwn: true, open: () => openLocation(location) }
}
