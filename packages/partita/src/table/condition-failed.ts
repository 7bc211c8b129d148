/** Errors of conditional writes, derived from the item that made the condition false. */
import { ConditionFailedError, refusedItem } from '../errors/errors.js'
import { isExpired } from '../keys/expiry.js'
import type { Item, Key } from '../value/value.js'
import type { TableContext } from './context.js'

/** The item that made the condition false, unless it has expired. */
export function liveItem(context: TableContext, error: ConditionFailedError, now: number): Item | undefined {
  const item = refusedItem(error)
  return item && !isExpired(context.layout, item, now) ? item : undefined
}

/** The error for a failed condition. It contains the item only if requested, because errors end up in logs. */
export function conditionFailed(
  context: TableContext,
  key: Key,
  error: ConditionFailedError,
  wanted: { readonly returnOldOnFailure?: boolean },
  now: number,
): ConditionFailedError {
  const { table } = context.layout
  const item = wanted.returnOldOnFailure ? liveItem(context, error, now) : undefined
  // The store's error is not kept as the cause, because it contains the whole item.
  return new ConditionFailedError(item ? { table, key, item: context.reader.part(item) } : { table, key })
}
