/** The operations of DynamoDB that the store sends, and what it reads of their responses. Items are plain. */
import type { Item } from '../../value/value.js'
import type { Consumed } from '../capacity.js'
import type { TableShape } from '../description.js'

interface Metered {
  readonly ConsumedCapacity?: Consumed | readonly Consumed[]
}

interface OneWritten extends Metered {
  readonly Attributes?: Item
}

interface PageRead extends Metered {
  readonly Items?: Item[]
  readonly Count?: number
  readonly ScannedCount?: number
  readonly LastEvaluatedKey?: Item
}

interface UnprocessedWrite {
  readonly PutRequest?: { readonly Item?: Item }
  readonly DeleteRequest?: { readonly Key?: Item }
}

/** What is read of the response of each operation. */
export interface Outputs {
  readonly GetItem: Metered & { readonly Item?: Item }
  readonly PutItem: OneWritten
  readonly UpdateItem: OneWritten
  readonly DeleteItem: OneWritten
  readonly Query: PageRead
  readonly Scan: PageRead
  readonly BatchGetItem: Metered & {
    readonly Responses?: Readonly<Record<string, readonly Item[]>>
    readonly UnprocessedKeys?: Readonly<Record<string, { readonly Keys?: readonly Item[] }>>
  }
  readonly BatchWriteItem: Metered & {
    readonly UnprocessedItems?: Readonly<Record<string, readonly UnprocessedWrite[]>>
  }
  readonly TransactWriteItems: Metered
  readonly TransactGetItems: Metered & { readonly Responses?: readonly { readonly Item?: Item }[] }
  readonly CreateTable: object
  readonly UpdateTable: object
  readonly DeleteTable: object
  readonly UpdateTimeToLive: object
  readonly DescribeTable: { readonly Table?: TableShape }
  readonly DescribeTimeToLive: {
    readonly TimeToLiveDescription?: { readonly AttributeName?: string; readonly TimeToLiveStatus?: string }
  }
  readonly ListTables: { readonly TableNames?: readonly string[]; readonly LastEvaluatedTableName?: string }
}

/** The name of an operation. */
export type OperationName = keyof Outputs

/** A request whose text no longer depends on the caller's objects. */
export interface PreparedRequest<Name extends OperationName> {
  readonly operation: Name
  /** The body, as JSON. */
  readonly text: string
}
