import type { Operations } from '../../dispatch.js'
import { describeEndpoints, describeLimits } from './account.js'
import { describeContinuousBackups, updateContinuousBackups } from './continuous-backups.js'
import { createTable } from './create-table.js'
import { deleteTable } from './delete-table.js'
import { describeTable, listTables } from './describe-table.js'
import { listTagsOfResource, tagResource, untagResource } from './tags.js'
import { describeTimeToLive, updateTimeToLive } from './time-to-live.js'
import { updateTable } from './update-table.js'

/** The operations on tables and the account, by target. */
export const TABLE_OPERATIONS: Operations = {
  'DynamoDB_20120810.CreateTable': createTable,
  'DynamoDB_20120810.DescribeTable': describeTable,
  'DynamoDB_20120810.UpdateTable': updateTable,
  'DynamoDB_20120810.DeleteTable': deleteTable,
  'DynamoDB_20120810.ListTables': listTables,
  'DynamoDB_20120810.UpdateTimeToLive': updateTimeToLive,
  'DynamoDB_20120810.DescribeTimeToLive': describeTimeToLive,
  'DynamoDB_20120810.TagResource': tagResource,
  'DynamoDB_20120810.UntagResource': untagResource,
  'DynamoDB_20120810.ListTagsOfResource': listTagsOfResource,
  'DynamoDB_20120810.DescribeContinuousBackups': describeContinuousBackups,
  'DynamoDB_20120810.UpdateContinuousBackups': updateContinuousBackups,
  'DynamoDB_20120810.DescribeLimits': describeLimits,
  'DynamoDB_20120810.DescribeEndpoints': describeEndpoints,
}
