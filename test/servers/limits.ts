/** What each server of the suites lacks or gets wrong, against AWS; the suites read it here and nowhere else. */

export type ServerName = 'dynamodb-local' | 'dynoxide' | 'custom'

/** Each limit is the reason why a suite expects less of the server. One that is left out means: as AWS does it. */
export interface ServerLimits {
  /** Lists grow by more than the element that is set past their end. */
  readonly padsLists?: string
  /** An update of an item that is not there claims that there was one before. */
  readonly inventsOldItems?: string
  /** A key condition takes values of types that the key does not have. */
  readonly takesAnyKeyCondition?: string
  /** Key conditions that ask for a prefix do not tell capital letters from small ones. */
  readonly ignoresCaseOfPrefix?: string
  /** A query starts after keys of other partitions. */
  readonly takesAnyStartKey?: string
  /** The 1 MB of a page are counted after the filter. */
  readonly filtersBeforePaging?: string
  /** An update may give an index key another type. */
  readonly updatesIndexKeysToAnyType?: string
  /** Index keys of any length are written. */
  readonly takesLongIndexKeys?: string
  /** A projection of what an index does not hold is neither fetched nor refused. */
  readonly missesUnprojected?: string
  /** A transaction with an update that cannot be done is refused without saying which. */
  readonly hidesFaultyUpdate?: string
  /** Transactional reads add the key to a projection. */
  readonly projectsKeys?: string
  /** Too many tables with time to live at once keep added indexes from being filled. */
  readonly hasFewThreads?: string
  /** A transaction reports the units of one of its writes. */
  readonly countsOneOfTransaction?: string
}

export const SERVER_LIMITS: Record<ServerName, ServerLimits> = {
  'dynamodb-local': {
    filtersBeforePaging: 'A query with a filter reads on until 1 MB has passed the filter; AWS stops at 1 MB read',
    updatesIndexKeysToAnyType:
      'UpdateItem does not check the types of index keys; AWS refuses, as it does itself in PutItem',
    hidesFaultyUpdate: 'It answers ValidationException for the whole; AWS cancels, with a reason for each operation',
    hasFewThreads:
      'Each table with time to live holds one of a few threads until it is deleted; with seven such tables an added index stays in CREATING',
    countsOneOfTransaction: 'A transaction of three equal writes reports the units of one; AWS their sum',
  },
  dynoxide: {
    padsLists: 'SET list[10] on a list of three adds nulls up to position 10; AWS appends',
    inventsOldItems: 'UpdateItem with ALL_OLD returns the key of an item that was not there; AWS returns nothing',
    takesAnyKeyCondition: 'A query with a key value of the wrong type or empty finds nothing; AWS refuses it',
    ignoresCaseOfPrefix: 'begins_with(sk, "A") in a key condition finds "a" too; AWS compares bytes',
    takesAnyStartKey: 'A query with the start key of another partition finds nothing; AWS refuses it',
    takesLongIndexKeys: 'It puts an item with an index key of 2,049 bytes; AWS refuses it',
    missesUnprojected: 'It leaves such attributes out; AWS fetches them (local index) or refuses (global index)',
    projectsKeys: 'TransactGetItems returns the key attributes beside the projected ones; AWS only the projected ones',
  },
  custom: {},
}
