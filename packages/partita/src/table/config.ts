/** The configuration of a SingleTable: key attributes, indexes, and how items are checked and returned. */
import type { Capacity } from '../store/capacity.js'
import type { Pace } from '../store/retry.js'
import type { Store } from '../store/store.js'
import type { Item, Value } from '../value/value.js'

/** Configuration of a {@link SingleTable}. */
export interface SingleTableConfig {
  /** The store that contains the table. */
  readonly store: Store
  /** Name of the table. */
  readonly table: string
  /** Name of the table's partition key attribute, which is a string. */
  readonly partitionKey: string
  /** Name of the table's sort key attribute, which is a string. */
  readonly rangeKey: string
  /** The separator between the parts of a key: punctuation other than `%`. Default `#`. */
  readonly keySeparator?: string
  /** The global secondary indexes, by name. */
  readonly indexes?: Readonly<Record<string, TableIndexConfig>>
  /** The index that lists items by type. With it, every `create` needs a `type`. */
  readonly typeIndex?: TypeIndexConfig
  /** Name of the attribute with the expiry in epoch seconds. Reads never return expired items. */
  readonly expiresAt?: string
  /** Whether returned items omit keys, index keys, type and expiry. Default true. */
  readonly autoRemoveTableProperties?: boolean
  /** Whether returned items keep their type attribute. Default false. */
  readonly keepTypeProperty?: boolean
  /** Converts stored items to returned items. Replaces the two settings above. */
  readonly propertyCleanup?: (item: Item) => object
  /** Whether writes to the table's own attributes are rejected. Default true. */
  readonly blockInternalPropUpdate?: boolean
  /**
   * Called with the names of the properties that an update changes. Return `true` or a message to reject the update.
   */
  readonly badUpdateValidation?: (properties: Set<string>) => boolean | string
  /** Signs pagination tokens. Without it, only their form and their query are checked. */
  readonly cursorSecret?: string
  /** Called after every successful request to the store. */
  readonly observe?: (event: TableEvent) => void
  /** Milliseconds since 1970. Default `Date.now`. */
  readonly clock?: () => number
  /** The delays and random numbers for retries of transactions in conflict. Default: the system's. */
  readonly pace?: Pace
}

/** A secondary index of the table. */
export interface TableIndexConfig {
  /** Name of the index's partition key attribute, which is a string. */
  readonly partitionKey: string
  /** Name of the index's sort key attribute. */
  readonly rangeKey: string
  /** Whether the sort key is a number instead of a string. Default false. */
  readonly numeric?: boolean
}

/** The index that lists the items of one type. */
export interface TypeIndexConfig {
  /** Name of the index. */
  readonly name: string
  /** Name of the attribute with the item's type. */
  readonly partitionKey: string
  /** Name of the attribute that sorts the items of one type. */
  readonly rangeKey: string
  /**
   * Returns the value of `rangeKey`: a string, or undefined to keep the item out of the index.
   * Default: the time of creation in ISO 8601 format.
   */
  readonly rangeKeyGenerator?: (item: Item, type: string) => Value | undefined
}

/** An operation of the table, reported to `observe`. */
export interface TableEvent {
  readonly table: string
  readonly operation: string
  readonly capacity: Capacity
}

/** Names of a table's indexes. */
export type IndexName<Config> = Config extends { readonly indexes: infer Indexes } ? keyof Indexes & string : never

type AttributeNames<Part, Names extends string> = Part extends { readonly [Name in Names]?: infer Attribute }
  ? Attribute & string
  : never

/** The attributes of the table itself: keys, index keys, type and expiry. */
export type TableAttribute<Config> =
  string extends AttributeNames<Config, 'partitionKey'>
    ? never
    :
        | AttributeNames<Config, 'partitionKey' | 'rangeKey' | 'expiresAt'>
        | (Config extends { readonly typeIndex: infer Type }
            ? AttributeNames<Type, 'partitionKey' | 'rangeKey'>
            : never)
        | (Config extends { readonly indexes: infer Indexes }
            ? AttributeNames<Indexes[keyof Indexes], 'partitionKey' | 'rangeKey'>
            : never)
