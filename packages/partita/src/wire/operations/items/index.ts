/** The operations on items, by their targets. */
import type { Operations } from '../../wire.js'
import { getItem } from './get.js'
import { deleteItem, putItem, updateItem } from './write.js'

export const ITEM_OPERATIONS: Operations = {
  'DynamoDB_20120810.PutItem': putItem,
  'DynamoDB_20120810.GetItem': getItem,
  'DynamoDB_20120810.UpdateItem': updateItem,
  'DynamoDB_20120810.DeleteItem': deleteItem,
}
