/** Types of update inputs: new values, the operators of each kind of field, and paths inside documents. */
import type { Decimal, NumberValue } from '../../value/number.js'
import type { AnyModel, FieldsOf, KeyFieldNames } from '../define/definition.js'
import type { AnyField, FieldShape } from '../define/field.js'
import type { Operator } from '../write/update-operators.js'
import type { CompileError } from './compile-error.js'

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
 * A change of a field: a new value, or an operator of its kind. A transformed field takes only new values, since the store
 * cannot compute with its stored form.
 */
export type FieldUpdate<Write, Kind, Flag> =
  | Write
  | Operator<'ifNotExists', Write>
  | ('transformed' extends Flag
      ? never
      : Kind extends keyof KindOperators<unknown>
        ? KindOperators<Write>[Kind]
        : never)
  | ('optional' extends Flag ? Operator<'unset', never> | null : never)

/** A path inside a field, after the field's name, and the changes that an update may make there. */
export type PathChange = readonly [path: string, change: unknown]

/** The paths prefixed with the path of the outer value. */
type Below<Path extends string, Inner> = Inner extends readonly [infer P extends string, infer Changed]
  ? readonly [`${Path}${P}`, Changed]
  : never

/** An element of a list or an entry of a record can also be removed. */
type ElementChange<Element extends AnyField> = Element['$change'] | Operator<'unset', never>

/** Paths inside a list. */
export type ListPathChanges<Element extends AnyField> =
  | readonly [`[${number}]`, ElementChange<Element>]
  | Below<`[${number}]`, Element['$inside']>

/** Paths inside a map. */
export type MapPathChanges<Fields extends FieldShape> = {
  [Name in keyof Fields & string]:
    | readonly [`.${Name}`, Fields[Name]['$change']]
    | Below<`.${Name}`, Fields[Name]['$inside']>
}[keyof Fields & string]

/** Paths inside a record. Entry names can contain any character, so an entry and the values inside it share one type. */
export type RecordPathChanges<Element extends AnyField> = readonly [
  `.${string}`,
  ElementChange<Element> | Element['$inside'][1],
]

/** Paths inside JSON. Their types are not checked. */
export type JsonPathChanges = readonly [`.${string}` | `[${string}`, unknown]

/** A change of a path in a validator's output, of which only the TypeScript type is known. */
type PartChange<V> =
  | V
  | Operator<'ifNotExists', V>
  | Operator<'unset', never>
  | (NonNullable<V> extends number ? Operator<'add', number> : never)
  | (NonNullable<V> extends readonly (infer E)[] ? Operator<'append' | 'prepend', E> : never)

type Scalar = string | NumberValue | boolean | null | undefined | Uint8Array | ReadonlySet<unknown>

/** Paths in a validator's output, up to four steps. To change a deeper value, write the value that contains it. */
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

type InnerPaths<Fields extends FieldShape> = {
  [Name in keyof Fields & string]: Below<Name, Fields[Name]['$inside']>
}[keyof Fields & string]

/**
 * Changes of a row: `{ name: 'Ada L.', postCount: add(1), 'address.city': 'Lyon', bio: null }`. Fields that are omitted or
 * undefined do not change; `null` or `unset()` clears an optional field. A path in an optional map or record that is absent
 * makes it.
 */
export type UpdateInput<M extends AnyModel> = Updates<FieldsOf<M>, KeyFieldNames<M>>

type Updates<Fields extends FieldShape, Key extends PropertyKey> = {
  readonly [Name in keyof Fields]?: Fields[Name]['$change'] | undefined
} & {
  readonly [Name in Key]?: CompileError<'This field is part of the key, which never changes; create another row'>
} & { readonly [P in InnerPaths<Fields> as P[0]]?: P[1] | undefined }
