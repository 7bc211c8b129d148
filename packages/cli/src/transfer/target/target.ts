/** Where an import writes: a table, a model, or nothing for a dry run. */
import { ConditionFailedError, PartitaError } from 'partita'
import type { Change } from '../format/entry.js'

/**
 * What an import does with an item whose key exists. `fail`: it stops there. `skip`: the existing item stays. `replace`:
 * the new item replaces it. An existing item that equals the new one is never a conflict.
 */
export type OnConflict = 'fail' | 'skip' | 'replace'

/** All ways, as `--on-conflict` takes them. */
export const CONFLICT_WAYS: readonly OnConflict[] = ['fail', 'skip', 'replace']

/** A checked change, ready to be written. */
export interface Prepared {
  /** Equal for two changes of one item, which must not be written at the same time. */
  readonly id: string
  readonly change: Change
  /** The write units that it is expected to use. */
  readonly units: number
}

/** What became of one change. Errors that are not about the change are thrown instead. */
export type Outcome = 'written' | 'deleted' | 'unchanged' | 'skipped' | { readonly problem: Error }

/** Writes changes in batches. */
export interface Target {
  /** Checks a change. @throws PartitaError or BadInput if it can never be written. */
  prepare(change: Change): Prepared
  /**
   * Writes changes of different items, as far as possible at the same time. Writing the same changes again is safe, so a
   * stopped import can repeat them.
   * @param signal ends a wait for the rate of the import. @returns an outcome for each.
   */
  write(changes: readonly Prepared[], signal: AbortSignal): Promise<readonly Outcome[]>
  /** Returns what `write` would return, without writing. The store can refuse more than this finds. */
  preview(changes: readonly Prepared[]): Promise<readonly Outcome[]>
}

/** A target for a dry run. */
export function dryRunOf(target: Target): Target {
  return { ...target, write: changes => target.preview(changes) }
}

/** Whether the store refused an item, as opposed to not being able to write. */
export function isAboutItem(error: unknown): error is PartitaError {
  if (error instanceof ConditionFailedError) return true
  return error instanceof PartitaError && (error.code === 'ValidationFailed' || error.code === 'LimitExceeded')
}
