/** What a transaction read and writes, and how it is checked: by its final write, or by a second read. */
import { type Condition, update } from '../../expression/ast.js'
import { matches } from '../../expression/evaluate/index.js'
import type { WriteRequest } from '../../store/store.js'
import type { Item, Key } from '../../value/value.js'
import type { CompiledUnique } from '../compile/compiled-model.js'
import { type CallContext, calls } from '../connect/context.js'
import { copyAttributes } from '../evolve/derived.js'
import { asStored } from '../evolve/form.js'
import type { RowContext } from '../rows/rows.js'
import { isUnchangedSince } from '../write/guard.js'

/** An item that a transaction read or writes: a row or a unique marker. */
export interface Guarded {
  readonly context: RowContext
  readonly key: Key
  /** The constraint that the marker belongs to. */
  readonly unique?: CompiledUnique | undefined
}

/** Makes the error of a condition that failed. @param met the stored item, of a row that was to be created. */
type Failure = (met: Item | undefined) => Error | Promise<Error>

/** One item in the transaction. */
export interface Entry extends Guarded {
  /** The item as read, expired or not; undefined if it was absent. */
  readonly read: Item | undefined
  /** What is required of an item that was not read: that it is absent or free. */
  readonly unread?: {
    readonly condition: Condition
    /** Undefined for an orphaned marker that is overwritten: if it has changed, the function runs again. */
    readonly failure: Failure | undefined
  }
  current: Item | undefined
}

/**
 * One operation of the final write, and the error to throw if its condition fails; without one the function runs
 * again.
 */
export interface Commitment {
  readonly write: WriteRequest
  readonly failure: Failure | undefined
  readonly of: Guarded
}

/** The operation that writes or checks one item. */
export function commitmentOf(entry: Entry): Commitment {
  const { key, context, read, unread, current } = entry
  const stored = asStored(context.model, read)
  const table = context.model.table.name
  const condition = unread ? unread.condition : isUnchangedSince(context, stored)
  const failure = unread?.failure
  const check: WriteRequest = { kind: 'check', table, key, condition }
  if (current === read) return { write: check, failure, of: entry }
  if (!current) return { write: { kind: 'delete', table, key, condition }, failure, of: entry }
  if (!stored || context.model.table.revision in stored) {
    // Whether the row that is in the way is soft-deleted.
    const returned = unread && context.model.softDelete && { returnOldOnFailure: true }
    return { write: { kind: 'put', table, item: current, condition, ...returned }, failure, of: entry }
  }
  const changed = Object.keys({ ...stored, ...current }).filter(name => stored[name] !== current[name])
  // For a row of another program the condition covers only the model's fields; other attributes may change and are
  // kept.
  const write: WriteRequest = {
    kind: 'update',
    table,
    key,
    update: update(copyAttributes(changed, current)),
    condition,
  }
  return { write: changed.length > 0 ? write : check, failure, of: entry }
}

/**
 * Reads everything again in one snapshot.
 * @returns an item that has changed; undefined if all are unchanged, so that the transaction would have read the
 *   same at that moment.
 */
export async function changedSince(context: CallContext, entries: readonly Entry[]): Promise<Guarded | undefined> {
  const read = entries.filter(({ unread }) => !unread)
  const items = await readAtOnce(context, read)
  return read.find((entry, i) => {
    const { model } = entry.context
    return !matches(isUnchangedSince(entry.context, asStored(model, entry.read)), asStored(model, items[i]))
  })
}

/** At most as many items as a transaction may have, which one request can read. */
async function readAtOnce(context: CallContext, entries: readonly Guarded[]): Promise<readonly (Item | undefined)[]> {
  const gets = entries.map(({ context: { model }, key }) => ({ table: model.table.name, key }))
  const [first, second] = gets
  if (!first) return []
  if (second) return (await calls.transactGet(context, { gets })).items
  return [(await calls.get(context, { ...first, consistent: true })).item]
}
