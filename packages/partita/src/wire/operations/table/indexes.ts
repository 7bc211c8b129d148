/** Checks local and global indexes, except for attribute definitions, and converts them to the store's form. */
import type { IndexDefinition, IndexProjection } from '../../../store/definition.js'
import { invalidValues } from '../../protocol/aws-error.js'
import type {
  AttributeDefinition,
  BillingMode,
  CreateTableInput,
  GlobalIndex,
  KeyElement,
  LocalIndex,
  ProjectionInput,
} from './inputs.js'
import { checkGlobalOrder, checkOrder, toKeySchema } from './key-schema.js'
import { checkIndexThroughput } from './throughput.js'

/** Maximum number of global indexes per table. */
export const MOST_GLOBAL_INDEXES = 20
const MOST_LOCAL_INDEXES = 5
/** Maximum number of projected attributes of all indexes of a table, counted once for each index that has them. */
const MOST_PROJECTED = 100

/** Checks the indexes of a new table. @throws AwsError */
export function checkIndexes(input: CreateTableInput, billing: BillingMode): void {
  const locals = input.LocalSecondaryIndexes ?? []
  const globals = input.GlobalSecondaryIndexes ?? []
  const names = new Set<string>()
  const checkName = ({ IndexName: name }: LocalIndex) => {
    if (names.has(name)) throw invalidValues(`Duplicate index name: ${name}`)
    names.add(name)
  }
  for (const index of locals) {
    checkLocal(index, input.KeySchema)
    checkProjection(index.Projection)
    checkName(index)
  }
  if (locals.length > MOST_LOCAL_INDEXES) {
    throw invalidValues(`Number of LocalSecondaryIndexes exceeds per-table limit of ${MOST_LOCAL_INDEXES}`)
  }
  for (const index of globals) {
    checkGlobal(index)
    checkIndexThroughput(index, billing)
    checkName(index)
  }
  if (globals.length > MOST_GLOBAL_INDEXES) {
    throw invalidValues(`GlobalSecondaryIndex count exceeds the per-table limit of ${MOST_GLOBAL_INDEXES}`)
  }
  checkProjectedCount([...locals, ...globals].map(({ Projection }) => Projection))
}

/** @throws AwsError for keys or a projection that are invalid for a global index. */
export function checkGlobal(index: GlobalIndex): void {
  checkGlobalOrder(index.KeySchema)
  checkProjection(index.Projection)
}

/** @throws AwsError if the indexes of a table project too many non-key attributes. */
export function checkProjectedCount(projections: readonly ProjectionInput[]): void {
  const count = projections.reduce((sum, { NonKeyAttributes }) => sum + (NonKeyAttributes?.length ?? 0), 0)
  if (count <= MOST_PROJECTED) return
  throw invalidValues(
    `The total number of attributes projected into all secondary indexes exceeds the limit of ${MOST_PROJECTED}`,
  )
}

/** The store's definition of an index. */
export function toIndexDefinition(index: LocalIndex, definitions: readonly AttributeDefinition[]): IndexDefinition {
  return { ...toKeySchema(index.KeySchema, definitions), projection: toProjection(index.Projection) }
}

function checkLocal({ IndexName: name, KeySchema: keys }: LocalIndex, table: readonly KeyElement[]): void {
  if (table.length < 2) {
    throw invalidValues(
      'Table KeySchema does not have a range key, which is required when specifying a LocalSecondaryIndex',
    )
  }
  checkOrder(keys)
  if (keys.length < 2) throw invalidValues(`Index KeySchema does not have a range key for index: ${name}`)
  const [hash, tableHash] = [keys[0]?.AttributeName, table[0]?.AttributeName]
  if (hash === tableHash) return
  throw invalidValues(
    `Index KeySchema does not have the same leading hash key as table KeySchema for index: ${name}. index hash key: ${hash}, table hash key: ${tableHash}`,
  )
}

function checkProjection({ ProjectionType: type, NonKeyAttributes: names }: ProjectionInput): void {
  if (type === undefined) throw invalidValues('Unknown ProjectionType: null')
  if (type !== 'INCLUDE') {
    if (names) throw invalidValues(`ProjectionType is ${type}, but NonKeyAttributes is specified`)
    return
  }
  if (!names) throw invalidValues('ProjectionType is INCLUDE, but NonKeyAttributes is not specified')
  const twice = names.find((name, i) => names.indexOf(name) < i)
  if (twice !== undefined) throw invalidValues(`Duplicate element in NonKeyAttributes: ${twice}`)
}

function toProjection({ ProjectionType: type, NonKeyAttributes: include = [] }: ProjectionInput): IndexProjection {
  if (type === 'INCLUDE') return { include }
  return type === 'ALL' ? 'all' : 'keysOnly'
}
