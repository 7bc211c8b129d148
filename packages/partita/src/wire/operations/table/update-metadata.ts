/** The AWS settings of a table after a change. */
import type { Throughputs, UpdateTableInput } from './inputs.js'
import { encryptionKey } from './settings.js'
import {
  type AwsMetadata,
  type StoredThroughput,
  storedThroughput,
  throughputOfIndex,
  withInitialWarmth,
  withLimits,
  withUnits,
  withWarmth,
} from './table-metadata.js'

/** @param at epoch milliseconds. */
export function updateMetadata(
  settings: AwsMetadata,
  input: UpdateTableInput,
  region: string,
  at: number,
): AwsMetadata {
  const billed = switchBilling(settings, input, at)
  const { units: _units, limits: _limits, warm: _warm, ...others } = billed
  return {
    ...updateSettings(others, input, region, at),
    ...updateThroughput(throughputOf(billed), input, at),
    indexes: updateIndexes(billed, input, at),
  }
}

/** Provisioned units and limits on demand exclude each other. */
function switchBilling(settings: AwsMetadata, { BillingMode: billing }: UpdateTableInput, at: number): AwsMetadata {
  if (billing === undefined || billing === settings.billing) return settings
  const indexes = settings.indexes.map(({ name, ...throughput }) => ({ name, ...switched(throughput, billing) }))
  const { units: _units, limits: _limits, warm: _warm, ...kept } = settings
  return {
    ...kept,
    ...switched(throughputOf(settings), billing),
    billing,
    ...(billing === 'PAY_PER_REQUEST' && { onDemandSince: at }),
    indexes,
  }
}

function switched({ units: _units, limits: _limits, ...kept }: StoredThroughput, billing: string): StoredThroughput {
  return billing === 'PAY_PER_REQUEST' ? withInitialWarmth(kept) : kept
}

function updateSettings(settings: AwsMetadata, input: UpdateTableInput, region: string, at: number): AwsMetadata {
  const { encryptionKey: keyBefore, ...rest } = settings
  const key = input.SSESpecification ? encryptionKey(input.SSESpecification, region) : keyBefore
  const { TableClass: tableClass, DeletionProtectionEnabled: isProtected = settings.isProtected ?? false } = input
  const isAnother = tableClass !== undefined && tableClass !== (settings.tableClass?.name ?? 'STANDARD')
  return {
    ...rest,
    isProtected,
    ...(key !== undefined && { encryptionKey: key }),
    ...(isAnother && { tableClass: { name: tableClass, since: at } }),
  }
}

function updateIndexes(settings: AwsMetadata, input: UpdateTableInput, at: number): AwsMetadata['indexes'] {
  let indexes = settings.indexes
  for (const { Create: create, Update: update, Delete: remove } of input.GlobalSecondaryIndexUpdates ?? []) {
    const name = (create ?? update ?? remove)?.IndexName as string
    const others = indexes.filter(index => index.name !== name)
    if (create) indexes = [...others, { name, ...storedThroughput(create) }]
    if (update) indexes = [...others, { name, ...updateThroughput(throughputOfIndex(settings, name), update, at) }]
    if (remove) indexes = others
  }
  return indexes
}

function updateThroughput(throughput: StoredThroughput, wanted: Throughputs, at: number): StoredThroughput {
  const { ProvisionedThroughput: units, OnDemandThroughput: limits, WarmThroughput: warm } = wanted
  let next = throughput
  if (units) next = withUnits(next, units, at)
  if (limits) next = withLimits(next, limits)
  if (warm) next = withWarmth(next, warm)
  return next
}

function throughputOf({ units, limits, warm }: StoredThroughput): StoredThroughput {
  return { ...(units && { units }), ...(limits && { limits }), ...(warm && { warm }) }
}
