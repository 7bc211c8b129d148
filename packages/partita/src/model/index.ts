/** Typed models on one table: what the root entry offers of them. */

export type * from './collection.js'
export { collection } from './collection.js'
export { connect } from './connect.js'
export type {
  BatchWriter,
  Collections,
  ConnectOptions,
  Database,
  DecodedKey,
  Layout,
  Scope,
  ScopeOptions,
  Transaction,
  TransactionOptions,
} from './database.js'
export type {
  AnyModel,
  Checked,
  CheckedModels,
  CreateInput,
  IndexTemplate,
  KeyOf,
  Model,
  ModelDefinition,
  Models,
  PutInput,
  RowOf,
  UniqueOptions,
} from './definition.js'
export type {
  IncompleteEvent,
  OperationEvent,
  OperationListener,
  UnreadableEvent,
  WarningEvent,
  WarningListener,
} from './events.js'
export type {
  Duplicate,
  IncompletePart,
  ReindexOptions,
  ReindexProgress,
  ReindexResult,
  UnreadableRow,
} from './evolve/reindex-result.js'
export type {
  AnyField,
  Field,
  FieldFlag,
  FieldKind,
  FieldSpec,
  IdField,
  Json,
  PutShape,
  ReadShape,
  Shape,
  Transform,
  WriteShape,
} from './field.js'
export { f } from './field.js'
export type { Batch, Iteration, IterationOptions } from './iteration.js'
export { model } from './model.js'
export { add, append, deleteFrom, ifNotExists, type Operator, prepend, remove } from './operator.js'
export type { Explanation, Page, Queries, Query, QueryOptions, Result, SortRange } from './query.js'
export type { RecordMethods, RecordOf, SaveOptions, WriteOptions } from './record.js'
export type { AnyRelation, Many, One, Through } from './relation.js'
export { many, one, through } from './relation.js'
export type { Loaded, LoadedRows, RelationMethods, ThroughOptions, With } from './relations/types.js'
export type { ReadOptions, Repository, UniqueKey } from './repository.js'
export type { StandardSchema } from './standard-schema.js'
export type { UnreadableOptions } from './unreadable.js'
export type { UpdateInput } from './update-input.js'
export type { Operators, Where } from './where.js'
