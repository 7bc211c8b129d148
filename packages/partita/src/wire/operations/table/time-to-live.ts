/** Operations on the time to live of a table's items. */

import type { Operation } from '../../dispatch.js'
import { validation } from '../../protocol/aws-error.js'
import { describedTable } from '../../protocol/table-name.js'
import { CONTROLLED_TABLE } from './shapes.js'

interface Specification {
  readonly AttributeName: string
  readonly Enabled: boolean
}

/** `UpdateTimeToLive`: enables or disables the expiry of a table's items. */
export const updateTimeToLive: Operation = {
  input: {
    type: 'structure',
    members: {
      TableName: CONTROLLED_TABLE,
      TimeToLiveSpecification: {
        type: 'structure',
        members: {
          AttributeName: { type: 'string', min: 1, max: 255, required: true },
          Enabled: { type: 'boolean', required: true },
        },
        required: true,
      },
    },
  },
  async run(
    wire,
    {
      TableName: nameOrArn,
      TimeToLiveSpecification: wanted,
    }: { TableName: string; TimeToLiveSpecification: Specification },
  ) {
    const { name, timeToLive } = describedTable(wire, nameOrArn).definition
    const { AttributeName: attribute, Enabled: isEnabled } = wanted
    if (timeToLive !== undefined && timeToLive !== attribute) {
      throw validation(`TimeToLive is active on a different AttributeName: current AttributeName is ${timeToLive}`)
    }
    if (isEnabled === (timeToLive !== undefined)) {
      throw validation(`TimeToLive is already ${isEnabled ? 'enabled' : 'disabled'}`)
    }
    await wire.store.updateTable(name, { timeToLive: isEnabled && attribute }, { inBackground: true })
    return { TimeToLiveSpecification: { AttributeName: attribute, Enabled: isEnabled } }
  },
}

/** `DescribeTimeToLive`: the state of a table's time to live, and its attribute. */
export const describeTimeToLive: Operation = {
  input: { type: 'structure', members: { TableName: CONTROLLED_TABLE } },
  run(wire, { TableName: name }: { TableName: string }) {
    const { definition, isExpiryBuilding } = describedTable(wire, name)
    const { timeToLive } = definition
    return {
      TimeToLiveDescription:
        timeToLive === undefined
          ? { TimeToLiveStatus: 'DISABLED' }
          : { TimeToLiveStatus: isExpiryBuilding ? 'ENABLING' : 'ENABLED', AttributeName: timeToLive },
    }
  },
}
