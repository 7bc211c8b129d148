/** The definition of a model, and the mistakes in it that the compiler reports. */
import type { FieldShape, PutShape, ReadShape, WriteShape } from './field.js'
import type { AnyRelation } from './relation.js'
import type { StandardResult } from './standard-schema.js'

/** An index of a model: its physical index and the templates of its keys. */
export interface IndexTemplate {
  /** The physical index: `gsi1` to `gsi20`, or one named in the layout. */
  readonly on: string
  /** Template of the partition key. */
  readonly pk: string
  /** Template of the sort key. Default: the model's name. */
  readonly sk?: string
  /**
   * The rows that are in the index: a filter of fields that hold text, numbers, booleans or dates, in the grammar of `where`.
   * Default: all rows that have the fields of the templates.
   */
  readonly when?: { readonly [name: string]: unknown }
}

/** A unique constraint with options. */
export interface UniqueOptions {
  /** The fields whose values are unique together. */
  readonly fields: readonly string[]
  /** Compares text case-insensitively, by `toLowerCase()`. Default false. */
  readonly lower?: boolean
  /** Ignores white space at both ends of text. Default false. */
  readonly trim?: boolean
}

/** How rows are soft-deleted. The time of the delete is stored as `deletedAt`. */
export interface SoftDeleteOptions {
  /** `keep`: a soft-deleted row stays in its indexes, so `withDeleted` queries find it. Default `keep`. */
  readonly indexes?: 'keep' | 'remove'
  /** `free`: other rows may take the unique values of a soft-deleted row; `restore` claims them again. Default `free`. */
  readonly unique?: 'free' | 'keep'
  /**
   * Seconds after which a soft-deleted row expires, by the table's time to live: it then counts as absent and cannot be
   * restored. Not for models with a `ttl` field. Default: it stays until it is purged.
   */
  readonly purgeAfter?: number
}

/**
 * One step of `upgrade`: receives a copy of the stored row, by stored names, with attributes that the model does not know and
 * without those that only the library writes. Returns the row in the next form, without what is no longer needed.
 *
 * A step is synchronous and depends on the row alone, since it runs at each read until the row is written. It keeps key
 * fields, the version, and the times of expiry and of a soft delete. Dates are stored as ISO 8601 text, those of a `ttl`
 * as seconds since 1970, and numbers beyond exact doubles are read as bigint or `Decimal`.
 */
export type UpgradeStep = (stored: { readonly [attribute: string]: unknown }) => {
  readonly [attribute: string]: unknown
}

/** The definition of a model. */
export interface ModelDefinition {
  /** The fields of its rows, by name. */
  readonly fields: FieldShape
  /**
   * Templates of the key, such as `USER#{userId}`. Field values are percent-encoded in keys, so different values never
   * produce the same key; text after a field must begin with `#`. The name of a single field is short for
   * `{ pk: 'Model#{field}' }`. Without `sk`, the sort key is the model's name.
   */
  readonly key: string | { readonly pk: string; readonly sk?: string }
  /** Unique constraints: their fields, or fields with options. A row that lacks one of the fields is not constrained. */
  readonly unique?: Readonly<Record<string, readonly string[] | UniqueOptions>>
  /** Indexes. A row is in an index if it has all fields of the index's templates and satisfies the index's `when`. */
  readonly indexes?: Readonly<Record<string, IndexTemplate>>
  /** Relations to other models. */
  readonly relations?: Readonly<Record<string, AnyRelation>>
  /**
   * Whether `iterate()` can list the rows, and over how many partitions they are spread, at the cost of one more index
   * write for each row. Default: 10 buckets.
   */
  readonly iterable?: boolean | { readonly buckets: number }
  /**
   * Type name that is stored with each row. Set it when you rename a model. Default: the name of the model. With null, rows
   * store no type name and are recognised by their keys, for example in an existing table.
   */
  readonly type?: string | null
  /**
   * `raw` writes values into keys without encoding, for existing tables, and rejects values that would make a key
   * ambiguous. Default `escaped`.
   */
  readonly encoding?: 'escaped' | 'raw'
  /** Whether deletes keep the row, hidden from reads. */
  readonly softDelete?: boolean | SoftDeleteOptions
  /**
   * Brings rows of older forms to the present one when they are read: one step, or a list of steps. Each row
   * stores how many steps it has passed, and passes the others in order. Never remove or reorder steps.
   */
  readonly upgrade?: UpgradeStep | readonly UpgradeStep[]
  /** What the model forbids, demands and triggers: permissions, references, hooks. */
  readonly rules?: object
  /** The `id` of the database that holds the rows, if `connect` lists several. Default: the first. */
  readonly database?: string
}

