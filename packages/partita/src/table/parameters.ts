/** Parameters that several methods take, typed by the table's configuration. */
import type { ExpiryInput } from '../keys/expiry.js'
import type { NumberValue } from '../value/number.js'
import type { IndexName, SingleTableConfig } from './config.js'
import type { IndexKeyInput, KeyInput } from './key.js'

/** The key of one item. */
export interface ItemKey {
  readonly partitionKey: KeyInput
  readonly rangeKey: KeyInput
}

/**
 * An item's place in an index. Both attributes are written together, so that an item is never in an index under half
 * of an old key and half of a new one; where a part is null, undefined or empty, the item is not in the index.
 */
export interface IndexKey {
  readonly partitionKey: IndexKeyInput
  readonly rangeKey: IndexKeyInput
}

/** A place in an index that is sorted by number. */
export interface NumericIndexKey {
  readonly partitionKey: IndexKeyInput
  readonly rangeKey: NumberValue | readonly [NumberValue] | null | undefined
}

type IndexKeyOf<Config, Name> = Config extends { readonly indexes: infer Indexes }
  ? Name extends keyof Indexes
    ? Indexes[Name] extends { readonly numeric: true }
      ? NumericIndexKey
      : IndexKey
    : never
  : IndexKey

/** Whether nothing is known of the configuration, as in code that takes any table. */
export type AnyConfig<Config> = SingleTableConfig extends Config ? true : false

/** Places in the table's indexes by their names; `Out` is what takes an item out of one. */
export type IndexKeys<Config, Out = never> =
  AnyConfig<Config> extends true
    ? Readonly<Record<string, IndexKey | Out>>
    : [IndexName<Config>] extends [never]
      ? undefined
      : { readonly [Name in IndexName<Config>]?: IndexKeyOf<Config, Name> | Out }

/** Where the table has a type index, every item has a type. */
export type TypeParameter<Config> =
  AnyConfig<Config> extends true
    ? { readonly type?: string }
    : Config extends { readonly typeIndex: object }
      ? { readonly type: string }
      : { readonly type?: undefined }

/** Where the table has an attribute for it, an item may have an expiry; `Out` is what removes it. */
export type ExpiryParameter<Config, Out = never> =
  AnyConfig<Config> extends true
    ? { readonly expiresAt?: ExpiryInput | Out }
    : Config extends { readonly expiresAt: string }
      ? { readonly expiresAt?: ExpiryInput | Out }
      : { readonly expiresAt?: undefined }

/** The properties that a read returns: all, or those that it names. */
export type Retrieved<Entity, Name extends keyof Entity> = [Name] extends [never] ? Entity : Pick<Entity, Name>
