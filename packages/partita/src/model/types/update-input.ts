/** What an update of a row may be given, as types: new values, operators that fit the field's kind, nested places. */
import type { Decimal, NumberValue } from '../../value/number.js'
import type { AnyModel, FieldsOf, KeyFieldNames } from '../define/definition.js'
import type { AnyField, FieldShape } from '../define/field.js'
import type { Operator } from '../write/update-operators.js'
import type { CompileError } from './mistake.js'

type MemberOf<V> = V extends ReadonlySet<infer Member> | readonly (infer Member)[] ? Member : never

interface KindOperators<V> {
  number: Operator<'add', number>
  integer: Operator<'add', number>
  counter: Operator<'add', number>
  bigint: Operator<'add', bigint | number>
  decimal: Operator<'add', Decimal | string | NumberValue>
  set: Operator<'add' | 'removeFrom', MemberOf<V>>
  list: Operator<'append' | 'prepend', MemberOf<V>>
}

/**
 * What may be done to a field: a new value, or an operator that fits its kind. Stores cannot work out what a transform
 * keeps in another form.
 */
export type Change<Write, Kind, Flag> =
  | Write
  | Operator<'ifNotExists', Write>
  | ('transformed' extends Flag
      ? never
      : Kind extends keyof KindOperators<unknown>
        ? KindOperators<Write>[Kind]
        : never)
  | ('optional' extends Flag ? Operator<'unset', never> | null : never)

/** What follows a field's name in a path inside it, and what an update may do there. */
export type PathChange = readonly [path: string, change: unknown]

/** Paths as seen from an outer value. */
type Below<Path extends string, Places> = Places extends readonly [infer P extends string, infer Changed]
  ? readonly [`${Path}${P}`, Changed]
  : never

/** An element of a list, or an entry of a record, may be taken out. */
type ElementChange<Element extends AnyField> = Element['$change'] | Operator<'unset', never>

export type ListPathChanges<Element extends AnyField> =
  | readonly [`[${number}]`, ElementChange<Element>]
  | Below<`[${number}]`, Element['$inside']>

export type MapPathChanges<Fields extends FieldShape> = {
  [Name in keyof Fields & string]:
    | readonly [`.${Name}`, Fields[Name]['$change']]
    | Below<`.${Name}`, Fields[Name]['$inside']>
}[keyof Fields & string]

/** Names of entries may hold anything, so an entry and what is in it have one type. */
export type RecordPathChanges<Element extends AnyField> = readonly [
  `.${string}`,
  ElementChange<Element> | Element['$inside'][1],
]

/** JSON is taken on trust. */
export type JsonPathChanges = readonly [`.${string}` | `[${string}`, unknown]

/** A change of a path in a validator's output, of which only the type is known. */
type PartChange<V> =
  | V
  | Operator<'ifNotExists', V>
  | Operator<'unset', never>
  | (NonNullable<V> extends number ? Operator<'add', number> : never)
  | (NonNullable<V> extends readonly (infer E)[] ? Operator<'append' | 'prepend', E> : never)

type Scalar = string | NumberValue | boolean | null | undefined | Uint8Array | ReadonlySet<unknown>

/** Paths in a validator's output, four steps deep; deeper values are written with the value that holds them. */
export type PartPathChanges<V, Depth extends readonly unknown[] = []> = Depth['length'] extends 4
  ? never
  : V extends Scalar
    ? never
    : V extends readonly (infer E)[]
      ? readonly [`[${number}]`, PartChange<E>] | Below<`[${number}]`, PartPathChanges<E, [...Depth, unknown]>>
      : V extends object
        ? string extends keyof V
          ? readonly [`.${string}`, unknown]
          : {
              [Name in keyof V & string]-?:
                | readonly [`.${Name}`, PartChange<V[Name]>]
                | Below<`.${Name}`, PartPathChanges<V[Name], [...Depth, unknown]>>
            }[keyof V & string]
        : never

type Places<Fields extends FieldShape> = {
  [Name in keyof Fields & string]: Below<Name, Fields[Name]['$inside']>
}[keyof Fields & string]

/**
 * Changes of a row. Fields that are left out or undefined stay as they are; null or `unset()` clears an optional one.
 *
 * @example { name: 'Ada L.', postCount: add(1), 'address.city': 'Lyon', bio: null }
 */
export type UpdateInput<M extends AnyModel> = Updates<FieldsOf<M>, KeyFieldNames<M>>

type Updates<Fields extends FieldShape, Key extends PropertyKey> = {
  readonly [Name in keyof Fields]?: Fields[Name]['$change'] | undefined
} & {
  readonly [Name in Key]?: CompileError<'This field is of the key, which never changes; create another row'>
} & { readonly [P in Places<Fields> as P[0]]?: P[1] | undefined }
