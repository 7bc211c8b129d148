/**
 * Fields: the data of a model's rows. One generic builder serves every kind; `field-kinds.ts` implements the kinds.
 * Builders are immutable: each modifier returns a new one.
 */
import { invalid, valueText } from '../../errors/errors.js'
import type { Decimal, NumberValue } from '../../value/number.js'
import type { CompileError } from '../types/mistake.js'
import type { SortRange } from '../types/query.js'
import type { Storable } from '../types/storable.js'
import type {
  Change,
  JsonPathChanges,
  ListPathChanges,
  MapPathChanges,
  PartPathChanges,
  PathChange,
  RecordPathChanges,
} from '../types/update-input.js'
import type { FieldFilter } from '../types/where.js'
import type { SchemaInput, SchemaOutput, StandardSchema } from './standard-schema.js'

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
  | 'ttl'
  | 'createdAt'
  | 'updatedAt'
  | 'schema'

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
    : Change<Write, Kind, Flag>

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
interface Transform<Outer, Inner, Given = Inner> {
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
  /** The validator of a schema field. */
  readonly schema?: StandardSchema
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

class FieldBuilder {
  readonly spec: FieldSpec

  constructor(spec: FieldSpec) {
    this.spec = spec
  }

  get $kind(): FieldKind {
    return this.spec.kind
  }

  #with(change: Partial<FieldSpec>): FieldBuilder {
    return new FieldBuilder({ ...this.spec, ...change })
  }

  #bounded(bound: Partial<FieldSpec>): FieldBuilder {
    const [name] = Object.keys(bound)
    if (this.spec.transform)
      throw invalid([name as string], 'must come before transform, since it applies to the stored value')
    return this.#with(bound)
  }

  optional(): FieldBuilder {
    return this.#with({ optional: true })
  }

  default(fallback: unknown): FieldBuilder {
    if (fallback === undefined) throw invalid(['default'], 'is undefined; omit it, or make the field optional')
    return this.#with({ fallback })
  }

  auto(): FieldBuilder {
    return this.#with({ auto: true })
  }

  readonly(): FieldBuilder {
    return this.#with({ fixed: true })
  }

  min(min: NumberValue | Date): FieldBuilder {
    return this.#bounded({ min })
  }

  max(max: NumberValue | Date): FieldBuilder {
    return this.#bounded({ max })
  }

  pattern(pattern: RegExp): FieldBuilder {
    if (!(pattern instanceof RegExp)) throw invalid(['pattern'], `is ${valueText(pattern)}, not a regular expression`)
    // Without g and y: global and sticky expressions keep the position of their last match.
    return this.#bounded({ pattern: new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, '')) })
  }

  validate(check: (value: unknown) => string | boolean | undefined): FieldBuilder {
    return this.#with({ checks: [...this.spec.checks, check] })
  }

  transform(transform: Transform<unknown, unknown>): FieldBuilder {
    const { fallback, checks, transform: other } = this.spec
    if (fallback !== undefined || checks.length > 0 || other) {
      throw invalid(
        ['transform'],
        'must come before default and validate, which apply to its output, and can be set only once',
      )
    }
    return this.#with({ transform })
  }

  attribute(attribute: string): FieldBuilder {
    return this.#with({ attribute })
  }
}

// The builder implements at run time what the interface declares.
function field<Made extends AnyField>(kind: FieldKind, more: Partial<FieldSpec> = {}): Made {
  const spec: FieldSpec = { kind, optional: false, fixed: false, auto: false, checks: [], ...more }
  return new FieldBuilder(spec) as unknown as Made
}

/**
 * Makes fields: one function for each kind.
 *
 * @example
 * import { f, model } from 'partita'
 *
 * const Article = model('Article', {
 *   fields: {
 *     articleId: f.ulid().auto(),
 *     title: f.string().min(1).max(80),
 *     state: f.enum('draft', 'published').default('draft'),
 *     tags: f.set(f.string()),
 *   },
 *   key: 'articleId',
 * })
 */
