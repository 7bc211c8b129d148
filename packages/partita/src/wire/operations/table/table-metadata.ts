/** Settings of a table that AWS has and the store does not use. They are stored with the table's metadata. */
import type { KnownTable, TableMetadata } from '../../../embedded/catalog.js'
import type { BillingMode, OnDemandThroughput, ProvisionedThroughput, Throughputs, WarmThroughput } from './inputs.js'
import { INITIAL_WARMTH } from './throughput.js'

/** Provisioned capacity units, and when they last changed. */
export interface StoredUnits {
  readonly read: number
  readonly write: number
  /** Epoch milliseconds. */
  readonly increased?: number
  readonly decreased?: number
  /** Number of decreases on the day of the last one. */
  readonly decreases?: number
}

/** The throughput of a table or a global index. */
export interface StoredThroughput {
  /** Present if it is provisioned. */
  readonly units?: StoredUnits
  readonly limits?: OnDemandThroughput
  readonly warm?: { readonly read: number; readonly write: number }
}

/** Settings of a table that only the wire knows. */
export interface AwsMetadata extends StoredThroughput {
  readonly billing: BillingMode
  /** When it was last switched to billing per request, in epoch milliseconds. */
  readonly onDemandSince?: number
  readonly indexes: readonly (StoredThroughput & { readonly name: string })[]
  readonly isProtected?: boolean
  readonly tableClass?: { readonly name: string; readonly since?: number }
  /** The ARN of the encryption key; absent for the key that AWS owns. */
  readonly encryptionKey?: string
  readonly tags?: readonly (readonly [key: string, value: string])[]
  /** The recovery period in days, and when it began, in epoch milliseconds. */
  readonly recovery?: { readonly days: number; readonly since: number }
}

/** Tables that were not created over the wire are billed per request. */
const DEFAULT_SETTINGS: AwsMetadata = { billing: 'PAY_PER_REQUEST', indexes: [] }

/** The AWS settings of a table; defaults for a table that was not created over the wire. */
export function awsMetadataOf({ metadata }: Pick<KnownTable, 'metadata'>): AwsMetadata {
  return (metadata.aws as AwsMetadata | undefined) ?? DEFAULT_SETTINGS
}

/** Applies a change of the AWS settings to the metadata that the store keeps. */
export function changeAwsMetadata(
  change: (settings: AwsMetadata) => AwsMetadata,
): (metadata: TableMetadata) => TableMetadata {
  return metadata => ({ ...metadata, aws: change(awsMetadataOf({ metadata })) })
}

/** The throughput to record for a new table or index. */
export function storedThroughput(given: Throughputs): StoredThroughput {
  const { ProvisionedThroughput: units, OnDemandThroughput: limits, WarmThroughput: warm } = given
  const provisioned = units && { read: units.ReadCapacityUnits, write: units.WriteCapacityUnits }
  return {
    ...(provisioned && { units: provisioned }),
    ...(limits && Object.keys(limits).length > 0 && { limits }),
    warm: warmed(provisioned ?? INITIAL_WARMTH, warm),
  }
}

/** The recorded throughput of a global index; empty if none is recorded. */
export function throughputOfIndex(settings: AwsMetadata, name: string): StoredThroughput {
  return settings.indexes.find(index => index.name === name) ?? {}
}

/** The warm throughput: the highest that the table or index ever reached. */
export function warmthOf({ units, warm = units ?? INITIAL_WARMTH }: StoredThroughput): {
  readonly read: number
  readonly write: number
} {
  return warm
}

/** Sets new units and records the increase or decrease. @param at epoch milliseconds. */
export function withUnits(throughput: StoredThroughput, wanted: ProvisionedThroughput, at: number): StoredThroughput {
  const { ReadCapacityUnits: read, WriteCapacityUnits: write } = wanted
  const before = throughput.units ?? { read: 0, write: 0 }
  const isMore = read > before.read || write > before.write
  const isLess = read < before.read || write < before.write
  const units = {
    ...before,
    read,
    write,
    ...(isMore && { increased: at }),
    ...(isLess && { decreased: at, decreases: decreasesToday(before, at) + 1 }),
  }
  const { limits: _dropped, ...kept } = throughput
  return {
    ...kept,
    units,
    warm: warmed(warmthOf(throughput), { ReadUnitsPerSecond: read, WriteUnitsPerSecond: write }),
  }
}

/** Raises the warm throughput to the requested values. It never falls. */
export function withWarmth(throughput: StoredThroughput, wanted: WarmThroughput): StoredThroughput {
  return { ...throughput, warm: warmed(warmthOf(throughput), wanted) }
}

/** Raises the warm throughput to the minimum of tables that are billed per request. */
export function withInitialWarmth(throughput: StoredThroughput): StoredThroughput {
  const { read, write } = INITIAL_WARMTH
  return withWarmth(throughput, { ReadUnitsPerSecond: read, WriteUnitsPerSecond: write })
}

/** Changes limits on demand. -1 removes a limit; a limit that is not given stays. */
export function withLimits(throughput: StoredThroughput, wanted: OnDemandThroughput): StoredThroughput {
  const { limits: before, ...kept } = throughput
  const limits = Object.fromEntries(Object.entries({ ...before, ...wanted }).filter(([, limit]) => limit !== -1))
  return Object.keys(limits).length > 0 ? { ...kept, limits } : kept
}

/** Number of decreases on the current UTC day. */
export function decreasesToday({ decreased, decreases = 0 }: StoredUnits, now: number): number {
  const dayOf = (at: number) => Math.floor(at / 86_400_000)
  return decreased !== undefined && dayOf(decreased) === dayOf(now) ? decreases : 0
}

function warmed(now: { readonly read: number; readonly write: number }, wanted: WarmThroughput = {}) {
  return {
    read: Math.max(now.read, wanted.ReadUnitsPerSecond ?? 0),
    write: Math.max(now.write, wanted.WriteUnitsPerSecond ?? 0),
  }
}
