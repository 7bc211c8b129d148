/** What AWS knows of a table and the store does not: kept as a note with the table. */
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
  /** Decreases on the day of the last one. */
  readonly decreases?: number
}

/** Of a table, or of a global index. */
export interface StoredThroughput {
  /** Present where it is provisioned. */
  readonly units?: StoredUnits
  readonly limits?: OnDemandThroughput
  readonly warm?: { readonly read: number; readonly write: number }
}

/** Settings of a table that only the wire knows. */
export interface AwsMetadata extends StoredThroughput {
  readonly billing: BillingMode
  /** Since when it is paid by request, or was last: epoch milliseconds. */
  readonly onDemandSince?: number
  readonly indexes: readonly (StoredThroughput & { readonly name: string })[]
  readonly isProtected?: boolean
  readonly tableClass?: { readonly name: string; readonly since?: number }
  /** The ARN of the key that it is encrypted with, where that is not AWS's own. */
  readonly encryptionKey?: string
  readonly tags?: readonly (readonly [key: string, value: string])[]
  /** Days for which it could be recovered, and since when: epoch milliseconds. */
  readonly recovery?: { readonly days: number; readonly since: number }
}

/** Tables that the library made by itself are paid by request. */
const NOTHING_NOTED: AwsMetadata = { billing: 'PAY_PER_REQUEST', indexes: [] }

/** The AWS settings of a table; defaults for a table that was not created over the wire. */
export function awsMetadataOf({ metadata }: Pick<KnownTable, 'metadata'>): AwsMetadata {
  return (metadata.aws as AwsMetadata | undefined) ?? NOTHING_NOTED
}

/** The same change, of the note as the store keeps it. */
export function changeAwsMetadata(
  change: (note: AwsMetadata) => AwsMetadata,
): (metadata: TableMetadata) => TableMetadata {
  return metadata => ({ ...metadata, aws: change(awsMetadataOf({ metadata })) })
}

/** What is noted of a new table or index. */
export function notedThroughput(given: Throughputs): StoredThroughput {
  const { ProvisionedThroughput: units, OnDemandThroughput: limits, WarmThroughput: warm } = given
  const noted = units && { read: units.ReadCapacityUnits, write: units.WriteCapacityUnits }
  return {
    ...(noted && { units: noted }),
    ...(limits && Object.keys(limits).length > 0 && { limits }),
    warm: warmed(noted ?? INITIAL_WARMTH, warm),
  }
}

/** The recorded throughput of a global index; empty if none is recorded. */
export function throughputOfIndex(note: AwsMetadata, name: string): StoredThroughput {
  return note.indexes.find(index => index.name === name) ?? {}
}

/** What it can do at once: of what it ever could, the most. */
export function warmthOf({ units, warm = units ?? INITIAL_WARMTH }: StoredThroughput): {
  readonly read: number
  readonly write: number
} {
  return warm
}

/** New units, of a table or index that had others; `at` in epoch milliseconds. */
export function withUnits(noted: StoredThroughput, wanted: ProvisionedThroughput, at: number): StoredThroughput {
  const { ReadCapacityUnits: read, WriteCapacityUnits: write } = wanted
  const before = noted.units ?? { read: 0, write: 0 }
  const isMore = read > before.read || write > before.write
  const isLess = read < before.read || write < before.write
  const units = {
    ...before,
    read,
    write,
    ...(isMore && { increased: at }),
    ...(isLess && { decreased: at, decreases: decreasesToday(before, at) + 1 }),
  }
  const { limits: _dropped, ...kept } = noted
  return { ...kept, units, warm: warmed(warmthOf(noted), { ReadUnitsPerSecond: read, WriteUnitsPerSecond: write }) }
}

/** Raises the warm throughput to the requested values. It never falls. */
export function withWarmth(noted: StoredThroughput, wanted: WarmThroughput): StoredThroughput {
  return { ...noted, warm: warmed(warmthOf(noted), wanted) }
}

/** What is paid by request can do this much at least. */
export function withInitialWarmth(noted: StoredThroughput): StoredThroughput {
  const { read, write } = INITIAL_WARMTH
  return withWarmth(noted, { ReadUnitsPerSecond: read, WriteUnitsPerSecond: write })
}

/** -1 takes a limit away; the other limit stays. */
export function withLimits(noted: StoredThroughput, wanted: OnDemandThroughput): StoredThroughput {
  const { limits: before, ...kept } = noted
  const limits = Object.fromEntries(Object.entries({ ...before, ...wanted }).filter(([, limit]) => limit !== -1))
  return Object.keys(limits).length > 0 ? { ...kept, limits } : kept
}

/** Decreases count for a day of UTC. */
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
