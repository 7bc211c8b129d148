/** Checks a change against the current state of the table. */
import type { KnownTable } from '../../../embedded/catalog.js'
import {
  type IndexKeySchema,
  type KeyAttribute,
  partitionAttributes,
  sortAttributes,
} from '../../../store/definition.js'
import { AwsError, invalidValues, validation } from '../../protocol/aws-error.js'
import { checkGlobal, checkProjectedCount } from './indexes.js'
import type { AttributeDefinition, BillingMode, GlobalIndex, ProjectionInput, UpdateTableInput } from './inputs.js'
import { checkDefined, checkNoneTwice, fromKeySchema, keyNamesOf } from './key-schema.js'
import { type AwsMetadata, awsMetadataOf, throughputOfIndex, warmthOf } from './table-metadata.js'
import { checkBounds, checkOnDemand, checkUnitsDiffer, checkWarmer, unitsOnDemand } from './throughput.js'
import { checkLimits, checkOneIndexAtOnce } from './update-limits.js'

type IndexUpdate = NonNullable<NonNullable<UpdateTableInput['GlobalSecondaryIndexUpdates']>[number]['Update']>

/** @throws AwsError */
function checkStream({ definition, stream }: KnownTable, { StreamSpecification: wanted }: UpdateTableInput): void {
  if (!wanted) return
  const isOn = stream !== undefined && stream.ended === undefined
  if (wanted.StreamEnabled && isOn) {
    throw validation(`Table already has an enabled stream: TableName: ${definition.name}`)
  }
  if (!wanted.StreamEnabled && !isOn) {
    throw validation(`Table has no stream to disable: TableName: ${definition.name}`)
  }
}

/** @throws AwsError if the table does not allow the change. */
export function checkAgainst(table: KnownTable, input: UpdateTableInput, region: string, now: number): void {
  const settings = awsMetadataOf(table)
  const billing = input.BillingMode ?? settings.billing
  checkTable(settings, billing, input)
  checkStream(table, input)
  checkOneIndexAtOnce(input)
  for (const { Update: update, Create: create, Delete: remove } of input.GlobalSecondaryIndexUpdates ?? []) {
    if (update) checkIndexUpdate(table, settings, billing, update)
    if (create) checkIndexCreation(table, billing, create, input.AttributeDefinitions)
    if (remove) checkIsGlobal(table, remove.IndexName, 'delete')
  }
  checkIndexesAreProvided(table, settings, input)
  checkLimits(table, input, region, now)
}

function checkTable(settings: AwsMetadata, billing: BillingMode, input: UpdateTableInput): void {
  const { ProvisionedThroughput: units } = input
  if (billing === 'PAY_PER_REQUEST' && units) throw unitsOnDemand()
  if (input.BillingMode === 'PROVISIONED' && !units) {
    throw invalidValues('ProvisionedThroughput must be specified when BillingMode is PROVISIONED')
  }
  if (units && settings.billing === 'PROVISIONED') checkUnitsDiffer(units, settings.units)
  checkOnDemand(input.OnDemandThroughput, billing, undefined, -1)
  checkWarmer(input.WarmThroughput, warmthOf(settings), undefined)
  if (input.SSESpecification && !input.SSESpecification.Enabled && settings.encryptionKey === undefined) {
    throw invalidValues('Table is already encrypted by default')
  }
  const key = input.SSESpecification?.KMSMasterKeyId
  if (key !== undefined && key === settings.encryptionKey) {
    throw invalidValues(
      'Table is already encrypted with given KMSMasterKeyId. Use KMSMasterKeyId parameter if you want to change Master Key',
    )
  }
}

function checkIndexUpdate(table: KnownTable, settings: AwsMetadata, billing: BillingMode, update: IndexUpdate): void {
  const { IndexName: name, ProvisionedThroughput: units, OnDemandThroughput: limits, WarmThroughput: warm } = update
  checkIsGlobal(table, name, 'update')
  const throughput = throughputOfIndex(settings, name)
  const hasLimits = limits !== undefined && Object.keys(limits).length > 0
  if (billing === 'PAY_PER_REQUEST' && (units || (!hasLimits && !warm))) {
    throw invalidValues(
      `The only Updates for index: ${name} when TableThroughputMode is PAY_PER_REQUEST can be to OnDemandThroughput, WarmThroughput`,
    )
  }
  if (!units && !hasLimits && !warm) throw unitsMissing(name)
  checkBounds(update)
  if (units && settings.billing === 'PROVISIONED') checkUnitsDiffer(units, throughput.units, name)
  checkOnDemand(limits, billing, name, -1)
  checkWarmer(warm, warmthOf(throughput), name)
}

