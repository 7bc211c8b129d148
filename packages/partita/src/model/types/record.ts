/** Rows as a program holds them: plain data, with methods that are not part of it. */
import type { AnyModel, ModelsOf, RowOf } from '../define/definition.js'
import type { RelationMethods } from './relations.js'
import type { UpdateInput } from './update-input.js'
import type { Where } from './where.js'

/** What a write of a row may ask of it. */
export interface WriteOptions<M extends AnyModel> {
  /** What the row must be like; else the write fails with `ConditionFailedError`. */
  readonly if?: Where<M>
  /**
   * Does the write in a transaction of its own, so that its outcome can be found out when the answer is lost, instead of
   * ending in `OutcomeUnknownError`. It costs twice the write units, and an update or delete reads the row first. Default
   * false. Within a transaction it has no meaning.
   */
  readonly exactlyOnce?: boolean
}

export interface SaveOptions {
  /** Fails with `ConflictError` where anything else wrote the row since it was read. Default false. */
  readonly ifUnchanged?: boolean
  /** As for `update`: finds out the outcome when the answer is lost, for twice the write units. Default false. */
  readonly exactlyOnce?: boolean
}

/** Methods of a record. They are not properties of its own: spreading and `JSON.stringify` give the fields alone. */
export interface RecordMethods<All extends ModelsOf<All>, Name extends keyof All> {
  /**
   * Writes what was changed since the row was read, and nothing else; counters add their difference, sets change by
   * theirs. The record then holds what is stored, but for changes made while the call was under way.
   * Throws `NotFoundError` where the row is gone, `ConflictError` where a version field tells that another wrote it since it was
   * read, and `ValidationError` for a change of the key or of a read-only field. Counting alone neither raises the
   * version nor is refused for it.
   */
  save(options?: SaveOptions): Promise<this>
  /**
   * As the repository's `update`, of this row; the record then holds what is stored. Throws `ConflictError` where a version
   * field tells that another wrote the row since it was read, unless the changes only add to counters.
   */
  update(changes: UpdateInput<All[Name]>, options?: WriteOptions<All[Name]>): Promise<this>
  /**
   * As the repository's `delete`, of this row. Throws `ConflictError` where a version field tells that another wrote the row
   * since it was read; a row that is gone is no conflict.
   */
  delete(options?: WriteOptions<All[Name]>): Promise<void>
  /** Reads the row anew, consistently. Throws `NotFoundError` where it is gone. */
  reload(): Promise<this>
  /** The fields, with sets as lists, bytes as base64 and exact numbers as text. */
  toJSON(): object
}

type Records<All extends ModelsOf<All>> = {
  readonly [Name in keyof All]: RowOf<All[Name]> & RelationMethods<All, Name> & RecordMethods<All, Name>
}

/** A row with its methods and relations. */
// Where something is inferred from records, as `map` does, the compiler walks through what their type was made of:
// through all models, if nothing told it that there is nothing to infer.
export type RecordOf<All extends ModelsOf<All>, Name extends keyof All> = Records<NoInfer<All>>[Name]
