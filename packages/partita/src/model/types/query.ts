/** Queries: rows of one partition of an index, or of the table itself. Nothing is read before a method asks for it. */
import type { UnreadableError } from '../../errors/errors.js'
import type { Capacity } from '../../store/capacity.js'
import type { AnyModel, FieldsOf, KeyFieldNames, Models, PlaceholdersOf, RowOf } from '../define/definition.js'
import type { FieldShape } from '../define/field.js'
import type { UnreadableOptions } from '../read/unreadable.js'
import type { RecordOf } from './record.js'
import type { Loaded, With } from './relations.js'
import type { Where } from './where.js'

interface RowOptions<All extends Models, Name extends keyof All> extends UnreadableOptions {
  /** What the rows must be like. Rows that are read and left out are paid for all the same. */
  readonly where?: Where<All[Name]>
  /**
   * How many rows are wanted, after filters and without those that cannot be read. `page()` takes 100 where it is not
   * given, the others all there are.
   */
  readonly limit?: number
  /** How many rows one request may read, before filters. Default: as many as are wanted, more where filters leave some out. */
  readonly pageSize?: number
  /** How many requests may be made for one answer. Default 100 for a page, else no bound. */
  readonly maxRequests?: number
  /** By the sort key. Default `asc`. */
  readonly order?: 'asc' | 'desc'
  /** Where an earlier page ended: its `cursor`. */
  readonly after?: string | undefined
  /** Sees every write acknowledged before the call; not for indexes. Default false. */
  readonly consistent?: boolean
}

interface PlainQueryOptions<All extends Models, Name extends keyof All> extends RowOptions<All, Name> {
  readonly select?: undefined
  readonly with?: undefined
}

export interface QueryOptions<All extends Models, Name extends keyof All, Selected, Wanted>
  extends RowOptions<All, Name> {
  /** The only fields to return, as plain objects without methods. */
  readonly select?: readonly Selected[]
  /** Relations to load with the rows, up to 8 levels. A row that several others name is one record. */
  readonly with?: Wanted
  /**
   * How many rows `with` may load in one call, or page of a walk, lists and pairs of `through` relations counted too. Default 10,000. Throws
   * `LimitExceededError` beyond.
   */
  readonly maxRelated?: number
}

export interface Page<Row> {
  readonly items: Row[]
  /** Rows that do not fit their model and were left out, of relations loaded with the rows too. Empty where all fit. */
  readonly unreadable: UnreadableError[]
  /** For `after`; present where there may be more rows. */
  readonly cursor?: string
  /** Why the page has no more rows: it has as many as were wanted, there are no more, or `maxRequests` were made. */
  readonly stopped: 'limit' | 'end' | 'budget'
  readonly capacity: Capacity
}

/** What a query does, without doing it. */
export interface Explanation {
  readonly model: string
  /** The physical index; undefined for the table itself. */
  readonly index: string | undefined
  /** As DynamoDB is asked, with the values in their places. */
  readonly keyCondition: string
  readonly filter: string | undefined
  readonly projection: readonly string[] | undefined
  readonly order: 'asc' | 'desc'
  readonly consistent: boolean
  /** What reading `limit` rows, or 1,000 where there is none, is expected to cost, by the size of the first 25. */
  readonly capacity: { readonly read: number; readonly rows: number; readonly bytesPerRow: number }
}

/** Not a promise: `await` one of its methods, or walk it with `for await`. */
export interface Query<Row> extends AsyncIterable<Row> {
  /** So many rows, and where they end. Throws `InvalidCursorError`. */
  page(): Promise<Page<Row>>
  /** All rows, or the first `limit`, in memory. Throws `LimitExceededError` where `maxRequests` did not suffice. */
  all(): Promise<Row[]>
  first(): Promise<Row | undefined>
  /** How many rows there are over all pages, at most `limit`, without returning them. */
  count(): Promise<number>
  /** What would be asked of the store. Reads 25 rows to tell what it would cost. */
  explain(): Promise<Explanation>
}

/** A range of a sort field; at most one, of the last field given. */
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

type PartitionOf<Fields extends FieldShape, Names extends readonly unknown[]> = {
  readonly [Name in Names[number] & keyof Fields]: Fields[Name]['$write']
}

/** The fields of the sort key that the partition has not given yet. */
type SortFields<Names, Given> = Names extends readonly [infer First, ...infer Rest]
  ? First extends Given
    ? SortFields<Rest, Given>
    : [First, ...SortFields<Rest, Given>]
  : []

type SortTemplate<Index> = Index extends { readonly sk: infer Sk } ? Sk : ''

/** Every field of the partition, then leading fields of the sort key, the last of which may be a range. */
type IndexKey<Fields extends FieldShape, Index> = Index extends { readonly pk: infer Pk }
  ? KeyInput<Fields, PlaceholdersOf<Pk>, PlaceholdersOf<SortTemplate<Index>>>
  : never

type KeyInput<Fields extends FieldShape, Partition extends readonly unknown[], Sort> = PartitionOf<Fields, Partition> &
  LeadingSort<Fields, SortFields<Sort, Partition[number]>>

type PrimaryKey<M extends AnyModel> = M['definition']['key'] extends string
  ? { readonly [Name in KeyFieldNames<M>]: ValueOf<FieldsOf<M>, Name> }
  : IndexKey<FieldsOf<M>, M['definition']['key']>

/** Plain objects where fields are selected, else records. */
export type QueryResult<All extends Models, Name extends keyof All, Selected, Wanted> = [Selected] extends [never]
  ? Loaded<All, Name, Wanted>
  : Pick<RowOf<All[Name]>, Selected & keyof RowOf<All[Name]>>

interface IndexQuery<All extends Models, Name extends keyof All, Key> {
  (key: Key, options?: PlainQueryOptions<All, Name>): Query<RecordOf<All, Name>>
  <const Selected extends keyof FieldsOf<All[Name]> = never, const Wanted extends With<All, Name> = never>(
    key: Key,
    options: QueryOptions<All, Name, Selected, Wanted>,
  ): Query<QueryResult<All, Name, Selected, Wanted>>
}

/** One function for each index, and `key` for the table itself. */
export type Queries<All extends Models, Name extends keyof All> = {
  readonly key: IndexQuery<All, Name, PrimaryKey<All[Name]>>
} & (All[Name]['definition'] extends { readonly indexes: infer Indexes }
  ? { readonly [Index in keyof Indexes]: IndexQuery<All, Name, IndexKey<FieldsOf<All[Name]>, Indexes[Index]>> }
  : unknown)
