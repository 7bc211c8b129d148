/** What relations give, as types. */
import type { AnyModel, Models } from '../define/definition.js'
import type { ManyRelation, OneRelation, ThroughRelation } from '../define/relation.js'
import type { UnreadableOptions } from '../read/unreadable.js'
import type { Query, QueryOptions } from './query.js'
import type { RecordOf } from './record.js'
import type { Where } from './where.js'

type RelationsOf<M extends AnyModel> = M['definition'] extends { readonly relations: infer Relations }
  ? Relations
  : Readonly<Record<never, never>>

type Target<All extends Models, Relation> = Relation extends { readonly target: infer Name extends keyof All }
  ? Name
  : never

type ManyOptions<All extends Models, Name extends keyof All> = Omit<QueryOptions<All, Name, never, never>, 'select'>

type RelationMethod<All extends Models, Relation> = Relation extends OneRelation
  ? () => Promise<RecordOf<All, Target<All, Relation>> | undefined>
  : Relation extends ThroughRelation
    ? (options?: ThroughOptions) => Query<RecordOf<All, Target<All, Relation>>>
    : Relation extends ManyRelation
      ? (options?: ManyOptions<All, Target<All, Relation>>) => Query<RecordOf<All, Target<All, Relation>>>
      : never

/** One method for each relation. */
export type RelationMethods<All extends Models, M extends AnyModel> = {
  readonly [Name in keyof RelationsOf<M>]: RelationMethod<All, RelationsOf<M>[Name]>
}

/** How the pairs are walked; see `QueryOptions`. */
export interface ThroughOptions extends UnreadableOptions {
  /** How many rows of the far side are wanted. */
  readonly limit?: number
  readonly order?: 'asc' | 'desc'
  readonly after?: string
}

interface OneLoad<All extends Models, Name extends keyof All> {
  readonly with?: With<All, Name>
}

interface ManyLoad<All extends Models, Name extends keyof All> extends OneLoad<All, Name> {
  readonly where?: Where<All[Name]>
  readonly order?: 'asc' | 'desc'
  /** How many rows of each are wanted; the list has a `cursor` then where there may be more. Default: all there are. */
  readonly limit?: number
}

type Load<All extends Models, Relation> = Relation extends OneRelation
  ? OneLoad<All, Target<All, Relation>>
  : Relation extends ManyRelation
    ? ManyLoad<All, Target<All, Relation>>
    : Omit<ManyLoad<All, Target<All, Relation>>, 'where'>

/** Relations to load with rows: each level in one batch of reads. */
export type With<All extends Models, Name extends keyof All> = {
  readonly [R in keyof RelationsOf<All[Name]>]?: true | Load<All, RelationsOf<All[Name]>[R]>
}

type Nested<All extends Models, Name extends keyof All, Loading> = Loading extends { readonly with: infer Deeper }
  ? Loaded<All, Name, Deeper>
  : RecordOf<All, Name>

type LoadedRelation<All extends Models, Relation, Loading> = Relation extends OneRelation
  ? Nested<All, Target<All, Relation>, Loading> | undefined
  : Loading extends { readonly limit: number }
    ? LoadedRows<Nested<All, Target<All, Relation>, Loading>>
    : Nested<All, Target<All, Relation>, Loading>[]

/** Rows of a relation that was loaded with a `limit`. As JSON they are a list of the rows alone. */
export interface LoadedRows<Row> extends Array<Row> {
  /** Present where there may be more rows than the limit: for `after` of a query of the same index, `where` and order. */
  readonly cursor?: string
}

/** A record with relations loaded: they stand under their names, in the place of the methods. */
export type Loaded<All extends Models, Name extends keyof All, Wanted> = [Wanted] extends [never]
  ? RecordOf<All, Name>
  : Omit<RecordOf<All, Name>, keyof Wanted> & {
      [R in keyof Wanted & keyof RelationsOf<All[Name]>]: LoadedRelation<All, RelationsOf<All[Name]>[R], Wanted[R]>
    }
