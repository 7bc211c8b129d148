/** Creates, describes, changes and deletes tables. What a process leaves unfinished, the next call of any process completes. */
import { AlreadyExistsError, invalid, TableNotFoundError } from '../../errors/errors.js'
import type { TableChange, TableDefinition, TableDescription } from '../../store/definition.js'
import { changedDefinition } from '../../store/definition-change.js'
import { missingTimeToLive } from '../../store/definition-diff.js'
import { checkDefinition, checkName } from '../../store/limits.js'
import { systemClock } from '../../store/timers.js'
import type { MongoConnection } from '../connection/connection.js'
import { serverCode } from '../connection/errors.js'
import type { TimeLimit } from '../connection/time-limit.js'
import { CACHE_LIFE, type MongoCatalog } from './catalog.js'
import {
  FINISHED,
  insertEntry,
  listEntries,
  readAnyEntry,
  readEntry,
  replaceEntry,
  type TableEntry,
  type Unfinished,
} from './entry.js'
import { fillExpiry } from './expiry.js'
import { EXPIRY_INDEX_NAME, indexHints } from './index-names.js'
import { createExpiryIndex, createIndexes, dropIndex, listIndexes } from './indexes.js'

/** Until other processes use a changed definition: the life of what they remember, and some time for calls in flight. */
const SETTLING = 1.5 * CACHE_LIFE
const NAMESPACE_NOT_FOUND = 26
/** The server limits the name of a collection together with that of its database. */
const MAX_NAMESPACE_BYTES = 255
/** Names that the driver or the server reserves, and the library's own collections. */
const RESERVED = /^(system\.|_partita_|\.)|\.\.|\.$/

/**
 * Creates a table. An existing one with the same definition is left as it is.
 * @throws ValidationError; AlreadyExistsError if a table of that name differs, or a collection of that name is not a table.
 */
export async function createTable(
  connection: MongoConnection,
  catalog: MongoCatalog,
  definition: TableDefinition,
): Promise<TableDescription> {
  const { name: table } = definition
  const { name, database } = connection.locate(table)
  checkDefinition({ ...definition, name })
  if (Buffer.byteLength(`${database.databaseName}.${name}`) > MAX_NAMESPACE_BYTES) {
    throw invalid(['table'], `${name} is too long; with its database, a name has at most ${MAX_NAMESPACE_BYTES} bytes`)
  }
  if (RESERVED.test(name)) throw invalid(['table'], `${name} is a name that MongoDB or this library reserves`)
  for (;;) {
    connection.checkOpen()
    const existing = await readAnyEntry(connection, table, connection.limit())
    if (existing?.status === 'deleting') await finishDeletion(connection, table, existing)
    else if (existing && existing.status !== 'deleted') {
      const timeToLive = missingTimeToLive(existing.definition, definition)
      const change = timeToLive === undefined ? {} : { timeToLive }
      if (existing.status === 'active') return updateTable(connection, catalog, table, change)
      const created = await settled(connection, catalog, table, existing)
      if (timeToLive === undefined) return created
    } else if (await isInserted(connection, definition, existing)) {
      const created = await readEntry(connection, table, connection.limit())
      if (created) return settled(connection, catalog, table, created)
    }
  }
}

/** Inserts the entry of a new table. @returns false if another process was faster. */
async function isInserted(
  connection: MongoConnection,
  definition: TableDefinition,
  deleted: TableEntry | undefined,
): Promise<boolean> {
  const { name: table } = definition
  const entry = { status: 'creating', definition, filling: FINISHED, changed: new Date(systemClock()) } as const
  if (!deleted) {
    await checkNotForeign(connection, table)
    return insertEntry(connection, table, entry, connection.limit())
  }
  // Another process may still write to the deleted table, which makes the server create its collection again.
  await connection.pace.sleep(untilSettled(deleted))
  // A process whose wait was shorter may have created the table and written to it already.
  const now = await readAnyEntry(connection, table, connection.limit())
  if (!now?.rev.equals(deleted.rev)) return false
  await dropCollection(connection, table)
  return (await replaceEntry(connection, table, deleted, entry, connection.limit())) !== undefined
}

