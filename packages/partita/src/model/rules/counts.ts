/**
 * Counts of the rows that refer to a row, for `onDelete` and `f.countOf`.
 *
 * The row that is referred to holds one count for each such ref field. A row that refers to it records, under
 * {@link COUNTED}, in which counts it is included. The transaction that creates, moves, deletes or restores a row compares
 * that record with the row's refs and changes the counts by the difference, so every row is counted exactly once, however
 * often a write or `reindex` is repeated. Soft-deleted rows are not counted.
 */
import { type Item, isPlainObject, type Key, type Value } from '../../value/value.js'
import { namedKey } from '../compile/row-key.js'
import { readValue } from '../define/codec.js'
import type { RowContext } from '../rows/rows.js'
import type { GuardedRef } from './guarded-refs.js'
import { COUNTED, isOwnAttribute } from './own-attributes.js'

/** The refs of a model that are counted. */
export function countedRefs({ db, model }: RowContext): readonly GuardedRef[] {
  return db.rules.get(model)?.refs.filter(({ onDelete }) => onDelete) ?? []
}

/** The counts that a stored row is included in: the value of each ref by its attribute. */
export function countedIn(row: Item | undefined): Readonly<Record<string, Value>> {
  const stored = row?.[COUNTED]
  return isPlainObject(stored) ? (stored as Readonly<Record<string, Value>>) : {}
}

/** The counts that a row should be included in. A deleted row is in none. */
export function countsFor(
  { model }: RowContext,
  refs: readonly GuardedRef[],
  row: Item | undefined,
): Record<string, Value> {
  const counts: Record<string, Value> = {}
  if (!row || model.isDeleted(row)) return counts
  for (const { field } of refs) {
    const stored = row[field.attribute]
    if (stored !== undefined && stored !== null) counts[field.attribute] = stored
  }
  return counts
}

/** The row that a stored value of a ref refers to; undefined if no row can have such a key. */
export function referredRow(
  context: RowContext,
  { field, target, keyField }: GuardedRef,
  stored: Value,
): { readonly context: RowContext; readonly key: Key } | undefined {
  const of: RowContext = { ...context, model: target }
  try {
    const key = namedKey(of, { [keyField]: readValue(field, stored) })
    return key && { context: of, key }
  } catch {
    // Another program stored a value that the field cannot hold.
    return undefined
  }
}

/** Gives a whole row that replaces another what the library keeps in the other. */
export function keepingOwn(row: Item, before: Item | undefined): Item {
  const kept = Object.entries(before ?? {}).filter(([name]) => isOwnAttribute(name))
  return kept.length > 0 ? { ...row, ...Object.fromEntries(kept) } : row
}

/** Whether a row is included in other counts than it should be. */
export function isMiscounted(context: RowContext, row: Item): boolean {
  const refs = countedRefs(context)
  if (refs.length === 0) return false
  const [is, should] = [countedIn(row), countsFor(context, refs, row)]
  return [...new Set([...Object.keys(is), ...Object.keys(should)])].some(name => is[name] !== should[name])
}
