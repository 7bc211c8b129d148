/** Types of fields: the data of a model's rows. `field-builder.ts` builds fields, `field-kinds.ts` implements the kinds. */
import type { NumberValue } from '../../value/number.js'
import type { CompileError } from '../types/compile-error.js'
import type { SortRange } from '../types/query.js'
import type { FieldUpdate, PathChange } from '../types/update-input.js'
import type { FieldFilter } from '../types/where.js'
import type { AssetRules } from './asset-rules.js'
import type { StandardSchema } from './standard-schema.js'

/** The kinds of fields. */
export type FieldKind =
  | 'string'
  | 'number'
  | 'integer'
  | 'bigint'
  | 'decimal'
  | 'boolean'
  | 'date'
  | 'ulid'
  | 'uuid'
  | 'email'
  | 'url'
  | 'enum'
  | 'bytes'
  | 'list'
  | 'set'
  | 'map'
  | 'record'
  | 'json'
  | 'ref'
  | 'counter'
  | 'version'
  | 'count'
  | 'ttl'
  | 'createdAt'
  | 'updatedAt'
  | 'deletedAt'
  | 'schema'
  | 'asset'

/**
 * `optional`: can be absent. `filled`: can be omitted on create. `fixed`: never changes after the create. `managed`: written
 * only by the library. `transformed`: stored in another form than the program uses.
 */
type FieldFlag = 'optional' | 'filled' | 'fixed' | 'managed' | 'transformed'

/**
 * Any field. All members except `spec` exist only at compile time: types that the compiler derives once for all models with
 * such a field.
 */
export interface AnyField {
  /** The field as data. */
  readonly spec: FieldSpec
  /** Type that reads return. */
  readonly $read: unknown
  /** Type that writes take. */
  readonly $write: unknown
  /** Its kind. */
  readonly $kind: FieldKind
  /** Union of its flags. */
  readonly $flag: FieldFlag
  /** Type of its changes in an update. */
  readonly $change: unknown
  /** Type of its filters. */
  readonly $filter: unknown
  /** Type of its values and ranges in the sort key of a query. */
  readonly $sort: unknown
  /** Paths inside it, such as `.city` or `[0]`, and the changes allowed there. */
  readonly $inside: PathChange
  /** Type of its value in a create. */
  readonly $given: unknown
  /** Whether a create needs it. */
  readonly $input: 'needed' | 'spared'
}

type InputOf<Flag> = Extract<Flag, 'optional' | 'filled' | 'managed'> extends never ? 'needed' : 'spared'
type ChangeOf<Write, Kind, Flag> = 'managed' extends Flag
  ? Managed
  : 'fixed' extends Flag
    ? CompileError<'This field is read-only: it is set on create and never changes'>
    : FieldUpdate<Write, Kind, Flag>

type Managed = CompileError<'This field is written by the library; omit it'>

/** Type of the bounds of a length or a value. */
type Bound<Kind extends FieldKind, Read> = Kind extends 'number' | 'integer' | 'counter' | 'bigint' | 'decimal' | 'date'
  ? Read
  : Kind extends 'string' | 'email' | 'url' | 'bytes' | 'list' | 'set' | 'record' | 'ref'
    ? number
    : { readonly error: `A field of kind ${Kind} has no bounds` }

/**
 * A two-way conversion between the values that the program uses and the values of the field's kind.
 *
 * @typeParam Outer type that the program uses.
 * @typeParam Inner type that the kind returns on reads.
 * @typeParam Given type that the kind takes on writes; for a validator, its input.
 */
export interface Transform<Outer, Inner, Given = Inner> {
  /** Converts a value of the program on writes. */
  readonly encode: (value: Outer) => Given
  /** Converts a stored value on reads. */
  readonly decode: (stored: Inner) => Outer
}

/**
 * A field of a model.
 *
 * @typeParam Read type that reads return.
 * @typeParam Write type that writes take.
 * @typeParam Inside paths inside it.
 */
export interface Field<
  Read,
  Write = Read,
  Kind extends FieldKind = FieldKind,
  Flag extends FieldFlag = never,
  Inside extends PathChange = never,
