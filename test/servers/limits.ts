/** How each server of the suites differs from AWS. The suites read it here and nowhere else. */
import type { Supports } from '../../packages/partita/src/testing/index.js'

export type ServerName = 'dynamodb-local' | 'dynoxide' | 'custom'

/** What each server supports. A detail that is omitted is as on AWS. */
export const SERVER_SUPPORTS: Readonly<Record<ServerName, Supports>> = {
  'dynamodb-local': {
    // A query with a filter reads on until 1 MB has passed the filter. AWS stops at 1 MB read.
    pageSizeBeforeFilter: false,
    // UpdateItem does not check the types of index keys. AWS rejects them, as DynamoDB Local does in PutItem.
    indexKeyTypeInUpdates: false,
    // It answers ValidationException for the whole transaction. AWS cancels it, with a reason for each operation.
    updateReasons: false,
    // Each table with time to live holds one of a few threads until it is deleted. With seven such tables an added index
    // stays in CREATING.
    manyTables: false,
    // A transaction of three equal writes reports the units of one. AWS reports their sum.
    transactionCapacity: false,
  },
  dynoxide: {
    // SET list[10] on a list of three adds nulls up to index 10. AWS appends.
    appendBeyondEnd: false,
    // UpdateItem with ALL_OLD returns the key of an item that did not exist. AWS returns nothing.
    absentOldItem: false,
    // A query with a key value that is empty or of the wrong type finds nothing. AWS rejects it.
    keyConditionTypes: false,
    // begins_with(sk, "A") in a key condition finds "a" too. AWS compares bytes.
    caseSensitivePrefix: false,
    // A query with the start key of another partition finds nothing. AWS rejects it.
    startKeyCheck: false,
    // It puts an item with an index key of 2,049 bytes. AWS rejects it.
    indexKeyLength: false,
    // It omits such attributes. AWS reads them from the table (local index) or rejects the query (global index).
    unprojectedAttributes: false,
    // TransactGetItems returns the key attributes beside the projected ones. AWS returns only the projected ones.
    projectionWithoutKey: false,
  },
  custom: {},
}
