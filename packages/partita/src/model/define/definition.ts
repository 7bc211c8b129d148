/** What a model is made of, as its author writes it, and what the compiler can tell of mistakes in it. */
import type { FieldShape, PutShape, ReadShape, WriteShape } from './field.js'
import type { AnyRelation } from './relation.js'
import type { StandardResult } from './standard-schema.js'

export interface IndexTemplate {
  /** The physical index: `gsi1` to `gsi20`, or one that the layout names. */
  readonly on: string
  readonly pk: string
  /** Default: the model's name. */
  readonly sk?: string
}

export interface UniqueOptions {
  readonly fields: readonly string[]
  /** Compares without case: `toLowerCase()` of text. Default false. */
  readonly lower?: boolean
  /** Compares without white space at both ends. Default false. */
  readonly trim?: boolean
}

export interface ModelDefinition {
  readonly fields: FieldShape
  /**
   * Templates of the key, such as `USER#{userId}`. A field's value stands escaped in its place, so no value can be
   * taken for another or break out; what follows a field begins with `#`. The name of one field alone is short for
   * `{ pk: 'Model#{field}' }`. Without `sk`, the sort key is the model's name.
   */
  readonly key: string | { readonly pk: string; readonly sk?: string }
  /** At most one row may have the same values; the fields, or with options. Rows without one of the fields are free. */
  readonly unique?: Readonly<Record<string, readonly string[] | UniqueOptions>>
  /** A row is in an index when it has every field of the index's templates. */
  readonly indexes?: Readonly<Record<string, IndexTemplate>>
  readonly relations?: Readonly<Record<string, AnyRelation>>
  /** Whether `all()` can list the rows, at the cost of one more write each; and in how many partitions. Default 10. */
  readonly iterable?: boolean | { readonly buckets: number }
  /**
   * What marks the rows as the model's, so that the model can be renamed. Default: its name. With null, rows carry no
   * mark and are known by their keys alone, as in a table that was there before.
   */
  readonly type?: string | null
  /**
   * `raw` writes values into keys as they stand, for tables that were there before, and refuses those that could be
   * taken for another key. Default `escaped`.
   */
  readonly encoding?: 'escaped' | 'raw'
}

/** What a create takes, as a Standard Schema. An interface of its own: the compiler works it out only where it is used. */
interface ModelStandard<Definition extends ModelDefinition> {
  readonly version: 1
  readonly vendor: string
  readonly validate: (value: unknown) => Promise<StandardResult<WriteShape<Definition['fields']>>>
  readonly types?: {
    readonly input: WriteShape<Definition['fields']>
    readonly output: WriteShape<Definition['fields']>
  }
}

export interface Model<Name extends string = string, Definition extends ModelDefinition = ModelDefinition> {
  readonly name: Name
  readonly definition: Definition
  readonly '~standard': ModelStandard<Definition>
}

/** The least that is known of a model. */
export interface AnyModel {
  readonly name: string
  readonly definition: ModelDefinition
}

/** Shown by the compiler in the place of what is wrong. */
interface Mistake<Message extends string> {
  readonly mistake: Message
}

/** The names between braces, in their order. */
export type PlaceholdersOf<Template> = Template extends `${string}{${infer Name}}${infer Rest}`
  ? [Name, ...PlaceholdersOf<Rest>]
  : []

/** The same of any number of templates, without an order. */
type NamesIn<Template> = Template extends `${string}{${infer Name}}${infer Rest}` ? Name | NamesIn<Rest> : never

type UnknownInKey<Key, Fields> = Exclude<Key extends string ? Key : NamesIn<Key[keyof Key]>, keyof Fields>

/** Members of some of the indexes, by their names. */
type Of<Index, Names extends keyof IndexTemplate> = Index[keyof Index & Names]

type Templates<Given> = { [Name in keyof Given]: Of<Given[Name], 'pk' | 'sk'> }[keyof Given]

