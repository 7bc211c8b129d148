/** Creating, changing and deleting tables. What takes long is left to jobs, which the caller may wait for. */
import { AlreadyExistsError, IndexNotFoundError, invalid } from '../errors/errors.js'
import type { IndexDefinition, TableChange, TableDefinition, TableDescription } from '../store/definition.js'
import { isSameIndex, missingTimeToLive } from '../store/definition-diff.js'
import { checkDefinition } from '../store/limits.js'
import type { Catalog, Table, TableExtras } from './catalog.js'
import { countEntries } from './read/measure.js'
import { indexRange } from './storage/key.js'
import type { Kv } from './storage/kv.js'

/**
 * @returns the id of the table, which is ready once the jobs of that id are done.
 * @throws ValidationError; LimitExceededError for more than 2,500 tables; AlreadyExistsError where a table of that name differs,
 *   or has a stream and should begin one.
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
    const noted = extras.changeMetadata?.(existing?.metadata ?? {})
    if (!existing) catalog.create(definition, now)
    else if (timeToLive !== undefined) catalog.change(existing, { ...existing.definition, timeToLive }, [])
    addExtras(catalog, name, { ...extras, ...(noted && { changeMetadata: () => noted }) }, now)
    return catalog.tableForWrite(name).id
  })
}

function alreadyThere(name: string): AlreadyExistsError {
  return new AlreadyExistsError(`Table ${name} exists`, { table: name })
}

/** @throws TableNotFoundError */
export async function describeTable(kv: Kv, catalog: Catalog, name: string): Promise<TableDescription> {
  const { id, definition, indexes, expiry } = catalog.table(name)
  const filling = indexes.filter(({ building }) => building).map(index => index.name)
  const isTimeToLive = expiry?.building === true
  const isFilling = filling.length > 0 || isTimeToLive
  return {
    ...definition,
    status: isFilling ? 'updating' : 'active',
    ...(isFilling && { filling: { indexes: filling, timeToLive: isTimeToLive } }),
    itemCount: await countEntries(kv, indexRange(id, 0)),
  }
}

/**
 * @returns the id of the table; the change is in force once the jobs of that id are done.
 * @throws ValidationError, TableNotFoundError, IndexNotFoundError; AlreadyExistsError where an index of that name differs.
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
    const definition = changed(table, change)
    checkDefinition(definition)
    catalog.checkStream(table, extras.stream)
    const noted = extras.changeMetadata?.(table.metadata)
    const { createIndexes, deleteIndexes = [], timeToLive } = change
    if (createIndexes || deleteIndexes.length > 0 || timeToLive !== undefined) {
      catalog.change(table, definition, deleteIndexes)
    }
    addExtras(catalog, name, { ...extras, ...(noted && { changeMetadata: () => noted }) }, now)
    return table.id
  })
}

/**
 * @returns the id of the table, of which nothing is left once the jobs of that id are done.
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

function changed(table: Table, change: TableChange): TableDefinition {
  const { definition } = table
  const indexes: Record<string, IndexDefinition> = { ...definition.globalIndexes }
  for (const name of change.deleteIndexes ?? []) {
    if (!Object.hasOwn(indexes, name)) {
      throw new IndexNotFoundError(table.name, name, Object.keys(indexes))
    }
    delete indexes[name]
  }
  for (const [name, index] of Object.entries(change.createIndexes ?? {})) {
    const existing = Object.hasOwn(indexes, name) ? indexes[name] : undefined
    if (existing && !isSameIndex(existing, index)) {
      throw new AlreadyExistsError(`Table ${table.name} has another index ${name}; remove that one first`, {
        table: table.name,
      })
    }
    // A plain assignment would take an index of the name __proto__ for something else.
    Object.defineProperty(indexes, name, { value: index, enumerable: true, configurable: true, writable: true })
  }
  const { timeToLive: before, ...rest } = definition
  const timeToLive = change.timeToLive === undefined ? before : change.timeToLive || undefined
  if (before !== undefined && timeToLive !== undefined && timeToLive !== before) {
    throw invalid(['timeToLive'], `is ${before} now; switch it off before setting another attribute`)
  }
  return { ...rest, globalIndexes: indexes, ...(timeToLive !== undefined && { timeToLive }) }
}
