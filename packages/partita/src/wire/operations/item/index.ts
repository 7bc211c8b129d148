/** The operations on items, by their targets. */
import type { Operations } from '../../dispatch.js'
import { batchGetItem, batchWriteItem } from './batch.js'
import { getItem } from './get.js'
import { query, scan } from './page.js'
import { transactGetItems, transactWriteItems } from './transact.js'
import { deleteItem, putItem, updateItem } from './write.js'

/** The operations on items, by target. */
export const ITEM_OPERATIONS: Operations = {
  'DynamoDB_20120810.PutItem': putItem,
  'DynamoDB_20120810.GetItem': getItem,
  'DynamoDB_20120810.UpdateItem': updateItem,
  'DynamoDB_20120810.DeleteItem': deleteItem,
  'DynamoDB_20120810.Query': query,
  'DynamoDB_20120810.Scan': scan,
  'DynamoDB_20120810.BatchGetItem': batchGetItem,
  'DynamoDB_20120810.BatchWriteItem': batchWriteItem,
  'DynamoDB_20120810.TransactWriteItems': transactWriteItems,
  'DynamoDB_20120810.TransactGetItems': transactGetItems,
}
