/** Rows as stored items: the operations behind a repository, direct or in a transaction's view. */
import type { Condition } from '../../expression/ast.js'
import type { Item, Key } from '../../value/value.js'
import { type CompiledModel, DEFAULT_BUCKETS } from '../compile/compiled-model.js'
import { keyIn } from '../compile/layout.js'
import type { CallContext } from '../connect/context.js'
import { recordBuckets } from '../read/iteration-buckets.js'
import { checkRow } from '../read/readable.js'
import type { Changes } from '../write/changes.js'
import { encodeRow } from '../write/input.js'
import type { UniqueMarker } from '../write/unique.js'

/** What every operation on rows of one model needs: the database, the scope and the model. */
export interface RowContext extends CallContext {
  readonly model: CompiledModel
}

/** What a write requires of the stored row. */
export interface WriteRules {
  /** The program's own condition. */
  readonly condition: Condition | undefined
  /** True while the row is unchanged since the program read it; otherwise the write ends in `ConflictError`. */
  readonly unchanged?: Condition | undefined
  /**
   * Whether `unchanged` becomes false once this write has succeeded, because it changes the revision or the version.
   */
  readonly isOnce?: boolean | undefined
  /** Whether the library generated the key of a new row, which has another key if the write is prepared again. */
  readonly hasGeneratedKey?: boolean | undefined
  /** Whether to write in a separate transaction, whose client request token makes the outcome known. */
  readonly exactlyOnce?: boolean | undefined
}

/** The key of a row, and the stored values of its fields. */
export interface RowKey {
  readonly key: Key
  readonly fields: Item
}

/** One update of a row. */
export interface RowChange {
  readonly row: RowKey
  readonly changes: Changes
  readonly rules: WriteRules
  /** The row as last read, which may be out of date. */
  readonly known?: Item | undefined
}

/** Reads and writes rows. Expired rows are never returned. */
export interface Rows {
  read(context: RowContext, key: Key, consistent: boolean): Promise<Item | undefined>
  /** In the order of the keys. */
  readMany(context: RowContext, keys: readonly Key[], consistent: boolean): Promise<(Item | undefined)[]>
  /** The row that a unique marker names; undefined if there is no marker. */
  owner(context: RowContext, marker: UniqueMarker, consistent: boolean): Promise<Item | undefined>
  create(context: RowContext, row: Item, rules: WriteRules): Promise<Item>
  put(context: RowContext, row: Item, rules: WriteRules): Promise<Item>
  update(context: RowContext, change: RowChange): Promise<Item>
  /** Returns the row before the deletion; undefined if it did not exist. */
  remove(context: RowContext, row: RowKey, rules: WriteRules): Promise<Item | undefined>
  /**
   * Gives a row the index keys, iteration keys and unique markers that its fields imply, and changes nothing else.
   * @returns the row with those keys, or the row as given if the stored row has changed.
   */
  refresh(context: RowContext, row: Item): Promise<Item>
}

/**
 * A complete new row with its keys, type name and revision, written into the object that the fields were encoded
 * into.
 * @param isWhole whether it may overwrite a row, as for {@link encodeRow}.
 * @throws ValidationError if the input is not valid, or if its row could not be read back.
 */
export async function newRow({ db, scope, model }: RowContext, input: unknown, isWhole = false): Promise<Item> {
  const row = await encodeRow(model, input, db.sources, isWhole)
  checkRow(model, row)
  if (model.buckets > DEFAULT_BUCKETS) await recordBuckets(db, model)
  model.setKey(row, scope.prefix)
  if (model.type !== null) row[model.table.type] = model.type
  row[model.table.revision] = db.revision()
  if (model.steps?.length) row[model.table.upgrades] = model.steps.length
  model.setIndexKeys(row, scope.prefix)
  model.setIterationKey(row, scope.prefix)
  return row
}

/** Whether the key of a new row has a field that the input lacks and the library generates. */
export function generatesKey({ model }: RowContext, input: unknown): boolean {
  const given = (input ?? {}) as { readonly [name: string]: unknown }
  return model.keyFields.some(({ name, spec }) => spec.auto === true && given[name] === undefined)
}

/** The key of a row in the table. */
export function keyOf({ table }: CompiledModel, row: Item): Key {
  return keyIn(table, row)
}
