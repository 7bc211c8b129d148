/** The table or index that a query or scan reads, and the attributes that it returns. */
import type { KnownTable } from '../../../embedded/catalog.js'
import type { Condition, Projection } from '../../../expression/ast.js'
import { pathsOf } from '../../../expression/path/walk.js'
import {
  type IndexDefinition,
  type IndexKeySchema,
  type KeySchema,
  keyNames,
  partitionAttributes,
  sortAttributes,
} from '../../../store/definition.js'
import { isFitTogether } from '../../../store/limits.js'
import type { Item, Key } from '../../../value/value.js'
import { readItem, type TypedItem } from '../../protocol/attribute-value.js'
import { AwsError, invalidValues, validation } from '../../protocol/aws-error.js'
import { ValueError } from '../../protocol/legacy-messages.js'
import { unfitKey } from './key.js'

/** The table or index that a query or scan reads. */
export interface Source {
  readonly table: KnownTable
  readonly schema: IndexKeySchema
  readonly index?: string
  readonly isLocal: boolean
  /** The attributes that the index holds; undefined for all. */
  readonly projected?: ReadonlySet<string>
}

/** The members of `Query` and `Scan` that select an index, attributes and a start key. */
export interface PageInput {
  readonly IndexName?: string
  readonly ConsistentRead?: boolean
  readonly Select?: 'SPECIFIC_ATTRIBUTES' | 'COUNT' | 'ALL_ATTRIBUTES' | 'ALL_PROJECTED_ATTRIBUTES'
  readonly ProjectionExpression?: string
  readonly AttributesToGet?: readonly string[]
  readonly ExclusiveStartKey?: TypedItem
}

/** @throws AwsError if the table does not have the index. */
export function sourceOf(table: KnownTable, { IndexName: index }: PageInput): Source {
  const { definition } = table
  if (index === undefined) return { table, schema: definition.key, isLocal: false }
  const isLocal = Object.hasOwn(definition.localIndexes ?? {}, index)
  const indexes = (isLocal ? definition.localIndexes : definition.globalIndexes) ?? {}
  const defined = Object.hasOwn(indexes, index) ? indexes[index] : undefined
  if (!defined) throw validation(`The table does not have the specified index: ${index}`)
  if (table.building.includes(index)) {
    throw validation(`Cannot read from backfilling global secondary index: ${index}`)
  }
  return { table, schema: defined, index, isLocal, ...projectedBy(defined, definition.key) }
}

function projectedBy(index: IndexDefinition, key: KeySchema): { projected?: ReadonlySet<string> } {
  if (index.projection === undefined || index.projection === 'all') return {}
  const included = index.projection === 'keysOnly' ? [] : index.projection.include
  return { projected: new Set([...keyNames(key), ...keyNames(index), ...included]) }
}

/** Checks Select as far as it does not depend on the table. @throws AwsError */
export function checkSelect(input: PageInput): void {
  const member = input.ProjectionExpression === undefined ? 'AttributesToGet' : 'ProjectionExpression'
  const isChosen = input[member] !== undefined
  switch (input.Select) {
    case 'SPECIFIC_ATTRIBUTES':
      if (!isChosen) {
        throw validation(
          'Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES',
        )
      }
      return
    case 'COUNT':
      if (isChosen) throw validation(`Cannot specify the ${member} when choosing to get only the Count`)
      return
    case 'ALL_PROJECTED_ATTRIBUTES':
      if (isChosen) throw validation(`Cannot specify the ${member} when choosing to get ALL_PROJECTED_ATTRIBUTES`)
      if (input.IndexName === undefined) {
        throw validation('ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName')
      }
      return
    case 'ALL_ATTRIBUTES':
      if (isChosen) throw validation(`Cannot specify the ${member} when choosing to get ALL_ATTRIBUTES`)
  }
}

/** Checks Select against an index. @throws AwsError */
export function checkSource(source: Source, input: PageInput, projection: Projection | undefined): void {
  const { index, isLocal, projected } = source
  if (index === undefined || isLocal) return
  if (input.ConsistentRead) throw validation('Consistent reads are not supported on global secondary indexes')
  if (!projected) return
  if (input.Select === 'ALL_ATTRIBUTES') {
    throw invalidValues(
      `Select type ALL_ATTRIBUTES is not supported for global secondary index ${index} because its projection type is not ALL`,
    )
  }
  const absent = new Set((projection ?? []).map(([name]) => name).filter(name => !projected.has(name)))
  if (absent.size > 0)
    throw invalidValues(`Global secondary index ${index} does not project [${[...absent].join(', ')}]`)
}

const START = 'The provided starting key is invalid'

/** Reads the values of `ExclusiveStartKey`. AWS has separate messages for its errors. @throws AwsError */
export function readStartKey({ ExclusiveStartKey: given }: PageInput): Item | undefined {
  if (given === undefined) return undefined
  try {
    return readItem(given)
  } catch (error) {
    if (!(error instanceof AwsError)) throw error
    const isBare = error instanceof ValueError && error.subject !== 'value'
    throw isBare ? error : validation(`${START}: ${error.message}`)
  }
}

/** @throws AwsError unless the start key contains the keys of the table and of the index that is read. */
export function checkStart({ table, schema, index }: Source, start: Item, isScan: boolean): Key {
  const own = table.definition.key
  const names = new Set([...keyNames(own), ...keyNames(schema)])
  const mismatch = `${START}: The provided key element does not match the schema`
  if (Object.keys(start).length !== names.size || [...names].some(name => !Object.hasOwn(start, name))) {
    throw validation(isScan && index === undefined ? mismatch : START)
  }
  checkNotEmpty(own, start)
  for (const it of [schema, own]) {
    const isFit =
      isFitTogether(partitionAttributes(it), start, 'partition') && isFitTogether(sortAttributes(it), start, 'sort')
    if (!isFit) throw validation(mismatch)
  }
  return start as Key
}

function checkNotEmpty({ partition, sort }: KeySchema, start: Item): void {
  for (const attribute of sort ? [partition, sort] : [partition]) {
    const value = start[attribute.name]
    if (value === '' || (value instanceof Uint8Array && value.length === 0)) {
      throw validation(`${START}: ${unfitKey(attribute, 'empty', 'partition').message}`)
    }
  }
}

/** @throws AwsError if the filter of a query names a key attribute, which only the key condition may. */
export function checkFilter({ schema }: Source, filter: Condition, isLegacy: boolean): void {
  const keys = keyNames(schema)
  const found = pathsOf(filter).find(([name]) => keys.includes(name))
  if (found === undefined) return
  const what = isLegacy ? 'QueryFilter' : 'Filter Expression'
  throw validation(`${what} can only contain non-primary key attributes: Primary key attribute: ${found[0]}`)
}
