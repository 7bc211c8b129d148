/** The AWS settings of a table after a change. */
import type { Throughputs, UpdateTableInput } from './inputs.js'
import { encryptionKey } from './settings.js'
import {
  type AwsMetadata,
  notedThroughput,
  type StoredThroughput,
  throughputOfIndex,
  withInitialWarmth,
  withLimits,
  withUnits,
  withWarmth,
} from './table-metadata.js'

/** @param at epoch milliseconds. */
export function updateMetadata(note: AwsMetadata, input: UpdateTableInput, region: string, at: number): AwsMetadata {
  const billed = switchBilling(note, input, at)
  const { units: _units, limits: _limits, warm: _warm, ...settings } = billed
  return {
    ...updateSettings(settings, input, region, at),
    ...updateThroughput(throughputOf(billed), input, at),
    indexes: updateIndexes(billed, input, at),
  }
}

/** Provisioned units and limits on demand exclude each other. */
function switchBilling(note: AwsMetadata, { BillingMode: billing }: UpdateTableInput, at: number): AwsMetadata {
  if (billing === undefined || billing === note.billing) return note
  const indexes = note.indexes.map(({ name, ...noted }) => ({ name, ...switched(noted, billing) }))
  const { units: _units, limits: _limits, warm: _warm, ...kept } = note
  return {
    ...kept,
    ...switched(throughputOf(note), billing),
    billing,
    ...(billing === 'PAY_PER_REQUEST' && { onDemandSince: at }),
    indexes,
  }
}

function switched({ units: _units, limits: _limits, ...kept }: StoredThroughput, billing: string): StoredThroughput {
  return billing === 'PAY_PER_REQUEST' ? withInitialWarmth(kept) : kept
}

function updateSettings(note: AwsMetadata, input: UpdateTableInput, region: string, at: number): AwsMetadata {
  const { encryptionKey: keyBefore, ...rest } = note
  const key = input.SSESpecification ? encryptionKey(input.SSESpecification, region) : keyBefore
  const { TableClass: tableClass, DeletionProtectionEnabled: isProtected = note.isProtected ?? false } = input
  const isAnother = tableClass !== undefined && tableClass !== (note.tableClass?.name ?? 'STANDARD')
  return {
    ...rest,
    isProtected,
    ...(key !== undefined && { encryptionKey: key }),
    ...(isAnother && { tableClass: { name: tableClass, since: at } }),
  }
}

function updateIndexes(note: AwsMetadata, input: UpdateTableInput, at: number): AwsMetadata['indexes'] {
  let indexes = note.indexes
  for (const { Create: create, Update: update, Delete: remove } of input.GlobalSecondaryIndexUpdates ?? []) {
    const name = (create ?? update ?? remove)?.IndexName as string
    const others = indexes.filter(index => index.name !== name)
    if (create) indexes = [...others, { name, ...notedThroughput(create) }]
    if (update) indexes = [...others, { name, ...updateThroughput(throughputOfIndex(note, name), update, at) }]
    if (remove) indexes = others
  }
  return indexes
}

function updateThroughput(noted: StoredThroughput, wanted: Throughputs, at: number): StoredThroughput {
  const { ProvisionedThroughput: units, OnDemandThroughput: limits, WarmThroughput: warm } = wanted
  let next = noted
  if (units) next = withUnits(next, units, at)
  if (limits) next = withLimits(next, limits)
  if (warm) next = withWarmth(next, warm)
  return next
}

function throughputOf({ units, limits, warm }: StoredThroughput): StoredThroughput {
  return { ...(units && { units }), ...(limits && { limits }), ...(warm && { warm }) }
}