/** @throws AlreadyExistsError if a collection of the name has documents, indexes or a collation of its own. */
async function checkNotForeign(connection: MongoConnection, table: string): Promise<void> {
  const limit = connection.limit()
  const indexes = await listIndexes(connection, table, limit)
  if (!indexes) return
  const hasOwn = indexes.some(({ name, collation }) => name !== '_id_' || collation !== undefined)
  // Not the count, which is an estimate after the server has crashed.
  if (!hasOwn && !(await hasDocuments(connection, table, limit))) return
  const { name, database } = connection.locate(table)
  const message =
    `The collection ${name} of database ${database.databaseName} exists and is not a table of partita; ` +
    'choose another name for the table, or rename or drop the collection'
  throw new AlreadyExistsError(message, { table })
}

function hasDocuments(connection: MongoConnection, table: string, limit: TimeLimit): Promise<boolean> {
  const collection = connection.collection(table)
  return connection.send({ operation: 'createTable', table }, 'read', limit, async limits => {
    return (await collection.findOne({}, { ...limits, projection: { _id: 1 } })) !== null
  })
}

/** Describes a table and counts its items; undefined if it does not exist. */
export async function describeTable(connection: MongoConnection, table: string): Promise<TableDescription | undefined> {
  checkName('table', connection.locate(table).name)
  const entry = await readEntry(connection, table, connection.limit())
  return entry && described(connection, table, entry)
}

/**
 * Changes indexes and time to live, and waits until the changes, and earlier ones that are unfinished, are complete.
 * @throws ValidationError, TableNotFoundError, IndexNotFoundError; AlreadyExistsError if an index of that name differs.
 */
export async function updateTable(
  connection: MongoConnection,
  catalog: MongoCatalog,
  table: string,
  change: TableChange,
): Promise<TableDescription> {
  for (;;) {
    connection.checkOpen()
    const before = await existingEntry(connection, table)
    if (before.status === 'deleting') throw new TableNotFoundError(table)
    const definition = changedDefinition(before.definition, change)
    checkDefinition({ ...definition, name: connection.locate(table).name })
    if (before.status === 'active' && isSame(before, change)) {
      if (isFinished(before.filling)) return described(connection, table, before)
      return settled(connection, catalog, table, before)
    }
    const changed = new Date(systemClock())
    const filling = unfinished(before, definition, change)
    const after = await replaceEntry(connection, table, before, { definition, filling, changed }, connection.limit())
    catalog.forget(table)
    if (after) return settled(connection, catalog, table, after)
  }
}

/** Deletes a table with its items. @throws TableNotFoundError */
export async function deleteTable(connection: MongoConnection, catalog: MongoCatalog, table: string): Promise<void> {
  checkName('table', connection.locate(table).name)
  for (;;) {
    const before = await existingEntry(connection, table)
    catalog.forget(table)
    const after =
      before.status === 'deleting'
        ? before
        : await replaceEntry(connection, table, before, { status: 'deleting' }, connection.limit())
    if (after) return finishDeletion(connection, table, after)
  }
}

/** Lists the names of the tables of the store's database. */
export function listTables(connection: MongoConnection): Promise<string[]> {
  return listEntries(connection, connection.limit())
}

async function finishDeletion(connection: MongoConnection, table: string, entry: TableEntry): Promise<void> {
  await dropCollection(connection, table)
  const changed = new Date(systemClock())
  // If the entry has changed, another process has finished the deletion.
  await replaceEntry(connection, table, entry, { status: 'deleted', filling: FINISHED, changed }, connection.limit())
}

async function dropCollection(connection: MongoConnection, table: string): Promise<void> {
  const collection = connection.collection(table)
  // Repeating it after a lost answer is harmless, so its outcome need not be known.
  await connection.send({ operation: 'deleteTable', table }, 'read', connection.limit(), async limits => {
    try {
      await collection.drop(limits)
    } catch (error) {
      if (serverCode(error) !== NAMESPACE_NOT_FOUND) throw error
    }
  })
}