> extends AnyField {
  readonly $read: 'optional' extends Flag ? Read | undefined : Read
  readonly $write: Write
  readonly $kind: Kind
  readonly $flag: Flag
  readonly $change: ChangeOf<Write, Kind, Flag>
  readonly $filter: FieldFilter<Write>
  readonly $sort: Write | SortRange<Write>
  readonly $inside: Inside
  readonly $given: 'managed' extends Flag ? Managed : Write
  readonly $input: InputOf<Flag>
  /** Allows the field to be absent. */
  optional(): Field<Read, Write, Kind, Flag | 'optional', Inside>
  /**
   * Sets the value for a create that omits the field. A plain value also applies to stored rows that lack the field; a
   * function is called for each create.
   */
  default(value: Write | (() => Write)): Field<Read, Write, Kind, Flag | 'filled', Inside>
  /** Makes the field read-only: it is set on create, inside a map when the map is first written, and never changes. */
  readonly(): Field<Read, Write, Kind, Flag | 'fixed', Inside>
  /** Minimum value of a number or date; minimum length of text, bytes, a list, a set or a record. */
  min(bound: Bound<Kind, Read>): Field<Read, Write, Kind, Flag, Inside>
  /** Maximum value or length. */
  max(bound: Bound<Kind, Read>): Field<Read, Write, Kind, Flag, Inside>
  /** Pattern that text must match. It is not anchored: add `^` and `$` yourself. */
  pattern(expression: RegExp): Field<Read, Write, Kind, Flag, Inside>
  /** Adds a check, called on every write. It rejects the value by returning false or an error message. */
  validate(check: (value: Read) => string | boolean | undefined): Field<Read, Write, Kind, Flag, Inside>
  /** Stores the value in another form. The checks of the kind, validators included, run on the output of `encode`. */
  transform<Outer>(both: Transform<Outer, Read, Write>): Field<Outer, Outer, Kind, Flag | 'transformed'>
  /** Sets the name of the stored attribute. Default: the name of the field. */
  attribute(name: string): Field<Read, Write, Kind, Flag, Inside>
}

/** A field that can generate its value. */
export interface IdField<Kind extends FieldKind, Flag extends FieldFlag = never>
  extends Field<string, string, Kind, Flag> {
  /** Generates a new id for a create that omits the field. */
  auto(): IdField<Kind, Flag | 'filled'>
}

/**
 * What the delete of a row does to the rows that refer to it: nothing is deleted while there are any; they are deleted too;
 * or their refs are cleared.
 */
export type OnDelete = 'restrict' | 'cascade' | 'setNull'

/** A field as data, for the modules that compile it. */
export interface FieldSpec {
  /** Its kind. */
  readonly kind: FieldKind
  /** Whether it can be absent. */
  readonly optional: boolean
  /** Whether it is read-only. */
  readonly fixed: boolean
  /** Whether a create generates it. */
  readonly auto: boolean
  /** The default: a value, or a function that returns one. */
  readonly fallback?: unknown
  readonly min?: NumberValue | Date
  readonly max?: NumberValue | Date
  readonly pattern?: RegExp
  readonly checks: readonly ((value: unknown) => string | boolean | undefined)[]
  readonly transform?: Transform<unknown, unknown>
  readonly attribute?: string
  /** Members of an enum. */
  readonly values?: readonly string[]
  /** The elements of a list or set, or the entries of a record. */
  readonly element?: FieldSpec
  /** Whether it is the element of a list or a record. */
  readonly isElement?: boolean
  /** The fields of a map. */
  readonly shape?: Readonly<Record<string, FieldSpec>>
  /** The model that a ref refers to. */
  readonly target?: string
  /** Whether every write that sets the ref requires that its row exists. */
  readonly guard?: boolean
  /** What happens to the row when the row that its ref refers to is deleted. */
  readonly onDelete?: OnDelete
  /** The ref field whose rows a count counts: `Comment.postId`. */
  readonly counted?: string
  /** The validator of a schema field. */
  readonly schema?: StandardSchema
  /** The types and sizes that an asset field takes. */
  readonly asset?: AssetRules
}

/** Fields by name. */
export type FieldShape = Readonly<Record<string, AnyField>>

/** The data that reads of these fields return. Optional fields can be undefined. */
export type ReadShape<Fields extends FieldShape> = ReadTypes<Fields>['row']

// Editors print the type of a member by its fields, but an alias by its name and arguments, here a whole definition.
interface ReadTypes<Fields extends FieldShape> {
  readonly row: { -readonly [Name in keyof Fields]: Fields[Name]['$read'] }
}

type NeededNames<Fields extends FieldShape> = {
  [Name in keyof Fields]: Fields[Name]['$input'] extends 'needed' ? Name : never
}[keyof Fields]

/** The input of a create of these fields. Optional fields and fields with a default can be omitted. */
export type WriteShape<Fields extends FieldShape> = {
  readonly [Name in NeededNames<Fields>]: Fields[Name]['$write']
} & { readonly [Name in keyof Fields]?: Fields[Name]['$given'] | undefined }

/** The input of a put of these fields: as {@link WriteShape}, but a row that was read is accepted too. */
export type PutShape<Fields extends FieldShape> = {
  readonly [Name in NeededNames<Fields>]: Fields[Name]['$write']
} & { readonly [Name in keyof Fields]?: Fields[Name]['$write'] | undefined }

/** Any JSON value. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [name: string]: JsonValue }
