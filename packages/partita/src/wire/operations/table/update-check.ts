/** Checks which changes of a table a request may combine. Does not depend on the table. */
import { type AwsError, invalidValues, validation } from '../../protocol/aws-error.js'
import type { GlobalIndexUpdate, UpdateTableInput } from './inputs.js'
import { checkEncryption, checkTableClass, streamChange } from './settings.js'
import { checkBounds } from './throughput.js'

/** @throws AwsError if the request changes nothing, or combines changes that AWS requires to be separate. */
export function checkUpdate(input: UpdateTableInput): void {
  const updates = input.GlobalSecondaryIndexUpdates ?? []
  for (const { Update: update } of updates) {
    if (update?.WarmThroughput && isEmpty(update.WarmThroughput)) {
      throw invalidValues(
        `WarmThroughput must have at least one of ReadUnitsPerSecond or WriteUnitsPerSecond specified for index: ${update.IndexName}`,
      )
    }
  }
  checkIsOneChange(input)
  for (const update of updates) checkActions(update)
  const names = new Set<string>()
  for (const update of updates) {
    const name = indexNameOf(update)
    if (names.has(name)) {
      throw invalidValues(`Only one global secondary index update per index is allowed simultaneously. Index: ${name}`)
    }
    names.add(name)
  }
  checkBounds(input)
  checkTableClass(input.TableClass)
  checkEncryption(input.SSESpecification)
  if (input.StreamSpecification) streamChange(input.StreamSpecification)
}

/** The name of the index that a change is for; empty if the change has no member. */
export function indexNameOf({ Create: create, Update: update, Delete: remove }: GlobalIndexUpdate): string {
  return (create ?? update ?? remove)?.IndexName ?? ''
}

function checkIsOneChange(input: UpdateTableInput): void {
  const updates = input.GlobalSecondaryIndexUpdates
  const changes = {
    units: input.ProvisionedThroughput !== undefined,
    billing: input.BillingMode !== undefined,
    stream: input.StreamSpecification !== undefined,
    indexes: updates !== undefined && updates.length > 0,
    encryption: input.SSESpecification !== undefined,
    protection: input.DeletionProtectionEnabled !== undefined,
    limits: input.OnDemandThroughput !== undefined && !isEmpty(input.OnDemandThroughput),
    warmth: input.WarmThroughput !== undefined && !isEmpty(input.WarmThroughput),
    tableClass: input.TableClass !== undefined,
  }
  const count = Object.values(changes).filter(Boolean).length
  if (count === 0) throw nothingToChange()
  if (updates?.length === 0) throw invalidValues('List of GlobalSecondaryIndexUpdates is empty')
  const alone = (what: string) => invalidValues(`${what} must be the only operation in the request`)
  if (changes.encryption && count > 1) throw alone('Server-Side Encryption modification')
  if (changes.tableClass && count > 1) throw alone('TableClass modification')
  if (changes.protection && count > 1) throw alone('DeletionProtection modification')
  const adds = updates?.some(({ Create }) => Create)
  if (changes.warmth && adds) {
    throw invalidValues('Create global secondary index cannot be specified when updating WarmThroughput')
  }
  if (changes.warmth && count > 1) throw alone('WarmThroughput')
  if (changes.limits && count > (changes.billing ? 2 : 1)) {
    throw invalidValues('OnDemandThroughput can only be combined with BillingMode in an UpdateTable request')
  }
  if (changes.stream && (changes.units || input.BillingMode === 'PROVISIONED')) {
    throw invalidValues('You cannot modify stream status while updating table IOPS')
  }
  if (!adds && !updates?.some(({ Delete }) => Delete)) return
  if (changes.units) throw invalidValues('You cannot create or delete index while updating table IOPS')
  if (changes.stream) throw invalidValues('You cannot create or delete index while changing stream status')
}

function checkActions({ Create, Update, Delete }: GlobalIndexUpdate): void {
  const actions = [Create, Update, Delete].filter(action => action !== undefined).length
  if (actions > 1) {
    throw invalidValues('Only one global secondary index action is allowed per GlobalSecondaryIndexUpdate object')
  }
  if (actions === 1) return
  throw invalidValues(
    'One of GlobalSecondaryIndexUpdate.Update, GlobalSecondaryIndexUpdate.Create, GlobalSecondaryIndexUpdate.Delete must not be null',
  )
}

function nothingToChange(): AwsError {
  return validation(
    'At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, GlobalSecondaryIndexUpdates, SSESpecification, ReplicaUpdates, MultiAccountReplicaReady, ReplicaTransitRoleArn, MultiRegionConsistency, DeletionProtectionEnabled, OnDemandThroughput, WarmThroughput or TableClass is required',
  )
}

function isEmpty(given: object): boolean {
  return Object.keys(given).length === 0
}
