/**
 * Partita: one table, many models, embedded in your process or on Amazon DynamoDB. This entry holds what every layer
 * shares: opening a store by its URL, exact numbers, errors.
 *
 * @module partita
 * @example
 * import { openStore } from 'partita'
 * import { SingleTable } from 'partita/table'
 *
 * const store = await openStore() // PARTITA_STORE, else embedded:./.partita
 * const table = new SingleTable({ store, table: 'app', partitionKey: 'pk', rangeKey: 'sk' })
 */
export {
  AlreadyExistsError,
  ConditionFailedError,
  ConflictError,
  type ErrorCode,
  type ErrorDetails,
  HookFailedError,
  IndexNotFoundError,
  InvalidCursorError,
  type Issue,
  type IssuePath,
  LimitExceededError,
  type LimitName,
  NotFoundError,
  OutcomeUnknownError,
  PartitaError,
  PermissionDeniedError,
  type PhysicalDetails,
  type RowFields,
  RuleViolationError,
  type StorageFailure,
  TableNotFoundError,
  ThrottledError,
  TransactionFailedError,
  type TransactionReason,
  UnavailableError,
  UniqueViolationError,
  UnreadableError,
  ValidationError,
  type Violation,
} from './errors/errors.js'
export * from './model/index.js'
export { openStore } from './open-on-demand.js'
export type { AssetEntry, AssetStore, StoredAsset } from './store/asset-store.js'
export type { Capacity } from './store/capacity.js'
export type { Store } from './store/store.js'
export { Decimal, decimal, type NumberValue } from './value/number.js'
export type { Item, Key, KeyValue, TypeName, Value } from './value/value.js'
