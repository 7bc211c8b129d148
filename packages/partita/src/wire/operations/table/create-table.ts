import type { KnownTable, TableExtras } from '../../../embedded/catalog.js'
import { AlreadyExistsError } from '../../../errors/errors.js'
import type { TableDefinition } from '../../../store/definition.js'
import type { Operation, Wire } from '../../dispatch.js'
import { AwsError } from '../../protocol/aws-error.js'
import { tableName } from '../../protocol/table-name.js'
import { describe } from './description.js'
import { checkIndexes, toIndexDefinition } from './indexes.js'
import type { CreateTableInput, LocalIndex } from './inputs.js'
import { checkKeys, toKeySchema } from './key-schema.js'
import { checkEncryption, checkTableClass, encryptionKey, streamOfNew } from './settings.js'
import {
  ATTRIBUTE_DEFINITIONS,
  BILLING_MODE,
  CONTROLLED_TABLE,
  GLOBAL_INDEX,
  KEY_SCHEMA,
  LOCAL_INDEX,
  NOT_OFFERED_AT_CREATION,
  ON_DEMAND_THROUGHPUT,
  PROVISIONED_THROUGHPUT,
  SSE_SPECIFICATION,
  STREAM_SPECIFICATION,
  TABLE_CLASS,
  TAGS,
  WARM_THROUGHPUT,
} from './shapes.js'
import { type AwsMetadata, changeAwsMetadata, storedThroughput } from './table-metadata.js'
import { checkTags } from './tags.js'
import { checkMaximums, checkTableThroughput } from './throughput.js'

/** `CreateTable`: creates a table with its indexes, stream and settings. */
export const createTable: Operation = {
  input: {
    type: 'structure',
    members: {
      TableName: CONTROLLED_TABLE,
      BillingMode: BILLING_MODE,
      ProvisionedThroughput: PROVISIONED_THROUGHPUT,
      KeySchema: KEY_SCHEMA,
      AttributeDefinitions: { ...ATTRIBUTE_DEFINITIONS, required: true },
      LocalSecondaryIndexes: { type: 'list', of: LOCAL_INDEX },
      GlobalSecondaryIndexes: { type: 'list', of: GLOBAL_INDEX },
      StreamSpecification: STREAM_SPECIFICATION,
      SSESpecification: SSE_SPECIFICATION,
      TableClass: TABLE_CLASS,
      DeletionProtectionEnabled: { type: 'boolean' },
      OnDemandThroughput: ON_DEMAND_THROUGHPUT,
      WarmThroughput: WARM_THROUGHPUT,
      Tags: TAGS,
      ...NOT_OFFERED_AT_CREATION,
    },
  },
  async run(wire, input: CreateTableInput) {
    const billing = input.BillingMode ?? 'PROVISIONED'
    const name = tableName(wire, input.TableName)
    checkTableThroughput(input, billing)
    checkKeys(input)
    checkIndexes(input, billing)
    const stream = streamOfNew(input.StreamSpecification)
    checkEncryption(input.SSESpecification)
    checkTableClass(input.TableClass)
    const tags = checkTags(input.Tags ?? [])
    checkMaximums(input, wire.region)
    for (const index of input.GlobalSecondaryIndexes ?? []) checkMaximums(index, wire.region, index.IndexName)
    const settings = { ...initialSettings(wire, input), ...(tags.length > 0 && { tags }) }
    const created = await create(wire, definitionOf(name, input), {
      changeMetadata: changeAwsMetadata(() => settings),
      ...(stream && { stream }),
    })
    const figures = { items: 0, bytes: 0, indexes: new Map() }
    return { TableDescription: describe(wire, created, figures, { status: 'CREATING', isNew: true }) }
  },
}

async function create(
  { store }: Wire,
  definition: TableDefinition,
  extras: Omit<TableExtras, 'isNew'>,
): Promise<KnownTable> {
  const { name } = definition
  try {
    await store.createTable(definition, { ...extras, isNew: true })
  } catch (error) {
    if (error instanceof AlreadyExistsError)
      throw new AwsError('ResourceInUseException', `Table already exists: ${name}`)
    throw error
  }
  const created = store.table(name)
  if (!created) throw new AwsError('ResourceNotFoundException', 'Requested resource not found')
  return created
}

function definitionOf(name: string, input: CreateTableInput): TableDefinition {
  const { AttributeDefinitions: attributes } = input
  const indexes = (list: readonly LocalIndex[]) =>
    Object.fromEntries(list.map(index => [index.IndexName, toIndexDefinition(index, attributes)]))
  return {
    name,
    key: toKeySchema(input.KeySchema, attributes),
    ...(input.GlobalSecondaryIndexes && { globalIndexes: indexes(input.GlobalSecondaryIndexes) }),
    ...(input.LocalSecondaryIndexes && { localIndexes: indexes(input.LocalSecondaryIndexes) }),
  }
}

function initialSettings(wire: Wire, input: CreateTableInput): AwsMetadata {
  const { BillingMode: billing = 'PROVISIONED', TableClass: name } = input
  const now = wire.now()
  const key = encryptionKey(input.SSESpecification, wire.region)
  return {
    billing,
    ...(billing === 'PAY_PER_REQUEST' && { onDemandSince: now }),
    ...storedThroughput(input),
    indexes: (input.GlobalSecondaryIndexes ?? []).map(index => ({ name: index.IndexName, ...storedThroughput(index) })),
    ...(input.DeletionProtectionEnabled && { isProtected: true }),
    ...(name !== undefined && { tableClass: { name } }),
    ...(key !== undefined && { encryptionKey: key }),
  }
}
