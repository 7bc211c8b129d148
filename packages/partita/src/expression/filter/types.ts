/** The filter grammar that users write, as types. `compile.ts` turns it into conditions. */
import type { NumberValue } from '../../value/number.js'
import type { TypeName, Value } from '../../value/value.js'

/** Types with an order: strings by UTF-8 bytes, numbers by value, binary by unsigned bytes. */
type Orderable = string | NumberValue | Uint8Array

/** Comparisons of a size; all of them must be true. */
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

/** Operators on one attribute; all must be true. For another type of attribute, every comparison but `$ne` fails. */
export interface FieldOperators {
  readonly $eq?: Value
  /** Also true for a missing attribute. */
  readonly $ne?: Value
  readonly $gt?: Orderable
  readonly $gte?: Orderable
  readonly $lt?: Orderable
  readonly $lte?: Orderable
  /** Both ends are included. */
  readonly $between?: readonly [low: Orderable, high: Orderable]
  /** An empty list matches nothing. */
  readonly $in?: readonly Value[]
  readonly $exists?: boolean
  readonly $beginsWith?: string | Uint8Array
  /** A substring, a run of bytes, a member of a set, or an element of a list. */
  readonly $contains?: Value
  /** Length of a string or binary value, or the number of elements. */
  readonly $size?: NumberValue | SizeOperators
  readonly $type?: TypeName
}

/**
 * A filter on items. Keys are paths (see `parsePath`); values are values to equal, or operators. All keys must match.
 *
 * @example
 * import type { Filter } from 'partita/store'
 *
 * const filter: Filter = {
 *   status: 'draft',
 *   views: { $gt: 5 },
 *   'address.city': 'Lyon',
 *   $or: [{ tag: 'a' }, { tag: { $exists: false } }],
 * }
 */
export interface Filter {
  readonly $and?: readonly Filter[]
  readonly $or?: readonly Filter[]
  readonly $not?: Filter
  readonly [path: string]: Value | FieldOperators | Filter | readonly Filter[] | undefined
}
