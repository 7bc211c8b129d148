/**
 * Fields: what a model's rows hold. One generic builder serves every kind; what a kind does with values is in
 * `kinds.ts`. A builder is never changed: each modifier gives a new one.
 *
 * @example f.string().min(1).max(80)
 * @example f.enum('admin', 'member').default('member')
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
 * `optional`: may be missing. `filled`: need not be given on create. `fixed`: never changed after create. `managed`:
 * written by the library alone. `transformed`: stored in another form than the program sees.
 */
export type FieldFlag = 'optional' | 'filled' | 'fixed' | 'managed' | 'transformed'

/**
 * The least that is known of a field. But for `spec`, the members exist for the compiler alone: what it works out of a
 * field's types once, for all models that have such a field.
 */
export interface AnyField {
  readonly spec: FieldSpec
  readonly $read: unknown
  readonly $write: unknown
  readonly $kind: FieldKind
  readonly $flag: FieldFlag
  /** What an update may do to it. */
  readonly $change: unknown
  /** What a filter may ask of it. */
  readonly $filter: unknown
  /** What a query may ask of it where it stands in a sort key. */
  readonly $sort: unknown
  /** What may follow its name in a path inside it, such as `.city` or `[0]`, and the changes allowed there. */
  readonly $inside: PathChange
  /** What a create may be given. */
  readonly $given: unknown
  /** Whether a create must be given it. */
  readonly $input: 'needed' | 'spared'
}

type InputOf<Flag> = Extract<Flag, 'optional' | 'filled' | 'managed'> extends never ? 'needed' : 'spared'
type ChangeOf<Write, Kind, Flag> = 'managed' extends Flag
  ? Managed
  : 'fixed' extends Flag
    ? CompileError<'This field is read-only: it is given on create and never changed'>
    : Change<Write, Kind, Flag>

type Managed = CompileError<'This field is written by the library; leave it out'>

/** What a length or a value may be bounded by. */
type Bound<Kind extends FieldKind, Read> = Kind extends 'number' | 'integer' | 'counter' | 'bigint' | 'decimal' | 'date'
  ? Read
  : Kind extends 'string' | 'email' | 'url' | 'bytes' | 'list' | 'set' | 'record' | 'ref'
    ? number
    : { readonly error: `A field of kind ${Kind} has no bounds` }

/**
 * Two ways between what the program sees and what the kind takes and gives.
 *
 * @typeParam Inner what the kind gives on reads.
 * @typeParam Given what the kind takes on writes: for a validator, its input.
 */
export interface Transform<Outer, Inner, Given = Inner> {
  readonly encode: (value: Outer) => Given
  readonly decode: (stored: Inner) => Outer
}

/**
 * A field of a model.
 *
 * @typeParam Read what reads give.
 * @typeParam Write what writes take.
 * @typeParam Inside the paths inside it.
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
  /** May be missing. */
  optional(): Field<Read, Write, Kind, Flag | 'optional', Inside>
  /** Taken where none is given on create; a plain value also where a stored row has none. A function is called anew each time. */
  default(value: Write | (() => Write)): Field<Read, Write, Kind, Flag | 'filled', Inside>
  /** Given on create, and never changed afterwards; in a map, given when the map is written first. */
  readonly(): Field<Read, Write, Kind, Flag | 'fixed', Inside>
  /** Least value of a number or date; least length of text, bytes, a list or a set. */
  min(bound: Bound<Kind, Read>): Field<Read, Write, Kind, Flag, Inside>
  /** Largest value, or largest length. */
  max(bound: Bound<Kind, Read>): Field<Read, Write, Kind, Flag, Inside>
  /** What text must match; bring your own `^` and `$`. */
  pattern(expression: RegExp): Field<Read, Write, Kind, Flag, Inside>
  /** Called on every write; text or false refuses the value. */
  validate(check: (value: Read) => string | boolean | undefined): Field<Read, Write, Kind, Flag, Inside>
  /** Stores another form than the program sees. The kind's own checks, validators too, are made on what `encode` gives. */
  transform<Outer>(both: Transform<Outer, Read, Write>): Field<Outer, Outer, Kind, Flag | 'transformed'>
  /** The name under which it is stored. Default: its own. */
  attribute(name: string): Field<Read, Write, Kind, Flag, Inside>
}

