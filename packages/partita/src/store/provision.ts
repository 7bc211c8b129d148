/** Creates the table that a configuration describes, or adds what an existing one lacks. */
import { AlreadyExistsError, PartitaError } from '../errors/errors.js'
import type { KeyAttribute, KeySchema, TableChange, TableDefinition, TableDescription } from './definition.js'
import type { Store } from './store.js'

/**
 * Creates the table, or adds what it lacks: missing indexes, and time to live. It may be called any number of times,
 * by any number of processes at once. Unknown indexes are left unchanged.
 * @throws AlreadyExistsError if a table of that name has other keys.
 */
export async function provision(store: Store, definition: TableDefinition): Promise<TableDescription> {
  const existing = await store.describeTable(definition.name)
  if (existing) return complete(store, definition, existing)
  try {
    return await store.createTable(definition)
  } catch (error) {
    if (!(error instanceof PartitaError) || error.code !== 'AlreadyExists') throw error
    // Another process was faster, with a definition that differs from this one.
    const created = await store.describeTable(definition.name)
    if (!created) throw error
    return complete(store, definition, created)
  }
}

async function complete(
  store: Store,
  definition: TableDefinition,
  existing: TableDescription,
): Promise<TableDescription> {
  if (!sameKeys(definition.key, existing.key)) {
    throw different(definition.name, 'key', definition.key, existing.key)
  }
  const missing: Record<string, KeySchema> = {}
  for (const [name, index] of Object.entries(definition.globalIndexes ?? {})) {
    const there = existing.globalIndexes?.[name] ?? existing.localIndexes?.[name]
    if (!there) missing[name] = index
    else if (!sameKeys(index, there)) throw different(definition.name, `index ${name}`, index, there)
  }
  const change: TableChange = {
    ...(Object.keys(missing).length > 0 ? { createIndexes: missing } : {}),
    ...(definition.timeToLive !== existing.timeToLive && definition.timeToLive !== undefined
      ? { timeToLive: definition.timeToLive }
      : {}),
  }
  // A change begun by another process may be unfinished and that process dead: the update waits for it or resumes it.
  if (Object.keys(change).length === 0 && !existing.filling) return existing
  return store.updateTable(definition.name, change)
}

function sameKeys(a: KeySchema, b: KeySchema): boolean {
  return sameAttribute(a.partition, b.partition) && sameAttribute(a.sort, b.sort)
}

function sameAttribute(a: KeyAttribute | undefined, b: KeyAttribute | undefined): boolean {
  return a?.name === b?.name && a?.type === b?.type
}

function different(table: string, what: string, wanted: KeySchema, actual: KeySchema): AlreadyExistsError {
  const message = `Table ${table} exists, but its ${what} is ${schemaText(actual)} and not ${schemaText(wanted)}`
  return new AlreadyExistsError(`${message}; change the configuration, or use another table`, { table })
}

function schemaText({ partition, sort }: KeySchema): string {
  return [partition, ...(sort ? [sort] : [])].map(({ name, type }) => `${name} (${type})`).join(' ')
}
