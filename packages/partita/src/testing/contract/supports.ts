/** The details of DynamoDB's behavior that some engines lack; the contract requires everything else of every engine. */
import { checkOptions } from '../../store/options.js'

/**
 * What an engine supports. All default to true; with false, the contract does not test that detail. An engine that has a
 * detail set to false is not a full replacement for DynamoDB.
 */
export interface Supports {
  /** `SET` of an index beyond the end of a list appends the element, without null elements in between. */
  readonly appendBeyondEnd?: boolean
  /** An update that creates an item returns no old item. */
  readonly absentOldItem?: boolean
  /** A key condition whose value is empty or has another type than the key attribute is rejected. */
  readonly keyConditionTypes?: boolean
  /** `begins_with` on a sort key compares bytes, so it is case-sensitive. */
  readonly caseSensitivePrefix?: boolean
  /** A query that starts after a key of another partition is rejected. */
  readonly startKeyCheck?: boolean
  /** A page ends after 1 MB read, counted before the filter. */
  readonly pageSizeBeforeFilter?: boolean
  /** An update that gives an index key attribute another type is rejected. */
  readonly indexKeyTypeInUpdates?: boolean
  /** An index partition key of over 2,048 bytes is rejected. */
  readonly indexKeyLength?: boolean
  /**
   * Attributes that an index does not project are read from the table by a query of a local index, and rejected by a query
   * of a global index.
   */
  readonly unprojectedAttributes?: boolean
  /** A transaction with an invalid update reports a reason for each operation. */
  readonly updateReasons?: boolean
  /** A projection in `transactGet` returns the projected attributes only, without the key. */
  readonly projectionWithoutKey?: boolean
  /** The capacity of a transaction is the sum over its operations. */
  readonly transactionCapacity?: boolean
  /** Numbers have up to 38 significant digits. With false, they have at least 34. */
  readonly digits38?: boolean
  /** Of two transactions that write the same item at the same time, one fails or waits. */
  readonly conflicts?: boolean
  /** Many tables can exist at the same time. With false, the tables of each test are deleted after it. */
  readonly manyTables?: boolean
  /** Error messages are those of the embedded engine. With false, codes and details are still compared. */
  readonly messages?: boolean
}

const ALL: Required<Supports> = {
  appendBeyondEnd: true,
  absentOldItem: true,
  keyConditionTypes: true,
  caseSensitivePrefix: true,
  startKeyCheck: true,
  pageSizeBeforeFilter: true,
  indexKeyTypeInUpdates: true,
  indexKeyLength: true,
  unprojectedAttributes: true,
  updateReasons: true,
  projectionWithoutKey: true,
  transactionCapacity: true,
  digits38: true,
  conflicts: true,
  manyTables: true,
  messages: true,
}

/**
 * Fills in the defaults.
 * @throws ValidationError for a name that does not exist, which would otherwise go unnoticed in JavaScript
 */
export function allSupports(supports: Supports = {}): Required<Supports> {
  checkOptions(supports, Object.keys(ALL))
  return { ...ALL, ...supports }
}
