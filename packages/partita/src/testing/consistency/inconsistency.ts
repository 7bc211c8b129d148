/** What the consistency check reports. */

import type { RowDetails } from '../../model/rows/row-details.js'
import type { Item, Key } from '../../value/value.js'

interface OfRow extends RowDetails {
  /** What is wrong, for people. */
  readonly message: string
}

/** Stored keys of a row that differ from those that its fields imply. */
export interface KeyInconsistency extends OfRow {
  /**
   * `key`: the key of the row itself. `index`: the keys in an index. `iteration`: the keys in the iteration index.
   * `unreadable`: a stored value cannot be part of a key, or the row cannot be upgraded, so the keys are unknown. `upgrade`: the
   * row has not passed all steps of the model's `upgrade`; what else is reported of it compares its present form.
   */
  readonly kind: 'key' | 'index' | 'iteration' | 'unreadable' | 'upgrade'
  /** The name of the index in the model; undefined if the model does not have that index, and for the other kinds. */
  readonly index?: string
  /** The expected attributes, without those that the row should not have. Absent if they are unknown. */
  readonly expected?: Item
  /** The stored attributes, without missing ones. */
  readonly actual: Item
}

/** A unique value of a row whose unique marker is wrong. */
export interface UniqueInconsistency extends OfRow {
  readonly kind: 'unique'
  /** The name of the constraint. */
  readonly constraint: string
  /** The physical key of the unique marker. */
  readonly uniqueMarker: Key
  /**
   * `missing`: there is none, or it has expired. `otherRow`: it names another row, so two rows may have the value.
   * `expiry`: it expires at another time than the row. `attributes`: it lacks a revision, or has additional
   * attributes.
   */
  readonly problem: 'missing' | 'otherRow' | 'expiry' | 'attributes'
}

/** A unique marker whose row does not exist or does not have the value. Nothing else uses the value meanwhile. */
export interface OrphanInconsistency {
  readonly kind: 'orphan'
  /** The physical key of the unique marker. */
  readonly uniqueMarker: Key
  /** The physical key of the row that it names; undefined if it names none. */
  readonly owner: Key | undefined
  /** What is wrong, for people. */
  readonly message: string
}

/** A count of the rows that refer to a row by a ref with `onDelete`, such as that of `f.countOf`, which is wrong. */
export interface CountInconsistency extends OfRow {
  readonly kind: 'count'
  /** The ref that is counted, such as `Comment.postId`. */
  readonly counted: string
  /**
   * `number`: the row holds another number than rows are counted in it. `notCounted`: the row is not in the count of the row
   * that it refers to, or is in another. `missingRow`: rows are counted in this row, which does not exist.
   */
  readonly problem: 'number' | 'notCounted' | 'missingRow'
  /** The number of rows that are counted. Absent for `notCounted`. */
  readonly expected?: number
  /** The number that the row holds. Absent for `notCounted`. */
  readonly actual?: number
}

/** A difference between a row and what is stored for it. */
export type Inconsistency = KeyInconsistency | UniqueInconsistency | OrphanInconsistency | CountInconsistency

/** The result of `consistency`. */
export interface ConsistencyReport {
  /** Rows of the connected models, without expired ones. */
  readonly rows: number
  /** Unique markers, without expired ones. */
  readonly markers: number
  /** Items of other programs or models. They are not checked. */
  readonly others: number
  /** The number of inconsistencies of each kind, including those that are not listed. Empty if there are none. */
  readonly counts: Readonly<Partial<Record<Inconsistency['kind'], number>>>
  /** The first inconsistencies, up to the limit. */
  readonly inconsistencies: readonly Inconsistency[]
}
