/** What a SingleTable is made of: the table's key attributes, its indexes, and how items are guarded and returned. */
import type { Capacity } from '../store/capacity.js'
import type { Pace } from '../store/retry.js'
import type { Store } from '../store/store.js'
import type { Item, Value } from '../value/value.js'

/** Configuration of a {@link SingleTable}. */
export interface SingleTableConfig {
  /** The engine or service that holds the table. */
  readonly store: Store
  /** Name of the table. */
  readonly table: string
  /** Name of the attribute that is the table's partition key, a string. */
  readonly partitionKey: string
  /** Name of the attribute that is the table's sort key, a string. */
  readonly rangeKey: string
  /** What joins the parts of a key. Punctuation other than `%`. Default `#`. */
  readonly keySeparator?: string
  /** The global secondary indexes, by name. */
  readonly indexes?: Readonly<Record<string, TableIndexConfig>>
  /** The index that lists items by type. Where it is given, every `create` names the item's type. */
  readonly typeIndex?: TypeIndexConfig
  /** Name of the attribute that holds the expiry in epoch seconds. Items past it are absent from every read. */
  readonly expiresAt?: string
  /** Whether keys, index keys, type and expiry are taken out of returned items. Default true. */
  readonly autoRemoveTableProperties?: boolean
  /** Whether returned items keep the attribute that holds their type. Default false. */
  readonly keepTypeProperty?: boolean
  /** Makes returned items from stored ones; takes the place of the two settings above. */
  readonly propertyCleanup?: (item: Item) => object
  /** Whether writes that name one of the table's own attributes are refused. Default true. */
  readonly blockInternalPropUpdate?: boolean
  /** Sees the names that an update touches; `true` or a message refuses it. */
  readonly badUpdateValidation?: (properties: Set<string>) => boolean | string
  /** Signs pagination tokens. Without it they are only checked for being whole and of the same query. */
  readonly cursorSecret?: string
  /** Told of every request to the store that was answered. */
  readonly observe?: (event: TableEvent) => void
  /** Milliseconds since 1970. Default `Date.now`. */
  readonly clock?: () => number
  /** How a transaction that met another one waits before it is tried again. Default: real time and chance. */
  readonly pace?: Pace
}

/** A secondary index of the table. */
export interface TableIndexConfig {
  /** Name of the attribute that is the index's partition key, a string. */
  readonly partitionKey: string
  /** Name of the attribute that is the index's sort key. */
  readonly rangeKey: string
  /** Whether the sort key is a number instead of a string. Default false. */
  readonly numeric?: boolean
}

/** The index that lists the items of one type. */
export interface TypeIndexConfig {
  /** Name of the index. */
  readonly name: string
  /** Name of the attribute that holds the item's type. */
  readonly partitionKey: string
  /** Name of the attribute by which items of one type are sorted. */
  readonly rangeKey: string
  /**
   * Makes that attribute's value: a string, or undefined to keep the item out of the listing.
   * Default: the moment of creation as ISO 8601 text.
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

/** The attributes that belong to the table and not to its items: keys, index keys, type and expiry. */
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
