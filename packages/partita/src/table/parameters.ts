/** Parameters of several methods, typed by the table's configuration. */
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
 * The key of an item in an index. Both attributes are always written together, so that an item never has a mix of an
 * old and a new key. If a part is null, undefined or empty, the item is not in the index.
 */
export interface IndexKey {
  readonly partitionKey: IndexKeyInput
  readonly rangeKey: IndexKeyInput
}

/** The key of an item in an index whose sort key is a number. */
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

/** Whether the configuration is not known, as in code for any table. */
export type AnyConfig<Config> = SingleTableConfig extends Config ? true : false

/** Keys in the table's indexes, by index name. `Out` is the value that removes an item from an index. */
export type IndexKeys<Config, Out = never> =
  AnyConfig<Config> extends true
    ? Readonly<Record<string, IndexKey | Out>>
    : [IndexName<Config>] extends [never]
      ? undefined
      : { readonly [Name in IndexName<Config>]?: IndexKeyOf<Config, Name> | Out }

/** If the table has a type index, every item needs a type. */
export type TypeParameter<Config> =
  AnyConfig<Config> extends true
    ? { readonly type?: string }
    : Config extends { readonly typeIndex: object }
      ? { readonly type: string }
      : { readonly type?: undefined }

/** If the table has an expiry attribute, an item can have an expiry. `Out` is the value that removes it. */
export type ExpiryParameter<Config, Out = never> =
  AnyConfig<Config> extends true
    ? { readonly expiresAt?: ExpiryInput | Out }
    : Config extends { readonly expiresAt: string }
      ? { readonly expiresAt?: ExpiryInput | Out }
      : { readonly expiresAt?: undefined }

/** The properties that a read returns: all, or the requested ones. */
export type Retrieved<Entity, Name extends keyof Entity> = [Name] extends [never] ? Entity : Pick<Entity, Name>