/** A field that can make its own value. */
export interface IdField<Kind extends FieldKind, Flag extends FieldFlag = never>
  extends Field<string, string, Kind, Flag> {
  /** A fresh one where none is given on create. */
  auto(): IdField<Kind, Flag | 'filled'>
}

/** A field as data, for the modules that compile it. */
export interface FieldSpec {
  readonly kind: FieldKind
  readonly optional: boolean
  readonly fixed: boolean
  readonly auto: boolean
  /** A value, or a function that makes one. */
  readonly fallback?: unknown
  readonly min?: NumberValue | Date
  readonly max?: NumberValue | Date
  readonly pattern?: RegExp
  readonly checks: readonly ((value: unknown) => string | boolean | undefined)[]
  readonly transform?: Transform<unknown, unknown>
  readonly attribute?: string
  /** Members of an enum. */
  readonly values?: readonly string[]
  /** What a list, set or record holds. */
  readonly element?: FieldSpec
  /** Whether it is the element of a list or a record. */
  readonly isElement?: boolean
  /** What a map holds. */
  readonly shape?: Readonly<Record<string, FieldSpec>>
  /** The model that a ref names. */
  readonly target?: string
  readonly schema?: StandardSchema
}

export type FieldShape = Readonly<Record<string, AnyField>>

/** What reads of fields give; those that are optional may be undefined. */
export type ReadShape<Fields extends FieldShape> = { -readonly [Name in keyof Fields]: Fields[Name]['$read'] }

type NeededNames<Fields extends FieldShape> = {
  [Name in keyof Fields]: Fields[Name]['$input'] extends 'needed' ? Name : never
}[keyof Fields]

/** What writes of fields take: those that are optional, or have a value of their own, may be left out. */
export type WriteShape<Fields extends FieldShape> = {
  readonly [Name in NeededNames<Fields>]: Fields[Name]['$write']
} & { readonly [Name in keyof Fields]?: Fields[Name]['$given'] | undefined }

/** As {@link WriteShape}, of whole rows: what a row was read with may be given back. */
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
    if (this.spec.transform) throw invalid([name as string], 'comes before transform; it is about what is stored')
    return this.#with(bound)
  }

  optional(): FieldBuilder {
    return this.#with({ optional: true })
  }

  default(fallback: unknown): FieldBuilder {
    if (fallback === undefined) throw invalid(['default'], 'is undefined; leave it out, or make the field optional')
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
    if (!(pattern instanceof RegExp)) throw invalid(['pattern'], `is ${valueText(pattern)}, no regular expression`)
    // A global or sticky expression remembers where it matched last.
    return this.#bounded({ pattern: new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, '')) })
  }

  validate(check: (value: unknown) => string | boolean | undefined): FieldBuilder {
    return this.#with({ checks: [...this.spec.checks, check] })
  }

  transform(transform: Transform<unknown, unknown>): FieldBuilder {
    const { fallback, checks, transform: other } = this.spec
    if (fallback !== undefined || checks.length > 0 || other) {
      throw invalid(['transform'], 'comes before default and validate, which see what it gives, and once')
    }
    return this.#with({ transform })
  }

  attribute(attribute: string): FieldBuilder {
    return this.#with({ attribute })
  }
}

// The builder does at run time what the interface promises to the compiler.
function field<Made extends AnyField>(kind: FieldKind, more: Partial<FieldSpec> = {}): Made {
  const spec: FieldSpec = { kind, optional: false, fixed: false, auto: false, checks: [], ...more }
  return new FieldBuilder(spec) as unknown as Made
}

