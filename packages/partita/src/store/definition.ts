/** Table definitions: keys, secondary indexes and time to live. */
import { type Item, type Key, setAttribute, type Value } from '../value/value.js'

/** The name and type of one key attribute. */
export interface KeyAttribute {
  readonly name: string
  /** DynamoDB's type: string, number or binary. */
  readonly type: 'S' | 'N' | 'B'
}

/** The primary key of a table: a partition key and an optional sort key. */
export interface KeySchema {
  readonly partition: KeyAttribute
  readonly sort?: KeyAttribute
}

/** The attributes that an index stores: all, keys only, or the keys and the listed ones. */
export type IndexProjection = 'all' | 'keysOnly' | { readonly include: readonly string[] }

/** A key of up to four partition key attributes and up to four sort key attributes. Only global indexes can have several. */
export interface IndexKeySchema extends KeySchema {
  /** The second to fourth partition key attributes. A query gives a value for each. */
  readonly morePartition?: readonly KeyAttribute[]
  /** The second to fourth sort key attributes. Entries are ordered by the first, then by the second, and so on. */
  readonly moreSort?: readonly KeyAttribute[]
}

/** A secondary index. An item is in the index if it has all of the index's key attributes. */
export interface IndexDefinition extends IndexKeySchema {
  /** The attributes that the index holds, in addition to the keys of the table and the index. Default `all`. */
  readonly projection?: IndexProjection
}

/** What `createTable` takes: name, key, indexes and time to live. */
export interface TableDefinition {
  /** 3 to 255 of `a-z A-Z 0-9 _ . -`. */
  readonly name: string
  readonly key: KeySchema
  /** At most 20. */
  readonly globalIndexes?: Readonly<Record<string, IndexDefinition>>
  /** At most 5, created with the table and with its partition key. They allow strongly consistent reads. */
  readonly localIndexes?: Readonly<Record<string, IndexDefinition>>
  /** The attribute that holds the expiry, in epoch seconds. */
  readonly timeToLive?: string
}

/** A table definition with its current status. */
export interface TableDescription extends TableDefinition {
  readonly status: 'active' | 'creating' | 'updating' | 'deleting'
  /**
   * Indexes, and time to live, that are still being filled from existing items; absent if there are none. Reads of such an
   * index are rejected. While time to live is being filled, expired items may remain.
   */
  readonly filling?: { readonly indexes: readonly string[]; readonly timeToLive: boolean }
  /** The number of items in the table. DynamoDB updates it about every six hours. */
  readonly itemCount: number
  /**
   * Whether `itemCount` is an estimate, off by a few percent, which the embedded engine makes of 100,000 items or more;
   * absent if not.
   */
  readonly isItemCountEstimated?: true
}

/** What `updateTable` changes. Omitted parts stay unchanged. */
export interface TableChange {
  readonly createIndexes?: Readonly<Record<string, IndexDefinition>>
  readonly deleteIndexes?: readonly string[]
  /** The attribute that holds the expiry, or false to switch time to live off. */
  readonly timeToLive?: string | false
}

/**
 * The name of a table without its database. A store with several databases, such as one on MongoDB, names a table of
 * another database `database/table`; the name of a table contains no slash.
 */
export function bareTableName(name: string): string {
  return name.slice(name.indexOf('/') + 1)
}

/** The attributes of a partition key. */
export function partitionAttributes({ partition, morePartition = [] }: IndexKeySchema): readonly KeyAttribute[] {
  return [partition, ...morePartition]
}

/** The attributes of a sort key; empty without one. */
export function sortAttributes({ sort, moreSort = [] }: IndexKeySchema): readonly KeyAttribute[] {
  return sort ? [sort, ...moreSort] : []
}

/** The names of all attributes of a key: partition key first. */
export function keyNames(schema: IndexKeySchema): string[] {
  const { partition, sort } = schema
  if (!schema.morePartition && !schema.moreSort) return sort ? [partition.name, sort.name] : [partition.name]
  return [...partitionAttributes(schema), ...sortAttributes(schema)].map(({ name }) => name)
}

/** Returns the key attributes of an item that has all of them. */
export function pickKey(schema: IndexKeySchema, item: Readonly<Item>): Key {
  const key: Item = {}
  for (const name of keyNames(schema)) setAttribute(key, name, item[name] as Value)
  return key as Key
}
