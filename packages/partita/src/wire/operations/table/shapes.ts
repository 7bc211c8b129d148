/** Shapes that operations on tables share. Members are in the order in which AWS reports problems with them. */
import type { Member, Structure } from '../../protocol/shape.js'

const NAME = { type: 'string', min: 3, max: 255, pattern: /^[a-zA-Z0-9_.-]+$/ } as const

/** The name or ARN of a table. */
export const CONTROLLED_TABLE = {
  ...NAME,
  unless: /^arn:/,
  required: true,
  alone: 'parameter',
} as const satisfies Member

/** `ExclusiveStartTableName`. */
export const START_TABLE = NAME satisfies Member

const INDEX_NAME = { ...NAME, required: true } as const satisfies Member

const ATTRIBUTE_NAME = { type: 'string', min: 1, max: 255, required: true } as const satisfies Member

/** `AttributeDefinitions`. */
export const ATTRIBUTE_DEFINITIONS = {
  type: 'list',
  of: {
    type: 'structure',
    className: 'AttributeDefinition',
    members: {
      AttributeName: ATTRIBUTE_NAME,
      AttributeType: { type: 'string', values: ['B', 'N', 'S'], required: true },
    },
  },
} as const satisfies Member

const KEY_ELEMENT: Structure = {
  type: 'structure',
  className: 'KeySchemaElement',
  members: { AttributeName: ATTRIBUTE_NAME, KeyType: { type: 'string', values: ['HASH', 'RANGE'], required: true } },
}

/** A hash key and at most one range key. */
export const KEY_SCHEMA = { type: 'list', min: 1, max: 2, of: KEY_ELEMENT, required: true } as const satisfies Member

/** The keys of a global index, which may have several of each kind. Their number is checked separately. */
const GLOBAL_KEY_SCHEMA = { type: 'list', min: 1, of: KEY_ELEMENT, required: true } as const satisfies Member

const PROJECTION = {
  type: 'structure',
  members: {
    ProjectionType: { type: 'string', values: ['ALL', 'INCLUDE', 'KEYS_ONLY'] },
    NonKeyAttributes: { type: 'list', min: 1, max: 20, of: { type: 'string', min: 1, max: 255 } },
  },
  required: true,
} as const satisfies Member

const UNITS = { type: 'long', min: 1, required: true } as const satisfies Member

/** `ProvisionedThroughput`. */
export const PROVISIONED_THROUGHPUT = {
  type: 'structure',
  members: { WriteCapacityUnits: UNITS, ReadCapacityUnits: UNITS },
} as const satisfies Member

/** `OnDemandThroughput`. */
export const ON_DEMAND_THROUGHPUT = {
  type: 'structure',
  members: { MaxReadRequestUnits: { type: 'long' }, MaxWriteRequestUnits: { type: 'long' } },
} as const satisfies Member

/** `WarmThroughput`. */
export const WARM_THROUGHPUT = {
  type: 'structure',
  members: { ReadUnitsPerSecond: { type: 'long' }, WriteUnitsPerSecond: { type: 'long' } },
} as const satisfies Member

/** `BillingMode`. */
export const BILLING_MODE = { type: 'string', values: ['PROVISIONED', 'PAY_PER_REQUEST'] } as const satisfies Member

/** `StreamSpecification`. */
export const STREAM_SPECIFICATION = {
  type: 'structure',
  members: {
    StreamEnabled: { type: 'boolean', required: true },
    StreamViewType: { type: 'string', values: ['OLD_IMAGE', 'KEYS_ONLY', 'NEW_AND_OLD_IMAGES', 'NEW_IMAGE'] },
  },
} as const satisfies Member

/** `SSESpecification`. */
export const SSE_SPECIFICATION = {
  type: 'structure',
  members: {
    Enabled: { type: 'boolean' },
    SSEType: { type: 'string', values: ['AES256', 'KMS'] },
    KMSMasterKeyId: { type: 'string', min: 1, max: 2048 },
  },
} as const satisfies Member

/** `TableClass`. Its values are checked separately and have separate messages. */
export const TABLE_CLASS = { type: 'string' } as const satisfies Member

/** `Tags`. */
export const TAGS = {
  type: 'list',
  of: { type: 'structure', members: { Key: { type: 'string' }, Value: { type: 'string' } } },
} as const satisfies Member

const NO_GLOBAL_TABLES = { type: 'refused', why: 'This server has no global tables.' } as const satisfies Member
const NO_VECTOR_INDEXES = { type: 'refused', why: 'This server has no vector indexes.' } as const satisfies Member

/** Members of CreateTable that are not offered. */
export const NOT_OFFERED_AT_CREATION = {
  ResourcePolicy: { type: 'refused', why: 'This server has no resource policies.' },
  GlobalTableSourceArn: NO_GLOBAL_TABLES,
  GlobalTableSettingsReplicationMode: NO_GLOBAL_TABLES,
  VectorIndexes: NO_VECTOR_INDEXES,
} as const satisfies Record<string, Member>

/** Members of UpdateTable that are not offered. */
export const NOT_OFFERED_IN_UPDATES = {
  ReplicaUpdates: NO_GLOBAL_TABLES,
  MultiRegionConsistency: NO_GLOBAL_TABLES,
  GlobalTableWitnessUpdates: NO_GLOBAL_TABLES,
  GlobalTableSettingsReplicationMode: NO_GLOBAL_TABLES,
  DisassociationProtectionEnabled: NO_GLOBAL_TABLES,
  VectorIndexUpdates: NO_VECTOR_INDEXES,
} as const satisfies Record<string, Member>

/** An element of `LocalSecondaryIndexes`. */
export const LOCAL_INDEX: Structure = {
  type: 'structure',
  members: { IndexName: INDEX_NAME, KeySchema: KEY_SCHEMA, Projection: PROJECTION },
}

/** A global index to create, in CreateTable or UpdateTable. */
export const GLOBAL_INDEX: Structure = {
  type: 'structure',
  members: {
    KeySchema: GLOBAL_KEY_SCHEMA,
    Projection: PROJECTION,
    IndexName: INDEX_NAME,
    ProvisionedThroughput: PROVISIONED_THROUGHPUT,
    OnDemandThroughput: ON_DEMAND_THROUGHPUT,
    WarmThroughput: WARM_THROUGHPUT,
  },
}

/** `GlobalSecondaryIndexUpdates`. */
export const GLOBAL_INDEX_UPDATES = {
  type: 'list',
  of: {
    type: 'structure',
    members: {
      Update: {
        type: 'structure',
        members: {
          IndexName: INDEX_NAME,
          ProvisionedThroughput: PROVISIONED_THROUGHPUT,
          OnDemandThroughput: ON_DEMAND_THROUGHPUT,
          WarmThroughput: WARM_THROUGHPUT,
        },
      },
      Create: GLOBAL_INDEX,
      Delete: { type: 'structure', members: { IndexName: INDEX_NAME } },
    },
  },
} as const satisfies Member
