/** PartiQL's operations, by their targets. */
import type { Operations } from '../../dispatch.js'
import { batchExecuteStatement } from './batch-execute-statement.js'
import { executeStatement } from './execute-statement.js'
import { executeTransaction } from './execute-transaction.js'

/** The PartiQL operations, by target. */
export const PARTIQL_OPERATIONS: Operations = {
  'DynamoDB_20120810.ExecuteStatement': executeStatement,
  'DynamoDB_20120810.BatchExecuteStatement': batchExecuteStatement,
  'DynamoDB_20120810.ExecuteTransaction': executeTransaction,
}
