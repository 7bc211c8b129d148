/**
 * One table for items of many types: keys from parts, secondary indexes, a type index, expiry, transactions.
 *
 * @module partita/table
 */

export {
  decodeBoolean,
  decodeDate,
  decodeNumber,
  encodeBoolean,
  encodeDate,
  encodeNumber,
} from '../keys/encode.js'
export type { ExpiryInput } from '../keys/expiry.js'
export type { AtomicIndexOperation, AtomicName, AtomicOperation } from './atomic.js'
export type { BatchWriteItem } from './batch.js'
export type { ItemExpression, PropertyPath } from './conditions.js'
export type { IndexName, SingleTableConfig, TableEvent, TableIndexConfig, TypeIndexConfig } from './config.js'
export type { CreateParams, PutParams } from './create.js'
export type { Conditions, Filters } from './filters.js'
export { type IndexKeyInput, KeyFormat, type KeyInput, type KeyPart } from './key.js'
export type { IndexKey, ItemKey, NumericIndexKey } from './parameters.js'
export type { IterateParams, ListTypeParams, QueryAllParams, QueryParams, QueryResult } from './query.js'
export type { RangeCondition } from './range.js'
export type { BatchGetParams, GetParams, TransactGetParams } from './read.js'
export type { DeleteParams, ValidateParams } from './remove.js'
export { SingleTable } from './table.js'
export type { TableTransactionOptions, TransactionItem } from './transaction.js'
export type { Updated, UpdateParams } from './update.js'
