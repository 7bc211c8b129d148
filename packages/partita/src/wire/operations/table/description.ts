/** Builds the descriptions of tables in answers. */
import { createHash } from 'node:crypto'
import type { KnownTable } from '../../../embedded/catalog.js'
import type { Figures, TableFigures } from '../../../embedded/read/measure.js'
import {
  type IndexDefinition,
  type IndexKeySchema,
  partitionAttributes,
  sortAttributes,
} from '../../../store/definition.js'
import type { Wire } from '../../dispatch.js'
import { tableArn } from '../../protocol/table-name.js'
import { streamArn } from '../stream/stream.js'
import type { AttributeDefinition, ProjectionInput } from './inputs.js'
import { fromKeySchema } from './key-schema.js'
import {
  type AwsMetadata,
  awsMetadataOf,
  decreasesToday,
  type StoredThroughput,
  throughputOfIndex,
  warmthOf,
} from './table-metadata.js'

/** A transition of a table and its indexes that an answer shows in addition to the stored state. */
export interface Moment {
  readonly status: 'CREATING' | 'UPDATING' | 'ACTIVE'
  /** The status of indexes that are neither active nor being filled. */
  readonly indexes?: ReadonlyMap<string, 'CREATING' | 'UPDATING' | 'DELETING'>
  /** Whether its encryption is being changed. */
  readonly isEncrypting?: boolean
  /** Whether the table is too new to show its warm throughput. */
  readonly isNew?: boolean
}

const NO_FIGURES: Figures = { items: 0, bytes: 0 }

/** The description with current counts and sizes. */
export async function describeNow(
  wire: Wire,
  table: KnownTable,
  moment: Moment = { status: 'ACTIVE' },
): Promise<object> {
  return describe(wire, table, await wire.store.measure(table.definition.name), moment)
}

/** The `TableDescription` of a table, with the given counts and sizes. */
export function describe(wire: Wire, table: KnownTable, figures: TableFigures, moment: Moment): object {
  const { definition, stream } = table
  const settings = awsMetadataOf(table)
  const now = wire.now()
  const locals = Object.entries(definition.localIndexes ?? {})
  const globals = Object.entries(definition.globalIndexes ?? {})
  const describeLocal = ([name, index]: [string, IndexDefinition]) => ({
    IndexName: name,
    KeySchema: fromKeySchema(index),
    Projection: projection(index),
    ...indexFigures(wire, table, name, figures),
  })
  const describeGlobal = ([name, index]: [string, IndexDefinition]) => {
    const throughput = throughputOfIndex(settings, name)
    return {
      IndexName: name,
      KeySchema: fromKeySchema(index),
      Projection: projection(index),
      ...indexStatus(table, name, moment),
      ProvisionedThroughput: units(throughput, now),
      ...indexFigures(wire, table, name, figures),
      ...(throughput.limits && { OnDemandThroughput: throughput.limits }),
      ...(!moment.isNew && { WarmThroughput: warmth(throughput) }),
    }
  }
  return {
    AttributeDefinitions: attributeDefinitions([definition.key, ...[...locals, ...globals].map(([, index]) => index)]),
    TableName: definition.name,
    KeySchema: fromKeySchema(definition.key),
    TableStatus: moment.status,
    CreationDateTime: (table.created ?? 0) / 1000,
    ProvisionedThroughput: units(settings, now),
    TableSizeBytes: figures.bytes,
    ItemCount: figures.items,
    TableArn: tableArn(wire, definition.name),
    TableId: tableId(table),
    ...billing(settings, moment),
    ...(locals.length > 0 && { LocalSecondaryIndexes: locals.map(describeLocal) }),
    ...(globals.length > 0 && { GlobalSecondaryIndexes: globals.map(describeGlobal) }),
    ...(stream &&
      stream.ended === undefined && { StreamSpecification: { StreamEnabled: true, StreamViewType: stream.view } }),
    ...(stream && { LatestStreamLabel: stream.label, LatestStreamArn: streamArn(wire, stream) }),
    ...(settings.encryptionKey !== undefined && {
      SSEDescription: {
        Status: moment.isEncrypting ? 'UPDATING' : 'ENABLED',
        SSEType: 'KMS',
        KMSMasterKeyArn: settings.encryptionKey,
      },
    }),
    ...tableClass(settings),
    DeletionProtectionEnabled: settings.isProtected ?? false,
    ...(settings.limits && { OnDemandThroughput: settings.limits }),
    ...(!moment.isNew && { WarmThroughput: warmth(settings) }),
  }
}

