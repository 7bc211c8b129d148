/** The interface of a repository: the operations on the rows of one model. */
import type {
  AnyModel,
  ConstraintFields,
  CreateInput,
  FieldsOf,
  KeyFieldNames,
  KeyTypes,
  ModelsOf,
  PutInput,
} from '../define/definition.js'
import type { ReindexOptions, ReindexResult } from '../evolve/reindex-result.js'
import type { History, HistoryOptions } from './history.js'
import type { Iteration, IterationOptions } from './iteration.js'
import type { Queries, ResultRow } from './query.js'
import type { DeleteOptions, RecordOf, WriteOptions } from './record.js'
import type { With } from './relations.js'
import type { UnreadableOptions } from './unreadable.js'
import type { UpdateInput } from './update-input.js'

/** Options of a read by key. */
export interface ReadOptions<Selected, Wanted> extends UnreadableOptions {
  /** Strongly consistent read, at twice the cost. Default false. */
  readonly consistent?: boolean
  /** Also finds soft-deleted rows, also through `with`. Default: as the scope. */
  readonly withDeleted?: boolean
  /** Returns only these fields, as plain objects without methods. */
  readonly select?: readonly Selected[]
  /** Relations to load with the row, up to 8 levels deep. A row that several rows refer to is one record. */
  readonly with?: Wanted
  /**
   * Maximum number of rows that `with` loads in one call. Rows of lists and pairs of `through` relations count. Beyond it the
   * call throws `LimitExceededError`. Default 10,000.
   */
  readonly maxRelated?: number
}

/** Options of `createMany`. */
export interface CreateManyOptions {
  /**
   * Leaves out rows whose key or unique value another row has; of several in the list, the first is created. A soft-deleted row
   * with the key remains an error. Default false.
   */
  readonly skipDuplicates?: boolean
}

/** What an upsert writes. Both parts are checked, whichever is written. */
export interface Upsert<M extends AnyModel> {
  /** The fields of a row that is missing, without those of its key. Defaults apply as in `create`. */
  readonly create: Omit<CreateInput<M>, KeyFieldNames<M>>
  /** The changes of a row that exists, as for `update`. Default: none. */
  readonly update?: UpdateInput<M>
}

/** The fields of one of the model's unique constraints, with their values. */
export type UniqueKey<M extends AnyModel> = M['definition'] extends { readonly unique: infer Unique }
  ? {
      [Name in keyof Unique]: {
        readonly [F in ConstraintFields<Unique[Name]> & keyof FieldsOf<M>]: NonNullable<FieldsOf<M>[F]['$write']>
      }
    }[keyof Unique]
  : never

/**
 * The rows of one model. An expired row counts as absent everywhere.
 *
 * Every method throws `ValidationError` for invalid arguments before it sends anything, and the errors of the Store
 * contract. If the response to a write is lost and the stored row does not show whether it was applied, the write throws
 * `OutcomeUnknownError`; the option `exactlyOnce` prevents this.
 */
