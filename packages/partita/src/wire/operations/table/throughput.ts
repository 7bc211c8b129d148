/** Validates the throughput settings of tables and global indexes. */
import { AwsError, invalidValues, validation } from '../../protocol/aws-error.js'
import type { BillingMode, GlobalIndex, OnDemandThroughput, Throughputs, WarmThroughput } from './inputs.js'

/** Maximum units of a table, and of each of its indexes. */
export const MOST_UNITS = 40_000
/** Maximum units of all tables together. */
export const MOST_ACCOUNT_UNITS = 80_000
const OUT_OF_BOUNDS = 1_000_000_000_000
/** The initial throughput of a table that is billed per request. */
export const INITIAL_WARMTH = { read: 12_000, write: 4_000 }

const GUIDE = 'Refer to the Amazon DynamoDB Developer Guide for current limits and how to request higher limits.'

/** Checks the throughput of a table in CreateTable. @throws AwsError */
export function checkTableThroughput(given: Throughputs, billing: BillingMode): void {
  const { ProvisionedThroughput: provisioned } = given
  if (billing === 'PAY_PER_REQUEST') {
    if (provisioned) throw unitsOnDemand()
  } else if (!provisioned) {
    throw invalidValues(
      'ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED',
    )
  }
  checkBounds(given)
  checkOnDemand(given.OnDemandThroughput, billing, undefined, 1)
  checkInitialWarmth(given, undefined)
}

/** Checks the throughput of a global index in CreateTable. @throws AwsError */
export function checkIndexThroughput(index: GlobalIndex, billing: BillingMode): void {
  const { IndexName: name, ProvisionedThroughput: provisioned } = index
  if (billing === 'PAY_PER_REQUEST') {
    if (provisioned) {
      throw invalidValues(
        `ProvisionedThroughput should not be specified for index: ${name} when BillingMode is PAY_PER_REQUEST`,
      )
    }
  } else if (!provisioned) {
    throw invalidValues(`ProvisionedThroughput is not specified for index: ${name}`)
  }
  checkBounds(index)
  checkOnDemand(index.OnDemandThroughput, billing, name, 1)
  checkInitialWarmth(index, name)
}

/** @throws AwsError for units above the maximum of any account. */
export function checkBounds({ ProvisionedThroughput: units }: Throughputs): void {
  for (const member of ['ReadCapacityUnits', 'WriteCapacityUnits'] as const) {
    if (units && units[member] > OUT_OF_BOUNDS) {
      throw validation(`Given value ${units[member]} for ${member} is out of bounds`)
    }
  }
}

/**
 * @param index the index's name; undefined for the table.
 * @param least 1 for a new table or index; -1, which removes a limit, for an existing one.
 * @throws AwsError
 */
export function checkOnDemand(
  limits: OnDemandThroughput | undefined,
  billing: BillingMode,
  index: string | undefined,
  least: 1 | -1,
): void {
  for (const member of ['MaxReadRequestUnits', 'MaxWriteRequestUnits'] as const) {
    const limit = limits?.[member]
    if (limit === undefined) continue
    if (billing === 'PROVISIONED') {
      const where = index === undefined ? '' : ` for index: ${index}`
      const end = least === 1 ? 'table BillingMode is PROVISIONED.' : 'the table BillingMode is PROVISIONED'
      throw invalidValues(`${member} for OnDemandThroughput${where} cannot be specified when ${end}`)
    }
    if (limit < least || limit === 0) {
      const where = index === undefined ? 'table' : `index : ${index}`
      throw invalidValues(`Requested ${member} for OnDemandThroughput for ${where} is outside of valid range`)
    }
  }
}

/**
 * Checks a change of an existing table or index. Warm throughput cannot decrease.
 * @throws AwsError
 */
export function checkWarmer(
  wanted: WarmThroughput | undefined,
  now: { readonly read: number; readonly write: number },
  index: string | undefined,
): void {
  const where = index === undefined ? 'table' : `index ${index}`
  for (const [member, least] of warmMembers(now)) {
    if ((wanted?.[member] ?? least) >= least) continue
    throw invalidValues(
      `Requested ${member} for WarmThroughput for ${where} is lower than current WarmThroughput, decreasing WarmThroughput is not supported`,
    )
  }
}