export const f = {
  /** Text, which can be empty. */
  string: () => field<Field<string, string, 'string'>>('string'),
  /** A double. Reading a stored number that a double cannot represent exactly fails instead of rounding it. */
  number: () => field<Field<number, number, 'number'>>('number'),
  /** A safe integer: up to 2^53 - 1. */
  integer: () => field<Field<number, number, 'integer'>>('integer'),
  /** An integer of up to 38 digits. */
  bigint: () => field<Field<bigint, bigint | number, 'bigint'>>('bigint'),
  /** An exact decimal number of up to 38 digits. */
  decimal: () => field<Field<Decimal, Decimal | string | NumberValue, 'decimal'>>('decimal'),
  /** True or false. */
  boolean: () => field<Field<boolean, boolean, 'boolean'>>('boolean'),
  /** A time with millisecond precision in the years 0 to 9999, stored as ISO 8601 text in UTC. */
  date: () => field<Field<Date, Date, 'date'>>('date'),
  /** A ULID: 26 characters that sort by creation time. */
  ulid: () => field<IdField<'ulid'>>('ulid'),
  /** A UUID, stored in lower case. */
  uuid: () => field<IdField<'uuid'>>('uuid'),
  /** An e-mail address. Comparisons are case-sensitive; set `lower: true` on a unique constraint to ignore case. */
  email: () => field<Field<string, string, 'email'>>('email'),
  /** An absolute URL, stored unchanged. */
  url: () => field<Field<string, string, 'url'>>('url'),
  /** One of these strings. */
  enum: <const Values extends readonly [string, ...string[]]>(...values: Values) =>
    field<Field<Values[number], Values[number], 'enum'>>('enum', { values }),
  /** Binary data. */
  bytes: (): Field<Uint8Array, Uint8Array, 'bytes'> => field('bytes'),
  /** A list of elements of one kind. */
  list: <Element extends AnyField>(element: Element) =>
    field<Field<Element['$read'][], readonly Element['$write'][], 'list', never, ListPathChanges<Element>>>('list', {
      element: { ...element.spec, isElement: true },
    }),
  /** A set of text, numbers or bytes. An empty set is not stored, and an absent one is read as an empty set. */
  set: <Element extends AnyField>(element: Element) =>
    field<Field<Set<Element['$read']>, ReadonlySet<Element['$write']> | readonly Element['$write'][], 'set'>>('set', {
      element: element.spec,
    }),
  /** An object with exactly these fields. */
  map: <Fields extends FieldShape>(fields: Fields) =>
    field<Field<ReadShape<Fields>, WriteShape<Fields>, 'map', never, MapPathChanges<Fields>>>('map', {
      shape: Object.fromEntries(Object.entries(fields).map(([name, it]) => [name, it.spec])),
    }),
  /** An object with arbitrary names and values of one kind. */
  record: <Element extends AnyField>(element: Element) =>
    field<
      Field<
        Record<string, Element['$read']>,
        Readonly<Record<string, Element['$write']>>,
        'record',
        never,
        RecordPathChanges<Element>
      >
    >('record', { element: { ...element.spec, isElement: true } }),
  /** JSON. The type argument is not checked at run time. */
  json: <Value extends JsonValue = JsonValue>() => field<Field<Value, Value, 'json', never, JsonPathChanges>>('json'),
  /**
   * The key of a row of another model. If that model has several key fields, the field is chosen by a relation or by its
   * name. Every write checks that the value is valid for the key field, but not that the row exists.
   */
  ref: <Target extends string>(target: Target) => field<Field<string, string, 'ref'>>('ref', { target }),
  /** An integer that starts at 0. `save()` adds its difference, so concurrent changes add up. */
  counter: () => field<Field<number, number, 'counter', 'filled'>>('counter', { fallback: 0 }),
  /** A version: 1 on create, incremented by each write. `save()` throws `ConflictError` if it changed since the read. */
  version: () => field<Field<number, number, 'version', 'managed'>>('version'),
  /** Time of expiry in whole seconds, after which the row counts as absent. At most one for each model. */
  ttl: () => field<Field<Date, Date, 'ttl'>>('ttl'),
  /** Time of the create, unless the create sets it. Read-only. */
  createdAt: () => field<Field<Date, Date, 'createdAt', 'filled' | 'fixed'>>('createdAt', { fixed: true }),
  /** Time of the last write. */
  updatedAt: () => field<Field<Date, Date, 'updatedAt', 'managed'>>('updatedAt'),
  /**
   * A value that a Standard Schema validator (zod, valibot, arktype) accepts, stored as the validator returns it: text,
   * numbers, booleans, null, bytes, sets, lists and plain objects. If the validator accepts both numbers and bigints at a
   * path, integers up to 2^53 - 1 are read as numbers.
   */
  schema: <Schema extends StandardSchema>(
    schema: Schema & Storable<SchemaOutput<Schema>>,
    // With an explicit type; the inferred one would expand to a hundred thousand characters in the declarations.
  ): Field<SchemaOutput<Schema>, SchemaInput<Schema>, 'schema', never, PartPathChanges<SchemaOutput<Schema>>> =>
    field('schema', { schema }),
}

/** @internal Whether a value is a field, for definitions from untyped code. */
export function isField(input: unknown): input is AnyField {
  return input instanceof FieldBuilder
}
