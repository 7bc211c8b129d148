/** Queries: rows of one partition of an index or of the table. Nothing is read until a method of the query is called. */
import type { UnreadableError } from '../../errors/errors.js'
import type { Capacity } from '../../store/capacity.js'
import type { EngineCommand } from '../../store/store.js'
import type {
  AnyModel,
  FieldsOf,
  KeyFieldNames,
  ModelsOf,
  NamesIn,
  PlaceholdersOf,
  RowOf,
} from '../define/definition.js'
import type { FieldShape } from '../define/field.js'
import type { RecordOf } from './record.js'
import type { Loaded, With } from './relations.js'
import type { UnreadableOptions } from './unreadable.js'
import type { Where } from './where.js'

/** Options of a query. */
export interface QueryOptions<All extends ModelsOf<All>, Name extends keyof All, Selected, Wanted>
  extends UnreadableOptions {
  /** Filter of the rows. Rows that are read and filtered out consume capacity too. */
  readonly where?: Where<All[Name]>
  /**
   * Maximum number of rows to return, counted after filters and without unreadable rows. Default: 100 for `page()`, no
   * limit for the other methods.
   */
  readonly limit?: number
  /** Maximum number of rows that one request reads, before filters. Default: as many as are needed, more with a filter. */
  readonly pageSize?: number
  /** Maximum number of requests for one result. Default: 100 for `page()`, no limit for the other methods. */
  readonly maxRequests?: number
  /** Order by the sort key. Default `asc`. */
  readonly order?: 'asc' | 'desc'
  /** Starts after the page with this `cursor`. */
  readonly after?: string | undefined
  /**
   * Reads the page that ends before the page with this `cursor` or `previous`, in the query's own order. For `page()` only,
   * and not together with `after`. It reads one row more than the page holds.
   */
  readonly before?: string | undefined
  /** Strongly consistent read. Not supported on an index. Default false. */
  readonly consistent?: boolean
  /** Also finds soft-deleted rows, also through `with`. Default: as the scope. */
  readonly withDeleted?: boolean
  /** Returns only these fields, as plain objects without methods. */
  readonly select?: readonly Selected[]
  /** Relations to load with the rows, up to 8 levels deep. A row that several rows refer to is one record. */
  readonly with?: Wanted
  /**
   * Maximum number of rows that `with` loads in one call, or in one page of an iteration. Rows of lists and pairs of `through`
   * relations count. Beyond it the call throws `LimitExceededError`. Default 10,000.
   */
  readonly maxRelated?: number
}

/** One page of a query. */
export interface Page<Row> {
  /** The rows. */
  readonly items: Row[]
  /** Errors for the rows, also of loaded relations, that do not fit their model; `items` omits them. */
  readonly unreadable: UnreadableError[]
  /** Pass it as `after` to read the next page. Present if there may be more rows. */
  readonly cursor?: string
  /**
   * Pass it as `before` to read the page before. Absent on the first page; a page read with `before` knows whether it is the
   * first, unless `maxRequests` were made. If both are present, it is the same token as `cursor`.
   */
  readonly previous?: string
  /**
   * Why the page ends: `limit` was reached, there are no more rows (`end`), or `maxRequests` were made (`budget`). With
   * `before`, it is why the page begins where it does.
   */
  readonly stopped: 'limit' | 'end' | 'budget'
  /** Capacity that the page consumed. */
  readonly capacity: Capacity
}

/** The request that a query would send. */
export interface Explanation {
  /** Name of the model. */
  readonly model: string
  /** The physical index; undefined for the table itself. */
  readonly index: string | undefined
  /** DynamoDB's key condition expression, with the values inserted. */
  readonly keyCondition: string
  /** DynamoDB's filter expression, with the values inserted. */
  readonly filter: string | undefined
  /** The attributes that are read; undefined for all. */
  readonly projection: readonly string[] | undefined
  /** Order by the sort key. */
  readonly order: 'asc' | 'desc'
  /** Whether the read is strongly consistent. */
  readonly consistent: boolean
  /** Expected cost of reading `limit` rows, or 1,000 without a limit, estimated from the size of the first 25. */
  readonly capacity: { readonly read: number; readonly rows: number; readonly bytesPerRow: number }
  /** The commands in the language of the engine, such as MongoDB's, with its own filter; missing if that is DynamoDB's. */
  readonly commands?: readonly EngineCommand[]
}

