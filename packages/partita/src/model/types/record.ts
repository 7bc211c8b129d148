/** Types of records: rows as plain data, with methods on their prototype. */
import type { AnyModel, ModelsOf, RowOf } from '../define/definition.js'
import type { RelationMethods } from './relations.js'
import type { UpdateInput } from './update-input.js'
import type { Where } from './where.js'

/** Options of a write. */
export interface WriteOptions<M extends AnyModel> {
  /** Condition on the stored row. If it does not hold, the write throws `ConditionFailedError`. */
  readonly if?: Where<M>
  /**
   * Performs the write in a separate transaction, so that its outcome can be determined if the response is lost; without
   * it, such a write can throw `OutcomeUnknownError`. It costs twice the write units, and an update or delete reads the
   * row first. Ignored within a transaction. Default false.
   */
  readonly exactlyOnce?: boolean
}

/** How far a delete is that deletes or changes the rows that refer to its row, in batches. */
export interface DeleteProgress {
  /** Rows deleted or changed so far by this call. */
  readonly done: number
  /** Rows that referred to the row when the call began. */
  readonly total: number
}

/** Options of a delete. */
export interface DeleteOptions<M extends AnyModel> extends WriteOptions<M> {
  /**
   * Called after each batch of rows that `onDelete` deletes or changes, if they are too many for one transaction. An error
   * that it throws ends the delete between two batches; the next delete of the row continues.
   */
  readonly onProgress?: (progress: DeleteProgress) => void
}

/** Options of `save`. */
export interface SaveOptions<M extends AnyModel> {
  /**
   * Condition on the stored row. If it does not hold, the save throws `ConditionFailedError`. It is not checked if nothing has
   * changed, since nothing is written.
   */
  readonly if?: Where<M>
  /** Throws `ConflictError` if the row was written by anyone else since it was read. Default false. */
  readonly ifUnchanged?: boolean
  /** As for `update`: determines the outcome if the response is lost, for twice the write units. Default false. */
  readonly exactlyOnce?: boolean
}

// `in out` keeps the compiler from comparing the methods of all models to find out how they vary. It is no stricter for records:
// they are intersections, whose members the compiler compares one by one.
/** Methods of a record. They are on its prototype: spreading it and `JSON.stringify` give only the fields. */
export interface RecordMethods<in out All extends ModelsOf<All>, in out Name extends keyof All> {
  /**
   * Writes only the changes since the row was read. Counters and sets are updated by their difference. The record then
   * holds the stored row, except for changes made while the call was in flight. A save that changes only counters neither
   * increments nor checks the version.
   *
   * @throws NotFoundError if the row no longer exists.
   * @throws ConflictError if the model has a version field and the row was written since it was read.
   * @throws ConditionFailedError if the condition `if` does not hold.
   * @throws ValidationError for a change of the key or of a read-only field.
   */
  save(options?: SaveOptions<All[Name]>): Promise<this>
  /**
   * Updates this row as the repository's `update` does. The record then holds the stored row.
   *
   * @throws ConflictError if the model has a version field and the row was written since it was read, unless the changes
   *   only add to counters.
   */
  update(changes: UpdateInput<All[Name]>, options?: WriteOptions<All[Name]>): Promise<this>
  /**
   * Deletes this row as the repository's `delete` does. Deleting a row that no longer exists is not a conflict.
   *
   * @throws ConflictError if the model has a version field and the row was written since it was read.
   */
  delete(options?: DeleteOptions<All[Name]>): Promise<void>
  /**
   * Reads the row again with a strongly consistent read.
   *
   * @throws NotFoundError if the row no longer exists.
   */
  reload(): Promise<this>
  /** Returns the fields as JSON: sets as lists, bytes as base64, exact numbers as text. */
  toJSON(): object
}

type Records<All extends ModelsOf<All>> = {
  readonly [Name in keyof All]: RowOf<All[Name]> & RelationMethods<All, Name> & RecordMethods<All, Name>
}

/** A record: a row with its methods and relations. */
// NoInfer keeps the compiler from searching all models for type parameters when a call such as `map` infers from records.
/** The record of a model in a database, by the names of the models: `RecordOf<typeof models, 'User'>`. */
export type RecordOf<All extends ModelsOf<All>, Name extends keyof All> = Records<NoInfer<All>>[Name]
