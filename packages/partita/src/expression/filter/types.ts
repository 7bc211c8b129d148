/** The filter grammar that users write, as types. `compile.ts` turns it into conditions. */
import type { NumberValue } from '../../value/number.js'
import type { TypeName, Value } from '../../value/value.js'

/** What has an order: strings by UTF-8 bytes, numbers by value, binary by unsigned bytes. */
type Orderable = string | NumberValue | Uint8Array

/** Comparisons with a number, such as that of members; all of them must hold. */
export interface SizeOperators {
  readonly $eq?: NumberValue
  readonly $ne?: NumberValue
  readonly $gt?: NumberValue
  readonly $gte?: NumberValue
  readonly $lt?: NumberValue
  readonly $lte?: NumberValue
  readonly $between?: readonly [low: NumberValue, high: NumberValue]
  readonly $in?: readonly NumberValue[]
}

/** What may be asked of one attribute; all of it must hold. An attribute of another type meets no comparison but `$ne`. */
export interface FieldOperators {
  readonly $eq?: Value
  /** True for a missing attribute too. */
  readonly $ne?: Value
  readonly $gt?: Orderable
  readonly $gte?: Orderable
  readonly $lt?: Orderable
  readonly $lte?: Orderable
  /** Both ends belong to the range. */
  readonly $between?: readonly [low: Orderable, high: Orderable]
  /** An empty list matches nothing. */
  readonly $in?: readonly Value[]
  readonly $exists?: boolean
  readonly $beginsWith?: string | Uint8Array
  /** Part of a string or of binary, member of a set, or element of a list. */
  readonly $contains?: Value
  /** Length of a string or of binary, or the number of members. */
  readonly $size?: NumberValue | SizeOperators
  readonly $type?: TypeName
}

/**
 * What items must be like. Keys are paths (see `parsePath`), values what they must equal, or operators; several keys
 * must all hold.
 *
 * @example { status: 'draft', views: { $gt: 5 }, 'address.city': 'Lyon', $or: [{ tag: 'a' }, { tag: { $exists: false } }] }
 */
export interface Filter {
  readonly $and?: readonly Filter[]
  readonly $or?: readonly Filter[]
  readonly $not?: Filter
  readonly [path: string]: Value | FieldOperators | Filter | readonly Filter[] | undefined
}
