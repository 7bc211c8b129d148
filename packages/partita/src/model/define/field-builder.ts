/**
 * Builds fields: the functions of `f`, and the modifiers of a field. One generic builder serves every kind. Builders are
 * immutable: each modifier returns a new one.
 */
import { invalid, valueText } from '../../errors/errors.js'
import type { Decimal, NumberValue } from '../../value/number.js'
import type { Asset, AssetOptions } from '../types/assets.js'
import type { Storable } from '../types/storable.js'
import type {
  JsonPathChanges,
  ListPathChanges,
  MapPathChanges,
  PartPathChanges,
  RecordPathChanges,
} from '../types/update-input.js'
import { assetRules } from './asset-rules.js'
import type {
  AnyField,
  Field,
  FieldKind,
  FieldShape,
  FieldSpec,
  IdField,
  JsonValue,
  OnDelete,
  ReadShape,
  Transform,
  WriteShape,
} from './field.js'
import type { SchemaInput, SchemaOutput, StandardSchema } from './standard-schema.js'

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

/** Options of a ref. */
export interface RefOptions {
  /**
   * Requires that the row exists when a write that sets the ref commits, so that no concurrent delete leaves the ref
   * dangling. A hop of a query in the model's rules that follows the ref reads that row in the transaction, so the rule still
   * holds when the write commits. Default false.
   */
  readonly guard?: boolean
  /**
   * What happens to this row when the row that it refers to is deleted, also softly. `restrict`: that row cannot be deleted
   * while rows refer to it. `cascade`: this row is deleted too. `setNull`: the ref, which must be optional, is cleared. All
   * three imply `guard`, and are exact under concurrent writes: the other row counts the rows that refer to it. `cascade` and
   * `setNull` need an index whose partition key has only the ref.
   */
  readonly onDelete?: OnDelete
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
      element: { ...specOf('list', element), isElement: true },
    }),
  /** A set of text, numbers or bytes. An empty set is not stored, and an absent one is read as an empty set. */
  set: <Element extends AnyField>(element: Element) =>
    field<Field<Set<Element['$read']>, ReadonlySet<Element['$write']> | readonly Element['$write'][], 'set'>>('set', {
      element: specOf('set', element),
    }),
  /** An object with exactly these fields. */
  map: <Fields extends FieldShape>(fields: Fields) =>
    field<Field<ReadShape<Fields>, WriteShape<Fields>, 'map', never, MapPathChanges<Fields>>>('map', {
      shape: Object.fromEntries(Object.entries(fields ?? {}).map(([name, it]) => [name, specOf('map', it)])),
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
    >('record', { element: { ...specOf('record', element), isElement: true } }),
  /** JSON. The type argument is not checked at run time. */
  json: <Value extends JsonValue = JsonValue>() => field<Field<Value, Value, 'json', never, JsonPathChanges>>('json'),
  /**
   * The key of a row of another model. If that model has several key fields, the field is chosen by a relation or by its
   * name. Every write checks that the value is valid for the key field. With `guard` it also requires that the row exists
   * when the write commits, at the cost of a transaction with one more item.
   */
  ref: <Target extends string>(target: Target, { guard, onDelete }: RefOptions = {}) =>
    field<Field<string, string, 'ref'>>('ref', {
      target,
      ...(guard !== undefined && { guard }),
      ...(onDelete !== undefined && { onDelete }),
    }),
  /**
   * The number of rows that refer to this row by a ref field: `f.countOf('Comment.postId')`. The ref has the option
   * `onDelete`. The transaction that creates, moves, deletes or restores such a row changes the count, so it is exact; rows
   * that are soft-deleted do not count. The library writes it. Rows from before the ref was counted count once `reindex` of
   * their model has run.
   */
  countOf: (ref: `${string}.${string}`) => field<Field<number, number, 'count', 'managed'>>('count', { counted: ref }),
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
  /** Time of the soft delete; undefined for a row that is not deleted. Only for models with `softDelete`. */
  deletedAt: () => field<Field<Date, Date, 'deletedAt', 'managed' | 'optional'>>('deletedAt', { optional: true }),
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
  /**
   * A file, such as an image: its content type, size, SHA-256 and name. The bytes are in the asset store of `connect`, put
   * there by `db.assets.upload`. A write that sets the field requires that the upload is complete, of a type and size that
   * the field takes, and younger than 12 hours.
   */
  asset: (options: AssetOptions = {}): Field<Asset, Asset, 'asset'> => field('asset', { asset: assetRules(options) }),
}

/** The description of a field inside another. @throws ValidationError if it is no field. */
function specOf(kind: FieldKind, inner: AnyField): FieldSpec {
  if (isField(inner)) return inner.spec
  throw invalid([], `f.${kind} takes fields, such as f.string(), not ${valueText(inner)}`)
}

/** @internal Whether a value is a field, for definitions from untyped code. */
export function isField(input: unknown): input is AnyField {
  return input instanceof FieldBuilder
}
