/** Types of filters: the filter grammar over the fields of a model. */
import type { SizeOperators } from '../../expression/filter/types.js'
import type { Decimal, NumberValue } from '../../value/number.js'
import type { TypeName } from '../../value/value.js'
import type { AnyModel, FieldsOf } from '../define/definition.js'
import type { FieldShape } from '../define/field.js'

type MemberOf<V> = V extends string
  ? string
  : V extends Uint8Array
    ? Uint8Array
    : V extends ReadonlySet<infer Member> | readonly (infer Member)[]
      ? Member
      : never

/** Operators on one field. All of them must hold. */
interface Operators<V> {
  /** Equal. */
  readonly $eq?: V
  /** Not equal. Also true for a missing field. */
  readonly $ne?: V
  /** Greater than. */
  readonly $gt?: V
  /** Greater than or equal. */
  readonly $gte?: V
  /** Less than. */
  readonly $lt?: V
  /** Less than or equal. */
  readonly $lte?: V
  /** Between two values, both included. */
  readonly $between?: readonly [low: V, high: V]
  /** Equal to one of the values. An empty list matches nothing. */
  readonly $in?: readonly V[]
  /** Whether the field is present. */
  readonly $exists?: boolean
  /** Starts with this text or these bytes. */
  readonly $beginsWith?: Extract<V, string | Uint8Array>
  /** Contains this substring or byte sequence, this member of a set, or this element of a list. */
  readonly $contains?: MemberOf<V>
  /** Length of text or bytes, or number of members. */
  readonly $size?: number | SizeOperators
  /** DynamoDB's name of the stored type, such as `S`, `N` or `B`. */
  readonly $type?: TypeName
}

type Plain = string | NumberValue | boolean | null | Date | Decimal | Uint8Array

/** A filter of one field: a value that it must equal, or operators. */
export type FieldFilter<V> = Extract<V, Plain> | Operators<V>

/** Paths inside documents: `'address.city'`, `'tags[0]'`. */
type DocumentPath = `${string}.${string}` | `${string}[${string}`

/**
 * A filter of a model's rows. Several fields, and several operators on one field, must all hold; `$and`, `$or` and `$not`
 * combine filters. `undefined` as a value is an error, not an absent filter.
 *
 * @example
 * import { f, model, type Where } from 'partita'
 *
 * const User = model('User', {
 *   fields: { userId: f.ulid().auto(), role: f.enum('admin', 'member'), age: f.integer(), bio: f.string().optional() },
 *   key: 'userId',
 * })
 * const filter: Where<typeof User> = { role: 'admin', age: { $gte: 18 }, $or: [{ bio: { $exists: false } }, { age: 36 }] }
 */
export type Where<M extends AnyModel> = WhereFields<FieldsOf<M>>

type WhereFields<Fields extends FieldShape> = {
  readonly [Name in keyof Fields]?: Fields[Name]['$filter']
} & {
  readonly $and?: readonly WhereFields<Fields>[]
  readonly $or?: readonly WhereFields<Fields>[]
  readonly $not?: WhereFields<Fields>
  readonly [path: DocumentPath]: Plain | Operators<unknown> | undefined
}