type UnknownInIndexes<Given, Fields> = Exclude<NamesIn<Templates<Given>>, keyof Fields>

/** Indexes of the model that are on the same physical index as another. */
type OnAnother<Given> = {
  [Name in keyof Given]: Of<Given[Name], 'on'> extends Of<Given[Exclude<keyof Given, Name>], 'on'> ? Name : never
}[keyof Given]

type UnknownInUnique<Unique, Fields> = Exclude<ConstraintFields<Unique[keyof Unique]>, keyof Fields>

/** The fields of a unique constraint. */
export type ConstraintFields<Constraint> = Constraint extends readonly (infer Field)[]
  ? Field
  : Constraint extends { readonly fields: readonly (infer Field)[] }
    ? Field
    : never

/** Nothing where there is no mistake, else one in the place of a part of the definition. */
type Report<Part extends string, Wrong, Message extends string> = [Wrong] extends [never]
  ? unknown
  : { readonly [P in Part]: Mistake<`${Wrong & string} ${Message}`> }

/**
 * What a definition must also be: nothing more where it is right, else a {@link Mistake} in the place of what is wrong.
 * Each check gathers names over a whole part, which costs the compiler a tenth of checking every text in its place.
 */
export type Checked<Definition extends ModelDefinition> = Report<
  'key',
  UnknownInKey<Definition['key'], Definition['fields']>,
  'is no field of this model'
> &
  Report<
    'indexes',
    UnknownInIndexes<Definition['indexes'], Definition['fields']> | OnAnother<Definition['indexes']>,
    'is no field of this model, or an index on the same physical index as another'
  > &
  Report<'unique', UnknownInUnique<Definition['unique'], Definition['fields']>, 'is no field of this model'>

/** Models by their names. */
export type Models = Readonly<Record<string, AnyModel>>

type WronglyNamed<All extends Models> = {
  [Name in keyof All]: All[Name]['name'] extends Name ? never : All[Name]['name']
}[keyof All]

/** Names of the models that relations lead to, or through. */
type RelatedOf<M extends AnyModel> = M['definition'] extends { readonly relations: infer Relations }
  ? EndOf<Relations[keyof Relations]>
  : never

type EndOf<Relation> = Relation extends { readonly target: infer Target }
  ? Relation extends { readonly via: infer Via }
    ? Target | Via
    : Target
  : never

type NotConnected<All extends Models> = Exclude<{ [Name in keyof All]: RelatedOf<All[Name]> }[keyof All], keyof All>

/** Nothing more where models fit together, else a mistake in their place: a wrong name, or a relation to none of them. */
export type CheckedModels<All extends Models> = Report<
  'models',
  WronglyNamed<All>,
  'is the name of a model; connect it under that name'
> &
  Report<'models', NotConnected<All>, 'is no model among those connected, but a relation leads there'>

export type FieldsOf<M extends AnyModel> = M['definition']['fields']

type KeyNames<Key> = Key extends string
  ? Key
  : Key extends { readonly pk: infer Pk; readonly sk?: infer Sk }
    ? PlaceholdersOf<Pk>[number] | PlaceholdersOf<Sk>[number]
    : never

/** Names of the fields that make up a model's key. */
export type KeyFieldNames<M extends AnyModel> = KeyNames<M['definition']['key']> & keyof FieldsOf<M>

/** The fields that name one row. */
export type KeyOf<M extends AnyModel> = { readonly [Name in KeyFieldNames<M>]: FieldsOf<M>[Name]['$write'] }

/** The data of a row. */
export type RowOf<M extends AnyModel> = ReadShape<FieldsOf<M>>

/** What a create takes. */
export type CreateInput<M extends AnyModel> = WriteShape<FieldsOf<M>>

/** What a put takes: as a create, and rows as they were read; versions and moments of writes stay the library's own. */
export type PutInput<M extends AnyModel> = PutShape<FieldsOf<M>>
