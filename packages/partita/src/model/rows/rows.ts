/** Rows as stored items: what the repository does with them, whether at once or in a transaction's view. */
import type { Condition } from '../../expression/ast.js'
import type { Item, Key } from '../../value/value.js'
import { type CompiledModel, DEFAULT_BUCKETS } from '../compile/compiled-model.js'
import type { CallContext } from '../connect/context.js'
import { noteBuckets } from '../read/iteration-buckets.js'
import { checkRow } from '../read/readable.js'
import type { Changes } from '../write/changes.js'
import { encodeRow } from '../write/input.js'
import type { Marker } from '../write/unique.js'

export interface RowContext extends CallContext {
  readonly model: CompiledModel
}

/** What a write asks of the row that is there. */
export interface Rules {
  /** The program's own condition. */
  readonly condition: Condition | undefined
  /** True while nothing wrote the row that the program does not know of; else the write ends in `ConflictError`. */
  readonly unchanged?: Condition | undefined
  /** Whether `unchanged` is false once this very write was done, by the revision or the version that it changes. */
  readonly isOnce?: boolean | undefined
  /** Done in a transaction of its own, whose outcome can be found out by its token. */
  readonly exactlyOnce?: boolean | undefined
}

/** The key of a row, and the stored values of its fields. */
export interface RowKey {
  readonly key: Key
  readonly fields: Item
}

export interface RowChange {
  readonly row: RowKey
  readonly changes: Changes
  readonly rules: Rules
  /** The row as it was last seen, which may be out of date. */
  readonly known?: Item | undefined
}

/** Where rows are read and written. Rows that have expired are never given. */
export interface Rows {
  read(context: RowContext, key: Key, consistent: boolean): Promise<Item | undefined>
  /** Aligned with the keys. */
  readMany(context: RowContext, keys: readonly Key[], consistent: boolean): Promise<(Item | undefined)[]>
  /** The row that a marker names; undefined where there is no marker. */
  owner(context: RowContext, marker: Marker, consistent: boolean): Promise<Item | undefined>
  create(context: RowContext, row: Item, rules: Rules): Promise<Item>
  put(context: RowContext, row: Item, rules: Rules): Promise<Item>
  update(context: RowContext, change: RowChange): Promise<Item>
  /** The row as it was; undefined where there was none. */
  remove(context: RowContext, row: RowKey, rules: Rules): Promise<Item | undefined>
  /**
   * Gives a row the index keys, iteration keys and markers that its fields imply, and changes nothing else of it.
   * @returns the row with those keys, or as it was given where it is no longer what is stored.
   */
  refresh(context: RowContext, row: Item): Promise<Item>
}

/**
 * A whole new row, with its keys and marks: all written into the one object that the fields were encoded into.
 * @param isWhole whether it may replace another, as for {@link encodeRow}.
 * @throws ValidationError for an input that is not valid, or whose row could not be read back.
 */
export async function newRow({ db, scope, model }: RowContext, input: unknown, isWhole = false): Promise<Item> {
  const row = await encodeRow(model, input, db.sources, isWhole)
  checkRow(model, row)
  if (model.buckets > DEFAULT_BUCKETS) await noteBuckets(db, model)
  model.placeInTable(row, scope.prefix)
  if (model.type !== null) row[model.table.type] = model.type
  row[model.table.revision] = db.revision()
  model.placeInIndexes(row, scope.prefix)
  model.placeInIteration(row, scope.prefix)
  return row
}

export function keyOf({ table }: CompiledModel, row: Item): Key {
  return { [table.pk]: row[table.pk] as string, [table.sk]: row[table.sk] as string }
}
