/** The types of active records: their fields, and the methods of their classes. */
import type { AnyModel, FieldsOf } from '../model/define/definition.js'
import type { AnyField } from '../model/define/field.js'
import type { ActiveRecord } from './active-record.js'
import type { ConsumedCapacity } from './meter.js'
import type { ObjectNotFound } from './object-not-found.js'

/** Names of the kinds of fields that hold a time. */
type Times = 'date' | 'createdAt' | 'updatedAt' | 'deletedAt' | 'ttl'

/** What a field can be set to: its own values, and times as numbers or text, records as refs, null for none. */
type Given<F extends AnyField> =
  | F['$write']
  | null
  | (F['$kind'] extends Times ? number | string : never)
  | (F['$kind'] extends 'ref' ? ActiveRecord : never)
  | (F['$kind'] extends 'counter' ? `+${number}` | `-${number}` : never)

/** The fields of a record. Setting an optional one to null clears it. */
export type ActiveFields<M extends AnyModel> = {
  -readonly [Name in keyof FieldsOf<M>]:
    | FieldsOf<M>[Name]['$read']
    | ('optional' extends FieldsOf<M>[Name]['$flag'] ? null : never)
}

/** Values of fields, for a new record or an update. FieldValues that are omitted or undefined keep theirs. */
export type ActiveInput<M extends AnyModel> = {
  readonly [Name in keyof FieldsOf<M>]?: Given<FieldsOf<M>[Name]> | undefined
}

/** A filter: values that fields must equal, or operators such as `$contains`; null means that the field is absent. */
export interface ActiveFilter {
  readonly [fieldOrOperator: string]: unknown
}

/** A condition on a field of a sort key: a value, or operators such as `$gte` and `$lt`. */
export interface ActiveSortCondition {
  readonly [field: string]: unknown
}

/** Options of `find`. */
export interface FindOptions {
  /** Reads the row again, strongly consistently, though the batch context has read it. Default false. */
  readonly bypassCache?: boolean
  /** Accepted for old programs: reads are collected while they arrive, without a fixed delay. */
  readonly batchDelay?: number
}

/** Options of writes. */
export interface ActiveWriteOptions {
  /** Condition on the stored row. If it does not hold, nothing is written, and `ConditionFailedError` is thrown. */
  readonly condition?: ActiveFilter | undefined
  /** Also writes the index keys and unique markers that the row lacks. It changes no field. Default false. */
  readonly forceReindex?: boolean
}

/** Options of a delete. */
export type ActiveDeleteOptions = Pick<ActiveWriteOptions, 'condition'>

/** Options of queries. Those that are null count as omitted. */
export interface ActiveQueryOptions {
  /** Filter of the rows. Rows that are filtered out consume capacity too. */
  readonly filter?: ActiveFilter | null | undefined
  /** Maximum number of rows, counted after the filter. Default 100. */
  readonly limit?: number | null | undefined
  /** Order by the sort key. Default `ASC`. */
  readonly direction?: 'ASC' | 'DESC' | null | undefined
  /** Continues after the page with this `lastEvaluatedKey`. */
  readonly startKey?: string | null | undefined
  /** Counts the rows of all pages, up to `limit`, without returning them. Default false. */
  readonly countOnly?: boolean
  /** False returns plain objects with the fields. Default true. */
  readonly returnWrapped?: boolean
  /** Also loads the rows that refs of the rows refer to, in batches. Default false. */
  readonly loadRelated?: boolean
  /** The ref fields to load. Default: all. */
  readonly relatedFields?: readonly string[] | null | undefined
  /** With `loadRelated` and one field: returns the loaded records instead of the rows. Default false. */
  readonly relatedOnly?: boolean
}

/** One page of a query. */
export interface ActivePage<Row> {
  readonly items: Row[]
  /** The number of items; with `countOnly` that of all rows. */
  readonly count: number
  /** Pass it as `startKey` to read the next page; undefined if there are no more rows. It is opaque text. */
  readonly lastEvaluatedKey: string | undefined
  readonly consumedCapacity: ConsumedCapacity[]
}

/** Options of `iterateAll`. */
export interface ActiveIterationOptions {
  /** Rows that are read at a time. Default 100. */
  readonly batchSize?: number
  /** How many buckets of the iteration index are read at the same time. Default 1. */
  readonly parallel?: number
  /** Filter of the rows. It is evaluated after they are read. */
  readonly filter?: ActiveFilter | undefined
}