/** The input of a create as a Standard Schema. A separate interface, which the compiler evaluates only when it is used. */
interface ModelStandard<Definition extends ModelDefinition> {
  readonly version: 1
  readonly vendor: string
  readonly validate: (value: unknown) => Promise<StandardResult<WriteShape<Definition['fields']>>>
  readonly types?: {
    readonly input: WriteShape<Definition['fields']>
    readonly output: WriteShape<Definition['fields']>
  }
}

/** A model, made by `model()`. It is a Standard Schema of the input of its `create`. */
export interface Model<Name extends string = string, Definition extends ModelDefinition = ModelDefinition> {
  /** Its name. */
  readonly name: Name
  /** Its definition. */
  readonly definition: Definition
  /** The Standard Schema interface, version 1. */
  readonly '~standard': ModelStandard<Definition>
}

/** Any model. */
export interface AnyModel {
  readonly name: string
  readonly definition: ModelDefinition
}

/** A type that the compiler shows at the position of a mistake. */
interface DefinitionError<Message extends string> {
  readonly mistake: Message
}

/** The names between braces in a template, in order. */
export type PlaceholdersOf<Template> = Template extends `${string}{${infer Name}}${infer Rest}`
  ? [Name, ...PlaceholdersOf<Rest>]
  : []

/** The names between braces in a union of templates, without order. */
export type NamesIn<Template> = Template extends `${string}{${infer Name}}${infer Rest}` ? Name | NamesIn<Rest> : never

type UnknownInKey<Key, Fields> = Exclude<Key extends string ? Key : NamesIn<Key[keyof Key]>, keyof Fields>

/** The given members of an index. */
type Of<Index, Names extends keyof IndexTemplate> = Index[keyof Index & Names]

/** The templates of an index, and its condition as a template: operators, and names that are any text, are not checked. */
type Templates<Index> = Index extends { readonly when: infer When }
  ? Of<Index, 'pk' | 'sk'> | (string extends keyof When ? never : `{${Exclude<keyof When & string, `$${string}`>}}`)
  : Of<Index, 'pk' | 'sk'>

type UnknownInIndexes<Given, Fields> = Exclude<NamesIn<Templates<Given[keyof Given]>>, keyof Fields>

/**
 * Indexes that share their physical index with another index of the model. Indexes of unknown names are checked at run time.
 * The compiler also sees those before it has inferred a definition with functions: without `strictNullChecks`, a mistake
 * there would reject the model.
 */
type OnAnother<Given> = string extends keyof Given
  ? never
  : {
      [Name in keyof Given]: Of<Given[Name], 'on'> extends Of<Given[Exclude<keyof Given, Name>], 'on'> ? Name : never
    }[keyof Given]

/** Names that are any text are checked at run time. */
type UnknownInUnique<Unique, Fields> =
  string extends ConstraintFields<Unique[keyof Unique]>
    ? never
    : Exclude<ConstraintFields<Unique[keyof Unique]>, keyof Fields>