function checkInitialWarmth(
  { ProvisionedThroughput: units, WarmThroughput: wanted }: Throughputs,
  index?: string,
): void {
  const where = index === undefined ? 'table' : `index ${index}`
  const least = units ? { read: units.ReadCapacityUnits, write: units.WriteCapacityUnits } : INITIAL_WARMTH
  for (const [member, floor] of warmMembers(least)) {
    if ((wanted?.[member] ?? floor) >= floor) continue
    const reason = units
      ? `${member === 'ReadUnitsPerSecond' ? 'ReadCapacityUnits' : 'WriteCapacityUnits'} of ProvisionedThroughput`
      : 'initial throughput for OnDemand. See: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html#on-demand-capacity-mode-initial'
    throw invalidValues(`Requested ${member} for WarmThroughput for ${where} is lower than ${reason}`)
  }
}

function warmMembers({ read, write }: { readonly read: number; readonly write: number }) {
  return [
    ['ReadUnitsPerSecond', read],
    ['WriteUnitsPerSecond', write],
  ] as const
}

/**
 * Checks well-formed settings against the account's limits. AWS checks them last.
 * @throws AwsError
 */
export function checkMaximums(given: Throughputs, region: string, index?: string): void {
  const { ProvisionedThroughput: units, OnDemandThroughput: limits, WarmThroughput: warm } = given
  for (const member of ['ReadCapacityUnits', 'WriteCapacityUnits'] as const) {
    if (!units || units[member] <= MOST_UNITS) continue
    const [where, kind] = index === undefined ? ['', 'table'] : [` for index ${index}`, 'index']
    throw new AwsError(
      'LimitExceededException',
      `The requested ${member}${where}, ${units[member]}, is above the per ${kind} maximum for the account in ${region}. Per ${kind} maximum: ${MOST_UNITS}. ${GUIDE}`,
    )
  }
  const requested = [
    [
      'MaxReadRequestUnits for OnDemandThroughput',
      limits?.MaxReadRequestUnits,
      'TableMaxReadCapacityUnits',
      'index : ',
    ],
    [
      'MaxWriteRequestUnits for OnDemandThroughput',
      limits?.MaxWriteRequestUnits,
      'TableMaxWriteCapacityUnits',
      'index : ',
    ],
    ['ReadUnitsPerSecond for WarmThroughput', warm?.ReadUnitsPerSecond, 'TableMaxReadCapacityUnits', 'index '],
    ['WriteUnitsPerSecond for WarmThroughput', warm?.WriteUnitsPerSecond, 'TableMaxWriteCapacityUnits', 'index '],
  ] as const
  for (const [what, amount, maximum, named] of requested) {
    if (amount === undefined || amount <= MOST_UNITS) continue
    throw new AwsError(
      'LimitExceededException',
      `Subscriber limit exceeded: Requested ${what} for ${index === undefined ? 'table' : named + index} exceeds ${maximum} of the account in region ${region}`,
    )
  }
}

/** The error for capacity units on a table that is billed per request. */
export function unitsOnDemand(): AwsError {
  return invalidValues(
    'Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST',
  )
}

/** @throws AwsError if the new units equal the current ones. */
export function checkUnitsDiffer(
  wanted: { readonly ReadCapacityUnits: number; readonly WriteCapacityUnits: number },
  now: { readonly read: number; readonly write: number } | undefined,
  index?: string,
): void {
  const { ReadCapacityUnits: read, WriteCapacityUnits: write } = wanted
  if (read !== now?.read || write !== now.write) return
  const [what, where] = index === undefined ? ['the table', 'the table'] : [`the index ${index}`, `index ${index}`]
  throw validation(
    `The provisioned throughput for ${what} will not change. The requested value equals the current value. Current ReadCapacityUnits provisioned for ${where}: ${read}. Requested ReadCapacityUnits: ${read}. Current WriteCapacityUnits provisioned for ${where}: ${write}. Requested WriteCapacityUnits: ${write}. ${GUIDE}`,
  )
}
