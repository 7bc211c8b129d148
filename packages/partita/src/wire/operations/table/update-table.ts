import type { KnownTable } from '../../../embedded/catalog.js'
import { AlreadyExistsError } from '../../../errors/errors.js'
import type { TableChange } from '../../../store/definition.js'
import type { Operation, Wire } from '../../dispatch.js'
import { AwsError } from '../../protocol/aws-error.js'
import { describedTable, tableName } from '../../protocol/table-name.js'
import { describe, type Moment } from './description.js'
import { toIndexDefinition } from './indexes.js'
import type { UpdateTableInput } from './inputs.js'
import { streamChange } from './settings.js'
import {
  ATTRIBUTE_DEFINITIONS,
  BILLING_MODE,
  CONTROLLED_TABLE,
  GLOBAL_INDEX_UPDATES,
  NOT_OFFERED_IN_UPDATES,
  ON_DEMAND_THROUGHPUT,
  PROVISIONED_THROUGHPUT,
  SSE_SPECIFICATION,
  STREAM_SPECIFICATION,
  TABLE_CLASS,
  WARM_THROUGHPUT,
} from './shapes.js'
import { type AwsMetadata, awsMetadataOf, changeAwsMetadata, type StoredThroughput } from './table-metadata.js'
import { checkUpdate, indexNameOf } from './update-check.js'
import { updateMetadata } from './update-metadata.js'
import { checkAgainst } from './update-rules.js'

/** `UpdateTable`: changes the throughput, indexes, stream or settings of a table. */
export const updateTable: Operation = {
  input: {
    type: 'structure',
    members: {
      TableName: CONTROLLED_TABLE,
      BillingMode: BILLING_MODE,
      ProvisionedThroughput: PROVISIONED_THROUGHPUT,
      AttributeDefinitions: ATTRIBUTE_DEFINITIONS,
      GlobalSecondaryIndexUpdates: GLOBAL_INDEX_UPDATES,
      StreamSpecification: STREAM_SPECIFICATION,
      SSESpecification: SSE_SPECIFICATION,
      TableClass: TABLE_CLASS,
      DeletionProtectionEnabled: { type: 'boolean' },
      OnDemandThroughput: ON_DEMAND_THROUGHPUT,
      WarmThroughput: WARM_THROUGHPUT,
      ...NOT_OFFERED_IN_UPDATES,
    },
  },
  async run(wire, input: UpdateTableInput) {
    const name = tableName(wire, input.TableName)
    checkUpdate(input)
    const before = describedTable(wire, name)
    checkAgainst(before, input, wire.region, wire.now())
    const figures = await wire.store.measure(name)
    await change(wire, name, input)
    const after = describedTable(wire, name)
    return { TableDescription: describe(wire, between(before, after), figures, momentOf(input)) }
  },
}

/** Makes the change. Like AWS, it answers before indexes are filled or removed. */
async function change({ store, region, now }: Wire, name: string, input: UpdateTableInput): Promise<void> {
  const { StreamSpecification: stream } = input
  const at = now()
  try {
    await store.updateTable(name, indexChanges(input), {
      changeMetadata: changeAwsMetadata(settings => updateMetadata(settings, input, region, at)),
      ...(stream && { stream: streamChange(stream) }),
      inBackground: true,
    })
  } catch (error) {
    if (!(error instanceof AlreadyExistsError)) throw error
    // A concurrent request created an index of that name, or changed the stream.
    throw new AwsError(
      'ResourceInUseException',
      `Attempt to change a resource which is still in use: Table is being updated: ${name}`,
    )
  }
}

function indexChanges({ GlobalSecondaryIndexUpdates: updates = [], ...input }: UpdateTableInput): TableChange {
  const created = updates.flatMap(({ Create }) => (Create ? [Create] : []))
  const deleted = updates.flatMap(({ Delete }) => (Delete ? [Delete.IndexName] : []))
  const definitions = input.AttributeDefinitions ?? []
  return {
    ...(created.length > 0 && {
      createIndexes: Object.fromEntries(created.map(it => [it.IndexName, toIndexDefinition(it, definitions)])),
    }),
    ...(deleted.length > 0 && { deleteIndexes: deleted }),
  }
}

function momentOf(input: UpdateTableInput): Moment {
  const updates = input.GlobalSecondaryIndexUpdates ?? []
  const states = updates.map(update => {
    const state = update.Create ? 'CREATING' : update.Delete ? 'DELETING' : 'UPDATING'
    return [indexNameOf(update), state] as const
  })
  const isQuiet =
    input.DeletionProtectionEnabled !== undefined ||
    input.SSESpecification !== undefined ||
    (input.BillingMode === undefined && updates.length > 0 && updates.every(({ Update }) => Update))
  return {
    status: isQuiet ? 'ACTIVE' : 'UPDATING',
    indexes: new Map(states),
    isEncrypting: input.SSESpecification !== undefined,
  }
}

/** The table as AWS's answer shows it: with the old throughput and class, and with indexes that are being deleted. */
function between(before: KnownTable, after: KnownTable): KnownTable {
  const [was, is] = [awsMetadataOf(before), awsMetadataOf(after)]
  const { tableClass: _coming, ...rest } = is
  const gone = was.indexes.filter(({ name }) => !is.indexes.some(index => index.name === name))
  const settings: AwsMetadata = {
    ...rest,
    ...unitsBetween(was, is),
    ...(was.tableClass && { tableClass: was.tableClass }),
    indexes: [
      ...is.indexes.map(index => {
        const old = was.indexes.find(({ name }) => name === index.name)
        return old ? { ...index, ...unitsBetween(old, index) } : index
      }),
      ...gone,
    ],
  }
  const globalIndexes = { ...before.definition.globalIndexes, ...after.definition.globalIndexes }
  return { ...after, definition: { ...after.definition, globalIndexes }, metadata: { aws: settings } }
}

function unitsBetween({ units: was }: StoredThroughput, { units: is }: StoredThroughput): StoredThroughput {
  if (!was || !is) return {}
  const { decreases: _counted, ...moments } = is
  const { read, write, decreases } = was
  return { units: { ...moments, read, write, ...(decreases !== undefined && { decreases }) } }
}
