/** The physical layout of a table, checked once: attributes, indexes, and the definition for the store. */
import { IndexNotFoundError, type Issue, invalid, ValidationError, valueText } from '../errors/errors.js'
import type { IndexDefinition, TableDefinition } from '../store/definition.js'
import { checkDefinition } from '../store/limits.js'
import { checkOptions, isStore } from '../store/options.js'
import type { SingleTableConfig, TypeIndexConfig } from './config.js'
import { KeyFormat } from './key.js'

/** The key attributes of one index. */
export interface IndexLayout {
  readonly name: string
  readonly partitionKey: string
  readonly rangeKey: string
  readonly numeric: boolean
}

/** The physical layout of a table: attribute names, indexes and definition. */
export interface Layout {
  readonly table: string
  readonly partitionKey: string
  readonly rangeKey: string
  readonly format: KeyFormat
  readonly indexes: ReadonlyMap<string, IndexLayout>
  readonly typeIndex: TypeIndexConfig | undefined
  /** Name of the expiry attribute. */
  readonly expiresAt: string | undefined
  /** All attributes of the table itself: keys, index keys, type and expiry. */
  readonly attributes: ReadonlySet<string>
  readonly definition: TableDefinition
}

const SETTINGS = [
  ...['store', 'table', 'partitionKey', 'rangeKey', 'keySeparator', 'indexes', 'typeIndex', 'expiresAt'],
  ...['autoRemoveTableProperties', 'keepTypeProperty', 'propertyCleanup', 'blockInternalPropUpdate'],
  ...['badUpdateValidation', 'cursorSecret', 'observe', 'clock', 'pace'],
]

/** @throws ValidationError with all problems of the configuration. */
export function makeLayout(config: SingleTableConfig): Layout {
  checkOptions(config, SETTINGS)
  const { store, table, partitionKey, rangeKey, typeIndex, expiresAt } = config
  if (!isStore(store)) throw invalid(['store'], `is ${valueText(store)}; it is a store, such as memory()`)
  const indexes = new Map<string, IndexLayout>()
  for (const [name, index] of Object.entries(config.indexes ?? {})) {
    indexes.set(name, {
      name,
      partitionKey: index.partitionKey,
      rangeKey: index.rangeKey,
      numeric: index.numeric ?? false,
    })
  }
  const keys = [partitionKey, rangeKey, ...[...indexes.values()].flatMap(keyAttributes)]
  if (typeIndex) keys.push(typeIndex.partitionKey, typeIndex.rangeKey)
  checkNames(config, keys)
  const definition: TableDefinition = {
    name: table,
    key: { partition: { name: partitionKey, type: 'S' }, sort: { name: rangeKey, type: 'S' } },
    globalIndexes: defineIndexes(indexes, typeIndex),
    ...(expiresAt === undefined ? {} : { timeToLive: expiresAt }),
  }
  checkDefinition(definition)
  return {
    table,
    partitionKey,
    rangeKey,
    format: new KeyFormat(config.keySeparator ?? '#'),
    indexes,
    typeIndex,
    expiresAt,
    attributes: new Set(expiresAt === undefined ? keys : [...keys, expiresAt]),
    definition,
  }
}

/** @throws IndexNotFoundError with the names of the existing indexes. */
export function findIndex(layout: Layout, name: string): IndexLayout {
  const index = layout.indexes.get(name)
  if (index) return index
  throw new IndexNotFoundError(layout.table, name, [...layout.indexes.keys()])
}

/** @throws ValidationError if the table has no type index. */
export function typeIndexOf(layout: Layout): TypeIndexConfig {
  if (layout.typeIndex) return layout.typeIndex
  throw invalid(['type'], `table ${layout.table} has no typeIndex; configure one to find items by their type`)
}

function keyAttributes(index: { readonly partitionKey: string; readonly rangeKey: string }): [string, string] {
  return [index.partitionKey, index.rangeKey]
}

function checkNames(config: SingleTableConfig, keys: readonly string[]): void {
  const issues: Issue[] = []
  if (keys.some(key => typeof key !== 'string')) {
    issues.push({
      path: [],
      message: 'partitionKey and rangeKey of the table and of every index must be attribute names',
    })
  }
  if (config.expiresAt !== undefined && keys.includes(config.expiresAt)) {
    issues.push({
      path: ['expiresAt'],
      message: `${config.expiresAt} is a key attribute and cannot be the expiry attribute`,
    })
  }
  if (config.typeIndex && Object.hasOwn(config.indexes ?? {}, config.typeIndex.name)) {
    issues.push({ path: ['typeIndex', 'name'], message: `another index has the name ${config.typeIndex.name}` })
  }
  if (config.cursorSecret === '') {
    issues.push({ path: ['cursorSecret'], message: 'is empty; omit it if tokens need no signature' })
  }
  if (issues.length > 0) throw new ValidationError(issues)
}

function defineIndexes(
  indexes: ReadonlyMap<string, IndexLayout>,
  typeIndex: TypeIndexConfig | undefined,
): Record<string, IndexDefinition> {
  const all: (readonly [string, IndexDefinition])[] = [...indexes.values()].map(index => [
    index.name,
    {
      partition: { name: index.partitionKey, type: 'S' },
      sort: { name: index.rangeKey, type: index.numeric ? 'N' : 'S' },
    },
  ])
  if (typeIndex) {
    const { partitionKey, rangeKey } = typeIndex
    all.push([typeIndex.name, { partition: { name: partitionKey, type: 'S' }, sort: { name: rangeKey, type: 'S' } }])
  }
  return Object.fromEntries(all)
}
