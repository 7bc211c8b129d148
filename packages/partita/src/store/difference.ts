/** In what two definitions of one table differ, so that creating a table twice is no error but creating another is. */
import type { IndexDefinition, TableDefinition } from './definition.js'

/** What differs, in words for an error's text; empty where the definitions mean the same. */
export function definitionDifferences(existing: TableDefinition, wanted: TableDefinition): string[] {
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

/** Whether two definitions of an index mean the same. */
export function isSameIndex(a: IndexDefinition, b: IndexDefinition): boolean {
  return indexForm(a) === indexForm(b)
}

function keyForm({ partition, sort }: TableDefinition['key']): string {
  const one = `${partition.name} (${partition.type})`
  return sort ? `${one} and ${sort.name} (${sort.type})` : one
}

function indexForm(index: IndexDefinition): string {
  const { projection = 'all' } = index
  const holds = typeof projection === 'string' ? projection : JSON.stringify([...new Set(projection.include)].sort())
  return `${keyForm(index)} holding ${holds}`
}
