/** Limits on how much and how often an account may change a table. AWS checks them last. */
import type { KnownTable } from '../../../embedded/catalog.js'
import { AwsError } from '../../protocol/aws-error.js'
import { MOST_GLOBAL_INDEXES } from './indexes.js'
import type { GlobalIndexUpdate, UpdateTableInput } from './inputs.js'
import { awsMetadataOf, decreasesToday, type StoredThroughput, throughputOfIndex } from './table-metadata.js'
import { checkMaximums } from './throughput.js'

/** Number of decreases per day that may be less than an hour apart. */
const FREE_DECREASES = 4
const HOUR = 3_600_000
const ONE_ONLINE_INDEX = 'Only 1 online index can be created or deleted simultaneously per table'

/** @throws AwsError `LimitExceededException` */
export function checkLimits(table: KnownTable, input: UpdateTableInput, region: string, now: number): void {
  const settings = awsMetadataOf(table)
  checkOneIndexAtATime(table, input)
  checkMaximums(input, region)
  checkDecrease(settings, input.ProvisionedThroughput, now)
  for (const { Update: update, Create: create } of input.GlobalSecondaryIndexUpdates ?? []) {
    const index = update ?? create
    if (index) checkMaximums(index, region, index.IndexName)
    if (update) checkDecrease(throughputOfIndex(settings, update.IndexName), update.ProvisionedThroughput, now)
  }
}

/** For several changes, AWS reports this before it looks up the indexes. @throws AwsError `LimitExceededException` */
export function checkOneIndexAtOnce({ GlobalSecondaryIndexUpdates: updates = [] }: UpdateTableInput): void {
  if (updates.filter(isOnline).length > 1) throw overLimit(ONE_ONLINE_INDEX)
}

function isOnline({ Create, Delete }: GlobalIndexUpdate): boolean {
  return Create !== undefined || Delete !== undefined
}

function checkOneIndexAtATime(
  table: KnownTable,
  { GlobalSecondaryIndexUpdates: updates = [] }: UpdateTableInput,
): void {
  const [changed] = updates.filter(isOnline)
  if (!changed) return
  // An index that is being filled may still be deleted.
  if (table.building.some(name => changed.Delete?.IndexName !== name)) throw overLimit(ONE_ONLINE_INDEX)
  const after =
    Object.keys(table.definition.globalIndexes ?? {}).length + (updates.some(({ Create }) => Create) ? 1 : 0)
  if (after > MOST_GLOBAL_INDEXES) {
    throw overLimit(`Number of global secondary indexes exceeds per-table limit of ${MOST_GLOBAL_INDEXES}`)
  }
}

function checkDecrease(
  { units }: StoredThroughput,
  wanted: UpdateTableInput['ProvisionedThroughput'],
  now: number,
): void {
  if (!units || !wanted || units.decreased === undefined) return
  if (wanted.ReadCapacityUnits >= units.read && wanted.WriteCapacityUnits >= units.write) return
  const today = decreasesToday(units, now)
  const next = units.decreased + HOUR
  if (today < FREE_DECREASES || now >= next) return
  throw overLimit(
    `Provisioned throughput decreases are limited within a given UTC day. After the first ${FREE_DECREASES} decreases, each subsequent decrease in the same UTC day can be performed at most once every ${HOUR / 1000} seconds. Number of decreases today: ${today}. Last decrease at ${shownTime(units.decreased)}. Next decrease can be made at ${shownTime(next)}`,
  )
}

function shownTime(at: number): string {
  const date = new Date(at)
  const day = date.toLocaleDateString('en-US', { dateStyle: 'full', timeZone: 'UTC' })
  const time = date.toLocaleTimeString('en-US', { timeStyle: 'medium', timeZone: 'UTC' }).replace('\u202f', ' ')
  return `${day} at ${time} Coordinated Universal Time`
}

function overLimit(message: string): AwsError {
  return new AwsError('LimitExceededException', `Subscriber limit exceeded: ${message}`)
}
