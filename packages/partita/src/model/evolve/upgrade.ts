/**
 * Upgrades rows of older forms in memory when they are read. Nothing is written: a write brings the stored row to the present
 * form first, with the index keys and unique markers that its fields imply (`refresh.ts`).
 *
 * An upgraded row keeps its revision and its stored index keys, so guards and cursors are those of the stored row.
 */
import { type Issue, PartitaError, valueText } from '../../errors/errors.js'
import type { ScanRequest } from '../../store/store.js'
import { measureItem } from '../../value/size.js'
import { type Item, isNumber, isPlainObject, setAttribute, type Value } from '../../value/value.js'
import { type CompiledModel, tenantOf, tenantPrefix } from '../compile/compiled-model.js'
import { isTableAttribute, type PhysicalTable } from '../compile/layout.js'
import { DELETED_AT } from '../compile/soft-delete.js'
import { copyStored } from '../define/document.js'
import type { QueryPlan } from '../read/query-plan.js'
import { rangeTest } from '../read/range-test.js'
import type { RowContext } from '../rows/rows.js'
import { isOwnAttribute } from '../rules/own-attributes.js'
import { equalStored } from '../write/seen.js'
import { withKeys } from './derived.js'

/** Why a row could not be upgraded. */
export interface UpgradeFailure {
  readonly issues: readonly Issue[]
  /** What a step threw. */
  readonly cause: unknown
}

/** The stored rows of upgraded ones. */
const storedRows = new WeakMap<Item, Item>()
const failures = new WeakMap<Item, UpgradeFailure>()

/** The row as stored. */
export function storedRow(row: Item): Item {
  return storedRows.get(row) ?? row
}

/** Whether the row was upgraded when it was read. */
export function isUpgraded(row: Item): boolean {
  return storedRows.has(row)
}

/** Why the row could not be upgraded. */
export function failureOf(row: Item): UpgradeFailure | undefined {
  return failures.get(row)
}

/** The answer of a call, with its rows in the present form. Parts of rows stay as they are: no model with steps reads them. */
export function upgradeAnswer<Answer>(
  models: readonly CompiledModel[],
  { iteration }: PhysicalTable,
  request: object,
  answer: Answer,
): Answer {
  const { index, projection }: Partial<ScanRequest> = request
  if (projection || index === iteration.index) return answer
  const { item, items } = answer as { readonly item?: Item; readonly items?: readonly (Item | undefined)[] }
  if (item) return { ...answer, item: upgradeItem(models, item) }
  return items ? { ...answer, items: items.map(each => each && upgradeItem(models, each)) } : answer
}

/** An item in the present form, if it is a row of one of the models. A row that cannot be upgraded has a failure. */
export function upgradeItem(models: readonly CompiledModel[], item: Item): Item {
  const model = models.find(it => it.owns(item, tenantPrefix(tenantOf(item[it.table.pk]))))
  if (!model?.steps) return item
  const passed = item[model.table.upgrades] ?? 0
  if (passed === model.steps.length) return item
  try {
    const row = upgrade(model, model.steps, item, passed)
    storedRows.set(row, item)
    return row
  } catch (error) {
    if (!(error instanceof StepError)) throw error
    // A copy: another connection with other steps may hold the same item.
    const row = { ...item }
    failures.set(row, { issues: error.issues, cause: error.cause })
    return row
  }
}

/**
 * A test of rows for one page of a query: whether they belong to it in the present form, by index keys and filter. The store
 * has compared rows of the present form only. A row that cannot be upgraded belongs to it, so that it is reported.
 */
export function belongsTo(context: RowContext, plan: QueryPlan): (row: Item) => boolean {
  const { model, scope } = context
  const isInRange = rangeTest(plan)
  return row => {
    if (!isUpgraded(row)) return true
    return isInRange(plan.index.on === undefined ? row : withKeys(model, row, scope.prefix).after)
  }
}

type Steps = NonNullable<CompiledModel['steps']>

/** @throws StepError */
function upgrade(model: CompiledModel, steps: Steps, item: Item, passed: Value): Item {
  if (!isNumber(passed) || !Number.isInteger(Number(passed)) || Number(passed) < 0) {
    const message = `has ${valueText(passed)} as the number of upgrade steps that it has passed, in ${model.table.upgrades}`
    throw new StepError([{ path: ['upgrade'], message }])
  }
  if (Number(passed) > steps.length) {
    const message = `has passed ${passed} of the upgrade steps, and this program knows ${steps.length}: a newer program wrote it; deploy this program with the newer model`
    throw new StepError([{ path: ['upgrade'], message }])
  }
  const own: Item = {}
  const fields: Item = {}
  for (const name of Object.keys(item)) {
    setAttribute(isHidden(model, name) ? own : fields, name, item[name] as Value)
  }
  let row = fields
  for (let at = Number(passed); at < steps.length; at++) row = upgradeStep(model, steps, at, row)
  checkFixed(model, fields, row)
  return { ...row, ...own, [model.table.upgrades]: steps.length }
}

/** The row after one step, which receives a copy. @throws StepError */
function upgradeStep(model: CompiledModel, steps: Steps, at: number, row: Item): Item {
  const fail = (message: string, cause?: unknown): StepError =>
    new StepError([{ path: ['upgrade', at], message: `step ${at + 1} of ${steps.length} ${message}` }], cause)
  let given: unknown
  try {
    given = steps[at]?.(copyStored(row) as Item)
  } catch (error) {
    throw fail(`threw ${error instanceof Error ? `${error.name}: ${error.message}` : valueText(error)}`, error)
  }
  if (given instanceof Promise) {
    // Its error, if any, must not end the process.
    given.catch(() => {})
    throw fail('returned a promise; a step is synchronous')
  }
  if (!isPlainObject(given)) throw fail(`returned ${valueText(given)}; return the row as an object`)
  const taken = Object.keys(given).find(name => given[name] !== undefined && isHidden(model, name))
  if (taken !== undefined) throw fail(`returned ${taken}, which only the library stores`)
  try {
    const after = copyStored(given as Item) as Item
    measureItem(after)
    return after
  } catch (error) {
    if (!(error instanceof PartitaError)) throw error
    throw fail(`returned a row that cannot be stored: ${error.message}`, error)
  }
}

/** What identifies a row and decides whether it is there: the store compares it as it is stored. */
function checkFixed(model: CompiledModel, before: Item, after: Item): void {
  const fixed = [...model.keyFields, ...(model.ttl ? [model.ttl] : []), ...(model.version ? [model.version] : [])]
  const names = fixed.map(({ attribute }) => attribute)
  if (model.softDelete) names.push(DELETED_AT)
  const changed = names.find(name => !equalStored(before[name], after[name]))
  if (changed === undefined) return
  const message = `changes ${changed}; steps must keep key fields, the version, and the times of expiry and of a soft delete`
  throw new StepError([{ path: ['upgrade'], message }])
}

/** Whether an attribute is not shown to steps, because the library stores it. */
function isHidden({ fields, table, expiring }: CompiledModel, name: string): boolean {
  if (name === table.type || name === table.revision || name === table.upgrades) return true
  const field = fields.find(({ attribute }) => attribute === name)
  if (field) return field.spec.kind === 'count'
  return isTableAttribute(table, name) || isOwnAttribute(name) || name === expiring.expiresAt
}

/** A row that cannot be upgraded. */
class StepError {
  readonly issues: readonly Issue[]
  readonly cause: unknown

  constructor(issues: readonly Issue[], cause?: unknown) {
    this.issues = issues
    this.cause = cause
  }
}
