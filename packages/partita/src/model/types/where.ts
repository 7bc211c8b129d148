/** Filters of a model's rows, as types: the house's filter grammar over the model's fields. */
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

/** What may be asked of one field; all of it must hold. */
export interface Operators<V> {
  readonly $eq?: V
  /** True for a missing field too. */
  readonly $ne?: V
  readonly $gt?: V
  readonly $gte?: V
  readonly $lt?: V
  readonly $lte?: V
  /** Both ends belong to the range. */
  readonly $between?: readonly [low: V, high: V]
  /** An empty list matches nothing. */
  readonly $in?: readonly V[]
  readonly $exists?: boolean
  readonly $beginsWith?: Extract<V, string | Uint8Array>
  /** Part of text or bytes, member of a set, element of a list. */
  readonly $contains?: MemberOf<V>
  /** Length of text or bytes, or the number of members. */
  readonly $size?: number | SizeOperators
  /** DynamoDB's name of the stored type. */
  readonly $type?: TypeName
}

type Plain = string | NumberValue | boolean | null | Date | Decimal | Uint8Array

/** What a field may be compared with. */
export type FieldFilter<V> = Extract<V, Plain> | Operators<V>

/** Places inside documents: `'address.city'`, `'tags[0]'`. */
type PlacePath = `${string}.${string}` | `${string}[${string}`

/**
 * What rows must be like. Several fields, and several operators of one, must all hold.
 *
 * @example { role: 'admin', createdAt: { $gte: lastWeek }, $or: [{ bio: { $exists: false } }, { 'address.city': 'Lyon' }] }
 */
export type Where<M extends AnyModel> = WhereFields<FieldsOf<M>>

type WhereFields<Fields extends FieldShape> = {
  readonly [Name in keyof Fields]?: Fields[Name]['$filter']
} & {
  readonly $and?: readonly WhereFields<Fields>[]
  readonly $or?: readonly WhereFields<Fields>[]
  readonly $not?: WhereFields<Fields>
  readonly [path: PlacePath]: Plain | Operators<unknown> | undefined
}
