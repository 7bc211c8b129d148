/** Enables and disables point-in-time recovery. Only the setting is stored; recovery is not offered. */
import type { KnownTable } from '../../../embedded/catalog.js'
import type { Operation, Wire } from '../../dispatch.js'
import { AwsError, validation } from '../../protocol/aws-error.js'
import { tableName } from '../../protocol/table-name.js'
import { CONTROLLED_TABLE } from './shapes.js'
import { awsMetadataOf, changeAwsMetadata } from './table-metadata.js'

const MOST_DAYS = 35
const DAY = 86_400_000

interface Specification {
  readonly PointInTimeRecoveryEnabled: boolean
  readonly RecoveryPeriodInDays?: number
}

/** `DescribeContinuousBackups`: whether point-in-time recovery of a table is enabled. */
export const describeContinuousBackups: Operation = {
  input: { type: 'structure', members: { TableName: CONTROLLED_TABLE } },
  run: (wire, { TableName: name }: { TableName: string }) => description(wire, backedUpTable(wire, name)),
}

/** `UpdateContinuousBackups`: enables or disables point-in-time recovery of a table. */
export const updateContinuousBackups: Operation = {
  input: {
    type: 'structure',
    members: {
      TableName: CONTROLLED_TABLE,
      PointInTimeRecoverySpecification: {
        type: 'structure',
        members: {
          PointInTimeRecoveryEnabled: { type: 'boolean', required: true },
          RecoveryPeriodInDays: { type: 'integer', min: 1, max: MOST_DAYS },
        },
        required: true,
      },
    },
  },
  async run(wire, input: { readonly TableName: string; readonly PointInTimeRecoverySpecification: Specification }) {
    const { PointInTimeRecoveryEnabled: isEnabled, RecoveryPeriodInDays: days } = input.PointInTimeRecoverySpecification
    if (!isEnabled && days !== undefined) {
      throw validation('Invalid Request: Cannot specify RecoveryPeriodInDays when disabling point-in-time recovery.')
    }
    const { name } = backedUpTable(wire, input.TableName).definition
    await wire.store.changeMetadata(
      name,
      changeAwsMetadata(({ recovery: before, ...settings }) => {
        if (!isEnabled) return settings
        return {
          ...settings,
          recovery: { days: days ?? before?.days ?? MOST_DAYS, since: before?.since ?? wire.now() },
        }
      }),
    )
    return description(wire, backedUpTable(wire, name))
  },
}

/** @throws AwsError `TableNotFoundException` */
function backedUpTable(wire: Wire, nameOrArn: string): KnownTable {
  const name = tableName(wire, nameOrArn)
  const table = wire.store.table(name)
  if (!table) throw new AwsError('TableNotFoundException', `Table not found: ${name}`)
  return table
}

function description(wire: Wire, table: KnownTable): object {
  const { recovery } = awsMetadataOf(table)
  const now = wire.now()
  return {
    ContinuousBackupsDescription: {
      ContinuousBackupsStatus: 'ENABLED',
      PointInTimeRecoveryDescription: recovery
        ? {
            PointInTimeRecoveryStatus: 'ENABLED',
            RecoveryPeriodInDays: recovery.days,
            EarliestRestorableDateTime: Math.max(recovery.since, now - recovery.days * DAY) / 1000,
            LatestRestorableDateTime: now / 1000,
          }
        : { PointInTimeRecoveryStatus: 'DISABLED' },
    },
  }
}
