/** What a transaction read and writes, and how that is checked: by its write at the end, or by another look. */
import { type Condition, update } from '../../expression/ast.js'
import { matches } from '../../expression/evaluate/index.js'
import type { WriteRequest } from '../../store/store.js'
import type { Item, Key } from '../../value/value.js'
import type { CompiledUnique } from '../compile/compiled-model.js'
import { type CallContext, calls } from '../connect/context.js'
import { copying } from '../evolve/derived.js'
import type { RowContext } from '../rows/rows.js'
import { isStill } from '../write/guard.js'

/** An item that a transaction read or writes: a row, or the marker of a unique value. */
export interface Guarded {
  readonly context: RowContext
  readonly key: Key
  /** The constraint whose marker it is. */
  readonly unique?: CompiledUnique | undefined
}

/** One item of the table in the transaction. */
export interface Entry extends Guarded {
  /** As it was read, expired or not; undefined where it was absent. */
  readonly read: Item | undefined
  /** What is required of an item that was not read: that it is absent, or free to be taken. */
  readonly unread?: {
    readonly condition: Condition
    /** Undefined for a marker that does not count and is taken over: if it has changed, all is looked at anew. */
    readonly refusal: (() => Error) | undefined
  }
  current: Item | undefined
}

/** An operation at the end, and what its refusal means where that is no reason to try again. */
export interface Commitment {
  readonly write: WriteRequest
  readonly refusal: (() => Error) | undefined
  readonly of: Guarded
}

export function commitmentOf(entry: Entry): Commitment {
  const { key, context, read, unread, current } = entry
  const table = context.model.table.name
  const condition = unread ? unread.condition : isStill(context, read)
  const refusal = unread?.refusal
  const check: WriteRequest = { kind: 'check', table, key, condition }
  if (current === read) return { write: check, refusal, of: entry }
  if (!current) return { write: { kind: 'delete', table, key, condition }, refusal, of: entry }
  if (!read || context.model.table.revision in read) {
    return { write: { kind: 'put', table, item: current, condition }, refusal, of: entry }
  }
  const changed = Object.keys({ ...read, ...current }).filter(attribute => read[attribute] !== current[attribute])
  // The condition knows the fields alone of a row that something else wrote; what else it has may have changed, and stays.
  const write: WriteRequest = { kind: 'update', table, key, update: update(copying(changed, current)), condition }
  return { write: changed.length > 0 ? write : check, refusal, of: entry }
}

/**
 * Looks again at all that was read, as of one moment.
 * @returns what has changed since; undefined where all is as it was, so that the transaction, had it run alone at that
 *   moment, would have read the same.
 */
export async function changedSince(context: CallContext, entries: readonly Entry[]): Promise<Guarded | undefined> {
  const read = entries.filter(({ unread }) => !unread)
  const items = await readAtOnce(context, read)
  return read.find((entry, i) => !matches(isStill(entry.context, entry.read), items[i]))
}

/** At most as many as a transaction has, which one request takes. */
async function readAtOnce(context: CallContext, entries: readonly Guarded[]): Promise<readonly (Item | undefined)[]> {
  const gets = entries.map(({ context: { model }, key }) => ({ table: model.table.name, key }))
  const [first, second] = gets
  if (!first) return []
  if (second) return (await calls.transactGet(context, { gets })).items
  return [(await calls.get(context, { ...first, consistent: true })).item]
}
