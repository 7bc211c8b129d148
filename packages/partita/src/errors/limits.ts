/** The names of all limits that a `LimitExceededError` reports in `details.limit`. */

/** A limit that DynamoDB or the embedded store sets. */
type StoreLimitName =
  /** 400 KB. */
  | 'item size in bytes'
  /** 2,048 bytes for each partition key. */
  | 'partition key in bytes'
  /** 1,024 bytes for each sort key. */
  | 'sort key in bytes'
  /** A key of an item, where DynamoDB does not report which of its attributes is too long. */
  | 'key in bytes'
  /** A key of a secondary index, where DynamoDB does not report which of its attributes is too long. */
  | 'index key in bytes'
  /** 10 GB for the items of one partition key in a table with local secondary indexes. */
  | 'item collection of a local index in bytes'
  /** 100. */
  | 'operations in a transaction'
  /** 4 MB. */
  | 'transaction size in bytes'
  /** 4 KB for the text of each expression. */
  | 'expression in bytes'
  /** 300 in each expression. */
  | 'operators in an expression'
  /** Work that the embedded store spends on the expressions of one request. */
  | 'steps of expressions in a request'
  /** Tables of one embedded store. */
  | 'tables'
  /** Indexes ever created on one table of an embedded store. */
  | 'indexes in the life of a table'
  /** Quotas of an AWS account, which DynamoDB does not tell apart. */
  | 'tables and indexes of the account, or changes to them at once'

/** A limit that the library sets on one call. */
type CallLimitName =
  | 'keys of getMany'
  | 'changes of an update'
  | 'rows as JSON'
  /** An option of the call. */
  | 'maxItems'
  | 'maxRelated'
  | 'maxRequests'

/** Which limit was exceeded. Compare with this name; the text of the message may change. */
export type LimitName = StoreLimitName | CallLimitName
