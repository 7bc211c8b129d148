/**
 * The form of rows: how many steps of their model's `upgrade` they have passed. A row of an older form is upgraded when it
 * is read, and is otherwise handled like any row. What upgrades rows is loaded for models that have steps.
 */
import { type Condition, compare, notExists, or, path, value } from '../../expression/ast.js'
import type { Item } from '../../value/value.js'
import type { CompiledModel } from '../compile/compiled-model.js'
import { upgrades } from '../on-demand.js'
import type { UpgradeFailure } from './upgrade.js'

/** The row as it is stored. A row of an older form was upgraded when it was read. */
export function asStored<Row extends Item | undefined>({ steps }: CompiledModel, row: Row): Row {
  return steps && row ? (upgrades.loaded.storedRow(row) as Row) : row
}

/** Whether the row is stored in an older form. */
export function isOlder({ steps }: CompiledModel, row: Item | undefined): boolean {
  return steps !== undefined && row !== undefined && upgrades.loaded.isUpgraded(row)
}

/** Why a row could not be brought to the present form, for which it stays as stored; undefined if it could. */
export function upgradeFailure({ steps }: CompiledModel, row: Item | undefined): UpgradeFailure | undefined {
  return steps && row ? upgrades.loaded.failureOf(row) : undefined
}

/** The item of an error in the present form. Items that calls return are upgraded already. */
export function inPresentForm(model: CompiledModel, item: Item | undefined): Item | undefined {
  return model.steps && item ? upgrades.loaded.upgradeItem([model], item) : item
}

/** True for a row that is stored in the present form; undefined for a model without steps. */
export function isOfPresentForm({ steps, table }: CompiledModel): Condition | undefined {
  if (!steps) return undefined
  const isSame = compare(path(table.upgrades), '=', value(steps.length))
  return steps.length === 0 ? or(notExists([table.upgrades]), isSame) : isSame
}
