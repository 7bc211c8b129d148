/** The inputs of operations on tables after validation by their shapes, with AWS's names. */
import type { StreamView } from '../../../embedded/stream/stream.js'

/** The type of a key attribute. */
export interface AttributeDefinition {
  readonly AttributeName: string
  readonly AttributeType: 'B' | 'N' | 'S'
}

/** One attribute of a key and its role. */
export interface KeyElement {
  readonly AttributeName: string
  readonly KeyType: 'HASH' | 'RANGE'
}

/** The attributes that an index holds. */
export interface ProjectionInput {
  readonly ProjectionType?: 'ALL' | 'INCLUDE' | 'KEYS_ONLY'
  readonly NonKeyAttributes?: readonly string[]
}

/** Provisioned capacity, in units per second. */
export interface ProvisionedThroughput {
  readonly ReadCapacityUnits: number
  readonly WriteCapacityUnits: number
}

/** Maximum throughput on demand, in request units per second; -1 removes a limit. */
export interface OnDemandThroughput {
  readonly MaxReadRequestUnits?: number
  readonly MaxWriteRequestUnits?: number
}

/** Throughput that must be available at once, in units per second. */
export interface WarmThroughput {
  readonly ReadUnitsPerSecond?: number
  readonly WriteUnitsPerSecond?: number
}

/** Whether a table is billed for provisioned capacity or per request. */
export type BillingMode = 'PROVISIONED' | 'PAY_PER_REQUEST'

/** The throughput settings of a table or a global index. */
export interface Throughputs {
  readonly ProvisionedThroughput?: ProvisionedThroughput
  readonly OnDemandThroughput?: OnDemandThroughput
  readonly WarmThroughput?: WarmThroughput
}

/** A local index to create. */
export interface LocalIndex {
  readonly IndexName: string
  readonly KeySchema: readonly KeyElement[]
  readonly Projection: ProjectionInput
}

/** A global index to create. */
export interface GlobalIndex extends LocalIndex, Throughputs {}

/** Whether a table has a stream, and what its records contain. */
export interface StreamSpecification {
  readonly StreamEnabled: boolean
  readonly StreamViewType?: StreamView
}

/** Settings of server-side encryption. */
export interface SseSpecification {
  readonly Enabled?: boolean
  readonly SSEType?: 'AES256' | 'KMS'
  readonly KMSMasterKeyId?: string
}

/** A tag of a table. */
export interface Tag {
  readonly Key?: string
  readonly Value?: string
}

/** The input of `CreateTable`. */
export interface CreateTableInput extends Throughputs {
  readonly TableName: string
  readonly AttributeDefinitions: readonly AttributeDefinition[]
  readonly KeySchema: readonly KeyElement[]
  readonly LocalSecondaryIndexes?: readonly LocalIndex[]
  readonly GlobalSecondaryIndexes?: readonly GlobalIndex[]
  readonly BillingMode?: BillingMode
  readonly StreamSpecification?: StreamSpecification
  readonly SSESpecification?: SseSpecification
  readonly TableClass?: string
  readonly DeletionProtectionEnabled?: boolean
  readonly Tags?: readonly Tag[]
}

/** One change of a global index in `UpdateTable`: exactly one of the three members. */
export interface GlobalIndexUpdate {
  readonly Update?: { readonly IndexName: string } & Throughputs
  readonly Create?: GlobalIndex
  readonly Delete?: { readonly IndexName: string }
}

/** The input of `UpdateTable`. */
export interface UpdateTableInput extends Throughputs {
  readonly TableName: string
  readonly AttributeDefinitions?: readonly AttributeDefinition[]
  readonly GlobalSecondaryIndexUpdates?: readonly GlobalIndexUpdate[]
  readonly BillingMode?: BillingMode
  readonly StreamSpecification?: StreamSpecification
  readonly SSESpecification?: SseSpecification
  readonly TableClass?: string
  readonly DeletionProtectionEnabled?: boolean
}