async function existingEntry(connection: MongoConnection, table: string): Promise<TableEntry> {
  const entry = await readEntry(connection, table, connection.limit())
  if (!entry) throw new TableNotFoundError(table)
  return entry
}

/** Completes everything that is unfinished, and describes the table. Several processes can do this at once. */
async function settled(
  connection: MongoConnection,
  catalog: MongoCatalog,
  table: string,
  first: TableEntry,
): Promise<TableDescription> {
  for (let entry = first; ; ) {
    connection.checkOpen()
    await complete(connection, table, entry)
    const done = await replaceEntry(
      connection,
      table,
      entry,
      { status: 'active', filling: FINISHED },
      connection.limit(),
    )
    catalog.forget(table)
    if (done) return described(connection, table, done)
    // Another process changed the table meanwhile, or was faster.
    entry = await existingEntry(connection, table)
    if (entry.status === 'deleting') throw new TableNotFoundError(table)
    if (entry.status === 'active' && isFinished(entry.filling)) return described(connection, table, entry)
  }
}

/** Makes the collection what the definition says. */
async function complete(connection: MongoConnection, table: string, entry: TableEntry): Promise<void> {
  const { definition, filling } = entry
  for (const hint of filling.removed) await dropIndex(connection, table, hint)
  await createIndexes(connection, definition)
  const { timeToLive } = definition
  if (filling.timeToLive) {
    // The index must not see times of expiry that another attribute has set earlier.
    await dropIndex(connection, table, EXPIRY_INDEX_NAME)
    await connection.pace.sleep(untilSettled(entry))
    if (timeToLive !== undefined) await fillExpiry(connection, table, timeToLive)
  }
  if (timeToLive !== undefined) await createExpiryIndex(connection, table)
}

/** Milliseconds until no process uses the definition before the last change. Clocks differ, so it is bounded. */
function untilSettled({ changed }: TableEntry): number {
  return Math.min(SETTLING, Math.max(0, changed.getTime() + SETTLING - systemClock()))
}

async function described(
  connection: MongoConnection,
  table: string,
  { definition, status, filling }: TableEntry,
): Promise<TableDescription> {
  const isUpdating = status === 'active' && !isFinished(filling)
  const { indexes, timeToLive } = filling
  return {
    ...definition,
    status: isUpdating ? 'updating' : (status as TableDescription['status']),
    ...(isUpdating && { filling: { indexes, timeToLive } }),
    itemCount: await countItems(connection, table),
  }
}

function countItems(connection: MongoConnection, table: string): Promise<number> {
  const collection = connection.collection(table)
  return connection.send({ operation: 'describeTable', table }, 'read', connection.limit(), limits =>
    collection.estimatedDocumentCount(limits),
  )
}

/** Whether a change leaves the definition as it is. */
function isSame(
  { definition: before }: TableEntry,
  { createIndexes = {}, deleteIndexes = [], timeToLive }: TableChange,
) {
  const isSameTime = timeToLive === undefined || (timeToLive || undefined) === before.timeToLive
  return isSameTime && deleteIndexes.length === 0 && Object.keys(createIndexes).every(name => hasIndex(before, name))
}

function hasIndex({ globalIndexes = {} }: TableDefinition, name: string): boolean {
  return Object.hasOwn(globalIndexes, name)
}

/** What is to do after a change, together with what is left of earlier ones. */
function unfinished(before: TableEntry, after: TableDefinition, { deleteIndexes = [] }: TableChange): Unfinished {
  const { definition, filling } = before
  const isKept = (name: string): boolean => hasIndex(definition, name) && !deleteIndexes.includes(name)
  const used = indexHints(after)
  const added = Object.keys(after.globalIndexes ?? {}).filter(name => !isKept(name))
  return {
    indexes: [...new Set([...filling.indexes, ...added])].filter(name => hasIndex(after, name)),
    removed: [...new Set([...filling.removed, ...indexHints(definition)])].filter(hint => !used.has(hint)),
    timeToLive: filling.timeToLive || definition.timeToLive !== after.timeToLive,
  }
}

function isFinished({ indexes, removed, timeToLive }: Unfinished): boolean {
  return indexes.length === 0 && removed.length === 0 && !timeToLive
}
