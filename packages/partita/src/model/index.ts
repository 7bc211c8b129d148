/** Typed models on one table: what the root entry exports of them. Types are those that programs annotate with. */

export type { ContextResult } from '../crql/run.js'
export { connect } from './connect/connect-on-demand.js'
export type { CollectionDefinition, CollectionOptions, CollectionReader, CollectionRows } from './define/collection.js'
export { collection } from './define/collection.js'
export type {
  AnyModel,
  CreateInput,
  KeyOf,
  Model,
  ModelDefinition,
  Models,
  ModelsOf,
  PutInput,
  RowOf,
  SoftDeleteOptions,
  UpgradeStep,
} from './define/definition.js'
export type { AnyField, Field, FieldShape, IdField, JsonValue, ReadShape, WriteShape } from './define/field.js'
export { f } from './define/field-builder.js'
export { inherit } from './define/inherit.js'
export { model } from './define/model.js'
export type { AnyRelation, ManyRelation, OneRelation, ThroughRelation } from './define/relation.js'
export { many, one, through } from './define/relation.js'
export type { StandardSchema } from './define/standard-schema.js'
export type { ReindexOptions, ReindexProgress, ReindexResult } from './evolve/reindex-result.js'
export type {
  Asset,
  AssetOptions,
  AssetSizes,
  AssetSource,
  Assets,
  ByteStream,
  SweepOptions,
  SweepResult,
  UploadOptions,
} from './types/assets.js'
export type { QueryOutcome } from './types/crql.js'
export type {
  BatchWriter,
  Collections,
  ConnectOptions,
  Database,
  DecodedKey,
  Scope,
  ScopeOptions,
  TableLayout,
  Transaction,
  TransactionOptions,
} from './types/database.js'
export type {
  DatabaseConfig,
  DynamoDBConnection,
  EmbeddedConnection,
  Environment,
  MongoHostConnection,
  MongoUrlConnection,
  ReusedConnection,
  ReusedMongoConnection,
  StoreConnection,
} from './types/databases.js'
export type {
  IncompleteEvent,
  OperationEvent,
  OperationListener,
  UnreadableEvent,
  WarningEvent,
  WarningListener,
} from './types/events.js'
export type {
  ExplainedHook,
  ExplainedHop,
  ExplainedQuery,
  ExplainedRead,
  ExplainedWrite,
  ReadPurpose,
  TransactionExplanation,
} from './types/explanation.js'
export type { FieldChange, History, HistoryEntry, HistoryOptions } from './types/history.js'
export type { Iteration, IterationOptions, RowBatch } from './types/iteration.js'
export type { Explanation, Page, Query, QueryOptions, ResultRow, SortRange } from './types/query.js'
export type {
  DeleteOptions,
  DeleteProgress,
  RecordMethods,
  RecordOf,
  SaveOptions,
  WriteOptions,
} from './types/record.js'
export type { LoadedRows, RelationMethods, With } from './types/relations.js'
export type { CreateManyOptions, ReadOptions, Repository, UniqueKey, Upsert } from './types/repository.js'
export type {
  AuditOptions,
  HookContext,
  Hooks,
  InheritedPermissions,
  Permissions,
  Problem,
  RuleContext,
  RuleOperation,
} from './types/rules.js'
export type {
  FieldUpdate,
  JsonPathChanges,
  ListPathChanges,
  MapPathChanges,
  PartPathChanges,
  RecordPathChanges,
  UpdateInput,
} from './types/update-input.js'
export type { Where } from './types/where.js'
export { add, append, ifNotExists, type Operator, prepend, removeFrom, unset } from './write/update-operators.js'
