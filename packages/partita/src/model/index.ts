/** Typed models on one table: what the root entry offers of them. */

export { connect } from './connect/connect.js'
export type * from './define/collection.js'
export { collection } from './define/collection.js'
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
  ModelsOf,
  PutInput,
  RowOf,
  UniqueOptions,
} from './define/definition.js'
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
} from './define/field.js'
export { f } from './define/field.js'
export { model } from './define/model.js'
export type { AnyRelation, Many, One, Through } from './define/relation.js'
export { many, one, through } from './define/relation.js'
export type { StandardSchema } from './define/standard-schema.js'
export type {
  Duplicate,
  IncompletePart,
  ReindexOptions,
  ReindexProgress,
  ReindexResult,
  UnreadableRow,
} from './evolve/reindex-result.js'
export type { UnreadableOptions } from './read/unreadable.js'
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
} from './types/database.js'
export type {
  IncompleteEvent,
  OperationEvent,
  OperationListener,
  UnreadableEvent,
  WarningEvent,
  WarningListener,
} from './types/events.js'
export type { Batch, Iteration, IterationOptions } from './types/iteration.js'
export type { Explanation, Page, Queries, Query, QueryOptions, Result, SortRange } from './types/query.js'
export type { RecordMethods, RecordOf, SaveOptions, WriteOptions } from './types/record.js'
export type { Loaded, LoadedRows, RelationMethods, ThroughOptions, With } from './types/relations.js'
export type { ReadOptions, Repository, UniqueKey } from './types/repository.js'
export type { UpdateInput } from './types/update-input.js'
export type { Operators, Where } from './types/where.js'
export { add, append, ifNotExists, type Operator, prepend, removeFrom, unset } from './write/update-operators.js'