// Reads have two signatures with different numbers of arguments. The compiler then reports a mistake at the wrong option, and
// not for a list of overloads (TS2769), and calls without options cost no type parameters. NoInfer: what a program returns
// from a function says nothing about the fields that it selects.
/** Reads and writes the rows of one model: `db.User`. */
export interface Repository<All extends ModelsOf<All>, Name extends keyof All> {
  /**
   * Creates a row: `db.User.create({ name: 'Ada' })`. It never overwrites an existing row.
   *
   * @throws AlreadyExistsError if a row with the same key exists.
   * @throws UniqueViolationError if another row has the same values of a unique constraint.
   */
  create(
    input: CreateInput<All[Name]>,
    options?: Pick<WriteOptions<All[Name]>, 'exactlyOnce'>,
  ): Promise<RecordOf<All, Name>>
  /**
   * Creates many rows and returns them in the order of the list: `db.User.createMany([{ name: 'Ada' }, { name: 'Eve' }])`. All
   * rows are checked before the first is written. Outside a transaction each row is then created by itself, 16 at a time, at
   * the price of a `create`; in a transaction all are written with the rest of it.
   *
   * @throws ValidationError for invalid rows, and for two with the same key or unique value; paths begin with the index.
   * @throws PartitaError `PartlyCreated` outside a transaction, if a row could not be created. Its details list which rows were
   *   created and which were not; its cause is the error of the row.
   */
  createMany(rows: readonly CreateInput<All[Name]>[], options?: CreateManyOptions): Promise<RecordOf<All, Name>[]>
  /**
   * Writes a whole row and replaces an existing one. The input may be a row that was read, changed or not:
   * `db.User.put({ ...ada, userId: other })`. The library sets its version and the time of the write.
   *
   * @throws UniqueViolationError if another row has the same values of a unique constraint.
   * @throws ConditionFailedError if the condition `if` does not hold.
   */
  put(input: PutInput<All[Name]>, options?: WriteOptions<All[Name]>): Promise<RecordOf<All, Name>>
  /**
   * Reads a row by its key. Returns undefined if it does not exist, also if no row can have such a key.
   *
   * @throws UnreadableError if the stored row does not fit the model.
   */
  get(key: KeyTypes<All[Name]>['key']): Promise<RecordOf<All, Name> | undefined>
  /** With options. */
  get<const Selected extends keyof FieldsOf<All[Name]> = never, const Wanted extends With<All, Name> = never>(
    key: KeyTypes<All[Name]>['key'],
    options: ReadOptions<Selected, Wanted> | undefined,
  ): Promise<ResultRow<All, Name, NoInfer<Selected>, Wanted> | undefined>
  /**
   * Reads many rows by their keys, in batches. Returns one entry for each key, in the order of the keys; undefined for an
   * absent or unreadable row.
   *
   * @throws LimitExceededError for more than 10,000 keys.
   */
  getMany(keys: readonly KeyTypes<All[Name]>['key'][]): Promise<(RecordOf<All, Name> | undefined)[]>
  /** With options. */
  getMany<const Selected extends keyof FieldsOf<All[Name]> = never, const Wanted extends With<All, Name> = never>(
    keys: readonly KeyTypes<All[Name]>['key'][],
    options: ReadOptions<Selected, Wanted> | undefined,
  ): Promise<(ResultRow<All, Name, NoInfer<Selected>, Wanted> | undefined)[]>
  /**
   * Reads the row with these values of a unique constraint; undefined if there is none.
   *
   * @throws UnreadableError if the stored row does not fit the model.
   */
  findBy(values: UniqueKey<All[Name]>): Promise<RecordOf<All, Name> | undefined>
  /** With options. */
  findBy<const Selected extends keyof FieldsOf<All[Name]> = never, const Wanted extends With<All, Name> = never>(
    values: UniqueKey<All[Name]>,
    options: ReadOptions<Selected, Wanted> | undefined,
  ): Promise<ResultRow<All, Name, NoInfer<Selected>, Wanted> | undefined>
  /**
   * Updates an existing row and returns it.
   *
   * @throws NotFoundError if the row does not exist.
   * @throws ConditionFailedError if the condition `if` does not hold.
   * @throws UniqueViolationError if another row has the same values of a unique constraint.
   */
  update(
    key: KeyTypes<All[Name]>['key'],
    changes: UpdateInput<All[Name]>,
    options?: WriteOptions<All[Name]>,
  ): Promise<RecordOf<All, Name>>
  /**
   * Changes the row, or creates it if it is missing, and returns it:
   * `db.Visit.upsert({ page }, { create: { n: 1 }, update: { n: add(1) } })`. Without `update` it returns the row as it is. Of
   * several concurrent upserts of a missing row one creates it, and the others update it.
   *
   * An existing row costs the requests of `update`, a missing one those of a failed `update` and of `create`: one and two, if
   * neither has to read. An existing row of a model with rules is read and written; so is any row in a transaction.
   *
   * @throws AlreadyExistsError if the row is soft-deleted, or hidden by permissions, as `create` does.
   * @throws UniqueViolationError if another row has the same values of a unique constraint.
   */
  upsert(
    key: KeyTypes<All[Name]>['key'],
    parts: Upsert<All[Name]>,
    options?: Pick<WriteOptions<All[Name]>, 'exactlyOnce'>,
  ): Promise<RecordOf<All, Name>>
  /**
   * Deletes a row and returns its last state; undefined if there was no row. A soft-deleted model keeps the row, hidden.
   * Rows that refer to it by a ref with `onDelete` prevent the delete, or are deleted or changed with it; more than 25 in
   * batches before it. If that is interrupted, the row remains, refuses new rows that refer to it, and the next delete of it
   * continues.
   *
   * @throws RuleViolationError if rows refer to it by a ref with `onDelete: 'restrict'`.
   * @throws PartitaError `Incomplete` if rows from before `onDelete` was added have not been counted by `reindex`.
   * @throws ConditionFailedError if the condition `if` does not hold.
   */
  delete(key: KeyTypes<All[Name]>['key'], options?: DeleteOptions<All[Name]>): Promise<RecordOf<All, Name> | undefined>
  /**
   * Makes a soft-deleted row visible again and returns it. All rules are checked as for a new row.
   *
   * @throws NotFoundError if no soft-deleted row has this key.
   * @throws UniqueViolationError if another row has taken one of its unique values.
   * @throws ValidationError if the model is not soft-deleted.
   */
  restore(key: KeyTypes<All[Name]>['key']): Promise<RecordOf<All, Name>>
  /**
   * Deletes a soft-deleted row for good and returns its last state.
   *
   * @throws NotFoundError if no soft-deleted row has this key.
   * @throws ValidationError if the model is not soft-deleted.
   */
  purge(key: KeyTypes<All[Name]>['key']): Promise<RecordOf<All, Name>>
  /**
   * The history of a row, newest entry first: `db.Document.history({ documentId }).page()`. For models with the rule `audit`.
   * Whoever may read the row may read its history; that of a row that is gone is read in a system scope. For others it is
   * empty. Its methods throw `ValidationError` for a model without audit, and in a transaction.
   */
  history(key: KeyTypes<All[Name]>['key'], options?: HistoryOptions): History<All[Name]>
  /** Queries: one function for each index, and `key` for the table itself. */
  readonly query: Queries<All, Name>
  /**
   * Iterates over all rows of the model, in no particular order.
   *
   * @throws ValidationError for a model defined with `iterable: false`.
   */
  iterate(options?: IterationOptions<All[Name]>): Iteration<RecordOf<All, Name>>
  /**
   * Adds missing index keys, unique markers and iteration keys to the rows of all tenants, rewrites rows of an older form, and
   * counts the rows whose refs are counted, then records in the table that they are complete. It reads the whole table once;
   * programs can keep writing. The next call resumes an interrupted run.
   * Run it when no program without the new parts of the model is running any more.
   */
  reindex(options?: ReindexOptions): Promise<ReindexResult>
}
