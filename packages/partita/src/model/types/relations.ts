/** Types of relations: the methods of records, and the relations loaded by `with`. */
import type { AnyModel, ModelsOf } from '../define/definition.js'
import type { ManyRelation, OneRelation, ThroughRelation } from '../define/relation.js'
import type { Query, QueryOptions } from './query.js'
import type { RecordOf } from './record.js'
import type { UnreadableOptions } from './unreadable.js'
import type { Where } from './where.js'

type RelationsOf<M extends AnyModel> = M['definition'] extends { readonly relations: infer Relations }
  ? Relations
  : Readonly<Record<never, never>>

type Target<All extends ModelsOf<All>, Relation> = Relation extends { readonly target: infer Name extends keyof All }
  ? Name
  : never

type ManyOptions<All extends ModelsOf<All>, Name extends keyof All> = Omit<
  QueryOptions<All, Name, never, never>,
  'select'
>

type RelationMethod<All extends ModelsOf<All>, Relation> = Relation extends OneRelation
  ? () => Promise<RecordOf<All, Target<All, Relation>> | undefined>
  : Relation extends ThroughRelation
    ? (options?: ThroughOptions) => Query<RecordOf<All, Target<All, Relation>>>
    : Relation extends ManyRelation
      ? (options?: ManyOptions<All, Target<All, Relation>>) => Query<RecordOf<All, Target<All, Relation>>>
      : never

// `in out`: see RecordMethods.
/** One method for each relation. */
export type RelationMethods<in out All extends ModelsOf<All>, in out Name extends keyof All> = {
  readonly [R in keyof RelationsOf<All[Name]>]: RelationMethod<All, RelationsOf<All[Name]>[R]>
}

/** Options of a `through` relation. See `QueryOptions`. */
interface ThroughOptions extends UnreadableOptions {
  /** Maximum number of target rows to return. */
  readonly limit?: number
  /** Order of the pairs by their sort key. Default `asc`. */
  readonly order?: 'asc' | 'desc'
  /** Starts after the page with this `cursor`. */
  readonly after?: string
}

interface OneLoad<All extends ModelsOf<All>, Name extends keyof All> {
  readonly with?: With<All, Name>
}

interface ManyLoad<All extends ModelsOf<All>, Name extends keyof All> extends OneLoad<All, Name> {
  readonly where?: Where<All[Name]>
  readonly order?: 'asc' | 'desc'
  /** Maximum number of rows for each record. The list then has a `cursor` if there may be more. Default: no limit. */
  readonly limit?: number
}

type Load<All extends ModelsOf<All>, Relation> = Relation extends OneRelation
  ? OneLoad<All, Target<All, Relation>>
  : Relation extends ManyRelation
    ? ManyLoad<All, Target<All, Relation>>
    : Omit<ManyLoad<All, Target<All, Relation>>, 'where'>

/** Relations to load with rows. Each level is one batch of reads. */
export type With<All extends ModelsOf<All>, Name extends keyof All> = {
  readonly [R in keyof RelationsOf<All[Name]>]?: true | Load<All, RelationsOf<All[Name]>[R]>
}

type Nested<All extends ModelsOf<All>, Name extends keyof All, Loading> = Loading extends {
  readonly with: infer Deeper
}
  ? Loaded<All, Name, Deeper>
  : RecordOf<All, Name>

type LoadedRelation<All extends ModelsOf<All>, Relation, Loading> = Relation extends OneRelation
  ? Nested<All, Target<All, Relation>, Loading> | undefined
  : Loading extends { readonly limit: number }
    ? LoadedRows<Nested<All, Target<All, Relation>, Loading>>
    : Nested<All, Target<All, Relation>, Loading>[]

/** Rows of a relation loaded with a `limit`. In JSON they are a list of the rows, without the cursor. */
export interface LoadedRows<Row> extends Array<Row> {
  /** Present if there may be more rows. Pass it as `after` to a query of the same index with the same `where` and order. */
  readonly cursor?: string
}

/** A record with loaded relations, which replace the methods of the same names. */
export type Loaded<All extends ModelsOf<All>, Name extends keyof All, Wanted> = [Wanted] extends [never]
  ? RecordOf<All, Name>
  : Omit<RecordOf<All, Name>, keyof Wanted> & {
      [R in keyof Wanted & keyof RelationsOf<All[Name]>]: LoadedRelation<All, RelationsOf<All[Name]>[R], Wanted[R]>
    }
