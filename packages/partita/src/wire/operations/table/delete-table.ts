import type { Operation } from '../../dispatch.js'
import { validation } from '../../protocol/aws-error.js'
import { describedTable } from '../../protocol/table-name.js'
import { describeLeaving } from './description.js'
import { CONTROLLED_TABLE } from './shapes.js'
import { awsMetadataOf } from './table-metadata.js'

/** `DeleteTable`: deletes a table in the background, unless it is protected against deletion. */
export const deleteTable: Operation = {
  input: { type: 'structure', members: { TableName: CONTROLLED_TABLE } },
  async run(wire, { TableName: nameOrArn }: { TableName: string }) {
    const table = describedTable(wire, nameOrArn)
    const { name } = table.definition
    if (awsMetadataOf(table).isProtected) {
      throw validation(
        'Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.',
      )
    }
    const figures = await wire.store.measure(name)
    await wire.store.deleteTable(name, { inBackground: true })
    return { TableDescription: describeLeaving(wire, table, figures) }
  },
}
