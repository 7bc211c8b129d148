/** Creates, changes and deletes tables. Long work is left to jobs, which the caller can wait for. */
import { AlreadyExistsError } from '../errors/errors.js'
import type { TableChange, TableDefinition, TableDescription } from '../store/definition.js'
import { changedDefinition } from '../store/definition-change.js'
import { missingTimeToLive } from '../store/definition-diff.js'
import { checkDefinition } from '../store/limits.js'
import type { Catalog, TableExtras } from './catalog.js'
import { countEntries } from './read/measure.js'
import { indexRange } from './storage/key.js'
import type { Kv } from './storage/kv.js'

/**
 * Creates a table. An existing table with the same definition is left as it is.
 * @returns the id of the table, which is ready once its jobs are done.
 * @throws ValidationError; LimitExceededError for more than 2,500 tables; AlreadyExistsError if a table of that name
 *   differs, or a stream was requested and the table has one.
 */
export function createTable(
  kv: Kv,
  catalog: Catalog,
  definition: TableDefinition,
  extras: TableExtras,
  now: number,
): Promise<number> {
  checkDefinition(definition)
  const { name } = definition
  return kv.transact(() => {
    const existing = catalog.findForWrite(name)
    if (existing && extras.isNew) throw alreadyThere(name)
    const timeToLive = existing && missingTimeToLive(existing.definition, definition)
    if (!existing) catalog.checkRoom()
    catalog.checkStream(existing, extras.stream)
    const metadata = extras.changeMetadata?.(existing?.metadata ?? {})
    if (!existing) catalog.create(definition, now)
    else if (timeToLive !== undefined) catalog.change(existing, { ...existing.definition, timeToLive }, [])
    addExtras(catalog, name, { ...extras, ...(metadata && { changeMetadata: () => metadata }) }, now)
    return catalog.tableForWrite(name).id
  })
}

function alreadyThere(name: string): AlreadyExistsError {
  return new AlreadyExistsError(`Table ${name} exists`, { table: name })
}

/** Describes a table and counts its items, or estimates their number. @throws TableNotFoundError */
export async function describeTable(kv: Kv, catalog: Catalog, name: string): Promise<TableDescription> {
  const { id, definition, indexes, expiry } = catalog.table(name)
  const filling = indexes.filter(({ building }) => building).map(index => index.name)
  const isTimeToLive = expiry?.building === true
  const { entries, isEstimated } = await countEntries(kv, indexRange(id, 0))
  const isFilling = filling.length > 0 || isTimeToLive
  return {
    ...definition,
    status: isFilling ? 'updating' : 'active',
    ...(isFilling && { filling: { indexes: filling, timeToLive: isTimeToLive } }),
    itemCount: entries,
    ...(isEstimated && { isItemCountEstimated: true }),
  }
}

/**
 * Changes the indexes, the time to live, the metadata or the stream of a table.
 * @returns the id of the table; the change is complete once its jobs are done.
 * @throws ValidationError, TableNotFoundError, IndexNotFoundError; AlreadyExistsError if an index of that name differs.
 */
export function updateTable(
  kv: Kv,
  catalog: Catalog,
  name: string,
  change: TableChange,
  extras: TableExtras,
  now: number,
): Promise<number> {
  return kv.transact(() => {
    const table = catalog.tableForWrite(name)
    const definition = changedDefinition(table.definition, change)
    checkDefinition(definition)
    catalog.checkStream(table, extras.stream)
    const metadata = extras.changeMetadata?.(table.metadata)
    const { createIndexes, deleteIndexes = [], timeToLive } = change
    if (createIndexes || deleteIndexes.length > 0 || timeToLive !== undefined) {
      catalog.change(table, definition, deleteIndexes)
    }
    addExtras(catalog, name, { ...extras, ...(metadata && { changeMetadata: () => metadata }) }, now)
    return table.id
  })
}

/**
 * Deletes a table. Its entries are removed by a job.
 * @returns the id of the table.
 * @throws TableNotFoundError
 */
export function deleteTable(kv: Kv, catalog: Catalog, name: string, now: number): Promise<number> {
  return kv.transact(() => {
    const table = catalog.tableForWrite(name)
    catalog.drop(table, now)
    return table.id
  })
}

function addExtras(catalog: Catalog, name: string, { changeMetadata, stream }: TableExtras, now: number): void {
  if (changeMetadata) catalog.changeMetadata(name, changeMetadata)
  if (stream !== undefined) catalog.setStream(name, stream, now)
}
