/** What a model is made of, as its author writes it, and what the compiler can tell of mistakes in it. */
import type { ReadShape, Shape, WriteShape } from './field.js'
import type { AnyRelation } from './relation.js'
import type { StandardSchema } from './standard-schema.js'

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
  readonly fields: Shape
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

export interface Model<Name extends string = string, Definition extends ModelDefinition = ModelDefinition>
  extends StandardSchema<WriteShape<Definition['fields']>, WriteShape<Definition['fields']>> {
  readonly name: Name
  readonly definition: Definition
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
export type Placeholders<Template> = Template extends `${string}{${infer Name}}${infer Rest}`
  ? [Name, ...Placeholders<Rest>]
  : []

type CheckTemplate<Template, Fields, Whole = Template> = Template extends `${string}{${infer Name}}${infer Rest}`
  ? Name extends keyof Fields
    ? CheckTemplate<Rest, Fields, Whole>
    : Mistake<`{${Name}} is no field of this model`>
  : Whole

type CheckKey<Key, Fields> = Key extends string
  ? Key extends `${string}{${string}`
    ? Mistake<'write { pk: ... } for a template'>
    : Key extends keyof Fields
      ? Key
      : Mistake<`${Key} is no field of this model`>
  : { readonly [Part in keyof Key]: CheckTemplate<Key[Part], Fields> }

type OthersOn<Indexes, Name> = {
  [Other in Exclude<keyof Indexes, Name>]: Indexes[Other] extends { readonly on: infer On } ? On : never
}[Exclude<keyof Indexes, Name>]

type CheckIndexes<Indexes, Fields> = {
  readonly [Name in keyof Indexes]: {
    readonly [Part in keyof Indexes[Name]]: Part extends 'on'
      ? Indexes[Name][Part] extends OthersOn<Indexes, Name>
        ? Mistake<'two indexes of one model are on the same physical index'>
        : Indexes[Name][Part]
      : CheckTemplate<Indexes[Name][Part], Fields>
  }
}

type CheckUnique<Unique, Fields> = {
  readonly [Name in keyof Unique]: Unique[Name] extends readonly string[]
    ? readonly (keyof Fields & string)[]
    : { readonly fields: readonly (keyof Fields & string)[]; readonly lower?: boolean; readonly trim?: boolean }
}

/** The definition itself, with a {@link Mistake} in the place of what is wrong. */
export type Checked<Definition extends ModelDefinition> = {
  readonly key: CheckKey<Definition['key'], Definition['fields']>
} & (Definition extends { readonly indexes: infer Indexes }
  ? { readonly indexes: CheckIndexes<Indexes, Definition['fields']> }
  : unknown) &
  (Definition extends { readonly unique: infer Unique }
    ? { readonly unique: CheckUnique<Unique, Definition['fields']> }
    : unknown)

/** Models by their names. */
export type Models = Readonly<Record<string, AnyModel>>

type CheckRelations<All extends Models, Relations> = {
  readonly [Name in keyof Relations]: Relations[Name] extends { readonly target: infer Target }
    ? Target extends keyof All
      ? Relations[Name] extends { readonly via: infer Via }
        ? Via extends keyof All
          ? Relations[Name]
          : Mistake<`there is no model ${Via & string} among those connected`>
        : Relations[Name]
      : Mistake<`there is no model ${Target & string} among those connected`>
    : never
}

/** The models themselves, with a mistake in the place of a wrong name or a relation to a model that is not there. */
export type CheckedModels<All extends Models> = {
  readonly [Name in keyof All]: All[Name]['name'] extends Name
    ? All[Name]['definition'] extends { readonly relations: infer Relations }
      ? { readonly definition: { readonly relations: CheckRelations<All, Relations> } }
      : unknown
    : Mistake<`is named ${All[Name]['name']}; connect it under that name`>
}

export type FieldsOf<M extends AnyModel> = M['definition']['fields']

type KeyNames<Key> = Key extends string
  ? Key
  : Key extends { readonly pk: infer Pk; readonly sk?: infer Sk }
    ? Placeholders<Pk>[number] | Placeholders<Sk>[number]
    : never

/** Names of the fields that make up a model's key. */
export type KeyFieldNames<M extends AnyModel> = KeyNames<M['definition']['key']> & keyof FieldsOf<M>

/** The fields that name one row. */
export type KeyOf<M extends AnyModel> = { readonly [Name in KeyFieldNames<M>]: FieldsOf<M>[Name]['$write'] }

/** The data of a row. */
export type RowOf<M extends AnyModel> = ReadShape<FieldsOf<M>>

/** What a create takes. */
export type CreateInput<M extends AnyModel> = WriteShape<FieldsOf<M>>
