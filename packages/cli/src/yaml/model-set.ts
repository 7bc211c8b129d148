/**
 * Models as data: what YAML files describe. Code generation prints it, and `evaluate.ts` makes models of it without files.
 * Every part has the range of its source, so that a mistake that is found later is still shown in the file.
 */

/** A range of a source file. */
export interface SourceRange {
  /** Index of the file in {@link ModelSet.files}. */
  readonly file: number
  /** Offset of the first character, in UTF-16 code units. */
  readonly start: number
  /** Offset after the last character. */
  readonly end: number
}

/** A file that models were read from. */
export interface SourceFile {
  /** Its path, as the user named it. */
  readonly path: string
  readonly text: string
}

/** A value of YAML that is also JSON. */
export type PlainValue =
  | string
  | number
  | boolean
  | null
  | readonly PlainValue[]
  | { readonly [name: string]: PlainValue }

/** An argument of a builder call. Text, numbers, true, false and null are themselves; all else has a `kind`. */
export type BuilderArgument =
  | string
  | number
  | boolean
  | null
  /** A list or an object that is JSON. */
  | { readonly kind: 'plain'; readonly value: PlainValue }
  /** The elements of a list, a set or a record. */
  | { readonly kind: 'field'; readonly calls: readonly BuilderCall[] }
  /** The fields of a map. */
  | { readonly kind: 'fields'; readonly fields: readonly FieldDescription[] }
  | { readonly kind: 'pattern'; readonly source: string; readonly flags: string }
  /** A time, as ISO 8601 text. */
  | { readonly kind: 'date'; readonly text: string }
  | { readonly kind: 'bigint'; readonly text: string }
  /** An exact number that a double cannot hold. */
  | { readonly kind: 'decimal'; readonly text: string }
  /** A list whose items are not all JSON. */
  | { readonly kind: 'list'; readonly items: readonly BuilderArgument[] }
  /** An object whose members are not all JSON. */
  | { readonly kind: 'object'; readonly members: readonly (readonly [name: string, value: BuilderArgument])[] }
  /** A transform that rounds to a number of decimal digits. */
  | { readonly kind: 'rounding'; readonly digits: number }

/** One call of a chain such as `f.string().min(1)`. */
export interface BuilderCall {
  /** A function of `f` for the first call of a chain, a modifier for the others, or the name of a custom field. */
  readonly call: string
  readonly args: readonly BuilderArgument[]
}

/** A field. */
export interface FieldDescription {
  readonly name: string
  /** The type as written: `StringField`, `string`, or the name of a custom field. */
  readonly type: string
  /** The calls that build the field. */
  readonly calls: readonly BuilderCall[]
  /** Whether a create must set the field, or the library sets it: the field is not optional. */
  readonly required: boolean
  /** The model that the field refers to. */
  readonly target: string | undefined
  /** The custom field's options as written; undefined for fields of the library. */
  readonly custom: { readonly [option: string]: PlainValue } | undefined
  readonly description: string | undefined
  readonly at: SourceRange
}

/**
 * A key of the table or of an index. `partitionKey` and `sortKey` are the words of the file: a field, or `modelPrefix` for the
 * constant prefix. They are undefined for a key that is written as templates.
 */
export interface KeyDescription {
  /** Template of the partition key, such as `u#{userId}`. */
  readonly pk: string
  /** Template of the sort key, such as `{createdAt}`. */
  readonly sk: string
  readonly partitionKey: string | undefined
  readonly sortKey: string | undefined
  /** The fields in `pk`, in order. */
  readonly pkFields: readonly string[]
  /** The fields in `sk`, in order. */
  readonly skFields: readonly string[]
  readonly at: SourceRange
}

/** An index. */
export interface IndexDescription extends KeyDescription {
  readonly name: string
  /** The physical index, such as `gsi2`; `key` for a name of the primary key. */
  readonly on: string
  /** The filter of the rows that are in the index; undefined for all rows. */
  readonly when?: PlainValue
}

/** A unique constraint. */
export interface UniqueDescription {
  readonly name: string
  readonly fields: readonly string[]
  readonly lower: boolean
  readonly trim: boolean
  readonly at: SourceRange
}

/** Where a relation comes from: it is written in the file, or follows from a ref field or from an index. */
type RelationOrigin =
  | { readonly kind: 'written' }
  | { readonly kind: 'field'; readonly field: string }
  | { readonly kind: 'index'; readonly model: string; readonly index: string }

/** A relation. */
export interface RelationDescription {
  readonly name: string
  readonly kind: 'one' | 'many' | 'through'
  /** The other model. */
  readonly target: string
  /** `one`: the ref field, or the ref field for each key field of the target. Others: this row's field for each field of the index. */
  readonly fields: string | { readonly [name: string]: string } | undefined
  /** `many` and `through`: the index, or `key`. */
  readonly index: string | undefined
  /** `through`: the model of pairs. */
  readonly via: string | undefined
  /** `through`: the relation of the pair to the target. */
  readonly to: string | undefined
  readonly origin: RelationOrigin
  readonly at: SourceRange
}

/** The rules that YAML can express. Functions are in the module `from`. */
export interface RulesDescription {
  /** As `rules` of `model()`, without functions: `permissions`, `locks`, `uniqueWithin`, `references`, `limits`, `audit`. */
  readonly plain: { readonly [name: string]: PlainValue }
  /** The module whose exports `permissions`, `hooks` and others complete the rules, relative to the file. */
  readonly from: string | undefined
  readonly at: SourceRange
}

/** A model. */
export interface ModelDescription {
  readonly name: string
  /** Name of its generated file without extension, distinct from that of every other model, also without case. */
  readonly fileName: string
  /** `modelPrefix`, or the type name. */
  readonly prefix: string
  /** `mapping` if the rows are pairs of rows of other models. */
  readonly tableType: 'standard' | 'mapping'
  /** Number of buckets of the iteration index; false without one. */
  readonly iterable: false | number
  readonly fields: readonly FieldDescription[]
  readonly key: KeyDescription
  /** Indexes and names of the primary key, in the order of the file. */
  readonly indexes: readonly IndexDescription[]
  readonly unique: readonly UniqueDescription[]
  /** Written relations, and those that follow from refs and indexes. */
  readonly relations: readonly RelationDescription[]
  /** The stored type name, if it is not the name of the model; null for rows without one. */
  readonly type: string | null | undefined
  readonly encoding: 'escaped' | 'raw' | undefined
  readonly softDelete: PlainValue | undefined
  readonly database: string | undefined
  readonly rules: RulesDescription | undefined
  readonly description: string | undefined
  readonly at: SourceRange
}

/** A collection: rows of several models in one partition. Its parts are names of models by name of the part. */
export interface CollectionDescription {
  readonly name: string
  readonly pk: string
  readonly on: string | undefined
  readonly one: { readonly [part: string]: string }
  readonly optional: { readonly [part: string]: string }
  readonly many: { readonly [part: string]: string }
  readonly description: string | undefined
  readonly at: SourceRange
}

/** All models of a YAML file, or of a folder of YAML files. */
export interface ModelSet {
  readonly files: readonly SourceFile[]
  readonly models: readonly ModelDescription[]
  readonly collections: readonly CollectionDescription[]
  /** `required` if nothing may be read or written outside a tenant's scope. */
  readonly tenancy: 'optional' | 'required' | undefined
}
