/** Describes one table, or lists the names of all. */

import type { Operation } from '../../dispatch.js'
import { describedTable } from '../../protocol/table-name.js'
import { describeNow } from './description.js'
import { CONTROLLED_TABLE, START_TABLE } from './shapes.js'

const MOST_NAMES = 100

/** `DescribeTable`: the description of one table. */
export const describeTable: Operation = {
  input: { type: 'structure', members: { TableName: CONTROLLED_TABLE } },
  async run(wire, { TableName: name }: { TableName: string }) {
    return { Table: await describeNow(wire, describedTable(wire, name)) }
  },
}

/** `ListTables`: a page of table names, in order. */
export const listTables: Operation = {
  input: {
    type: 'structure',
    members: { ExclusiveStartTableName: START_TABLE, Limit: { type: 'integer', min: 1, max: MOST_NAMES } },
  },
  async run(
    { store },
    { ExclusiveStartTableName: start, Limit: limit = MOST_NAMES }: { ExclusiveStartTableName?: string; Limit?: number },
  ) {
    const names = await store.listTables()
    const from = start === undefined ? 0 : names.filter(name => name <= start).length
    const page = names.slice(from, from + limit)
    const isLast = from + limit >= names.length
    return { TableNames: page, ...(!isLast && { LastEvaluatedTableName: page.at(-1) }) }
  },
}