/** A query. It is not a promise: await one of its methods, or iterate over it with `for await`. */
export interface Query<Row> extends AsyncIterable<Row> {
  /**
   * Reads one page.
   *
   * @throws InvalidCursorError for an `after` or a `before` that belongs to another query, tenant or secret, or was changed.
   */
  page(): Promise<Page<Row>>
  /**
   * Reads all rows, or the first `limit`, into memory.
   *
   * @throws LimitExceededError if `maxRequests` requests do not suffice.
   */
  all(): Promise<Row[]>
  /** Reads the first row; undefined if there is none. */
  first(): Promise<Row | undefined>
  /** Counts the rows of all pages, up to `limit`, without returning them. It consumes the same capacity as reading them. */
  count(): Promise<number>
  /** Describes the request. Reads 25 rows to estimate the cost. */
  explain(): Promise<Explanation>
}

/** A range of a sort field. A query may have one range, on the last field that it gives. */
export type SortRange<V> =
  | { readonly $eq: V }
  | { readonly $gt: V; readonly $lt?: V; readonly $lte?: V }
  | { readonly $gte: V; readonly $lt?: V; readonly $lte?: V }
  | { readonly $lt: V }
  | { readonly $lte: V }
  | { readonly $between: readonly [low: V, high: V] }
  | ([V] extends [string] ? { readonly $beginsWith: string } : never)

type ValueOf<Fields extends FieldShape, Name> = Fields[Name & keyof Fields]['$write']

type LeadingSort<Fields extends FieldShape, Names> = Names extends readonly [infer First extends string]
  ? { readonly [N in First]?: Fields[N]['$sort'] }
  : Names extends readonly [infer First extends string, ...infer Rest extends readonly string[]]
    ?
        | ({ readonly [N in First]?: Fields[N]['$sort'] } & { readonly [N in Rest[number]]?: never })
        | ({ readonly [N in First]: Fields[N]['$write'] } & LeadingSort<Fields, Rest>)
    : unknown

type PartitionOf<Fields extends FieldShape, Names> = {
  readonly [Name in Names & keyof Fields]: Fields[Name]['$write']
}

/** The fields of the sort key that are not part of the partition key too. */
type SortFields<Names, Given> = Names extends readonly [infer First, ...infer Rest]
  ? First extends Given
    ? SortFields<Rest, Given>
    : [First, ...SortFields<Rest, Given>]
  : []

/** All fields of the partition key, then leading fields of the sort key, the last of which may be a range. */
type IndexKey<Fields extends FieldShape, Index> = KeyInput<
  Fields,
  NamesIn<Index['pk' & keyof Index]>,
  PlaceholdersOf<SortTemplate<Index>>
>

type SortTemplate<Index> = Index extends { readonly sk: infer Sk } ? Sk : ''

type KeyInput<Fields extends FieldShape, Partition, Sort> = PartitionOf<Fields, Partition> &
  LeadingSort<Fields, SortFields<Sort, Partition>>

type PrimaryKey<M extends AnyModel> = M['definition']['key'] extends string
  ? { readonly [Name in KeyFieldNames<M>]: ValueOf<FieldsOf<M>, Name> }
  : IndexKey<FieldsOf<M>, M['definition']['key']>

/** The rows of a read: plain objects with `select`, else records. */
export type ResultRow<All extends ModelsOf<All>, Name extends keyof All, Selected, Wanted> = [Selected] extends [never]
  ? Loaded<All, Name, Wanted>
  : Pick<RowOf<All[Name]>, Selected & keyof RowOf<All[Name]>>

// Two signatures with different numbers of arguments: see Repository.
interface IndexQuery<All extends ModelsOf<All>, Name extends keyof All, Key> {
  (key: Key): Query<RecordOf<All, Name>>
  <const Selected extends keyof FieldsOf<All[Name]> = never, const Wanted extends With<All, Name> = never>(
    key: Key,
    options: QueryOptions<All, Name, Selected, Wanted> | undefined,
  ): Query<ResultRow<All, Name, NoInfer<Selected>, Wanted>>
}

/** One function for each index of the model, and `key` for the table itself. */
export type Queries<All extends ModelsOf<All>, Name extends keyof All> = {
  readonly key: IndexQuery<All, Name, PrimaryKey<All[Name]>>
} & (All[Name]['definition'] extends { readonly indexes: infer Indexes }
  ? { readonly [Index in keyof Indexes]: IndexQuery<All, Name, IndexKey<FieldsOf<All[Name]>, Indexes[Index]>> }
  : unknown)