/** The result of `batchFind`: the rows that exist, by their primary ids. */
export interface FoundRecords<Row> {
  readonly items: { [primaryId: string]: Row }
  readonly ConsumedCapacity: ConsumedCapacity[]
}

/** A primary id, or an object with the key fields. */
export type PrimaryId = string | number | bigint | Date | { readonly [keyField: string]: unknown }

/** A class of records, as `this` of its static methods. */
type Rows<Row> = new (...parameters: never[]) => Row

/** The class of a model. */
export interface ActiveRecordClass<M extends AnyModel> {
  /** A new record, which `save` writes. Ids that the model generates and plain defaults are set at once. */
  new (data?: ActiveInput<M>): ActiveRecord & ActiveFields<M>
  /**
   * Creates a row and returns it. It never overwrites one, and does not change `data`.
   *
   * @throws AlreadyExistsError if a row with the same key exists.
   * @throws UniqueViolationError if another row has the same value of a unique constraint.
   */
  create<Row>(this: Rows<Row>, data: ActiveInput<M>): Promise<Row>
  /** Reads a row by its primary id or key fields. */
  find<Row>(this: Rows<Row>, id: PrimaryId, options?: FindOptions): Promise<Row | ObjectNotFound>
  /** Reads many rows. The result has those that exist. */
  batchFind<Row>(this: Rows<Row>, ids: readonly PrimaryId[] | null | undefined): Promise<FoundRecords<Row>>
  /** Reads the row with this value of a unique constraint; of one with several fields, an object of values. */
  findByUniqueConstraint<Row>(this: Rows<Row>, constraint: string, value: unknown): Promise<Row | ObjectNotFound>
  /**
   * Updates a row and returns it. Null clears a field; text such as `+1` adds to a counter, whatever its value is.
   *
   * @throws NotFoundError if the row does not exist.
   * @throws ConditionFailedError if the condition does not hold.
   */
  update<Row>(this: Rows<Row>, id: PrimaryId, changes: ActiveInput<M>, options?: ActiveWriteOptions): Promise<Row>
  /**
   * Deletes a row and returns its last state.
   *
   * @throws NotFoundError if the row does not exist.
   * @throws ConditionFailedError if the condition does not hold.
   */
  delete<Row>(this: Rows<Row>, id: PrimaryId, options?: ActiveDeleteOptions): Promise<Row>
  /**
   * Reads a page of an index, or of the table by the name `key`. The value is that of the partition key's field; an object, if
   * it has several fields; and ignored, if it has none.
   */
  queryByIndex<Row>(
    this: Rows<Row>,
    index: string,
    value: unknown,
    sort?: ActiveSortCondition | null,
    options?: ActiveQueryOptions,
  ): Promise<ActivePage<Row>>
  /** Reads a page of rows with the same partition key. */
  queryByPrimaryKey<Row>(
    this: Rows<Row>,
    value: unknown,
    sort?: ActiveSortCondition | null,
    options?: ActiveQueryOptions,
  ): Promise<ActivePage<Row>>
  /**
   * Reads a page of pairs, and returns the records that their field `target` refers to.
   *
   * @param related the class of these records, for the type of the result.
   */
  getRelatedObjectsViaMap<Row>(
    index: string,
    value: unknown,
    target: string,
    sort?: ActiveSortCondition | null,
    limit?: number | null,
    direction?: 'ASC' | 'DESC' | null,
    startKey?: string | null,
    related?: Rows<Row>,
  ): Promise<ActivePage<Row>>
  /** Iterates over all rows, in batches and in no particular order. @throws ValidationError if the model is not iterable. */
  iterateAll<Row>(this: Rows<Row>, options?: ActiveIterationOptions): AsyncGenerator<Row[], void, undefined>
  /** The primary id of a row, from its key fields. */
  getPrimaryId(data: { readonly [field: string]: unknown }): string
  /** The primary id of the row with these values of its key fields, in order. */
  makePrimaryId(...values: readonly unknown[]): string
  /** Whether the code runs in a batch context. */
  isInsideBatchContext(): boolean
}

/** The class of any model. */
export interface AnyActiveRecordClass extends Omit<ActiveRecordClass<AnyModel>, never> {
  /** A record of the model. */
  new (data?: never): ActiveRecord
}
