/** What is noted of a table once a change is made. */
import type { Throughputs, UpdateTableInput } from './inputs.js'
import { encryptionKey } from './settings.js'
import {
  type AwsNote,
  type NotedThroughput,
  notedThroughput,
  throughputOfIndex,
  withInitialWarmth,
  withLimits,
  withUnits,
  withWarmth,
} from './table-note.js'

/** @param at epoch milliseconds. */
export function updateNote(note: AwsNote, input: UpdateTableInput, region: string, at: number): AwsNote {
  const billed = switchBilling(note, input, at)
  const { units: _units, limits: _limits, warm: _warm, ...settings } = billed
  return {
    ...updateSettings(settings, input, region, at),
    ...updateThroughput(throughputOf(billed), input, at),
    indexes: updateIndexes(billed, input, at),
  }
}

/** Provisioned units and limits to requests exclude each other. */
function switchBilling(note: AwsNote, { BillingMode: billing }: UpdateTableInput, at: number): AwsNote {
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

function switched({ units: _units, limits: _limits, ...kept }: NotedThroughput, billing: string): NotedThroughput {
  return billing === 'PAY_PER_REQUEST' ? withInitialWarmth(kept) : kept
}

function updateSettings(note: AwsNote, input: UpdateTableInput, region: string, at: number): AwsNote {
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

function updateIndexes(note: AwsNote, input: UpdateTableInput, at: number): AwsNote['indexes'] {
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

function updateThroughput(noted: NotedThroughput, wanted: Throughputs, at: number): NotedThroughput {
  const { ProvisionedThroughput: units, OnDemandThroughput: limits, WarmThroughput: warm } = wanted
  let next = noted
  if (units) next = withUnits(next, units, at)
  if (limits) next = withLimits(next, limits)
  if (warm) next = withWarmth(next, warm)
  return next
}

function throughputOf({ units, limits, warm }: NotedThroughput): NotedThroughput {
  return { ...(units && { units }), ...(limits && { limits }), ...(warm && { warm }) }
}
