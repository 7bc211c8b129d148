/** The parts of inputs as the shapes leave them, in AWS's names. */
import type { StreamView } from '../../../embedded/stream/stream.js'

export interface AttributeDefinition {
  readonly AttributeName: string
  readonly AttributeType: 'B' | 'N' | 'S'
}

export interface KeyElement {
  readonly AttributeName: string
  readonly KeyType: 'HASH' | 'RANGE'
}

export interface Projection {
  readonly ProjectionType?: 'ALL' | 'INCLUDE' | 'KEYS_ONLY'
  readonly NonKeyAttributes?: readonly string[]
}

export interface ProvisionedThroughput {
  readonly ReadCapacityUnits: number
  readonly WriteCapacityUnits: number
}

export interface OnDemandThroughput {
  readonly MaxReadRequestUnits?: number
  readonly MaxWriteRequestUnits?: number
}

export interface WarmThroughput {
  readonly ReadUnitsPerSecond?: number
  readonly WriteUnitsPerSecond?: number
}

export type BillingMode = 'PROVISIONED' | 'PAY_PER_REQUEST'

/** How much a table or a global index may be asked for. */
export interface Throughputs {
  readonly ProvisionedThroughput?: ProvisionedThroughput
  readonly OnDemandThroughput?: OnDemandThroughput
  readonly WarmThroughput?: WarmThroughput
}

export interface LocalIndex {
  readonly IndexName: string
  readonly KeySchema: readonly KeyElement[]
  readonly Projection: Projection
}

export interface GlobalIndex extends LocalIndex, Throughputs {}

export interface StreamSpecification {
  readonly StreamEnabled: boolean
  readonly StreamViewType?: StreamView
}

export interface SseSpecification {
  readonly Enabled?: boolean
  readonly SSEType?: 'AES256' | 'KMS'
  readonly KMSMasterKeyId?: string
}

export interface Tag {
  readonly Key?: string
  readonly Value?: string
}

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

export interface GlobalIndexUpdate {
  readonly Update?: { readonly IndexName: string } & Throughputs
  readonly Create?: GlobalIndex
  readonly Delete?: { readonly IndexName: string }
}

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
