/** What an update of a row may be given, as types: new values, operators that fit the field's kind, nested places. */
import type { Decimal, NumberValue } from '../value/number.js'
import type { AnyModel, FieldsOf, KeyFieldNames } from './definition.js'
import type { Shape } from './field.js'
import type { Operator } from './operator.js'

type MemberOf<V> = V extends ReadonlySet<infer Member> | readonly (infer Member)[] ? Member : never

interface KindOperators<V> {
  number: Operator<'add', number>
  integer: Operator<'add', number>
  counter: Operator<'add', number>
  bigint: Operator<'add', bigint | number>
  decimal: Operator<'add', Decimal | string | NumberValue>
  set: Operator<'add' | 'deleteFrom', MemberOf<V>>
  list: Operator<'append' | 'prepend', MemberOf<V>>
}

/** What may be done to a field: a new value, or an operator that fits its kind. */
export type Change<Write, Kind, Flag> =
  | Write
  | Operator<'ifNotExists', Write>
  | (Kind extends keyof KindOperators<unknown> ? KindOperators<Write>[Kind] : never)
  | ('optional' extends Flag ? Operator<'remove', never> | null : never)

/** A change of a place inside a document, where all that is known of it is what it holds. */
type PlaceChange<V> =
  | V
  | Operator<'ifNotExists', V>
  | Operator<'remove', never>
  | (NonNullable<V> extends number ? Operator<'add', number> : never)
  | (NonNullable<V> extends readonly (infer E)[] ? Operator<'append' | 'prepend', E> : never)

type Below = `.${string}` | `[${string}`

/** Places in a field that holds a document, by its kind; none in others. */
export type PlacesIn<Kind, Write> = Kind extends 'map'
  ? `.${keyof Write & string}${'' | Below}`
  : Kind extends 'record'
    ? `.${string}`
    : Kind extends 'list'
      ? `[${number}]${'' | Below}`
      : Kind extends 'json' | 'schema'
        ? Below
        : never

type PlaceValue<Fields extends Shape, Path> = Path extends `${infer Name}.${infer Part}`
  ? Part extends keyof Fields[Name]['$write']
    ? PlaceChange<Fields[Name]['$write'][Part]>
    : unknown
  : Path extends `${infer Name}[${number}]`
    ? PlaceChange<MemberOf<Fields[Name]['$write']>>
    : unknown

type Places<Fields extends Shape> = {
  [Name in keyof Fields & string]: `${Name}${Fields[Name]['$places']}`
}[keyof Fields & string]

/**
 * Changes of a row. Fields that are left out or undefined stay as they are; null or `remove()` clears an optional one.
 *
 * @example { name: 'Ada L.', postCount: add(1), 'address.city': 'Lyon', bio: null }
 */
export type UpdateInput<M extends AnyModel> = Updates<FieldsOf<M>, KeyFieldNames<M>>

type Updates<Fields extends Shape, Key extends PropertyKey> = {
  readonly [Name in keyof Fields]?: Fields[Name]['$change']
} & { readonly [Name in Key]?: never } & { readonly [Place in Places<Fields>]?: PlaceValue<Fields, Place> }
