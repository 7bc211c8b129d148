/** Applies a change to the definition of a table, for engines that do this themselves. */
import { AlreadyExistsError, IndexNotFoundError, invalid } from '../errors/errors.js'
import type { IndexDefinition, TableChange, TableDefinition } from './definition.js'
import { isSameIndex } from './definition-diff.js'

/**
 * Returns the definition after a change. An index that exists with the same definition stays as it is.
 * @throws IndexNotFoundError; AlreadyExistsError if an index of that name differs; ValidationError if time to live is on for
 *   another attribute.
 */
export function changedDefinition(definition: TableDefinition, change: TableChange): TableDefinition {
  const { name: table } = definition
  const indexes: Record<string, IndexDefinition> = { ...definition.globalIndexes }
  for (const name of change.deleteIndexes ?? []) {
    if (!Object.hasOwn(indexes, name)) throw new IndexNotFoundError(table, name, Object.keys(indexes))
    delete indexes[name]
  }
  for (const [name, index] of Object.entries(change.createIndexes ?? {})) {
    const existing = Object.hasOwn(indexes, name) ? indexes[name] : undefined
    if (existing && !isSameIndex(existing, index)) {
      throw new AlreadyExistsError(`Table ${table} has an index ${name} with another definition; remove it first`, {
        table,
      })
    }
    // A plain assignment to an index named __proto__ would set the prototype.
    Object.defineProperty(indexes, name, { value: index, enumerable: true, configurable: true, writable: true })
  }
  const { timeToLive: before, ...rest } = definition
  const timeToLive = change.timeToLive === undefined ? before : change.timeToLive || undefined
  if (before !== undefined && timeToLive !== undefined && timeToLive !== before) {
    throw invalid(['timeToLive'], `is ${before} now; disable it before you set another attribute`)
  }
  return { ...rest, globalIndexes: indexes, ...(timeToLive !== undefined && { timeToLive }) }
}
