/** Table definitions: keys, secondary indexes and time to live. */

export interface KeyAttribute {
  readonly name: string
  /** DynamoDB's type: string, number or binary. */
  readonly type: 'S' | 'N' | 'B'
}

export interface KeySchema {
  readonly partition: KeyAttribute
  readonly sort?: KeyAttribute
}

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

export interface TableDescription extends TableDefinition {
  readonly status: 'active' | 'creating' | 'updating' | 'deleting'
  /**
   * Indexes, and time to live, that are still being filled from existing items; absent if there are none. Reads of such an
   * index are rejected. While time to live is being filled, expired items may remain.
   */
  readonly filling?: { readonly indexes: readonly string[]; readonly timeToLive: boolean }
  /** The number of items in the table. DynamoDB updates it about every six hours. */
  readonly itemCount: number
}

export interface TableChange {
  readonly createIndexes?: Readonly<Record<string, IndexDefinition>>
  readonly deleteIndexes?: readonly string[]
  /** The attribute that holds the expiry, or false to switch time to live off. */
  readonly timeToLive?: string | false
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
