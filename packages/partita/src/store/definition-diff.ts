/** Compares two definitions of one table: creating a table twice is allowed, creating it with another definition is not. */
import { AlreadyExistsError } from '../errors/errors.js'
import {
  type IndexDefinition,
  type IndexKeySchema,
  partitionAttributes,
  sortAttributes,
  type TableDefinition,
} from './definition.js'

/**
 * Compares an existing table with the definition to create under its name.
 * @returns the time to live that is not set yet, because a process may have died between creating the table and setting it.
 * @throws AlreadyExistsError listing all other differences.
 */
export function missingTimeToLive(existing: TableDefinition, wanted: TableDefinition): string | undefined {
  const { name, timeToLive } = wanted
  const isMissing = timeToLive !== undefined && existing.timeToLive === undefined
  const differences = differencesOf(isMissing ? { ...existing, timeToLive } : existing, wanted)
  if (differences.length > 0) {
    throw new AlreadyExistsError(`Table ${name} exists with another definition: ${differences.join('; ')}`, {
      table: name,
    })
  }
  return isMissing ? timeToLive : undefined
}

/** Whether two definitions of an index are equivalent. */
export function isSameIndex(a: IndexDefinition, b: IndexDefinition): boolean {
  return indexForm(a) === indexForm(b)
}

function differencesOf(existing: TableDefinition, wanted: TableDefinition): string[] {
  const differences: string[] = []
  if (keyForm(existing.key) !== keyForm(wanted.key)) {
    differences.push(`its key is ${keyForm(existing.key)}, not ${keyForm(wanted.key)}`)
  }
  for (const kind of ['globalIndexes', 'localIndexes'] as const) {
    const before = existing[kind] ?? {}
    const after = wanted[kind] ?? {}
    for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
      const one = Object.hasOwn(before, name) ? indexForm(before[name] as IndexDefinition) : 'missing'
      const other = Object.hasOwn(after, name) ? indexForm(after[name] as IndexDefinition) : 'missing'
      if (one !== other) differences.push(`its index ${name} is ${one}, not ${other}`)
    }
  }
  if (existing.timeToLive !== wanted.timeToLive) {
    differences.push(`its time to live is ${existing.timeToLive ?? 'off'}, not ${wanted.timeToLive ?? 'off'}`)
  }
  return differences
}

function keyForm(schema: IndexKeySchema): string {
  return [partitionAttributes(schema), sortAttributes(schema)]
    .filter(attributes => attributes.length > 0)
    .map(attributes => attributes.map(({ name, type }) => `${name} (${type})`).join(', '))
    .join(' and ')
}

function indexForm(index: IndexDefinition): string {
  const { projection = 'all' } = index
  const holds = typeof projection === 'string' ? projection : JSON.stringify([...new Set(projection.include)].sort())
  return `${keyForm(index)} holding ${holds}`
}
