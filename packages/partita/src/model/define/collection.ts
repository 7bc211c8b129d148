/** Collections: rows of several models in one partition, read by one query into one typed aggregate. */
import { invalid } from '../../errors/errors.js'
import type { NumberValue } from '../../value/number.js'
import type { RecordOf } from '../types/record.js'
import type { UnreadableOptions } from '../types/unreadable.js'
import type { AnyModel, ModelsOf, PlaceholdersOf, RowOf } from './definition.js'

type Members = Readonly<Record<string, AnyModel>>

/** The rows of a collection as passed to `assemble`. */
export type CollectionRows<D> = D extends {
  readonly one: infer One
  readonly optional?: infer Optional
  readonly many?: infer Many
}
  ? Rows<One> & Maybe<Optional> & Lists<Many>
  : D extends { readonly optional?: infer Optional; readonly many?: infer Many }
    ? Maybe<Optional> & Lists<Many>
    : never

type Rows<Part> = { readonly [Name in keyof Part]: Part[Name] extends AnyModel ? RowOf<Part[Name]> : never }
type Maybe<Part> = { readonly [Name in keyof Part]?: Part[Name] extends AnyModel ? RowOf<Part[Name]> : never }
type Lists<Part> = { readonly [Name in keyof Part]: Part[Name] extends AnyModel ? RowOf<Part[Name]>[] : never }

/** The parts of a collection. */
export interface CollectionParts {
  /** Template of the partition key that all its models share, such as `ORG#{orgId}`. */
  readonly pk: string
  /** The physical index of the partition. Default: the table itself. */
  readonly on?: string
  /** Models with exactly one row in the partition. If one of these rows is absent, `get` returns undefined. */
  readonly one?: Members
  /** Models with at most one row. */
  readonly optional?: Members
  /** Models with any number of rows, in the order of their sort keys. */
  readonly many?: Members
}

/** A collection, made by `collection()`. */
export interface CollectionDefinition<D extends CollectionParts, Result> {
  /** Its name. */
  readonly name: string
  /** Its parts. */
  readonly parts: D
  /** Converts the rows to the result of `get`. */
  readonly assemble: ((parts: CollectionRows<D>) => Result) | undefined
}

/** Any collection. */
export interface AnyCollection {
  readonly name: string
  readonly parts: CollectionParts
  readonly assemble: unknown
}

/** Options of a collection's `get`. */
export interface CollectionOptions extends UnreadableOptions {
  /** Strongly consistent read. Not supported on an index. Default false. */
  readonly consistent?: boolean
  /** Whether to return soft-deleted rows too. Default: as the scope. */
  readonly withDeleted?: boolean
  /**
   * Maximum number of rows to hold in memory. Rows that permissions hide, deleted and expired rows, and rows of other models
   * do not count. Default 10,000.
   */
  readonly maxItems?: number
}

type RecordsIn<All extends ModelsOf<All>, D> = D extends { readonly one: infer One }
  ? { readonly [Name in keyof One]: NamedRecord<All, One[Name]> } & OtherRecords<All, D>
  : OtherRecords<All, D>

type OtherRecords<All extends ModelsOf<All>, D> = (D extends { readonly optional: infer Optional }
  ? { readonly [Name in keyof Optional]?: NamedRecord<All, Optional[Name]> }
  : unknown) &
  (D extends { readonly many: infer Many }
    ? { readonly [Name in keyof Many]: NamedRecord<All, Many[Name]>[] }
    : unknown)

type NamedRecord<All extends ModelsOf<All>, M> = M extends { readonly name: infer Name extends keyof All }
  ? RecordOf<All, Name>
  : never

/** The interface of a collection in a database. */
export interface CollectionReader<All extends ModelsOf<All>, D, Result> {
  /**
   * Reads the aggregate by one query. Returns undefined if a part under `one` is absent. Rows of other models are ignored;
   * unreadable rows of other parts are omitted and reported.
   *
   * @throws LimitExceededError for more than `maxItems` rows.
   * @throws UnreadableError if the row of a part under `one` does not fit its model.
   */
  get(
    key: D extends { readonly pk: infer Pk }
      ? { readonly [Name in PlaceholdersOf<Pk>[number]]: string | NumberValue | boolean | Date }
      : never,
    options?: CollectionOptions,
  ): Promise<(unknown extends Result ? RecordsIn<All, D> : Result) | undefined>
}

/**
 * Describes an aggregate of the rows of several models in one partition.
 *
 * @example
 * import { collection, f, model } from 'partita'
 *
 * const Organisation = model('Organisation', {
 *   fields: { orgId: f.ulid().auto(), name: f.string() },
 *   key: { pk: 'ORG#{orgId}' },
 * })
 * const Member = model('Member', {
 *   fields: { orgId: f.ref('Organisation'), userId: f.string() },
 *   key: { pk: 'ORG#{orgId}', sk: 'MEMBER#{userId}' },
 * })
 * const OrganisationDetails = collection('OrganisationDetails', {
 *   pk: 'ORG#{orgId}',
 *   one: { organisation: Organisation },
 *   many: { members: Member },
 * })
 * @param assemble converts the rows to another result.
 * @throws ValidationError if it has no models, or two parts of the same name.
 */
export function collection<const D extends CollectionParts, Result = unknown>(
  name: string,
  definition: D,
  assemble?: (parts: CollectionRows<D>) => Result,
): CollectionDefinition<D, Result> {
  const names = [definition.one, definition.optional, definition.many].flatMap(part => Object.keys(part ?? {}))
  if (names.length === 0) throw invalid([name], 'has no models; give one, optional or many')
  const twice = names.find((part, i) => names.indexOf(part) !== i)
  if (twice !== undefined) throw invalid([name, twice], 'is named twice')
  return { name, parts: definition, assemble }
}
