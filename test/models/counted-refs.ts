/** The counts that refs with onDelete imply, worked out from the rows and the definitions alone. */
import { isDeepStrictEqual } from 'node:util'
import type { ModelDefinition, Models } from '../../packages/partita/src/model/define/definition.js'
import type { Item, Value } from '../../packages/partita/src/value/value.js'

interface CountedRef {
  readonly type: string
  readonly attribute: string
  readonly target: string
  readonly targetKey: string
}

/** Refs with onDelete of all models. */
function countedRefs(models: Models): CountedRef[] {
  const typeOf = (name: string) => models[name]?.definition.type ?? name
  return Object.values(models).flatMap(({ name, definition }) =>
    Object.entries(definition.fields).flatMap(([field, { spec }]) => {
      if (spec.kind !== 'ref' || !spec.onDelete) return []
      const target = String(spec.target)
      const targetKey = keyFieldOf((models[target] as { definition: ModelDefinition }).definition)
      return [{ type: typeOf(name), attribute: spec.attribute ?? field, target: typeOf(target), targetKey }]
    }),
  )
}

/** The only key field of a model that refs refer to. */
function keyFieldOf({ key }: ModelDefinition): string {
  return typeof key === 'string' ? key : (/\{(\w+)\}/.exec(`${key.pk}${key.sk ?? ''}`)?.[1] ?? '')
}

/**
 * What is wrong with the counts of rows, a line for each.
 * @param prefixOf the tenant's part of a row's partition key.
 */
export function countFaultsOf(rows: readonly Item[], models: Models, prefixOf: (row: Item) => string): string[] {
  const refs = countedRefs(models)
  const idOf = (row: Item, type: string, value: Value | undefined) => JSON.stringify([prefixOf(row), type, value])
  const exists = new Set<string>()
  const counts = new Map<string, number>()
  for (const row of rows)
    for (const { target, targetKey } of refs) if (row._type === target) exists.add(idOf(row, target, row[targetKey]))
  const faults: string[] = []
  for (const row of rows) {
    const counted: Record<string, Value> = {}
    for (const { type, attribute, target } of refs) {
      const value = row[attribute]
      const id = idOf(row, target, value)
      // A soft-deleted row is not counted, nor is one whose parent another program deleted.
      if (row._type !== type || row.deletedAt !== undefined || value === undefined || !exists.has(id)) continue
      counted[attribute] = value
      const count = `${id} _count.${type}.${attribute}`
      counts.set(count, (counts.get(count) ?? 0) + 1)
    }
    const expected = Object.keys(counted).length > 0 ? counted : undefined
    if (!isDeepStrictEqual(row._counted, expected))
      faults.push(`${row.pk}: is counted in ${JSON.stringify(row._counted)}, not in ${JSON.stringify(expected)}`)
  }
  for (const row of rows) {
    for (const { type, attribute, target, targetKey } of refs) {
      if (row._type !== target) continue
      const count = `_count.${type}.${attribute}`
      const expected = counts.get(`${idOf(row, target, row[targetKey])} ${count}`) ?? 0
      if (Number(row[count] ?? 0) !== expected) faults.push(`${row.pk}: has ${count} ${row[count]}, not ${expected}`)
    }
  }
  return faults
}