/** The fields of a unique constraint. */
export type ConstraintFields<Constraint> = Constraint extends readonly (infer Field)[]
  ? Field
  : Constraint extends { readonly fields: readonly (infer Field)[] }
    ? Field
    : never

/** `unknown` if nothing is wrong, else a mistake as the type of a part of the definition. */
type Report<Part extends string, Wrong, Message extends string> = [Wrong] extends [never]
  ? unknown
  : { readonly [P in Part]: DefinitionError<`${Wrong & string} ${Message}`> }

/**
 * The checks of a definition: `unknown` if it is correct, else a {@link DefinitionError} as the type of the wrong part.
 * Each check collects the names of a whole part, which costs the compiler a tenth of checking each template separately.
 */
export type Checked<Definition extends ModelDefinition> = Report<
  'key',
  UnknownInKey<Definition['key'], Definition['fields']>,
  'is not a field of this model'
> &
  Report<
    'indexes',
    UnknownInIndexes<Definition['indexes'], Definition['fields']> | OnAnother<Definition['indexes']>,
    'is not a field of this model, or is an index on the same physical index as another'
  > &
  Report<'unique', UnknownInUnique<Definition['unique'], Definition['fields']>, 'is not a field of this model'>

/** Models by name. */
export type Models = Readonly<Record<string, AnyModel>>

/** Constraint of the models of one database: an object of models, or an interface whose members are models. */
export type ModelsOf<All> = { readonly [Name in keyof All]: AnyModel }

/** Models whose type does not say their name, such as `AnyModel`, are checked at run time. */
type WronglyNamed<All extends ModelsOf<All>> = {
  [Name in keyof All]: string extends All[Name]['name']
    ? never
    : All[Name]['name'] extends Name
      ? never
      : All[Name]['name']
}[keyof All]

/** Names of the models that relations refer to. */
type RelatedOf<M extends AnyModel> = M['definition'] extends { readonly relations: infer Relations }
  ? EndOf<Relations[keyof Relations]>
  : never

type EndOf<Relation> = Relation extends { readonly target: infer Target }
  ? Relation extends { readonly via: infer Via }
    ? Target | Via
    : Target
  : never

type NotConnected<All extends ModelsOf<All>> = Exclude<
  { [Name in keyof All]: RelatedOf<All[Name]> }[keyof All],
  keyof All
>

/** The checks of connected models: `unknown` if they fit together, else a mistake: a wrong name, or a missing model. */
export type CheckedModels<All extends ModelsOf<All>> = Report<
  'models',
  WronglyNamed<All>,
  'is the name of a model; connect it under that name'
> &
  Report<'models', NotConnected<All>, 'is not a connected model, but a relation refers to it'>

/** The fields of a model's definition. */
export type FieldsOf<M extends AnyModel> = M['definition']['fields']

type KeyNames<Key> = Key extends string ? Key : NamesIn<Key[keyof Key]>

/** Names of the key fields of a model. */
export type KeyFieldNames<M extends AnyModel> = KeyNames<M['definition']['key']> & keyof FieldsOf<M>

/** The key of a row: its key fields. */
export type KeyOf<M extends AnyModel> = KeyTypes<M>['key']

/**
 * Source of {@link KeyOf}. Editors print the type of a member by its fields, but an alias by its name and arguments, which
 * here are a whole definition.
 */
export interface KeyTypes<M extends AnyModel> {
  /** The key fields. */
  readonly key: { readonly [Name in KeyFieldNames<M>]: FieldsOf<M>[Name]['$write'] }
}

/** The data of a row, without methods. */
export type RowOf<M extends AnyModel> = ReadShape<FieldsOf<M>>

/** The input of a create. Optional fields and fields with a default can be omitted. */
export type CreateInput<M extends AnyModel> = WriteShape<FieldsOf<M>>

/** The input of a put: that of a create, or a row that was read. The library sets versions and times of writes itself. */
export type PutInput<M extends AnyModel> = PutShape<FieldsOf<M>>
