/** The physical table: the names of its own attributes, and its definition for the store. */
import { type Issue, ValidationError } from '../../errors/errors.js'
import { bareTableName, type IndexDefinition, type TableDefinition } from '../../store/definition.js'
import { checkDefinition } from '../../store/limits.js'
import { checkOptions } from '../../store/options.js'
import type { Item, Key } from '../../value/value.js'
import type { TableLayout } from '../types/database.js'

/** Names of the key attributes of an index. */
export interface IndexAttributes {
  readonly pk: string
  readonly sk: string
}

/** A layout with all defaults applied. */
export interface PhysicalTable {
  /** The `id` of its database; empty for the only database of a program. */
  readonly database: string
  readonly name: string
  readonly pk: string
  /** Undefined for a table that has a partition key only. */
  readonly sk: string | undefined
  readonly type: string
  readonly revision: string
  readonly upgrades: string
  readonly ttl: string
  readonly iteration: IndexAttributes & { readonly index: string }
  readonly indexes: Readonly<Record<string, IndexAttributes>>
}

/** The message for what needs a sort key, on a table without one. */
export const NO_SORT_KEY = 'needs a sort key, and the layout names none; add sk to the layout if the table has one'

const PARTS = ['pk', 'sk', 'type', 'revision', 'upgrades', 'ttl', 'indexes', 'iteration']
const DEFAULT_INDEX = /^gsi([1-9]|1\d|20)$/

/** Applies the defaults of a layout. @throws ValidationError for a part that a layout does not have. */
export function physicalTable(name: string, layout: TableLayout = {}, database = ''): PhysicalTable {
  checkOptions(layout, PARTS, ['layout'])
  return {
    database,
    name,
    pk: layout.pk ?? 'pk',
    // A layout that names the partition key alone is of a table without a sort key.
    sk: layout.sk ?? (layout.pk === undefined ? 'sk' : undefined),
    type: layout.type ?? '_type',
    revision: layout.revision ?? '_rev',
    upgrades: layout.upgrades ?? '_upgrades',
    ttl: layout.ttl ?? 'ttl',
    iteration: layout.iteration ?? { index: 'iteration', pk: '_iter_pk', sk: '_iter_sk' },
    indexes: layout.indexes ?? {},
  }
}

/** The key of an item of the table, which has a sort key only if the table does. */
export function tableKey({ pk, sk }: PhysicalTable, partition: string, sort: string): Key {
  return sk === undefined ? { [pk]: partition } : { [pk]: partition, [sk]: sort }
}

/** As {@link tableKey} for items that share a partition, if the table can have several items in one. */
export function sharedKey(table: PhysicalTable, partition: string, sort: string): Key {
  return tableKey(table, table.sk === undefined ? `${partition}#${sort}` : partition, sort)
}

/** The key attributes of an item of the table. */
export function keyIn(table: PhysicalTable, item: Item): Key {
  return tableKey(table, item[table.pk] as string, sortKeyOf(table, item))
}

/** The sort key of an item; empty in a table without one. */
export function sortKeyOf({ sk }: PhysicalTable, item: Item): string {
  return sk === undefined ? '' : (item[sk] as string)
}

/** The names of the key attributes of the table. */
export function keyNames({ pk, sk }: PhysicalTable): readonly string[] {
  return sk === undefined ? [pk] : [pk, sk]
}

/** The key attributes of an index; undefined for a name that is neither a default nor in the layout. */
export function indexAttributes(table: PhysicalTable, on: string): IndexAttributes | undefined {
  if (Object.hasOwn(table.indexes, on)) return table.indexes[on]
  return DEFAULT_INDEX.test(on) ? { pk: `${on}pk`, sk: `${on}sk` } : undefined
}

/** Whether an attribute belongs to the table itself, and not to the fields of a row. */
export function isTableAttribute(table: PhysicalTable, name: string): boolean {
  const { type, revision, upgrades, iteration, indexes } = table
  if ([...keyNames(table), type, revision, upgrades, iteration.pk, iteration.sk].includes(name)) return true
  if (Object.values(indexes).some(index => index.pk === name || index.sk === name)) return true
  return /[ps]k$/.test(name) && DEFAULT_INDEX.test(name.slice(0, -2))
}

/**
 * The definition of the table for the store, with the indexes that the models use.
 * @throws ValidationError if two of the table's own attributes share a name, or a name is invalid.
 */
export function tableDefinition(
  table: PhysicalTable,
  used: readonly string[],
  iterated: boolean,
  expiring: boolean,
): TableDefinition {
  checkNames(table, used)
  const indexes: Record<string, IndexDefinition> = {}
  for (const on of [...used].sort()) {
    const { pk, sk } = indexAttributes(table, on) as IndexAttributes
    indexes[on] = { partition: { name: pk, type: 'S' }, sort: { name: sk, type: 'S' } }
  }
  if (iterated) {
    const { index, pk, sk } = table.iteration
    indexes[index] = { partition: { name: pk, type: 'S' }, sort: { name: sk, type: 'S' }, projection: 'keysOnly' }
  }
  const definition: TableDefinition = {
    name: table.name,
    key: {
      partition: { name: table.pk, type: 'S' },
      ...(table.sk !== undefined && { sort: { name: table.sk, type: 'S' } }),
    },
    globalIndexes: indexes,
    ...(expiring && { timeToLive: table.ttl }),
  }
  // The engine checks the database of a table, if it has several.
  checkDefinition({ ...definition, name: bareTableName(definition.name) })
  return definition
}

function checkNames(table: PhysicalTable, used: readonly string[]): void {
  const { type, revision, upgrades, ttl, iteration } = table
  const names = [...keyNames(table), type, revision, upgrades, ttl, iteration.pk, iteration.sk]
  for (const on of used) names.push(...Object.values(indexAttributes(table, on) ?? {}))
  const issues: Issue[] = []
  names.forEach((name, i) => {
    if (names.indexOf(name) !== i)
      issues.push({ path: ['layout'], message: `uses the name ${name} for two attributes` })
  })
  if (issues.length > 0) throw new ValidationError(issues)
}
