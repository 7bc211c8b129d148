/** What an update of a row may be given, as types: new values, operators that fit the field's kind, nested places. */
import type { Decimal, NumberValue } from '../value/number.js'
import type { AnyModel, FieldsOf, KeyFieldNames } from './definition.js'
import type { AnyField, Shape } from './field.js'
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

type Change<F extends AnyField> =
  | F['$write']
  | Operator<'ifNotExists', F['$write']>
  | (F['$kind'] extends keyof KindOperators<unknown> ? KindOperators<F['$write']>[F['$kind']] : never)
  | ('optional' extends F['$flag'] ? Operator<'remove', never> | null : never)

/** A change of a place inside a document, where all that is known of it is what it holds. */
type PlaceChange<V> =
  | V
  | Operator<'ifNotExists', V>
  | Operator<'remove', never>
  | (NonNullable<V> extends number ? Operator<'add', number> : never)
  | (NonNullable<V> extends readonly (infer E)[] ? Operator<'append' | 'prepend', E> : never)

type Below = `.${string}` | `[${string}`

type PathsInto<Name extends string, F extends AnyField> = F['$kind'] extends 'map'
  ? `${Name}.${keyof F['$write'] & string}${'' | Below}`
  : F['$kind'] extends 'record'
    ? `${Name}.${string}`
    : F['$kind'] extends 'list'
      ? `${Name}[${number}]${'' | Below}`
      : F['$kind'] extends 'json' | 'schema'
        ? `${Name}${Below}`
        : never

type PlaceValue<Fields extends Shape, Path> = Path extends `${infer Name}.${infer Part}`
  ? Part extends keyof Fields[Name]['$write']
    ? PlaceChange<Fields[Name]['$write'][Part]>
    : unknown
  : Path extends `${infer Name}[${number}]`
    ? PlaceChange<MemberOf<Fields[Name]['$write']>>
    : unknown

type Paths<Fields extends Shape> = {
  [Name in keyof Fields & string]: PathsInto<Name, Fields[Name] & AnyField>
}[keyof Fields & string]

type FixedNames<Fields extends Shape> = {
  [Name in keyof Fields]: Extract<Fields[Name]['$flag'], 'fixed' | 'managed'> extends never ? never : Name
}[keyof Fields]

/**
 * Changes of a row. Fields that are left out or undefined stay as they are; null or `remove()` clears an optional one.
 *
 * @example { name: 'Ada L.', postCount: add(1), 'address.city': 'Lyon', bio: null }
 */
export type UpdateInput<M extends AnyModel> = {
  readonly [Name in Exclude<keyof FieldsOf<M>, KeyFieldNames<M> | FixedNames<FieldsOf<M>>>]?: Change<FieldsOf<M>[Name]>
} & { readonly [Path in Paths<FieldsOf<M>>]?: PlaceValue<FieldsOf<M>, Path> }
