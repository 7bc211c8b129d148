/** What a table is: its keys, its secondary indexes, its time to live. */

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

/** A key that may have up to four partition key attributes and up to four sort key attributes, as global indexes may. */
export interface IndexKeySchema extends KeySchema {
  /** The second to fourth partition key attributes: a query says what each of them equals. */
  readonly morePartition?: readonly KeyAttribute[]
  /** The second to fourth sort key attributes: entries are in order of the first, then of the second, and so on. */
  readonly moreSort?: readonly KeyAttribute[]
}

/** Several attributes of a kind are for global indexes; an item is in the index when it has all of them. */
export interface IndexDefinition extends IndexKeySchema {
  /** Which attributes the index holds, besides the table's and its own keys. Default `all`. */
  readonly projection?: IndexProjection
}

/** What `createTable` takes: name, key, indexes and time to live. */
export interface TableDefinition {
  /** 3 to 255 of `a-z A-Z 0-9 _ . -`. */
  readonly name: string
  readonly key: KeySchema
  /** At most 20; an item is in an index when it has the index's key attributes. */
  readonly globalIndexes?: Readonly<Record<string, IndexDefinition>>
  /** At most 5, with the table's partition key; they exist from the start and allow consistent reads. */
  readonly localIndexes?: Readonly<Record<string, IndexDefinition>>
  /** Attribute whose number, in epoch seconds, is the moment after which the item is deleted. */
  readonly timeToLive?: string
}

/** A table definition with its current status. */
export interface TableDescription extends TableDefinition {
  readonly status: 'active' | 'creating' | 'updating' | 'deleting'
  /**
   * What is still being filled from the items that were in the table before; absent where nothing is. Reads of such an
   * index are refused, and while it is time to live, expired items may stay.
   */
  readonly filling?: { readonly indexes: readonly string[]; readonly timeToLive: boolean }
  /** Items in the table. DynamoDB brings its figure up to date about every six hours. */
  readonly itemCount: number
}

/** What `updateTable` changes. Omitted parts stay unchanged. */
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

/** The attributes of a sort key, where there is one. */
export function sortAttributes({ sort, moreSort = [] }: IndexKeySchema): readonly KeyAttribute[] {
  return sort ? [sort, ...moreSort] : []
}

/** The names of all attributes of a key: partition key first. */
export function keyNames(schema: IndexKeySchema): string[] {
  const { partition, sort } = schema
  if (!schema.morePartition && !schema.moreSort) return sort ? [partition.name, sort.name] : [partition.name]
  return [...partitionAttributes(schema), ...sortAttributes(schema)].map(({ name }) => name)
}
