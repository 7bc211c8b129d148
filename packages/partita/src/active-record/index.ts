/**
 * Active records over models: `new User({ ... })`, `save()`, `User.find(id)`. Programs written for DynamoBao run on it, with
 * classes that `partita codegen --active-record` writes.
 *
 * @module partita/active-record
 */
export { ActiveRecord } from './active-record.js'
export { getBatchContextCapacity, runWithBatchContext } from './batch-context.js'
export type {
  ActiveDeleteOptions,
  ActiveFields,
  ActiveFilter,
  ActiveInput,
  ActiveIterationOptions,
  ActivePage,
  ActiveQueryOptions,
  ActiveRecordClass,
  ActiveSortCondition,
  ActiveWriteOptions,
  AnyActiveRecordClass,
  FindOptions,
  FoundRecords,
  PrimaryId,
} from './class-types.js'
export type { ActiveRecordConfig, AwsCredentials } from './config.js'
export { activeRecord, type ClassOptions, registerModel } from './define-class.js'
export { type ErrorGroup, exceptions } from './exceptions.js'
export { initModels, type ModelManager } from './init-models.js'
export type { ConsumedCapacity } from './meter.js'
export { ObjectNotFound } from './object-not-found.js'
export { TenantContext, type TenantResolver } from './tenant-context.js'
