/** Creating, changing and deleting tables. What takes long is done in steps, so that other writers get their turn. */
import { AlreadyExists, invalid, NotFound } from '../errors.js'
import type { IndexDefinition, TableChange, TableDefinition, TableDescription } from '../store/definition.js'
import { isSameIndex, missingTimeToLive } from '../store/difference.js'
import { checkDefinition } from '../store/limits.js'
import { measureItem } from '../value/size.js'
import type { Item } from '../value/value.js'
import type { Catalog, Dropped, Index, Table, TableExtras } from './catalog.js'
import { decodeRecord, encodeRecord } from './codec.js'
import { writeExpiryEntry } from './expiry.js'
import { afterKey, indexEntry, indexRange, tableEntry, tableRange } from './key.js'
import type { Kv } from './kv.js'
import { countEntries } from './measure.js'
import { turn } from './turn.js'
import { isIndexed, projectedItem } from './write.js'

/** Entries handled in one transaction of the ordered store: a few milliseconds of the writers' time. */
const STEP = 1000

/** @throws ValidationFailed; AlreadyExists where a table of that name differs, or has a stream and should begin one. */
export async function createTable(
  kv: Kv,
  catalog: Catalog,
  definition: TableDefinition,
  extras: TableExtras,
  now: number,
): Promise<TableDescription> {
  checkDefinition(definition)
  const timeToLive = await kv.transact(() => {
    const existing = catalog.findForWrite(definition.name)
    if (existing && extras.isNew) throw alreadyThere(definition.name)
    const missing = existing && missingTimeToLive(existing.definition, definition)
    catalog.checkStream(existing, extras.stream)
    if (!existing) catalog.create(definition, now)
    addExtras(catalog, definition.name, extras, now)
    return missing
  })
  if (timeToLive !== undefined) return updateTable(kv, catalog, definition.name, { timeToLive }, {}, now)
  return describeTable(kv, catalog, definition.name)
}

function alreadyThere(name: string): AlreadyExists {
  return new AlreadyExists(`Table ${name} exists`, { table: name })
}

/** @throws NotFound */
export async function describeTable(kv: Kv, catalog: Catalog, name: string): Promise<TableDescription> {
  const table = catalog.table(name)
  const building = table.indexes.some(index => index.building)
  const itemCount = await countEntries(kv, indexRange(table.id, 0))
  return { ...table.definition, status: building ? 'updating' : 'active', itemCount }
}

/** @throws ValidationFailed, NotFound; AlreadyExists where an index of that name differs. */
export async function updateTable(
  kv: Kv,
  catalog: Catalog,
  name: string,
  change: TableChange,
  extras: TableExtras,
  now: number,
): Promise<TableDescription> {
  const added = Object.keys(change.createIndexes ?? {})
  await removeDropped(kv, catalog)
  await kv.transact(() => {
    const table = catalog.tableForWrite(name)
    const definition = changed(table, change)
    checkDefinition(definition)
    catalog.checkStream(table, extras.stream)
    const unfinished = table.indexes.filter(index => index.building).map(index => index.name)
    catalog.change(table, definition, [...new Set([...unfinished, ...added])])
    addExtras(catalog, name, extras, now)
  })
  // From here on writes keep the new indexes; what was there before is added step by step, then reads may begin.
  if (added.length > 0 || change.timeToLive) await fill(kv, catalog, name)
  await kv.transact(() => {
    const table = catalog.tableForWrite(name)
    const stillBuilding = table.indexes.filter(index => index.building && !added.includes(index.name))
    catalog.change(
      table,
      table.definition,
      stillBuilding.map(index => index.name),
    )
  })
  await removeDropped(kv, catalog)
  return describeTable(kv, catalog, name)
}

/** @throws NotFound */
export async function deleteTable(kv: Kv, catalog: Catalog, name: string, now: number): Promise<void> {
  await kv.transact(() => catalog.drop(catalog.tableForWrite(name), now))
  await removeDropped(kv, catalog)
}

function addExtras(catalog: Catalog, name: string, { note, stream }: TableExtras, now: number): void {
  if (note) catalog.note(name, note)
  if (stream !== undefined) catalog.setStream(name, stream, now)
}

/** Removes the entries of dropped tables and indexes, also of those that a process had no time to remove. */
export async function removeDropped(kv: Kv, catalog: Catalog): Promise<void> {
  for (const dropped of catalog.dropped()) {
    let more = true
    while (more) {
      more = await kv.transact(() => removeStep(kv, catalog, dropped))
      if (more) await turn()
    }
  }
}

function removeStep(kv: Kv, catalog: Catalog, dropped: Dropped): boolean {
  // Another process may have finished it, and begun anew with the same numbers.
  if (!catalog.isDropped(dropped)) return false
  const range = dropped.index === 0 ? tableRange(dropped.table) : indexRange(dropped.table, dropped.index)
  const keys = kv.keys(range, STEP)
  for (const key of keys) kv.remove(key)
  if (keys.length === STEP) return true
  catalog.forget(dropped)
  return false
}

/** Writes the entries of all items into the indexes being built and the expiry order; done twice it does no harm. */
async function fill(kv: Kv, catalog: Catalog, name: string): Promise<void> {
  let from: Uint8Array | undefined
  do {
    from = await kv.transact(() => fillStep(kv, catalog.tableForWrite(name), from))
    await turn()
  } while (from)
}

function fillStep(kv: Kv, table: Table, from: Uint8Array | undefined): Uint8Array | undefined {
  const range = indexRange(table.id, 0)
  const items: Item[] = []
  kv.each({ low: from ?? range.low, high: range.high }, record => items.push(decodeRecord(record)) < STEP)
  for (const item of items) {
    for (const index of table.indexes) if (index.building && isIndexed(index, item)) fillEntry(kv, table, index, item)
    writeExpiryEntry(kv, table, item)
  }
  const last = items.at(-1)
  return items.length === STEP && last ? afterKey(tableEntry(table.id, table.schema, last)) : undefined
}

function fillEntry(kv: Kv, table: Table, index: Index, whole: Item): void {
  const item = projectedItem(index, whole)
  kv.put(indexEntry(table.id, index.id, index.schema, table.schema, item), encodeRecord(item, measureItem(item)))
}

function changed(table: Table, change: TableChange): TableDefinition {
  const { definition } = table
  const indexes: Record<string, IndexDefinition> = { ...definition.globalIndexes }
  for (const name of change.deleteIndexes ?? []) {
    if (!Object.hasOwn(indexes, name)) {
      throw new NotFound(`Table ${table.name} has no global index ${name} to remove`, {
        table: table.name,
        index: name,
      })
    }
    delete indexes[name]
  }
  for (const [name, index] of Object.entries(change.createIndexes ?? {})) {
    const existing = Object.hasOwn(indexes, name) ? indexes[name] : undefined
    if (existing && !isSameIndex(existing, index)) {
      throw new AlreadyExists(`Table ${table.name} has another index ${name}; remove that one first`, {
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
