/** What a database offers for each of its models. */
import type {
  AnyModel,
  ConstraintFields,
  CreateInput,
  FieldsOf,
  KeyOf,
  Models,
  PutInput,
} from '../define/definition.js'
import type { ReindexOptions, ReindexResult } from '../evolve/reindex-result.js'
import type { UnreadableOptions } from '../read/unreadable.js'
import type { Iteration, IterationOptions } from './iteration.js'
import type { Queries, QueryResult } from './query.js'
import type { RecordOf, WriteOptions } from './record.js'
import type { With } from './relations.js'
import type { UpdateInput } from './update-input.js'

interface PlainReadOptions extends UnreadableOptions {
  /** Sees every write acknowledged before the call; costs twice as much. Default false. */
  readonly consistent?: boolean
  readonly select?: undefined
  readonly with?: undefined
}

export interface ReadOptions<Selected, Wanted> extends UnreadableOptions {
  /** Sees every write acknowledged before the call; costs twice as much. Default false. */
  readonly consistent?: boolean
  /** The only fields to return, as plain objects without methods. */
  readonly select?: readonly Selected[]
  /** Relations to load with the row, up to 8 levels. A row that several others name is one record. */
  readonly with?: Wanted
  /**
   * How many rows `with` may load in one call, lists and pairs of `through` relations counted too. Default 10,000. Throws
   * `LimitExceededError` beyond.
   */
  readonly maxRelated?: number
}

/** The fields of one unique constraint. */
export type UniqueKey<M extends AnyModel> = M['definition'] extends { readonly unique: infer Unique }
  ? {
      [Name in keyof Unique]: {
        readonly [F in ConstraintFields<Unique[Name]> & keyof FieldsOf<M>]: NonNullable<FieldsOf<M>[F]['$write']>
      }
    }[keyof Unique]
  : never

/**
 * Rows of one model. A row past its time to live counts as absent everywhere.
 *
 * Every method throws `ValidationError` for what is wrong in its arguments, before anything is sent, and what the
 * Store contract says of its calls. A write whose answer was lost ends in `OutcomeUnknownError` where the row does not tell
 * whether it was done; with `exactlyOnce` it can be found out.
 */
export interface Repository<All extends Models, Name extends keyof All> {
  /**
   * Writes a new row and never overwrites one. Throws `AlreadyExistsError`, `UniqueViolationError`.
   *
   * @example const ada = await db.User.create({ name: 'Ada', email: 'ada@example.com' })
   */
  create(
    input: CreateInput<All[Name]>,
    options?: Pick<WriteOptions<All[Name]>, 'exactlyOnce'>,
  ): Promise<RecordOf<All, Name>>
  /**
   * Writes a whole row, and replaces an existing one. A row that was read may be given, changed or not; its
   * version and the moment of its last write are the library's all the same. Throws `UniqueViolationError`, `ConditionFailedError`.
   *
   * @example await db.User.put({ ...ada, userId: other })
   */
  put(input: PutInput<All[Name]>, options?: WriteOptions<All[Name]>): Promise<RecordOf<All, Name>>
  // The first form of each read spares the compiler two type parameters, and is what most calls are.
  /** The row; undefined if it does not exist, or no row can have such a key. Throws `UnreadableError`. */
  get(key: KeyOf<All[Name]>, options?: PlainReadOptions): Promise<RecordOf<All, Name> | undefined>
  get<const Selected extends keyof FieldsOf<All[Name]> = never, const Wanted extends With<All, Name> = never>(
    key: KeyOf<All[Name]>,
    options: ReadOptions<Selected, Wanted>,
  ): Promise<QueryResult<All, Name, Selected, Wanted> | undefined>
  /** One entry for each key, in their order; undefined where there is no row, or none that fits. Throws `LimitExceededError` for over 10,000 keys. */
  getMany(keys: readonly KeyOf<All[Name]>[], options?: PlainReadOptions): Promise<(RecordOf<All, Name> | undefined)[]>
  getMany<const Selected extends keyof FieldsOf<All[Name]> = never, const Wanted extends With<All, Name> = never>(
    keys: readonly KeyOf<All[Name]>[],
    options: ReadOptions<Selected, Wanted>,
  ): Promise<(QueryResult<All, Name, Selected, Wanted> | undefined)[]>
  /** The row that holds the values of a unique constraint, or undefined. Throws `UnreadableError`. */
  findBy(values: UniqueKey<All[Name]>, options?: PlainReadOptions): Promise<RecordOf<All, Name> | undefined>
  findBy<const Selected extends keyof FieldsOf<All[Name]> = never, const Wanted extends With<All, Name> = never>(
    values: UniqueKey<All[Name]>,
    options: ReadOptions<Selected, Wanted>,
  ): Promise<QueryResult<All, Name, Selected, Wanted> | undefined>
  /** Changes parts of a row that is there. Throws `NotFoundError`, `ConditionFailedError`, `UniqueViolationError`. */
  update(
    key: KeyOf<All[Name]>,
    changes: UpdateInput<All[Name]>,
    options?: WriteOptions<All[Name]>,
  ): Promise<RecordOf<All, Name>>
  /** Deletes a row and returns it as it was; undefined where there was none. With `if`, throws `ConditionFailedError`. */
  delete(key: KeyOf<All[Name]>, options?: WriteOptions<All[Name]>): Promise<RecordOf<All, Name> | undefined>
  /** Rows that an index, or the key, lists together: one function for each index, and `key`. */
  readonly query: Queries<All, Name>
  /** All rows of the model, in no order; for models that are iterable. */
  iterate(options?: IterationOptions<All[Name]>): Iteration<RecordOf<All, Name>>
  /**
   * Writes index keys, markers of unique values and iteration keys of every row that lacks them, in every tenant, and
   * then notes in the table that they are complete. Reads the whole table once; programs may go on writing. A run that
   * died is taken up by the next call. Run it once no program without the new parts is left.
   *
   * @example const { incomplete, duplicates } = await db.User.reindex()
   */
  reindex(options?: ReindexOptions): Promise<ReindexResult>
}