/** The kinds of fields. */
export const f = {
  /** Text. `''` is text too. */
  string: () => field<Field<string, string, 'string'>>('string'),
  /** A double. A stored number that a double cannot hold exactly fails the read instead of being rounded. */
  number: () => field<Field<number, number, 'number'>>('number'),
  /** A whole number that a double holds exactly: up to 2^53 - 1. */
  integer: () => field<Field<number, number, 'integer'>>('integer'),
  /** A whole number of up to 38 digits. */
  bigint: () => field<Field<bigint, bigint | number, 'bigint'>>('bigint'),
  /** A number of up to 38 digits, exactly. */
  decimal: () => field<Field<Decimal, Decimal | string | NumberValue, 'decimal'>>('decimal'),
  boolean: () => field<Field<boolean, boolean, 'boolean'>>('boolean'),
  /** A moment in milliseconds, of the years 0 to 9999; stored as ISO 8601 text in UTC. */
  date: () => field<Field<Date, Date, 'date'>>('date'),
  /** 26 characters that sort by the moment they were made. */
  ulid: () => field<IdField<'ulid'>>('ulid'),
  /** Stored in lower case. */
  uuid: () => field<IdField<'uuid'>>('uuid'),
  /** An e-mail address; compared as it stands, so give a unique constraint `lower: true` where case must not matter. */
  email: () => field<Field<string, string, 'email'>>('email'),
  /** An absolute URL, kept as it was given. */
  url: () => field<Field<string, string, 'url'>>('url'),
  /** One of these texts. */
  enum: <const Values extends readonly [string, ...string[]]>(...values: Values) =>
    field<Field<Values[number], Values[number], 'enum'>>('enum', { values }),
  bytes: (): Field<Uint8Array, Uint8Array, 'bytes'> => field('bytes'),
  list: <Element extends AnyField>(element: Element) =>
    field<Field<Element['$read'][], readonly Element['$write'][], 'list', never, ListPathChanges<Element>>>('list', {
      element: { ...element.spec, isElement: true },
    }),
  /** Text, numbers or bytes, each once. An empty set is stored as nothing, and nothing is read as an empty set. */
  set: <Element extends AnyField>(element: Element) =>
    field<Field<Set<Element['$read']>, ReadonlySet<Element['$write']> | readonly Element['$write'][], 'set'>>('set', {
      element: element.spec,
    }),
  /** An object with these fields and no others. */
  map: <Fields extends FieldShape>(fields: Fields) =>
    field<Field<ReadShape<Fields>, WriteShape<Fields>, 'map', never, MapPathChanges<Fields>>>('map', {
      shape: Object.fromEntries(Object.entries(fields).map(([name, it]) => [name, it.spec])),
    }),
  /** An object of any names, whose values are all of one kind. */
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
  /** Any JSON; the type is taken on trust. */
  json: <Value extends JsonValue = JsonValue>() => field<Field<Value, Value, 'json', never, JsonPathChanges>>('json'),
  /**
   * The key of a row of another model, which has one key field of text; of a model with several, the field that a relation
   * or its name says. It is checked on every write by what that field takes. That there is such a row is not checked.
   */
  ref: <Target extends string>(target: Target) => field<Field<string, string, 'ref'>>('ref', { target }),
  /** A whole number, 0 to begin with, whose changes add up: `save()` adds what was added. */
  counter: () => field<Field<number, number, 'counter', 'filled'>>('counter', { fallback: 0 }),
  /** 1 on create, one more with each write; `save()` fails with `ConflictError` where the row has another than was read. */
  version: () => field<Field<number, number, 'version', 'managed'>>('version'),
  /** The moment from which the row counts as absent, in whole seconds. At most one in a model. */
  ttl: () => field<Field<Date, Date, 'ttl'>>('ttl'),
  /** The moment of the create, unless another is given; never changed afterwards. */
  createdAt: () => field<Field<Date, Date, 'createdAt', 'filled' | 'fixed'>>('createdAt', { fixed: true }),
  /** The moment of the last write. */
  updatedAt: () => field<Field<Date, Date, 'updatedAt', 'managed'>>('updatedAt'),
  /**
   * What any Standard Schema validator (zod, valibot, arktype) accepts, stored as the validator returns it: texts,
   * numbers, booleans, null, bytes, sets, lists and plain objects. Where a validator takes numbers and bigints at one
   * path, whole numbers up to 2^53 - 1 are read as numbers.
   */
  schema: <Schema extends StandardSchema>(
    schema: Schema & Storable<SchemaOutput<Schema>>,
    // Named, or the declaration holds its whole expansion, which is a hundred thousand characters for compilers to check.
  ): Field<SchemaOutput<Schema>, SchemaInput<Schema>, 'schema', never, PartPathChanges<SchemaOutput<Schema>>> =>
    field('schema', { schema }),
}

/** @internal Whether something is a field, for definitions that come from untyped code. */
export function isField(input: unknown): input is AnyField {
  return input instanceof FieldBuilder
}
