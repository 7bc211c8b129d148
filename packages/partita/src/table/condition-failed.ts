/** Why a conditional write was refused, told by the item that was there. */
import { ConditionFailedError, refusedItem } from '../errors/errors.js'
import { isExpired } from '../keys/expiry.js'
import type { Item, Key } from '../value/value.js'
import type { TableContext } from './context.js'

/** The item that made the condition fail, where there is one that has not expired. */
export function liveItem(context: TableContext, error: ConditionFailedError, now: number): Item | undefined {
  const item = refusedItem(error)
  return item && !isExpired(context.layout, item, now) ? item : undefined
}

/** The error for a condition that failed, with the item only where it was asked for: errors end up in logs. */
export function refusal(
  context: TableContext,
  key: Key,
  error: ConditionFailedError,
  wanted: { readonly returnOldOnFailure?: boolean },
  now: number,
): ConditionFailedError {
  const { table } = context.layout
  const item = wanted.returnOldOnFailure ? liveItem(context, error, now) : undefined
  // The store's error is not kept as the cause: it holds the whole item.
  return new ConditionFailedError(item ? { table, key, item: context.reader.part(item) } : { table, key })
}