/** The short description of a table that is being deleted. */
export function describeLeaving(wire: Wire, table: KnownTable, figures: TableFigures): object {
  const settings = awsMetadataOf(table)
  return {
    TableName: table.definition.name,
    TableStatus: 'DELETING',
    ProvisionedThroughput: units(settings, wire.now()),
    TableSizeBytes: figures.bytes,
    ItemCount: figures.items,
    TableArn: tableArn(wire, table.definition.name),
    TableId: tableId(table),
    ...billing(settings, { status: 'ACTIVE' }),
    DeletionProtectionEnabled: false,
  }
}

/** The definitions of all key attributes of a table and its indexes, without duplicates, sorted by name. */
function attributeDefinitions(schemas: readonly IndexKeySchema[]): AttributeDefinition[] {
  const types = new Map<string, AttributeDefinition['AttributeType']>()
  for (const schema of schemas) {
    for (const { name, type } of [...partitionAttributes(schema), ...sortAttributes(schema)]) types.set(name, type)
  }
  return [...types.keys()]
    .sort()
    .map(name => ({ AttributeName: name, AttributeType: types.get(name) as AttributeDefinition['AttributeType'] }))
}

function projection({ projection: held = 'all' }: IndexDefinition): ProjectionInput {
  if (held === 'all') return { ProjectionType: 'ALL' }
  if (held === 'keysOnly') return { ProjectionType: 'KEYS_ONLY' }
  return { ProjectionType: 'INCLUDE', NonKeyAttributes: [...held.include].sort() }
}

function indexStatus({ building }: KnownTable, name: string, { status, indexes }: Moment): object {
  const known = indexes?.get(name)
  if (known === 'CREATING') return { IndexStatus: known, Backfilling: false }
  if (known !== undefined) return { IndexStatus: known }
  if (building.includes(name)) return { IndexStatus: 'CREATING', Backfilling: true }
  return { IndexStatus: status === 'CREATING' ? 'CREATING' : 'ACTIVE' }
}

function indexFigures(wire: Wire, table: KnownTable, name: string, figures: TableFigures): object {
  const { items, bytes } = figures.indexes.get(name) ?? NO_FIGURES
  return {
    IndexSizeBytes: bytes,
    ItemCount: items,
    IndexArn: `${tableArn(wire, table.definition.name)}/index/${name}`,
  }
}

function units({ units: provisioned }: StoredThroughput, now: number): object {
  return {
    ...(provisioned?.increased !== undefined && { LastIncreaseDateTime: provisioned.increased / 1000 }),
    ...(provisioned?.decreased !== undefined && { LastDecreaseDateTime: provisioned.decreased / 1000 }),
    NumberOfDecreasesToday: provisioned ? decreasesToday(provisioned, now) : 0,
    ReadCapacityUnits: provisioned?.read ?? 0,
    WriteCapacityUnits: provisioned?.write ?? 0,
  }
}

function warmth(throughput: StoredThroughput): object {
  const { read, write } = warmthOf(throughput)
  return { ReadUnitsPerSecond: read, WriteUnitsPerSecond: write, Status: 'ACTIVE' }
}

/** Empty for a table that has always been provisioned. */
function billing({ billing: mode, onDemandSince }: AwsMetadata, { status }: Moment): object {
  if (mode === 'PROVISIONED' && onDemandSince === undefined) return {}
  const since = status === 'ACTIVE' &&
    onDemandSince !== undefined && { LastUpdateToPayPerRequestDateTime: onDemandSince / 1000 }
  return {
    BillingModeSummary: { BillingMode: mode, ...since },
    TableThroughputModeSummary: { TableThroughputMode: mode, ...since },
  }
}

function tableClass({ tableClass: held }: AwsMetadata): object {
  if (!held) return {}
  return {
    TableClassSummary: {
      TableClass: held.name,
      ...(held.since !== undefined && { LastUpdateDateTime: held.since / 1000 }),
    },
  }
}

/** A UUID from the table's name, its number, which is never reused, and its creation time. */
function tableId({ id, definition, created = 0 }: KnownTable): string {
  const hex = createHash('sha256').update(`${definition.name}/${id}/${created}`).digest('hex')
  const variant = '89ab'.charAt(Number.parseInt(hex.charAt(16), 16) & 3)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}
