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
}

export const SERVER_LIMITS: Record<ServerName, ServerLimits> = {
  'dynamodb-local': {},
  dynoxide: {
    padsLists: 'SET list[10] on a list of three adds nulls up to position 10; AWS appends',
    inventsOldItems: 'UpdateItem with ALL_OLD returns the key of an item that was not there; AWS returns nothing',
    takesAnyKeyCondition: 'A query with a key value of the wrong type or empty finds nothing; AWS refuses it',
    ignoresCaseOfPrefix: 'begins_with(sk, "A") in a key condition finds "a" too; AWS compares bytes',
  },
  custom: {},
}
