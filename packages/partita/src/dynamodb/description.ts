/** Converts table definitions to DynamoDB's form, and its descriptions to the contract's. */
import { UnavailableError } from '../errors/errors.js'
import {
  type IndexDefinition,
  type IndexKeySchema,
  type IndexProjection,
  type KeyAttribute,
  partitionAttributes,
  sortAttributes,
  type TableDefinition,
  type TableDescription,
} from '../store/definition.js'

interface AttributeShape {
  readonly AttributeName: string
  readonly AttributeType: string
}

interface KeyElement {
  readonly AttributeName?: string
  readonly KeyType?: string
}

interface ProjectionShape {
  readonly ProjectionType?: string
  readonly NonKeyAttributes?: readonly string[]
}

interface IndexShape {
  readonly IndexName?: string
  readonly IndexStatus?: string
  readonly KeySchema?: readonly KeyElement[]
  readonly Projection?: ProjectionShape
}

/** A table in DynamoDB's names, as far as it is read. */
export interface TableShape {
  readonly TableName?: string
  readonly TableStatus?: string
  readonly KeySchema?: readonly KeyElement[]
  readonly AttributeDefinitions?: readonly Partial<AttributeShape>[]
  readonly GlobalSecondaryIndexes?: readonly IndexShape[]
  readonly LocalSecondaryIndexes?: readonly IndexShape[]
  readonly ItemCount?: number
}

const STATUS: Record<string, TableDescription['status']> = {
  ACTIVE: 'active',
  CREATING: 'creating',
  UPDATING: 'updating',
  DELETING: 'deleting',
}

/** Returns the input of CreateTable. */
export function createInput(definition: TableDefinition) {
  const { name, key, globalIndexes = {}, localIndexes = {} } = definition
  const globals = Object.entries(globalIndexes).map(([index, it]) => indexInput(index, it))
  const locals = Object.entries(localIndexes).map(([index, it]) => indexInput(index, it))
  return {
    TableName: name,
    BillingMode: 'PAY_PER_REQUEST' as const,
    KeySchema: keyInput(key),
    AttributeDefinitions: attributeInput([key, ...Object.values(globalIndexes), ...Object.values(localIndexes)]),
    ...(globals.length > 0 && { GlobalSecondaryIndexes: globals }),
    ...(locals.length > 0 && { LocalSecondaryIndexes: locals }),
  }
}

/** Returns an index in DynamoDB's form. */
export function indexInput(name: string, index: IndexDefinition) {
  return {
    IndexName: name,
    KeySchema: keyInput(index),
    Projection: projectionInput(index.projection ?? 'all'),
  }
}

/** Returns the types of all key attributes, without duplicates, as DynamoDB requires. */
export function attributeInput(schemas: readonly IndexKeySchema[]): AttributeShape[] {
  const attributes = schemas.flatMap(schema => [...partitionAttributes(schema), ...sortAttributes(schema)])
  const types = new Map(attributes.map(({ name, type }) => [name, type]))
  return [...types].map(([name, type]) => ({ AttributeName: name, AttributeType: type }))
}

function keyInput(schema: IndexKeySchema): KeyElement[] {
  return [
    ...partitionAttributes(schema).map(({ name }) => ({ AttributeName: name, KeyType: 'HASH' }) as const),
    ...sortAttributes(schema).map(({ name }) => ({ AttributeName: name, KeyType: 'RANGE' }) as const),
  ]
}

function projectionInput(projection: IndexProjection): ProjectionShape {
  if (projection === 'all') return { ProjectionType: 'ALL' }
  if (projection === 'keysOnly') return { ProjectionType: 'KEYS_ONLY' }
  return { ProjectionType: 'INCLUDE', NonKeyAttributes: [...projection.include] }
}

/**
 * Converts a description, without time to live, which has its own command in DynamoDB.
 * @throws UnavailableError for a table that is archived, or whose encryption key is inaccessible.
 */
export function toDescription(table: TableShape): TableDescription {
  const types = new Map((table.AttributeDefinitions ?? []).map(it => [it.AttributeName, it.AttributeType]))
  const attributes = (elements: readonly KeyElement[], kind: string): KeyAttribute[] =>
    elements
      .filter(it => it.KeyType === kind)
      .map(it => ({ name: it.AttributeName ?? '', type: types.get(it.AttributeName) as KeyAttribute['type'] }))
  const schema = (elements: readonly KeyElement[] = []): IndexKeySchema => {
    const [partition, ...morePartition] = attributes(elements, 'HASH')
    const [sort, ...moreSort] = attributes(elements, 'RANGE')
    return {
      partition: partition as KeyAttribute,
      ...(morePartition.length > 0 && { morePartition }),
      ...(sort && { sort }),
      ...(moreSort.length > 0 && { moreSort }),
    }
  }
  const indexes = (list: readonly IndexShape[] = []) =>
    Object.fromEntries(list.map(it => [it.IndexName, { ...schema(it.KeySchema), ...toProjection(it.Projection) }]))
  const { GlobalSecondaryIndexes: globals, LocalSecondaryIndexes: locals } = table
  return {
    name: table.TableName ?? '',
    key: schema(table.KeySchema),
    ...(globals && globals.length > 0 && { globalIndexes: indexes(globals) }),
    ...(locals && locals.length > 0 && { localIndexes: indexes(locals) }),
    status: toStatus(table),
    ...toFilling(table),
    itemCount: table.ItemCount ?? 0,
  }
}

/** AWS reports only that time to live is being enabled, not its filling. */
function toFilling({ GlobalSecondaryIndexes: globals = [] }: TableShape): Pick<TableDescription, 'filling'> {
  const indexes = globals.flatMap(it => (it.IndexStatus === 'CREATING' && it.IndexName ? [it.IndexName] : []))
  return indexes.length > 0 ? { filling: { indexes, timeToLive: false } } : {}
}

function toStatus(table: TableShape): TableDescription['status'] {
  const status = STATUS[table.TableStatus ?? '']
  if (!status) throw new UnavailableError(`Table ${table.TableName} is ${table.TableStatus} and cannot be used`, {})
  const isChanging = table.GlobalSecondaryIndexes?.some(it => it.IndexStatus && it.IndexStatus !== 'ACTIVE')
  return status === 'active' && isChanging ? 'updating' : status
}

function toProjection(projection: ProjectionShape | undefined): { projection?: IndexProjection } {
  if (projection?.ProjectionType === 'KEYS_ONLY') return { projection: 'keysOnly' }
  if (projection?.ProjectionType === 'INCLUDE') return { projection: { include: projection.NonKeyAttributes ?? [] } }
  return {}
}