function checkIndexCreation(
  table: KnownTable,
  billing: BillingMode,
  index: GlobalIndex,
  definitions: readonly AttributeDefinition[] | undefined,
): void {
  const { IndexName: name, ProvisionedThroughput: units } = index
  const { globalIndexes = {}, localIndexes = {} } = table.definition
  if (Object.hasOwn(globalIndexes, name) || Object.hasOwn(localIndexes, name)) {
    throw validation('Attempting to create an index which already exists')
  }
  if (!definitions || definitions.length === 0) {
    throw invalidValues(`AttributeDefinitions is not specified for index: ${name}`)
  }
  checkNoneTwice(definitions)
  const keys = keyNamesOf(index.KeySchema)
  if (keys.length > definitions.length) {
    throw validation('Invalid KeySchema: Some index key attribute have no definition')
  }
  checkDefined(keys, new Set(definitions.map(({ AttributeName }) => AttributeName)))
  checkGlobal(index)
  if (billing === 'PAY_PER_REQUEST' && units) {
    throw invalidValues(
      `Neither ReadCapacityUnits nor WriteCapacityUnits can be specified for index: ${name} when BillingMode is PAY_PER_REQUEST`,
    )
  }
  if (billing === 'PROVISIONED' && !units) throw unitsMissing(name)
  checkBounds(index)
  checkOnDemand(index.OnDemandThroughput, billing, name, 1)
  checkNoneRedefined(table, index, definitions)
  const projections = Object.values({ ...globalIndexes, ...localIndexes }).map(({ projection }): ProjectionInput => {
    return typeof projection === 'object' ? { NonKeyAttributes: projection.include } : {}
  })
  checkProjectedCount([...projections, index.Projection])
}

/** An existing key attribute keeps its type. */
function checkNoneRedefined(table: KnownTable, index: GlobalIndex, definitions: readonly AttributeDefinition[]): void {
  const { key, globalIndexes = {}, localIndexes = {} } = table.definition
  const typeOf = (name: string) => definitions.find(({ AttributeName }) => AttributeName === name)?.AttributeType
  for (const schema of [key, ...Object.values(globalIndexes), ...Object.values(localIndexes)]) {
    for (const { name, type } of attributesOf(schema)) {
      if (!keyNamesOf(index.KeySchema).includes(name) || typeOf(name) === type) continue
      const wanted = index.KeySchema.map(it => shownKey(it.AttributeName, typeOf(it.AttributeName), it.KeyType))
      throw invalidValues(
        `Attributes cannot be redefined. Please check that your attribute has the same type as previously defined. Existing schema: ${shownSchema(schema)} New schema: Schema:[${wanted.join(', ')}]`,
      )
    }
  }
}

function attributesOf(schema: IndexKeySchema): KeyAttribute[] {
  return [...partitionAttributes(schema), ...sortAttributes(schema)]
}

function shownSchema(schema: IndexKeySchema): string {
  const types = attributesOf(schema)
  const keys = fromKeySchema(schema).map((it, i) => shownKey(it.AttributeName, types[i]?.type, it.KeyType))
  return `Schema:[${keys.join(', ')}]`
}

function shownKey(name: string, type: string | undefined, kind: string): string {
  return `SchemaElement: key{${name}:${type}:${kind}}`
}

function checkIsGlobal({ definition }: KnownTable, name: string, action: 'update' | 'delete'): void {
  if (Object.hasOwn(definition.globalIndexes ?? {}, name)) return
  if (Object.hasOwn(definition.localIndexes ?? {}, name)) {
    throw validation(`Cannot ${action} an index that is not a GlobalSecondaryIndex: ${name}`)
  }
  throw new AwsError(
    'ResourceNotFoundException',
    `Requested resource not found: Index ${name} for table ${definition.name}`,
  )
}

/** When a table becomes provisioned, the request must give the units of each index. */
function checkIndexesAreProvided(table: KnownTable, settings: AwsMetadata, input: UpdateTableInput): void {
  if (input.BillingMode !== 'PROVISIONED' || settings.billing === 'PROVISIONED') return
  const provided = (input.GlobalSecondaryIndexUpdates ?? []).map(
    ({ Update: update, Delete: remove }) => (update?.ProvisionedThroughput ? update : remove)?.IndexName,
  )
  const missing = Object.keys(table.definition.globalIndexes ?? {}).filter(name => !provided.includes(name))
  if (missing.length === 0) return
  throw invalidValues(`ProvisionedThroughput must be specified for index: ${missing.join(',')}`)
}

function unitsMissing(index: string): AwsError {
  return invalidValues(`Both ReadCapacityUnits and WriteCapacityUnits must be specified for index: ${index}`)
}
