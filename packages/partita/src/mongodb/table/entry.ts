/** The stored form of a table: a document of the collection `_partita_tables` in the database of the table. */
import { type Collection, type Document, MongoServerError, ObjectId } from 'mongodb'
import { PartitaError } from '../../errors/errors.js'
import type { IndexDefinition, KeyAttribute, KeySchema, TableDefinition } from '../../store/definition.js'
import type { MongoConnection } from '../connection/connection.js'
import type { TimeLimit } from '../connection/time-limit.js'

/** The collection of all tables of a database. */
const TABLES = '_partita_tables'

/**
 * `deleted` stays for as long as nobody creates the table again: another process may have written to the table after its
 * collection was dropped, which makes the server create the collection anew.
 */
type EntryStatus = 'creating' | 'active' | 'deleting' | 'deleted'

/** What is not complete yet of the last changes of a table. */
export interface Unfinished {
  /** New indexes, which the server may not have yet. */
  readonly indexes: readonly string[]
  readonly timeToLive: boolean
  /** The names on the server of removed indexes, which it may still have. */
  readonly removed: readonly string[]
}

/** A table as the catalog stores it. */
export interface TableEntry {
  readonly status: EntryStatus
  readonly definition: TableDefinition
  readonly filling: Unfinished
  /** When the definition changed last, by the clock of the process that changed it. */
  readonly changed: Date
  /** New with every change, so that of two processes that change a table at once, one starts again. */
  readonly rev: ObjectId
}

/** Nothing is unfinished. */
export const FINISHED: Unfinished = { indexes: [], timeToLive: false, removed: [] }

interface StoredIndex extends IndexDefinition {
  readonly name: string
}

/** Indexes are a list, since their names may contain dots. */
interface StoredEntry extends Document {
  readonly _id: string
  readonly format: number
  readonly status: EntryStatus
  readonly key: KeySchema
  readonly globalIndexes: readonly StoredIndex[]
  readonly localIndexes: readonly StoredIndex[]
  readonly timeToLive?: string
  readonly filling: Unfinished
  readonly changed: Date
  readonly rev: ObjectId
}

const FORMAT = 1

/** Reads the entry of a table; undefined if it does not exist or is deleted. */
export async function readEntry(
  connection: MongoConnection,
  table: string,
  limit: TimeLimit,
): Promise<TableEntry | undefined> {
  const entry = await readAnyEntry(connection, table, limit)
  return entry?.status === 'deleted' ? undefined : entry
}

/** Reads the entry of a table, even of a deleted one. */
export async function readAnyEntry(
  connection: MongoConnection,
  table: string,
  limit: TimeLimit,
): Promise<TableEntry | undefined> {
  const { entries, name } = entriesOf(connection, table)
  const attempt = { operation: 'describeTable', table }
  const found = await connection.send(attempt, 'read', limit, limits => entries.findOne({ _id: name }, limits))
  return found ? toEntry(table, found) : undefined
}

/** Inserts the entry of a new table. @returns false if the table has one. */
export async function insertEntry(
  connection: MongoConnection,
  table: string,
  entry: Omit<TableEntry, 'rev'>,
  limit: TimeLimit,
): Promise<boolean> {
  const { entries, name } = entriesOf(connection, table)
  const document = toStored(name, entry)
  return connection.send({ operation: 'createTable', table }, 'write', limit, async limits => {
    try {
      await entries.insertOne(document, limits)
      return true
    } catch (error) {
      if (error instanceof MongoServerError && error.code === 11000) return false
      throw error
    }
  })
}

/** Replaces an entry that has not changed since it was read. @returns the new entry; undefined if it has changed. */
export async function replaceEntry(
  connection: MongoConnection,
  table: string,
  before: TableEntry,
  change: Partial<Omit<TableEntry, 'rev'>>,
  limit: TimeLimit,
): Promise<TableEntry | undefined> {
  const { entries, name } = entriesOf(connection, table)
  const { _id, ...document } = toStored(name, { ...before, ...change })
  const result = await connection.send({ operation: 'updateTable', table }, 'write', limit, limits =>
    entries.replaceOne({ _id, rev: before.rev }, document, limits),
  )
  return result.matchedCount === 1 ? { ...before, ...change, rev: document.rev } : undefined
}

/** Lists the names of the tables of the store's database. */
export async function listEntries(connection: MongoConnection, limit: TimeLimit): Promise<string[]> {
  const { entries } = entriesOf(connection, TABLES)
  const found = await connection.send({ operation: 'listTables' }, 'read', limit, limits =>
    entries.find({ status: { $ne: 'deleted' } }, { ...limits, projection: { _id: 1 } }).toArray(),
  )
  return found.map(({ _id }) => _id).sort()
}

function entriesOf(connection: MongoConnection, table: string): { entries: Collection<StoredEntry>; name: string } {
  const { database, name } = connection.locate(table)
  return { entries: connection.collection<StoredEntry>(`${database.databaseName}/${TABLES}`), name }
}

function toStored(name: string, { definition, ...state }: Omit<TableEntry, 'rev'>): StoredEntry {
  const { key, globalIndexes = {}, localIndexes = {}, timeToLive } = definition
  return {
    _id: name,
    format: FORMAT,
    status: state.status,
    key: storedKey(key),
    globalIndexes: Object.entries(globalIndexes).map(storedIndex),
    localIndexes: Object.entries(localIndexes).map(storedIndex),
    ...(timeToLive !== undefined && { timeToLive }),
    filling: state.filling,
    changed: state.changed,
    rev: new ObjectId(),
  }
}

function storedIndex([name, index]: readonly [string, IndexDefinition]): StoredIndex {
  const { morePartition, moreSort, projection } = index
  return {
    name,
    ...storedKey(index),
    ...(morePartition && { morePartition: morePartition.map(storedAttribute) }),
    ...(moreSort && { moreSort: moreSort.map(storedAttribute) }),
    ...(projection !== undefined && { projection }),
  }
}

/** The driver would store members that are undefined as null. */
function storedKey({ partition, sort }: KeySchema): KeySchema {
  return { partition: storedAttribute(partition), ...(sort && { sort: storedAttribute(sort) }) }
}

function storedAttribute({ name, type }: KeyAttribute): KeyAttribute {
  return { name, type }
}

/** @param table the name with which requests name it, which the definition gets. */
function toEntry(table: string, stored: StoredEntry): TableEntry {
  const { format, status, key, globalIndexes, localIndexes, timeToLive, filling, changed, rev } = stored
  if (format !== FORMAT) {
    const message = `The table ${table} was written by another version of partita (format ${format}); upgrade partita`
    throw new PartitaError('StoreUnusable', message, {})
  }
  const definition: TableDefinition = {
    name: table,
    key,
    ...(globalIndexes.length > 0 && { globalIndexes: toRecord(globalIndexes) }),
    ...(localIndexes.length > 0 && { localIndexes: toRecord(localIndexes) }),
    ...(timeToLive !== undefined && { timeToLive }),
  }
  return { status, definition, filling, changed, rev }
}

/** `Object.fromEntries` defines its properties, so an index named `__proto__` is one as well. */
function toRecord(indexes: readonly StoredIndex[]): Readonly<Record<string, IndexDefinition>> {
  return Object.fromEntries(indexes.map(({ name, ...index }) => [name, index]))
}
