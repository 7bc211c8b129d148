/** Collections: rows of several models that lie in one partition, read by one query into one typed aggregate. */
import { invalid } from '../../errors/errors.js'
import type { NumberValue } from '../../value/number.js'
import type { UnreadableOptions } from '../read/unreadable.js'
import type { RecordOf } from '../types/record.js'
import type { AnyModel, Models, PlaceholdersOf, RowOf } from './definition.js'

type Members = Readonly<Record<string, AnyModel>>

/** The rows of a collection as `assemble` gets them. */
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

export interface CollectionParts {
  /** Template of the partition key that all its models share: `ORG#{orgId}`. */
  readonly pk: string
  /** The physical index that the partition is of. Default: the table itself. */
  readonly on?: string
  /** Models with exactly one row in the partition; where one of them is missing, there is no such collection. */
  readonly one?: Members
  /** Models with one row or none. */
  readonly optional?: Members
  /** Models with any number of rows, listed by their sort keys. */
  readonly many?: Members
}

export interface CollectionDefinition<D extends CollectionParts, Result> {
  readonly name: string
  readonly parts: D
  readonly assemble: ((parts: CollectionRows<D>) => Result) | undefined
}

/** The least that is known of a collection. */
export interface AnyCollection {
  readonly name: string
  readonly parts: CollectionParts
  readonly assemble: unknown
}

export interface CollectionOptions extends UnreadableOptions {
  /** Sees every write acknowledged before the call; not for indexes. Default false. */
  readonly consistent?: boolean
  /** The most rows that are read into memory. Default 10,000. */
  readonly maxItems?: number
}

type RecordsIn<All extends Models, D> = D extends { readonly one: infer One }
  ? { readonly [Name in keyof One]: NamedRecord<All, One[Name]> } & OtherRecords<All, D>
  : OtherRecords<All, D>

type OtherRecords<All extends Models, D> = (D extends { readonly optional: infer Optional }
  ? { readonly [Name in keyof Optional]?: NamedRecord<All, Optional[Name]> }
  : unknown) &
  (D extends { readonly many: infer Many }
    ? { readonly [Name in keyof Many]: NamedRecord<All, Many[Name]>[] }
    : unknown)

type NamedRecord<All extends Models, M> = M extends { readonly name: infer Name extends keyof All }
  ? RecordOf<All, Name>
  : never

/** What a database offers for each of its collections. */
export interface CollectionReader<All extends Models, D, Result> {
  /**
   * The aggregate, from one query; undefined where there is none. Rows of models that are not part of it are left out.
   * Throws `LimitExceededError` for more than `maxItems` rows, `UnreadableError` where the row of a part under `one` does not fit its
   * model; other such rows are left out and reported.
   */
  get(
    key: D extends { readonly pk: infer Pk }
      ? { readonly [Name in PlaceholdersOf<Pk>[number]]: string | NumberValue | boolean | Date }
      : never,
    options?: CollectionOptions,
  ): Promise<(unknown extends Result ? RecordsIn<All, D> : Result) | undefined>
}

/**
 * Rows of several models in one partition, as one aggregate.
 *
 * @example
 * const OrganisationDetails = collection('OrganisationDetails', {
 *   pk: 'ORG#{orgId}',
 *   one: { organisation: Organisation },
 *   many: { members: Member, services: Service },
 * })
 * @param assemble makes something else of the rows.
 * @throws ValidationError where it has no models, or one part twice.
 */
export function collection<const D extends CollectionParts, Result = unknown>(
  name: string,
  definition: D,
  assemble?: (parts: CollectionRows<D>) => Result,
): CollectionDefinition<D, Result> {
  const names = [definition.one, definition.optional, definition.many].flatMap(part => Object.keys(part ?? {}))
  if (names.length === 0) throw invalid([name], 'has no models; give one, optional or many')
  const twice = names.find((it, i) => names.indexOf(it) !== i)
  if (twice !== undefined) throw invalid([name, twice], 'is named twice')
  return { name, parts: definition, assemble }
}
